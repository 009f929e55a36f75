"""Figures: they equal what was counted, say their n, and leave as files that no spreadsheet runs."""

import csv
import html
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import event, insert, select

from survey.rating import SOURCES
from sync_server import sheets
from sync_server.models.people import AuditEntry
from sync_server.models.rating import SlipTally, Tally
from sync_server.periods import KINDS, begin_of, period
from sync_server.queries import results
from sync_server.queries.rounds import OBSERVERS_SOURCE
from sync_server.rulebook import rulebook
from sync_server.services import rounds, succession
from tests.sync_server import builders
from tests.sync_server.web.conftest import Town

DAY = date(2026, 3, 2).toordinal()


def tally(town: Town, *counts: int, **changes: Any) -> None:
    """Counted ratings of Mộc Bắc's officer, the worst level first."""
    values: dict[str, Any] = {
        "officer_id": town.officer.id,
        "day": DAY,
        "service_id": town.service.id,
        "survey_id": 1,
        "unit_id": town.moc_bac.id,
        "source": 0,
        "with_dossier": 0,
        **{f"n{level}": count for level, count in enumerate(counts, start=1)},
        **changes,
    }
    with town.office.database.write() as writing:
        writing.add(Tally(**values))


def lines(town: Town, by: str = "unit", kind: str = "month", **changes: Any) -> list[results.Line]:
    """The breakdown of the whole town."""
    within = {town.town.id, town.moc_bac.id, town.chuyen_ngoai.id}
    with town.office.database.read() as reading:
        return results.breakdown(reading, within, rulebook().scales, period(kind, DAY), by, **changes)


def test_figures_by_unit_add_up_what_was_counted(town_on_both: Town) -> None:
    town = town_on_both
    tally(town, 1, 2, 3, 4, 5, with_dossier=9)
    tally(town, 0, 0, 0, 0, 7, source=SOURCES.index("phone"))
    tally(town, 9, 0, 0, 0, 0, source=SOURCES.index("observer"))  # theirs is another survey
    tally(town, 1, 0, 0, 0, 0, unit_id=town.chuyen_ngoai.id, officer_id=town.other_officer.id)
    with town.office.database.write() as writing:
        writing.add(SlipTally(officer_id=town.officer.id, day=DAY, service_id=0, n=12))
    first, second = lines(town)
    assert (first.name, first.totals.n, first.totals.dissatisfied) == ("Xã Chuyên Ngoại", 1, 1)
    assert (second.name, second.totals.n, second.totals.dissatisfied) == ("Xã Mộc Bắc", 22, 3)
    assert (second.faces, second.totals.with_dossier, second.slips) == ((1, 2, 3, 4, 12), 9, 12)
    whole = results.whole([first, second])
    assert (whole.totals.n, sum(whole.faces), whole.slips) == (23, 23, 12)


def test_scales_of_three_faces_stand_beside_those_of_five(town: Town) -> None:
    builders.make_survey(town.office, scale="hl3")
    tally(town, 2, 3, 4, survey_id=2)
    (line,) = lines(town)
    assert line.faces == (0, 2, 0, 3, 4)
    assert line.totals.dissatisfied == 2


def test_days_outside_the_period_do_not_count(town: Town) -> None:
    tally(town, 1, 0, 0, 0, 0, day=DAY - 2)
    tally(town, 0, 0, 0, 0, 1, day=DAY)
    tally(town, 0, 0, 0, 0, 5, day=DAY + 1)
    assert [line.totals.n for line in lines(town)] == [1]
    assert [line.totals.n for line in lines(town, kind="year")] == [2]


