"""Which round a rating belongs to, told two ways that must agree; and rounds that may not be changed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from sync_server.errors import Refused
from sync_server.models.organisation import Unit
from sync_server.models.rating import Tally
from sync_server.office import Office
from sync_server.queries import rounds as queries
from sync_server.queries.rounds import OBSERVERS_SOURCE
from sync_server.rounds import Round, round_at, spans
from sync_server.services import rounds
from sync_server.services.rounds import RoundsOverlap
from tests.sync_server import builders

PARENTS = {1: None, 2: 1, 3: 1, 4: 2, 5: 4}
LINES = {1: [1], 2: [2, 1], 3: [3, 1], 4: [4, 2, 1], 5: [5, 4, 2, 1]}


def a_round(number: int, unit_id: int, first: int, until: int | None, kind: str = "running") -> Round:
    """A round."""
    return Round(id=number, unit_id=unit_id, kind=kind, first_day=first, until_day=until)


def test_the_nearest_unit_decides() -> None:
    town, commune = a_round(1, 1, 10, None), a_round(2, 2, 20, 30, "baseline")
    found = {(unit, day): round_at([town, commune], LINES[unit], day) for unit in (3, 4) for day in (9, 10, 20, 29, 30)}
    assert [found[3, day] for day in (9, 10, 20, 29, 30)] == [None, town, town, town, town]
    assert [found[4, day] for day in (9, 10, 20, 29, 30)] == [None, town, commune, commune, town]


def test_what_observers_ask_is_in_no_other_round() -> None:
    own, observers = a_round(1, 1, 0, None), a_round(2, 1, 0, None, "observer")
    assert round_at([own, observers], LINES[4], 5) is own
    assert round_at([own, observers], LINES[4], 5, is_observers=True) is observers


def test_a_rounds_reach_leaves_out_what_lies_nearer() -> None:
    town, commune = a_round(1, 1, 10, 40), a_round(2, 2, 20, 30, "baseline")
    found = {unit: span.days for span in spans(town, [town, commune], PARENTS) for unit in span.unit_ids}
    assert found == dict.fromkeys((1, 3), ((10, 40),)) | dict.fromkeys((2, 4, 5), ((10, 20), (30, 40)))
    assert [(span.unit_ids, span.days) for span in spans(commune, [town, commune], PARENTS)] == [
        (frozenset({2, 4, 5}), ((20, 30),))
    ]


def _no_overlap(drawn: list[tuple[int, int, int, bool]]) -> list[Round]:
    """Of the rounds drawn those that the server would let stand beside each other."""
    kept: list[Round] = []
    for number, (unit, first, length, is_observers) in enumerate(drawn, start=1):
        new = a_round(number, unit, first, first + length, "observer" if is_observers else "running")
        rivals = [each for each in kept if each.unit_id == unit and each.is_observers == is_observers]
        if all(first >= each.days[1] or new.days[1] <= each.first_day for each in rivals):
            kept.append(new)
    return kept


drawn_rounds = st.lists(
    st.tuples(st.sampled_from(sorted(PARENTS)), st.integers(0, 12), st.integers(1, 8), st.booleans())
)


@given(drawn_rounds)
@settings(max_examples=50)
def test_every_day_of_every_unit_is_in_the_reach_of_its_round_and_no_other(
    drawn: list[tuple[int, int, int, bool]],
) -> None:
    there = _no_overlap(drawn)
    reach = {each.id: spans(each, there, PARENTS) for each in there}
    for is_observers in (False, True):
        for unit, line in LINES.items():
            for day in range(21):
                claimed = [
                    each.id
                    for each in there
                    if each.is_observers == is_observers
                    and any(
                        unit in span.unit_ids and any(first <= day < until for first, until in span.days)
                        for span in reach[each.id]
                    )
                ]
                found = round_at(there, line, day, is_observers=is_observers)
                assert claimed == ([] if found is None else [found.id])


def open_one(office: Office, unit: Unit, first: int, until: int | None, **changes: object) -> int:
    """A round of a unit."""
    by = builders.make_staff(office, "observer").id if changes.get("kind") == "observer" else None
    given_: dict[str, object] = {"kind": "running", "name": "Đợt", "owner_id": None, **changes}
    with office.database.write() as writing:
        made = rounds.open_round(
            writing,
            unit_id=unit.id,
            first_day=first,
            until_day=until,
            made_by=by,
            now=0,
            **given_,  # type: ignore[arg-type]
        )
        return made.id


def test_two_rounds_of_a_unit_may_not_share_a_day(office: Office) -> None:
    unit = builders.make_unit(office)
    open_one(office, unit, 10, 20)
    for first, until in ((19, None), (1, 11), (12, 15), (0, None)):
        with pytest.raises(RoundsOverlap):
            open_one(office, unit, first, until)
    open_one(office, unit, 20, None)
    open_one(office, unit, 0, None, kind="observer")
    open_one(office, builders.make_unit(office, parent_id=unit.id), 12, 15)
    with pytest.raises(Refused, match="before the first"):
        open_one(office, unit, 5, 5)
    with pytest.raises(Refused, match="no kind of round"):
        open_one(office, unit, 1, 2, kind="secret")


def test_days_that_are_past_stay_in_their_round(sqlite_office: Office) -> None:
    office, unit = sqlite_office, builders.make_unit(sqlite_office)
    number = open_one(office, unit, 100, None)
    over = open_one(office, unit, 50, 60)

    def amend(which: int, first: int, until: int | None, today: int = 110) -> None:
        with office.database.write() as writing:
            rounds.amend_round(
                writing, which, name="Khác", owner_id=None, first_day=first, until_day=until, today=today
            )

    for first, until in ((99, None), (111, None), (100, 110), (100, 105)):
        with pytest.raises(Refused):
            amend(number, first, until)
    with pytest.raises(Refused):
        amend(over, 50, 200)
    amend(number, 100, 111)
    amend(over, 50, 60)  # a name may always be mended
    coming = open_one(office, unit, 300, None)
    amend(coming, 250, 400)
    amend(coming, 111, 115, today=100)
    with pytest.raises(RoundsOverlap):
        amend(coming, 105, 115, today=100)


def test_tallies_are_told_apart_by_round(office: Office) -> None:
    top = builders.make_unit(office, kind="town")
    units = [builders.make_unit(office, parent_id=top.id) for _ in range(2)]
    survey = builders.make_survey(office)
    officers = [builders.make_officer(office, unit) for unit in units]
    with office.database.write() as writing:
        for unit, officer in zip(units, officers, strict=True):
            for day in range(40):
                for source in (0, OBSERVERS_SOURCE):
                    writing.add(
                        Tally(officer_id=officer.id, day=day, service_id=0, survey_id=survey.id, unit_id=unit.id,
                              source=source, n5=1)
                    )  # fmt: skip
    running, baseline = open_one(office, top, 10, None), open_one(office, units[0], 20, 30, kind="baseline")
    watching = open_one(office, units[1], 5, 8, kind="observer")

    with office.database.read() as reading:

        def counted(number: int) -> int:
            condition = queries.of_round(reading, number)
            return reading.scalar(select(func.coalesce(func.sum(Tally.n5), 0)).where(condition)) or 0

        assert counted(running) == 30 + 20
        assert counted(baseline) == 10
        assert counted(watching) == 3
        assert [queries.round_of(reading, units[0].id, day) is not None for day in (9, 10)] == [False, True]
        found = queries.round_of(reading, units[1].id, 6, OBSERVERS_SOURCE)
        assert found is not None
        assert found.id == watching
