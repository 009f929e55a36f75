"""A scanner is told from a person, whatever input method or layout the system has."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.scanner import _PLAIN, _SHIFTED, Wedge

ENTER = 40
TICKET = "https://one-stop.test/r/eyJkIjoiSDQyLjEyLTIxMDMwMS0wMDA3In0.Zk9-_x"
DOSSIER = "000.A0.01.H26-210212-9090"
KEYS = {char: (code, False) for code, char in _PLAIN.items() if code < 84}
KEYS |= {_SHIFTED[char]: (code, True) for char, (code, _) in list(KEYS.items()) if char in _SHIFTED}
SHIFT = 225


def presses(line: str, *, made: str | None = None) -> list[tuple[str, int, bool]]:
    """(text, scancode, shift) of a scanner set to the US layout. made: what the system makes of each key."""
    keys = []
    for index, char in enumerate(line):
        code, shift = KEYS[char]
        if shift:
            keys.append(("", SHIFT, True))
        keys.append((char if made is None else made[index % len(made)], code, shift))
    return [*keys, ("\r", ENTER, False)]


def type_keys(wedge: Wedge, keys: list[tuple[str, int, bool]], pause_s: float, at: float = 100.0) -> list[str]:
    """What came out."""
    lines = []
    for text, code, shift in keys:
        at += pause_s
        line = wedge.key(text, at, scancode=code, shift=shift)
        if line is not None:
            lines.append(line)
    return lines


@pytest.mark.parametrize(
    "line", [TICKET, DOSSIER, '{"nucuoi":1,"url":"https://a.vn","code":"AB12"}', "H42-210301-0007"]
)
@pytest.mark.parametrize("pause_s", [0.0, 0.002, 0.01, 0.03])
def test_what_a_scanner_types_is_read(line: str, pause_s: float) -> None:
    assert type_keys(Wedge(), presses(line), pause_s) == [line]


@pytest.mark.parametrize("pause_s", [0.06, 0.15, 0.4])
def test_what_a_person_types_is_not(pause_s: float) -> None:
    assert type_keys(Wedge(), presses(DOSSIER), pause_s) == []


MADE_OF_IT = {
    "Telex: aa → â, dd → đ, ow → ơ": "âđơưễợ",
    "VNI: a1 → á, d9 → đ": "áàảãạđ",
    "the method swallows the key and sends nothing": [""],
    "the method sends a backspace": ["\b"],
    "AZERTY: a → q, digits need Shift": "qwzm&é\"'(-è_çà",
    "Caps Lock": "ABCDEFGHIJ",
    "Cyrillic": "фывапролд",
}


@pytest.mark.parametrize("made", MADE_OF_IT.values(), ids=MADE_OF_IT.keys())
def test_no_input_method_and_no_layout_changes_what_is_read(made: str) -> None:
    assert type_keys(Wedge(), presses(TICKET, made=made), 0.005) == [TICKET]


def test_without_scancodes_the_characters_are_taken() -> None:
    wedge = Wedge()
    keys = [(char, 0, False) for char in TICKET] + [("\n", 0, False)]
    assert type_keys(wedge, keys, 0.01) == [TICKET]


def test_the_number_pad_and_its_enter_are_read() -> None:
    pad = {str((n + 1) % 10): 89 + n for n in range(10)} | {"-": 86, ".": 99}
    keys = [("", pad[char], False) for char in "210301-0007"] + [("", 88, False)]
    assert type_keys(Wedge(), keys, 0.01) == ["210301-0007"]


def test_a_slow_frame_in_the_middle_of_a_scan_does_not_break_it() -> None:
    wedge, keys = Wedge(), presses(TICKET)
    half = len(keys) // 2
    assert type_keys(wedge, keys[:half], 0.01, at=100.0) == []
    assert type_keys(wedge, keys[half:], 0.01, at=100.0 + half * 0.01 + 0.4) == [TICKET]


def test_letters_that_a_person_typed_before_do_not_get_into_the_scan() -> None:
    wedge = Wedge()
    type_keys(wedge, presses("abc")[:-1], 0.2)
    assert type_keys(wedge, presses(DOSSIER), 0.01, at=102.0) == [DOSSIER]


def test_a_scan_cut_off_is_forgotten_when_the_next_comes() -> None:
    wedge = Wedge()
    type_keys(wedge, presses(TICKET)[:20], 0.01)
    assert type_keys(wedge, presses(DOSSIER), 0.01, at=110.0) == [DOSSIER]


def test_two_scans_one_after_another_are_two_lines() -> None:
    assert type_keys(Wedge(), presses(DOSSIER) + presses(TICKET), 0.01) == [DOSSIER, TICKET]


@pytest.mark.parametrize("line", ["a", "abc", "aaaaaaaaaaaaaaaaaaaa", "1212121212"])
def test_a_short_line_and_a_key_held_down_are_no_scan(line: str) -> None:
    assert type_keys(Wedge(), presses(line), 0.01) == []


def test_enter_alone_and_keys_without_a_character_are_nothing() -> None:
    wedge = Wedge()
    assert (
        type_keys(wedge, [("\r", ENTER, False), ("", 58, False), ("", SHIFT, True), ("\r", ENTER, False)], 0.01) == []
    )


def test_a_line_without_end_is_forgotten_not_kept_for_ever() -> None:
    wedge = Wedge()
    type_keys(wedge, [("a", 4, False), ("b", 5, False), ("c", 6, False)] * 5000, 0.001)
    assert len(wedge._line) <= 4097


def test_a_text_field_can_ask_whether_a_scanner_is_typing() -> None:
    wedge = Wedge()
    type_keys(wedge, presses(DOSSIER)[:6], 0.01, at=100.0)
    assert wedge.is_listening(100.1)
    assert not wedge.is_listening(101.0)
    type_keys(wedge, presses("xinchao")[:-1], 0.2, at=200.0)
    assert not wedge.is_listening(201.45)


@given(st.text(st.sampled_from(sorted(KEYS)), min_size=4, max_size=120), st.integers(0, 2**32))
def test_any_line_of_a_scanner_with_uneven_pauses_is_read_whole_or_not_at_all(line: str, seed: int) -> None:
    chance = random.Random(seed)
    wedge, at, lines = Wedge(), 50.0, []
    for text, code, shift in presses(line):
        at += chance.uniform(0.0, 0.035)
        heard = wedge.key(text, at, scancode=code, shift=shift)
        if heard is not None:
            lines.append(heard)
    assert lines == ([line] if len(set(line)) >= 3 else [])
