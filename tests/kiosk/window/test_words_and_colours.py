"""Catalogues, colours and measures, checked by program: no window is opened here."""

import itertools
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.widgets import language, palette
from kiosk.widgets.measure import Measure
from tests.kiosk.window.sentences import all_sentences, in_module, in_rules

LANGUAGES = ("vi", "en")


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_is_in_the_catalogue_and_nothing_else(code: str) -> None:
    catalogue = language.read_catalogue(language.catalogue_file(code))
    assert set(catalogue) == all_sentences()


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_translation_has_the_places_of_its_sentence(code: str) -> None:
    def places(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    catalogue = language.read_catalogue(language.catalogue_file(code))
    assert {key: places(words) for key, words in catalogue.items()} == {key: places(key) for key in catalogue}


def test_the_vietnamese_catalogue_says_what_its_keys_say() -> None:
    catalogue = language.read_catalogue(language.catalogue_file("vi"))
    assert all(key == words for key, words in catalogue.items())


def test_no_vietnamese_is_left_in_the_english_catalogue() -> None:
    catalogue = language.read_catalogue(language.catalogue_file("en"))
    assert [words for words in catalogue.values() if re.search(r"[ăâđêôơư]|[\u1ea0-\u1ef9]", words)] == []


def test_a_language_without_a_catalogue_is_said_in_vietnamese() -> None:
    assert language.say("Gửi", "xx") == "Gửi"
    assert language.say("{count} chờ gửi", "xx", count=3) == "3 chờ gửi"


def test_a_catalogue_may_hold_long_sentences_in_several_lines(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.po"
    file.write_text(
        '# a note\nmsgid ""\nmsgstr "head"\n\n#: where\nmsgid "một "\n"hai"\nmsgstr ""\n"one \\"two\\""\n\n'
        'msgid "ba"\nmsgstr ""\n',
        encoding="utf-8",
    )
    assert language.read_catalogue(file) == {"một hai": 'one "two"'}


def test_a_catalogue_with_an_open_quotation_mark_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.po"
    file.write_text('msgid "một\nmsgstr "one"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="quotation"):
        language.read_catalogue(file)


def test_the_switch_leads_round_all_languages() -> None:
    assert language.next_language("vi", ("vi", "en")) == "en"
    assert language.next_language("en", ("vi", "en")) == "vi"
    assert language.next_language("hmn", ("vi", "en")) == "vi"


def test_the_finder_of_sentences_sees_all_ways_of_saying() -> None:
    assert in_rules("text: say('A b', root.language) if x else say('C', root.language)") == {"A b", "C"}
    module = 'D = "d"\nE = {"k": "e"}\nself.say("a" if x else "b")\nsay(D)\nself._tell_how(E[code])\nother("z")\n'
    assert in_module(module) == {"a", "b", "d", "e"}


@pytest.mark.parametrize("pair", palette.TEXT_PAIRS)
def test_text_stands_out_seven_to_one(pair: str) -> None:
    ink, ground = palette.TEXT_PAIRS[pair]
    assert palette.contrast(ink, ground) >= 7.0


# Machado, Oliveira and Fernandes 2009, severity 1.0, in linear RGB.
DEFICIENCIES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour: palette.Colour) -> list[float]:
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]


def lab(rgb: list[float]) -> tuple[float, float, float]:
    """CIE L*a*b* (D65) of linear RGB."""
    red, green, blue = (min(1.0, max(0.0, c)) for c in rgb)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (n ** (1 / 3) if n > 0.008856 else 7.787 * n + 16 / 116 for n in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("deficiency", [None, *DEFICIENCIES])
def test_the_faces_differ_in_colour_for_every_eye(deficiency: str | None) -> None:
    seen = {}
    for name, (ground, _) in palette.FACES.items():
        rgb = linear(ground)
        if deficiency:
            rgb = [sum(m * c for m, c in zip(row, rgb, strict=True)) for row in DEFICIENCIES[deficiency]]
        seen[name] = lab(rgb)
    for one, other in itertools.combinations(seen, 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen[one], seen[other], strict=True)) ** 0.5
        assert distance >= 10, f"{one} and {other} look alike to {deficiency}: {distance:.1f}"


def test_the_faces_differ_in_shape_without_any_colour() -> None:
    # Importing a widget configures nothing and opens no window.
    code = (
        "from kiosk.widgets.face import FEATURES\n"
        "shapes = [tuple(map(repr, strokes)) for strokes in FEATURES.values()]\n"
        "assert len(set(shapes)) == 5\n"
        "open_mouths = ('smile', 'frown')\n"
        "mouths = [s[-1] if s[-1][0] in open_mouths else s[2] for s in FEATURES.values()]\n"
        "assert len(set(mouths)) == 5, mouths\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"KIVY_NO_ARGS": "1", "KIVY_NO_CONFIG": "1"})


MODULES = sorted(
    ".".join(file.with_suffix("").parts[-3:])
    for folder in ("screens", "widgets")
    for file in (Path(language.__file__).parents[1] / folder).glob("[a-z]*.py")
)


def test_importing_pages_and_widgets_opens_no_window() -> None:
    imports = "".join(f"import {module}\n" for module in ["kiosk.app", "kiosk.kv", *MODULES])
    code = f"import sys\n{imports}assert 'kivy.core.window' not in sys.modules, 'a window is open'\n"
    subprocess.run([sys.executable, "-c", code], check=True, env={"KIVY_NO_ARGS": "1", "KIVY_NO_CONFIG": "1"})


@pytest.mark.parametrize("size", [(1280, 800), (1024, 600), (800, 1280)])
def test_a_reference_millimetre_is_a_true_one_on_a_ten_inch_panel(size: tuple[int, int]) -> None:
    measure = Measure(*size)
    assert measure.shortfall(10.1) < 0.001
    assert measure.mm / measure.real_mm(10.1) < 1.02


def test_a_small_panel_is_told_how_much_it_falls_short() -> None:
    assert 0.25 < Measure(1024, 600).shortfall(7.0) < 0.35


def test_a_window_that_is_being_made_has_a_measure() -> None:
    assert Measure(0, 0).mm == 1.0
