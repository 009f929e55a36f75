"""When people rate, why they were not satisfied, and what changed since the baseline."""

import html
from datetime import date
from typing import Any

from sqlalchemy import insert

from survey import resources
from survey.questionnaire import read_reasons
from sync_server.casework.people import MONEY
from sync_server.models.patterns import HourTally, ReasonTally
from sync_server.queries.patterns import Cell
from sync_server.queries.tallies import Totals
from sync_server.services import rounds
from sync_server.services.tallies import hour_of
from sync_server.web.patterns import CELL_LEAST, apart, shown
from tests.sync_server.web.conftest import Town
from tests.sync_server.web.test_results import DAY, tally

FREE = "?period=free&from=2026-01-01&to=2026-12-31"
HALF_PAST_EIGHT = 1_772_415_000_000
"""08:30 of Monday, 02/03/2026, in Vietnam."""


def rated_at(town: Town, at: int, *counts: int, **changes: Any) -> None:
    """Counted ratings of Mộc Bắc at a moment."""
    given = {"unit_id": town.moc_bac.id, "day": DAY, "hour": hour_of(at, DAY), "survey_id": 1, "source": 0}
    levels = {f"n{level}": count for level, count in enumerate(counts, start=1)}
    with town.office.database.write() as writing:
        writing.execute(insert(HourTally).values(**{**given, **levels, **changes}))


def said_why(town: Town, reasons: int, n: int, *, level: int = 1, **changes: Any) -> None:
    """Counted ratings of Mộc Bắc that said why."""
    given = {"unit_id": town.moc_bac.id, "day": DAY, "service_id": 0, "survey_id": 1, "source": 0}
    with town.office.database.write() as writing:
        writing.execute(insert(ReasonTally).values(**{**given, "level": level, "reasons": reasons, "n": n, **changes}))


def page(town: Town, name: str, path: str) -> str:
    """The page as a person sees it, in one line."""
    answer = town.as_(name).get(path)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.text).split())


def test_hours_are_those_of_the_town_s_clock(town_on_both: Town) -> None:
    town = town_on_both
    assert date(2026, 3, 2).toordinal() == DAY
    rated_at(town, HALF_PAST_EIGHT, 3, 0, 0, 0, 37)
    rated_at(town, HALF_PAST_EIGHT - 2 * 3_600_000, 0, 0, 0, 0, 6)
    text = page(town, "town_staff", f"/results/hours{FREE}")
    assert "46 lượt đánh giá được tính" in text
    row = text.partition("Thứ Hai</th>")[2].partition("</tr>")[0]
    cells = [cell.partition("<b>")[2].partition("</b>")[0] for cell in row.split("<td")[1:]]
    assert (cells, "7,5 %" in row) == (["6", "", "40"], True)
    assert "6 giờ" in text
    assert "9 giờ" not in text


def test_a_head_sees_the_hours_and_reasons_of_the_own_commune_only(town: Town) -> None:
    rated_at(town, HALF_PAST_EIGHT, 0, 0, 0, 0, 40)
    said_why(town, 1, 40)
    tally(town, 40)
    assert "Không có lượt đánh giá nào" in page(town, "chi", f"/results/hours{FREE}&unit={town.moc_bac.id}")
    assert "Không có lượt chưa hài lòng nào" in page(town, "chi", f"/results/reasons{FREE}&unit={town.moc_bac.id}")


def test_an_hour_with_few_ratings_is_hidden_and_so_is_a_second_one_that_would_tell_it() -> None:
    cells = [Cell(weekday=0, hour=hour, n=n, dissatisfied=0) for hour, n in ((8, 40), (9, CELL_LEAST - 1), (10, 7))]
    found = shown(cells)
    assert {key[1]: cell.n for key, cell in found.items()} == {8: 40, 9: None, 10: None}
    assert found[0, 8].share == 0.0
    assert [cell.n for cell in shown(cells[:1]).values()] == [40]
    assert shown([]) == {}


def test_who_names_two_reasons_of_a_letter_is_one_under_it(town_on_both: Town) -> None:
    town = town_on_both
    tally(town, 40)
    said_why(town, 0b1, 20)  # slow
    said_why(town, 0b11, 10)  # slow, and many trips
    said_why(town, 0b1, 5, level=5)  # said by the satisfied: no reason for dissatisfaction
    text = page(town, "town_staff", f"/results/reasons{FREE}")
    assert "40 lượt chưa hài lòng; 30 lượt có nêu lý do" in text
    assert "Chờ quá lâu, trễ hẹn: 30" in text
    assert "Phải đi lại nhiều lần: 10" in text
    assert "33,3 %" in text


def test_only_inspectors_see_who_was_asked_for_money(town: Town) -> None:
    money = read_reasons(resources.config() / "reasons.toml")[MONEY]
    tally(town, 9)
    said_why(town, 1 << money.bit, 9)
    assert money.words["vi"] in page(town, "inspector", f"/results/reasons{FREE}")
    for name in ("town_staff", "alice", "observer"):
        assert money.words["vi"] not in page(town, name, f"/results/reasons{FREE}")


def test_the_baseline_stands_beside_now_with_the_interval_of_the_difference(town: Town) -> None:
    with town.office.database.write() as writing:
        rounds.open_round(
            writing, unit_id=town.moc_bac.id, kind="baseline", name="Trước khi làm", owner_id=None,
            first_day=DAY - 60, until_day=DAY - 30, made_by=None, now=0,
        )  # fmt: skip
    tally(town, 20, 0, 0, 0, 80, day=DAY - 40)
    tally(town, 5, 0, 0, 0, 95)
    text = page(town, "alice", f"/results/baseline{FREE}")
    # Newcombe (1998), method 10: 5/100 − 20/100
    assert "-15,0" in text.replace("−", "-")
    assert "từ -24,3 đến -5,9" in text.replace("−", "-")
    assert "giảm rõ" in text
    assert "20 trên 100 lượt" in text
    assert "5 trên 100 lượt" in text
    assert "Chưa có đợt khảo sát ban đầu nào" in page(town, "chi", f"/results/baseline{FREE}")


def test_too_few_to_compare_is_said() -> None:
    assert apart(Totals(n=29, dissatisfied=9), Totals(n=500, dissatisfied=1)) is None
