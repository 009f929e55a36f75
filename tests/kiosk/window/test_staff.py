"""The PIN's gate and the staff's line, without a window."""

import hashlib
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.staff import FIRST_WAIT_S, FREE_TRIES, LONGEST_WAIT_S, Gate, pin_matches, status_line


def stored(pin: str) -> str:
    made = hashlib.pbkdf2_hmac("sha256", pin.encode(), bytes.fromhex("00ff"), 100)
    return f"pbkdf2_sha256$100$00ff${made.hex()}"


def test_the_right_pin_matches_and_others_do_not() -> None:
    assert pin_matches("2468", stored("2468"))
    assert not pin_matches("2469", stored("2468"))
    assert not pin_matches("", stored("2468"))


@pytest.mark.parametrize(
    "broken", ["", "2468", "md5$1$00$00", "pbkdf2_sha256$x$00$00", "pbkdf2_sha256$1$zz$00", "a$b$c$d$e"]
)
def test_a_stored_pin_of_another_form_matches_nothing(broken: str) -> None:
    assert not pin_matches("2468", broken)


@given(st.lists(st.booleans(), max_size=30))
def test_guessing_costs_ever_more_time(tries: list[bool]) -> None:
    gate, at, wrong = Gate(), 0.0, 0
    for right in tries:
        at += gate.wait_s(at)
        gate = gate.tried(right, at)
        wrong = 0 if right else wrong + 1
        expected = 0.0 if wrong < FREE_TRIES else min(FIRST_WAIT_S * 2 ** (wrong - FREE_TRIES), LONGEST_WAIT_S)
        assert gate.wait_s(at) == pytest.approx(expected)


def said(**given: object) -> str:
    now = datetime.fromisoformat("2026-03-02T09:41:00+07:00")
    usual = {"waiting": 0, "last_sent_at": None, "clock": "sure", "parked": ()}
    return status_line(SimpleNamespace(**{**usual, **given}), lambda words, **values: words.format(**values), now)


def test_the_line_tells_the_time_of_today_and_the_date_of_an_older_day() -> None:
    today = datetime.fromisoformat("2026-03-02T02:14:00+00:00")
    assert said(waiting=12, last_sent_at=today) == "12 chờ gửi · gửi lần cuối 09:14 · đồng hồ chắc chắn"
    assert "09:14 01/03/2026" in said(last_sent_at=today - timedelta(days=1))


def test_the_line_hides_nothing() -> None:
    line = said(clock="unsure", parked=(1, 2))
    assert line == "0 chờ gửi · chưa gửi lần nào · đồng hồ chưa chắc chắn · 2 bị giữ lại"
