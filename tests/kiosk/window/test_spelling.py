"""Our keyboard spells Vietnamese: every word of real texts can be typed, and comes out exactly so."""

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.spelling import TONES, erased, toned, typed

DOCS = Path(__file__).resolve().parents[3] / "docs"
LIMIT = 500
LETTERS = "abcdeghiklmnopqrstuvxyăâđêôơư ,."
NAMES = {mark: name for name, mark in TONES.items()}


def real_words() -> list[str]:
    text = "\n".join(
        file.read_text(encoding="utf-8") for file in sorted(DOCS.glob("*")) if file.suffix in (".md", ".txt")
    )
    return sorted({word.lower() for word in re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text))})


def taken_apart(word: str) -> tuple[str, list[str]]:
    spread = unicodedata.normalize("NFD", word)
    plain = unicodedata.normalize("NFC", "".join(char for char in spread if char not in NAMES))
    return plain, [NAMES[char] for char in spread if char in NAMES]


def test_there_are_real_words_to_type() -> None:
    assert len(real_words()) > 800


def test_every_real_word_is_typed_with_its_tone_last() -> None:
    for word in real_words():
        plain, tones = taken_apart(word)
        text = ""
        for letter in plain:
            text = typed(text, letter, LIMIT)
        for tone in tones[:1]:
            text = toned(text, tone)
        assert text == word


def test_every_real_word_is_typed_with_its_tone_as_early_as_can_be() -> None:
    for word in real_words():
        plain, tones = taken_apart(word)
        text = ""
        for letter in plain:
            text = typed(text, letter, LIMIT)
            if tones and not taken_apart(text)[1]:
                text = toned(text, tones[0])
        assert text == word


@pytest.mark.parametrize(
    ("letters", "tone", "expected"),
    [("hoa", "grave", "hòa"), ("cua", "hook", "của"), ("qua", "hook", "quả"), ("gi", "grave", "gì"),
     ("giêng", "acute", "giếng"), ("khuyu", "hook", "khuỷu"), ("ngoeo", "hook", "ngoẻo"), ("thuy", "acute", "thúy"),
     ("gia", "acute", "giá"), ("quy", "acute", "quý"), ("nguyên", "tilde", "nguyễn"), ("ngươi", "grave", "người"),
     ("ĐƯƠC", "dot", "ĐƯỢC"),
     ("xyz", "dot", "xỵz"), ("brr", "acute", "brr"), ("", "acute", ""), ("hai ", "acute", "hai ")],
)  # fmt: skip
def test_the_tone_goes_where_school_books_put_it(letters: str, tone: str, expected: str) -> None:
    assert toned(letters, tone) == expected


def test_the_tone_moves_as_the_word_grows_and_shrinks() -> None:
    assert typed("hòa", "n", LIMIT) == "hoàn"
    assert erased("hoàn") == "hòa"
    assert typed("tói", "", LIMIT) == "tói"


def test_the_same_tone_again_takes_it_away_and_another_replaces_it() -> None:
    assert toned("hòa", "grave") == "hoa"
    assert toned("hòa", "acute") == "hóa"


keys = st.lists(st.one_of(st.sampled_from(LETTERS), st.sampled_from(sorted(TONES)), st.just("erase")), max_size=60)


@given(keys)
def test_whatever_is_typed_is_nfc_and_each_word_has_at_most_one_tone(struck: list[str]) -> None:
    text = ""
    for key in struck:
        text = erased(text) if key == "erase" else toned(text, key) if key in TONES else typed(text, key, LIMIT)
        assert unicodedata.is_normalized("NFC", text)
        assert all(len(taken_apart(word)[1]) <= 1 for word in re.findall(r"[^\W\d_]+", text))


@given(keys, st.integers(min_value=0, max_value=20))
def test_a_comment_is_never_longer_than_its_limit(struck: list[str], limit: int) -> None:
    text = ""
    for key in struck:
        text = toned(text, key) if key in TONES else typed(text, key, limit) if len(key) == 1 else erased(text)
        assert len(text) <= limit


@given(st.text(LETTERS, max_size=20), st.sampled_from(sorted(TONES)))
def test_a_tone_changes_no_letter(text: str, tone: str) -> None:
    assert taken_apart(toned(text, tone))[0] == text
