"""The public board: figures with their interval, none where they would be one person's, a poster and a script."""

import html
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from survey.rating import SOURCES
from sync_server.models.board import BoardSetting
from sync_server.models.organisation import Officer, SurveyVersion
from sync_server.models.people import AuditEntry
from sync_server.models.rating import Tally
from sync_server.queries.board import Entry, latest_once
from tests.sync_server import builders
from tests.sync_server.conftest import SetClock
from tests.sync_server.web.conftest import Town

APRIL = int(datetime(2026, 4, 8, 3, tzinfo=UTC).timestamp()) * 1000
MARCH = datetime(2026, 3, 3, tzinfo=UTC).toordinal()


def rated(town: Town, officer: Officer, good: int, bad: int, source: str = "kiosk", day: int = MARCH) -> None:
    """Counted ratings of an officer on the five-level scale."""
    with town.office.database.write() as writing:
        survey = writing.scalars(select(SurveyVersion.id)).first()
        writing.add(
            Tally(
                officer_id=officer.id,
                day=day,
                service_id=0,
                survey_id=survey,
                unit_id=town.moc_bac.id,
                source=SOURCES.index(source),
                n1=bad,
                n5=good,
                with_dossier=0,
            )
        )


@pytest.fixture
def april(town_on_both: Town, clock: SetClock) -> Town:
    """Three officers of Mộc Bắc were rated in the first quarter."""
    town = town_on_both
    clock.at = APRIL
    others = [builders.make_officer(town.office, counter=town.counter, name=f"Cán bộ {n}") for n in "AB"]
    for officer, bad in zip([town.officer, *others], (2, 3, 5), strict=True):
        rated(town, officer, good=30, bad=bad)
    return town


def board(town: Town, more: str = "") -> str:
    return html.unescape(town.person().get(f"/bang/{town.moc_bac.id}{more}").text)


def test_the_board_says_the_share_with_its_interval_and_of_how_many(april: Town) -> None:
    text = board(april)
    assert "quý I năm 2026" in text
    assert "90,0 %" in text
    assert "Trên 100 lượt đánh giá" in text
    assert "82,6–94,5 %" in text  # Wilson, 90 of 100
    assert "Biết nghe dân nói" in text


def test_nobodys_name_stands_on_board_poster_or_script(april: Town) -> None:
    shown = [board(april), board(april, "/a3"), april.as_("alice").get(f"/board/{april.moc_bac.id}").text]
    with april.office.database.read() as reading:
        names = reading.scalars(select(Officer.name)).all()
    assert not [name for name in names for text in shown if name in html.unescape(text)]


def test_figures_of_fewer_than_three_officers_stay_away(town: Town, clock: SetClock) -> None:
    clock.at = APRIL
    rated(town, town.officer, good=90, bad=10)
    assert "lượt đánh giá" not in board(town)


def test_figures_that_are_nearly_all_of_one_officer_stay_away(town: Town, clock: SetClock) -> None:
    clock.at = APRIL
    rated(town, town.officer, good=900, bad=100)
    for name in "AB":
        rated(town, builders.make_officer(town.office, counter=town.counter, name=f"Cán bộ {name}"), good=2, bad=0)
    assert "lượt đánh giá" not in board(town)


def test_a_unit_that_keeps_its_figures_cannot_be_told_from_the_sum_of_the_town(april: Town) -> None:
    path = f"/bang/{april.town.id}"
    assert "Trên 100 lượt đánh giá" in html.unescape(april.person().get(path).text)
    april.as_("alice").send(f"/board/{april.moc_bac.id}", period="quarter")
    assert "lượt đánh giá" not in html.unescape(april.person().get(path).text)


def test_few_ratings_are_a_number_without_a_share(april: Town, clock: SetClock) -> None:
    with april.office.database.write() as writing:
        for tally in writing.scalars(select(Tally)):
            tally.n5 = 3
    assert "Có 19 lượt đánh giá, chưa đủ để nêu tỷ lệ" in board(april)


def test_paper_and_the_running_quarter_are_not_mixed_in(april: Town) -> None:
    rated(april, april.officer, good=0, bad=50, source="paper")
    rated(april, april.officer, good=0, bad=50, day=datetime(2026, 4, 2, tzinfo=UTC).toordinal())
    assert "Trên 100 lượt đánh giá" in board(april)


def test_a_head_keeps_the_figures_to_the_unit_and_the_log_tells(april: Town) -> None:
    alice = april.as_("alice")
    assert alice.send(f"/board/{april.moc_bac.id}", period="half").status_code == 303
    assert "lượt đánh giá" not in board(april)
    assert alice.send(f"/board/{april.moc_bac.id}", figures_public="y", period="month").status_code == 303
    assert "tháng 3 năm 2026" in board(april)
    assert alice.send(f"/board/{april.moc_bac.id}", period="century").status_code == 422
    with april.office.database.read() as reading:
        assert len(reading.scalars(select(BoardSetting)).all()) == 2
        assert reading.scalars(select(AuditEntry.act).where(AuditEntry.act == "board decided")).all() == [
            "board decided",
            "board decided",
        ]


def test_a_head_decides_for_the_own_unit_only(april: Town) -> None:
    chi = april.as_("chi")
    assert chi.get(f"/board/{april.moc_bac.id}").status_code == 404
    assert chi.send(f"/board/{april.moc_bac.id}", period="half").status_code == 404
    assert chi.get("/board").location.endswith(f"/board/{april.chuyen_ngoai.id}")


def test_the_script_is_ready_to_be_read(april: Town) -> None:
    text = html.unescape(april.as_("alice").get(f"/board/{april.moc_bac.id}").text)
    assert "Kính thưa bà con nhân dân!" in text
    assert "một trăm lượt bà con đánh giá" in text
    assert "khoảng chín lượt hài lòng" in text


def test_the_same_words_stand_once_and_the_latest_come_first() -> None:
    told = [Entry(told_at=at, text=text) for at, text in ((1, "ghế"), (4, "giờ"), (6, "ghế"), (2, "phiếu"))]
    assert [(entry.told_at, entry.text) for entry in latest_once(told)] == [(6, "ghế"), (4, "giờ"), (2, "phiếu")]


def test_there_is_no_board_of_a_unit_that_is_none(town: Town) -> None:
    assert town.person().get("/bang/999").status_code == 404
    assert town.person().get("/bang/999/a3").status_code == 404


def test_a_number_that_no_database_holds_is_no_page_and_no_filter(town_on_both: Town) -> None:
    huge = "9" * 20
    somebody = town_on_both.person()
    assert [somebody.get(f"/bang/{number}").status_code for number in (huge, 2**31)] == [404, 404]
    alice = town_on_both.as_("alice")
    assert alice.get(f"/letters?unit={huge}&year={huge}&before={'9' * 5000}").status_code == 200
    assert alice.send("/organisation/succession", ended=huge, successor=2**31).status_code in (403, 422)