def test_figures_by_procedure_officer_and_time(town_on_both: Town) -> None:
    town = town_on_both
    tally(town, 0, 0, 0, 0, 2)
    tally(town, 0, 0, 0, 0, 3, service_id=0, day=DAY - 1)
    assert [(line.name, line.under, line.totals.n) for line in lines(town, "service", "year")] == [
        ("", "", 3),
        ("Đăng ký khai sinh", "Hộ tịch", 2),
    ]
    assert [(line.name, line.under) for line in lines(town, "officer", "year")] == [("Nguyễn Thị Hạnh", "Xã Mộc Bắc")]
    assert [(line.day, line.totals.n) for line in lines(town, "time", "half")] == [
        (date(2026, 2, 23).toordinal(), 3) if period("half", DAY).step == "week" else (date(2026, 2, 1).toordinal(), 3),
        (DAY, 2),
    ]


def test_home_visits_and_paper_are_told_apart_from_the_kiosks(town_on_both: Town) -> None:
    town = town_on_both
    tally(town, 3, 0, 0, 0, 4)
    tally(town, 0, 0, 0, 0, 2, source=SOURCES.index("home"))
    tally(town, 0, 0, 0, 1, 0, source=SOURCES.index("paper"))
    assert [(SOURCES[line.key], line.totals.n, line.slips) for line in lines(town, "source")] == [
        ("kiosk", 7, None),
        ("home", 2, None),
        ("paper", 1, None),
    ]
    (only,) = lines(town, only=(results.of_source("home"),))
    assert (only.totals.n, only.totals.dissatisfied) == (2, 0)
    assert "Tại nhà người dân</a> 2" in page(town, "town_staff")
    assert "Phiếu giấy" in page(town, "town_staff", "?by=source&source=paper")
    exported = town.as_("alice").get("/results.csv?by=source").text
    assert "Tại nhà người dân,,2" in exported
    assert "Tại nhà" not in town.as_("alice").get("/results.csv?by=source&source=kiosk").text


days = st.integers(date(2020, 1, 1).toordinal(), date(2030, 12, 31).toordinal())


@given(st.sampled_from(KINDS), days, days, days)
def test_a_period_is_never_empty_and_ends_where_it_should(kind: str, today: int, first: int, last: int) -> None:
    found = period(kind, today, first, last)
    assert found.first <= found.last
    assert found.kind == "free" or found.last == today
    assert found.until - found.first <= 3661
    for day in (found.first, found.last):
        begin = begin_of(found.step, day)
        assert begin <= day
        assert begin_of(found.step, begin) == begin


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("today", date(2026, 5, 20)),
        ("week", date(2026, 5, 18)),
        ("month", date(2026, 5, 1)),
        ("quarter", date(2026, 4, 1)),
        ("half", date(2026, 1, 1)),
        ("year", date(2026, 1, 1)),
        ("nonsense", date(2026, 5, 20) - timedelta(days=29)),
    ],
)
def test_a_period_begins_where_the_calendar_says(kind: str, first: date) -> None:
    assert period(kind, date(2026, 5, 20).toordinal()).first == first.toordinal()


def page(town: Town, name: str, query: str = "") -> str:
    """The page as a person sees it."""
    answer = town.as_(name).get(f"/results{query}")
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_a_share_is_shown_from_thirty_ratings_on_with_its_interval(town: Town) -> None:
    tally(town, 1, 0, 0, 0, 28)
    assert "ít hơn 30 lượt" in page(town, "town_staff")
    tally(town, 0, 0, 0, 0, 1, source=SOURCES.index("phone"))
    text = page(town, "town_staff")
    assert "3,3 %" in text
    assert re.search(r"0,6–16,7 %", text)


def test_a_head_sees_the_own_commune_whatever_the_address_says(town: Town) -> None:
    tally(town, 0, 0, 0, 0, 3)
    tally(town, 0, 0, 0, 0, 5, unit_id=town.chuyen_ngoai.id, officer_id=town.other_officer.id)
    for query in ("", f"?unit={town.chuyen_ngoai.id}", f"?unit={town.town.id}", "?by=officer"):
        text = page(town, "alice", query)
        assert "Phạm Văn Khoa" not in text
        assert f'value="{town.chuyen_ngoai.id}"' not in text
        exported = town.as_("alice").get(f"/results.csv{query}").text
        assert "Chuyên Ngoại" not in exported
        assert "Phạm Văn Khoa" not in exported


