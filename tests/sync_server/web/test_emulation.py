"""The pages of the yearly emulation scoring."""

import html
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from sync_server.models.emulation import EmulationSheet
from sync_server.models.opinion import Opinion
from sync_server.queries import emulation as queries
from sync_server.services import emulation
from tests.sync_server.conftest import SetClock
from tests.sync_server.web.conftest import Person, Town

YEAR = 2026
ALL = ("satisfaction", "coverage", "reports", "cases", "opinions", "letters", "rollout")
DECEMBER = int(datetime(2026, 12, 20, 3, tzinfo=UTC).timestamp()) * 1000


@pytest.fixture
def december(town: Town, clock: SetClock) -> Town:
    clock.at = DECEMBER
    return town


def give(person: Person, town: Town, criterion: str = "letters", **form: object) -> int:
    sent = {"points": "4.5", "note": "", **form}
    return person.send(f"/emulation/{town.moc_bac.id}/{YEAR}/{criterion}", **sent).status_code


def page(person: Person, town: Town) -> str:
    return html.unescape(person.get(f"/emulation/{town.moc_bac.id}/{YEAR}").text)


def give_all(town: Town) -> None:
    for criterion in ALL:
        assert give(town.as_("alice"), town, criterion, points="3", note="Tự chấm.") == 303
        assert give(town.as_("town_staff"), town, criterion, points="3", note="Đồng ý.") == 303


def test_a_head_scores_the_own_commune_and_town_staff_verify(december: Town) -> None:
    town = december
    assert give(town.as_("alice"), town) == 303
    assert give(town.as_("town_staff"), town, points="4.0") == 422
    assert give(town.as_("town_staff"), town, points="4.0", note="Thiếu một thư xin lỗi.") == 303
    text = page(town.as_("inspector"), town)
    assert "Thiếu một thư xin lỗi." in text
    assert "4,5 / 5,0" in text
    assert "4,0 / 5,0" in text


def test_town_staff_cannot_verify_what_was_not_scored(december: Town) -> None:
    assert give(december.as_("town_staff"), december) == 422


def test_points_are_decimal_in_any_spelling_of_a_browser(december: Town) -> None:
    assert give(december.as_("alice"), december, points="4.25") == 303  # rounded to one place
    assert give(december.as_("alice"), december, points="viel") == 422
    assert give(december.as_("alice"), december, points="NaN") == 422
    assert give(december.as_("alice"), december, points="") == 422


def test_another_commune_and_another_year_cannot_be_opened(december: Town) -> None:
    assert december.as_("chi").get(f"/emulation/{december.moc_bac.id}/{YEAR}").status_code == 404
    assert give(december.as_("chi"), december) == 404
    assert december.as_("alice").get(f"/emulation/{december.moc_bac.id}/1999").status_code == 404


def test_a_sheet_is_closed_when_complete_in_december_and_then_changes_no_more(december: Town) -> None:
    town = december
    close = f"/emulation/{town.moc_bac.id}/{YEAR}/close"
    town.as_("town_staff").send(close)
    with town.office.database.read() as reading:
        assert reading.scalar(select(EmulationSheet)) is None
    give_all(town)
    town.as_("town_staff").send(close)
    assert "Đã khóa lúc" in page(town.as_("alice"), town)
    assert give(town.as_("alice"), town, points="1", note="x") == 409


def test_a_sheet_is_not_closed_before_the_years_last_month(town: Town, clock: SetClock) -> None:
    clock.at = int(datetime(2026, 11, 2, 3, tzinfo=UTC).timestamp()) * 1000
    give_all(town)
    town.as_("town_staff").send(f"/emulation/{town.moc_bac.id}/{YEAR}/close")
    with town.office.database.read() as reading:
        assert reading.scalar(select(EmulationSheet)) is None


def test_a_closed_sheet_that_was_altered_in_the_database_says_so(december: Town) -> None:
    town = december
    give_all(town)
    town.as_("town_staff").send(f"/emulation/{town.moc_bac.id}/{YEAR}/close")
    assert "bị thay đổi" not in page(town.as_("inspector"), town)
    with town.office.database.write() as writing:
        kept = writing.scalars(select(EmulationSheet)).one()
        kept.figures = {**kept.figures, "verified": {**kept.figures["verified"], "hundred": 99.0}}
    assert "bị thay đổi" in page(town.as_("inspector"), town)


def test_opinions_count_in_the_year_of_their_due_day_and_in_time_when_answered_by_then(december: Town) -> None:
    due = december.office.day(DECEMBER) - 5
    rows = ((due, due - 1, False), (due, due, False), (due, due + 1, False), (due, None, False), (due + 9, None, False))
    with december.office.database.write() as writing:
        for number, (day, answered, hidden) in enumerate((*rows, (due, None, True))):
            writing.add(
                Opinion(
                    receipt=f"ABCD000{number}", unit_id=december.moc_bac.id, source=3, text="", plain="",
                    state="received", day=day - 10, received_at=0, due_day=day, inspectors_only=hidden,
                    answered_at=None if answered is None else december.office.moment(answered),
                )
            )  # fmt: skip
        writing.add(
            Opinion(
                receipt="THANKS11", unit_id=december.moc_bac.id, source=3, text="", plain="", state="closed",
                day=due - 10, received_at=0, due_day=due,
            )
        )  # fmt: skip
    with december.office.database.read() as reading:
        found = queries.measures(reading, december.office, december.moc_bac.id, YEAR)["opinions"]
    assert (found.k, found.n) == (2, 4)


def test_measures_of_a_commune_without_any_data_propose_nothing_that_punishes(december: Town) -> None:
    with december.office.database.read() as reading:
        found = queries.measures(reading, december.office, december.moc_bac.id, YEAR)
        whole = queries.sheet_of(reading, december.office, december.moc_bac.id, YEAR)
    assert found["satisfied"].n == found["coverage"].n == found["cases"].n == 0
    proposals = {line.criterion.id: line.proposal for line in whole.lines}
    assert proposals["satisfaction"] is proposals["coverage"] is proposals["cases"] is None
    assert emulation.frozen(whole)["verified"]["hundred"] is None


def test_the_circular_is_computed_on_the_page_and_nothing_kept(town: Town) -> None:
    alice = town.as_("alice")
    asked = "&".join(f"i{number}p1=20" for number in (1, 2, 3, 4, 7))
    text = html.unescape(alice.get(f"/emulation/tt01?{asked}").text)
    assert "Tổng điểm: 5,0 trên 10" in text
    assert "Mỗi chỉ số cần ít nhất một hồ sơ" in html.unescape(alice.get("/emulation/tt01?i1p1=4").text)
    assert alice.get("/emulation/tt01?of=body&i1p1=-5&i2p0=x").status_code == 200
