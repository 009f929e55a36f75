"""The loudspeaker's minute: plain words, within its length, and nothing that few people stand behind."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.announcing.loudspeaker import digits, number_words, of_ten, script, syllables
from sync_server.announcing.rules import PERIODS, last_whole, rule_at

AUTUMN = last_whole("quarter", date(2026, 10, 5).toordinal())
TOLD = "Đã bố trí thêm ghế ngồi và nước uống tại nơi chờ, và một cán bộ hướng dẫn kê khai."


def spoken(**changes: object) -> str:
    given_: dict = {
        "unit": "Xã Mộc Bắc",
        "span": AUTUMN,
        "ratings": 1204,
        "satisfied": 1100,
        "changed": [TOLD],
        "hotline": "0226 3000 115",
        "words_max": 185,
        **changes,
    }
    return script(**given_)


def test_a_minute_reads_as_people_speak() -> None:
    text = spoken()
    assert "Ủy ban nhân dân xã Mộc Bắc" in text
    assert "Trong quý ba năm hai nghìn không trăm hai mươi sáu" in text
    assert "một nghìn hai trăm lẻ bốn lượt bà con" in text
    assert "cứ mười lượt thì khoảng chín lượt hài lòng" in text
    assert "đã bố trí thêm ghế ngồi" in text
    assert "không hai hai sáu, ba không không không, một một năm" in text
    assert not re.search(r"\d|%", text)


def test_what_the_announcer_said_already_is_not_said_twice() -> None:
    text = spoken(changed=["Đã tiếp thu ý kiến về thời gian chờ: mở thêm một quầy vào sáng thứ Hai."])
    assert "Tiếp thu ý kiến của bà con: mở thêm một quầy vào sáng thứ Hai." in text


def test_without_figures_there_is_no_word_of_them() -> None:
    text = spoken(ratings=None)
    assert "lượt bà con đánh giá" not in text
    assert "hài lòng." in text  # the invitation stays


@given(
    st.integers(30, 99_999).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    st.lists(st.text("aăâbcdđ ", min_size=1, max_size=400), max_size=5),
    st.sampled_from(sorted(PERIODS)),
    st.integers(0, 1000),
)
def test_it_never_takes_longer_than_its_minute(
    counted: tuple[int, int], changed: list[str], kind: str, day: int
) -> None:
    span = last_whole(kind, date(2026, 1, 1).toordinal() + day)
    text = spoken(ratings=counted[0], satisfied=counted[1], changed=changed, span=span)
    assert 90 <= syllables(text) <= rule_at(date(2026, 1, 1).toordinal()).script_words_max
    assert not re.search(r"\d", text)


def test_shares_are_told_of_ten_and_never_as_all_or_nobody_that_is_not() -> None:
    said = {of_ten(k, 1000) for k in (0, 40, 51, 440, 560, 949, 951, 999, 1000)}
    assert of_ten(999, 1000) == "gần như tất cả"
    assert of_ten(1000, 1000) == "tất cả"
    assert of_ten(0, 1000) == "rất ít"
    assert of_ten(440, 1000) == "khoảng bốn"
    assert not any("mười" in words for words in said)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (4, "bốn"),
        (15, "mười lăm"),
        (1005, "một nghìn không trăm lẻ năm"),
        (2026, "hai nghìn không trăm hai mươi sáu"),
        (11526, "mười một nghìn năm trăm hai mươi sáu"),
        (100000, "một trăm nghìn"),
    ],
)
def test_numbers_are_said_as_they_are_said(number: int, words: str) -> None:
    assert number_words(number) == words


def test_a_telephone_number_is_dictated_and_none_is_left_out() -> None:
    assert digits("(0226) 3.000-115") == "không hai hai sáu, ba, không không không, một một năm"
    assert "xin gọi số" not in spoken(hotline="")


@given(st.sampled_from(sorted(PERIODS)), st.integers(date(2021, 1, 1).toordinal(), date(2031, 1, 1).toordinal()))
def test_the_last_whole_period_is_over_and_the_running_one_is_not_in_it(kind: str, today: int) -> None:
    span = last_whole(kind, today)
    assert span.first < span.until <= today
    assert date.fromordinal(span.first).day == date.fromordinal(span.until).day == 1
    assert last_whole(kind, span.until) == span
    assert last_whole(kind, span.until - 1).until == span.first


def test_the_last_whole_quarter_of_january_lies_in_the_year_before() -> None:
    span = last_whole("quarter", date(2026, 1, 1).toordinal())
    assert (span.year, span.number) == (2025, 4)
    assert (date.fromordinal(span.first), date.fromordinal(span.until)) == (date(2025, 10, 1), date(2026, 1, 1))