def test_an_observer_sees_no_officer_by_name(town: Town) -> None:
    tally(town, 0, 0, 0, 0, 3)
    assert "Nguyễn Thị Hạnh" not in page(town, "observer", "?by=officer")
    assert "Nguyễn Thị Hạnh" not in town.as_("observer").get("/results.csv?by=officer").text
    assert "Nguyễn Thị Hạnh" in page(town, "town_staff", "?by=officer")


@pytest.mark.parametrize(
    "query",
    [
        "?period=x&from=yesterday&to=&unit=abc&service=x&by=password",
        "?period=free&from=2026-03-31&to=2026-03-01",
        "?period=free&from=0001-01-01&to=9999-12-31",
        "?unit=99999999999999999999",
        "?service=-1",
    ],
)
def test_an_address_that_makes_no_sense_is_answered_all_the_same(town: Town, query: str) -> None:
    tally(town, 0, 0, 0, 0, 3)
    assert "Số liệu" in page(town, "town_staff", query)


def read_csv(data: bytes) -> list[list[str]]:
    """The rows of a CSV file."""
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_files_hold_the_figures_of_the_page(town: Town) -> None:
    tally(town, 3, 0, 0, 0, 37, with_dossier=20)
    person = town.as_("town_staff")
    rows = read_csv(person.get("/results.csv").data)
    assert rows[0][0] == "Đơn vị"
    assert rows[1][:4] == ["Xã Mộc Bắc", "", "40", "37"]
    assert rows[1][8:14] == ["3", "7.5", "2.6", "19.9", "20", "0"]
    sheet = load_workbook(io.BytesIO(person.get("/results.xlsx").data)).active
    assert [cell.value for cell in sheet[2]][:4] == ["Xã Mộc Bắc", None, 40, 37]
    assert sheet["A1"].font.bold


def test_a_name_that_is_a_formula_is_text_in_both_files(town: Town) -> None:
    evil = '=HYPERLINK("http://evil.example","x")'
    builders.make_officer(town.office, town.moc_bac, name=evil)
    tally(town, 0, 0, 0, 0, 3, officer_id=3)
    person = town.as_("town_staff")
    assert read_csv(person.get("/results.csv?by=officer").data)[1][0] == "'" + evil
    cell = load_workbook(io.BytesIO(person.get("/results.xlsx?by=officer").data)).active["A2"]
    assert (cell.value, cell.data_type) == (evil, "s")


