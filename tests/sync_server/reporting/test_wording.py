"""What a report says: golden texts of each kind, small numbers, differences, and what is never said."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.reporting import making, wording
from sync_server.reporting.contents import Signed, Supplemented
from sync_server.reporting.figures import CaseCount, Compared, Figures, Named, from_json
from sync_server.reporting.rules import KINDS
from sync_server.reporting.shares import Change, change, difference, interval, number, percent, points
from tests.sync_server.reporting.builders import LAND, SIGNED_DAY, a_draft, count, figures, text_of

GOLDEN = Path(__file__).parent / "golden"


def words(told: Figures) -> str:
    """The whole report as text."""
    return "\n".join(text_of(making.docx(told, a_draft(), making.shipped_template())))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_report_reads_as_it_was_approved(kind: str) -> None:
    """After a change that is meant: NUCUOI_GOLDEN=write, then read the difference as the one who signs."""
    signed = Signed(number=5, day=SIGNED_DAY)
    made = "\n".join(text_of(making.docx(figures(kind), a_draft(), making.shipped_template(), signed=signed))) + "\n"
    file = GOLDEN / f"{kind}.txt"
    if os.environ.get("NUCUOI_GOLDEN") == "write":
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8")


def test_a_town_tells_of_its_units_by_name_and_of_the_silent_ones() -> None:
    units = (Named(name="Phường C", count=count(12, 1)), Named(name="Xã A", count=count(500, 20, slips=600)))
    said = words(figures(unit="UBND thị xã", unit_kind="town", units=units, silent_units=("Xã D",)))
    assert "Phường C | 12 | – | – | –" in said
    assert "Xã A | 500 | 41,7%" in said
    assert "Chưa có lượt đánh giá nào: Xã D." in said
    assert "không dùng để xếp hạng" in said


def test_few_ratings_have_no_percentage() -> None:
    told = figures(whole=count(29, 3, 1), services=(), compared=(), sources={"kiosk": count(29, 3, 1)})
    said = "\n".join([*wording.satisfaction(told), *wording.good(told), *wording.not_good(told)])
    assert "29 lượt, dưới 30 lượt" in said
    assert "%" not in said


def test_nobody_rated_and_nothing_is_made_up() -> None:
    told = figures(
        whole=count(0), services=(), course=(), sources={}, reasons=(), compared=(), cases=CaseCount(), units=()
    )
    said = words(told)
    assert "chưa ghi nhận lượt đánh giá nào" in said
    assert "Mức độ hài lòng" not in said
    assert "không phát sinh vụ việc" in said


def test_coverage_is_told_only_where_it_is_known() -> None:
    known, unknown = figures(whole=count(100, slips=80)), figures(whole=count(100, slips=0))
    odd = figures(whole=count(100, slips=40))
    assert "độ phủ 62,5%" in " ".join(wording.coverage(known))
    assert "chưa tính được tỷ lệ" in " ".join(wording.coverage(unknown))
    assert "chưa tính được tỷ lệ tham gia" in " ".join(wording.coverage(odd))


def test_paper_and_box_stand_apart() -> None:
    assert "không cộng vào số liệu trên: hòm thư góp ý: 7 lượt" in " ".join(wording.coverage(figures()))


def compared(k: int, n: int, k_before: int, n_before: int) -> str:
    other = Compared(kind="before", name="tháng trước", first=1, last=30, count=count(n_before, n_before - k_before))
    return " ".join(wording.comparisons(figures(whole=count(n, n - k), compared=(other,))))


def test_a_difference_is_called_one_only_where_its_interval_says_so() -> None:
    assert "tăng 10,0 điểm phần trăm" in compared(950, 1000, 850, 1000)
    assert "giảm 10,0 điểm phần trăm" in compared(850, 1000, 950, 1000)
    assert "chưa đủ cơ sở kết luận là có thay đổi" in compared(46, 50, 44, 50)
    assert "không so sánh tỷ lệ" in compared(20, 25, 44, 50)


def test_a_period_whose_counting_began_late_is_not_compared_by_numbers() -> None:
    other = Compared(kind="before", name="kỳ trước", first=700_000, last=700_100, count=count(50), since=700_090)
    said = " ".join(wording.comparisons(figures(compared=(other,))))
    assert "kỳ đó mới có số liệu từ ngày" in said
    assert "số lượt đánh giá tăng" not in said


def test_a_procedure_stands_out_by_its_interval_not_by_its_share() -> None:
    worse, better = wording.outstanding(figures())
    assert [one.name for one in worse] == [LAND]
    assert [one.name for one in better] == ["Chứng thực bản sao từ bản chính"]
    one_of_few = (Named(name="Hiếm", count=count(29, 29)),)
    assert wording.outstanding(figures(services=one_of_few)) == ([], [])


def test_reasons_are_told_by_procedure_and_few_are_not() -> None:
    said = " ".join(wording.not_good(figures()))
    assert "chờ quá lâu, trễ hẹn (20 lượt), giải thích chưa rõ (9 lượt)" in said
    assert "Đối với thủ tục đăng ký biến động quyền sử dụng đất: chờ quá lâu, trễ hẹn (11 lượt)" in said
    assert "Lý do" not in " ".join(wording.not_good(figures(whole=count(400, 4))))


def test_a_supplement_says_what_it_supplements() -> None:
    before = Supplemented(number=5, sign="BC-UBND", day=SIGNED_DAY, n=1200)
    said = "\n".join(text_of(making.docx(figures(), a_draft(), making.shipped_template(), supplements=before)))
    assert "(Bản bổ sung)" in said
    assert "Báo cáo số 05/BC-UBND ngày 12 tháng 6 năm 2026" in said
    assert "từ 1.200 lượt thành 1.250 lượt" in said


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 400), st.data())
def test_never_a_rank_a_name_of_a_person_or_that_word(n: int, data: st.DataObject) -> None:
    bad = data.draw(st.integers(0, n))
    told = figures(whole=count(n, bad, slips=data.draw(st.integers(0, 500))))
    parts = (wording.coverage, wording.satisfaction, wording.by_service, wording.comparisons, wording.good)
    said = " ".join(text for part in parts for text in part(told)) + " ".join(wording.not_good(told))
    assert "SIPAS" not in said.upper()
    assert not any(word in said.lower() for word in ("xếp thứ", "hạng nhất", "kém nhất", "tốt nhất", "nan", "none"))


def test_figures_survive_being_kept_and_have_one_hash() -> None:
    told = figures()
    assert from_json(told.to_json()) == told
    assert from_json(told.to_json()).hash == told.hash
    assert replace(told, whole=count(1251, 40, 60, slips=900)).hash != told.hash


def test_numbers_are_written_as_vietnamese_papers_write_them() -> None:
    assert number(12345) == "12.345"
    assert percent(973, 1000) == "97,3%"
    assert percent(99_999, 100_000) == "99,9%"  # not all
    assert percent(5, 5) == "100%"
    assert interval(97, 100) == "91,5–99,0%"
    assert points(-0.3) == "−0,3"
    assert points(-0.01) == "0,0"


def test_a_difference_has_newcombes_interval() -> None:
    """Newcombe 1998, table II, method 10, (a) 56/70 − 48/80: 0.2000 (0.0524, 0.3339)."""
    assert [round(value / 100, 4) for value in difference(56, 70, 48, 80)] == [0.2, 0.0524, 0.3339]
    assert change(0.04, 3.0) is Change.UNCLEAR  # it reads «0,0»
    assert change(0.06, 3.0) is Change.UP
    assert change(-3.0, -0.1) is Change.DOWN