@given(st.text(max_size=30))
def test_no_text_begins_a_formula_in_a_csv(text: str) -> None:
    cell = str(sheets.harmless(text))
    assert cell.lstrip(" \u00a0\ufeff")[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
    assert cell in (text, "'" + text)


@given(st.lists(st.one_of(st.text(max_size=20), st.integers(), st.none()), min_size=1, max_size=4))
def test_any_row_can_be_written_and_read(row: list[Any]) -> None:
    headings = ["x"] * len(row)
    assert len(read_csv(sheets.csv_of(headings, [row]))) == 2
    assert load_workbook(io.BytesIO(sheets.xlsx_of("[]:*?/\\", headings, [row]))).active.max_column >= 1


def test_numbers_stay_numbers() -> None:
    assert [sheets.harmless(cell) for cell in (-3, 2.5, None, 0)] == [-3, 2.5, None, 0]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_whoever_takes_a_file_is_in_the_log(town: Town, kind: str) -> None:
    town.as_("inspector").get(f"/results.{kind}?by=officer&unit={town.moc_bac.id}")
    with town.office.database.read() as reading:
        entry = reading.scalars(select(AuditEntry).where(AuditEntry.act == "results exported")).one()
    assert (entry.staff_id, entry.subject) == (town.staff["inspector"].id, f"u{town.moc_bac.id}")
    assert (entry.detail["kind"], entry.detail["by"]) == (kind, "officer")


@pytest.mark.parametrize("kind", ["pdf", "exe", "csv%00"])
def test_there_are_no_other_files(town: Town, kind: str) -> None:
    assert town.as_("town_staff").get(f"/results.{kind}").status_code == 404


@contextmanager
def asked(town: Town) -> Iterator[list[str]]:
    """The statements that the database is asked in the block."""
    statements: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(town.office.database.engine, "before_cursor_execute", hear)
    yield statements
    event.remove(town.office.database.engine, "before_cursor_execute", hear)


def test_a_year_of_a_whole_town_is_summed_by_the_database(town: Town, clock: Callable[[], int]) -> None:
    """16 communes of 4 officers, 250 days, 3 procedures: 48,000 rows of tallies take no statement more than none."""
    with asked(town) as statements:
        lines(town, "unit", "free")
    of_one = len(statements)
    rows = [
        {
            "officer_id": 1 + officer % 2,
            "day": DAY - day,
            "service_id": officer * 3 + service,
            "survey_id": 1,
            "unit_id": town.moc_bac.id,
            "source": 0,
            "n5": 2,
        }
        for officer in range(64)
        for day in range(250)
        for service in range(3)
    ]
    with town.office.database.write() as writing:
        writing.execute(insert(Tally), rows)
    with asked(town) as statements:
        found = lines(town, "unit", "free")
    assert len(statements) == of_one
    assert found[0].totals.n == 2 * 64 * 30 * 3


def test_a_round_is_told_apart_and_has_its_own_days(town: Town) -> None:
    with town.office.database.write() as writing:
        made = rounds.open_round(
            writing, unit_id=town.moc_bac.id, kind="baseline", name="Trước khi làm", owner_id=None,
            first_day=DAY - 60, until_day=DAY - 30, made_by=None, now=0,
        ).id  # fmt: skip
    tally(town, 1, 2, day=DAY - 60)
    tally(town, 0, 0, 3, day=DAY - 31)
    for day, source in ((DAY - 61, 0), (DAY - 30, 0), (DAY - 40, OBSERVERS_SOURCE)):
        tally(town, 9, day=day, source=source)
    person = town.as_("alice")
    rows = list(csv.reader(io.StringIO(person.get(f"/results.csv?round={made}").text.lstrip("\ufeff"))))
    assert [row[2] for row in rows[1:]] == ["6"]
    page = html.unescape(person.get(f"/results?round={made}").text)
    assert "Trước khi làm" in page
    assert "Từ 01/01/2026 đến 30/01/2026" in page
    assert "Trước khi làm" not in html.unescape(town.as_("chi").get("/results").text)


def test_figures_go_on_across_a_merger_where_asked_but_not_by_name(town: Town) -> None:
    tally(town, 0, 0, 0, 0, 4)
    tally(town, 1, unit_id=town.chuyen_ngoai.id, officer_id=town.other_officer.id)
    with town.office.database.write() as writing:
        succession.succeed(
            writing, ended=[town.moc_bac.id], successors=[town.chuyen_ngoai.id], day=DAY, today=DAY, now=0
        )  # fmt: skip
    chi = town.as_("chi")

    def counted(address: str) -> list[tuple[str, str]]:
        rows = csv.reader(io.StringIO(chi.get(address).text.lstrip("\ufeff")))
        return [(row[0], row[2]) for row in list(rows)[1:]]

    assert counted("/results.csv?by=unit") == [("Xã Chuyên Ngoại", "1")]
    assert counted("/results.csv?by=unit&past=1") == [("Xã Chuyên Ngoại", "1"), ("Xã Mộc Bắc", "4")]
    assert counted("/results.csv?by=officer&past=1") == [("Phạm Văn Khoa", "1")]
    assert "Gồm đơn vị tiền thân" in html.unescape(chi.get("/results").text)
