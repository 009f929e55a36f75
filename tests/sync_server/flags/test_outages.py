"""Outages: what was rated in a declared window counts no longer, whenever it comes; and nobody is washed clean."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from survey.rating import Dossier
from sync_server.errors import NotFound, Refused
from sync_server.flagging.state import State
from sync_server.models.followup import Flag, Signal
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Unit
from sync_server.models.outage import Outage, OutageWithdrawal
from sync_server.models.people import AuditEntry
from sync_server.models.rating import Counted
from sync_server.office import Office
from sync_server.queries import outages as found
from sync_server.rulebook import rulebook
from sync_server.services import flags, followup, outages
from sync_server.services.check import check
from sync_server.services.outages import Window
from tests.builders import START, a_batch
from tests.sync_server import builders
from tests.sync_server.casework.town import CaseTown, found_case_town, said_at
from tests.sync_server.conftest import SetClock
from tests.sync_server.intake.conftest import Desk, make_desk

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
CODE = "H42.12-260302-0007"


@pytest.fixture
def desk(office: Office) -> Desk:
    return make_desk(office)


def window(desk: Desk, first: int, end: int, *, whole_unit: bool = False) -> Window:
    """From and until some minutes after 8:00."""
    return Window(
        unit_id=desk.unit_id,
        kiosk_id=None if whole_unit else desk.kiosk_id,
        from_at=START + first * MINUTE,
        until_at=START + end * MINUTE,
    )


def declare(office: Office, declared: Window, *, reason: str = "Mất điện", by: int | None = None) -> int:
    by = by or builders.make_staff(office, "administrator").id
    with office.database.write() as session:
        return outages.declare(session, declared, reason=reason, by=by, today=followup.today_of(office))


def withdraw(office: Office, number: int, *, reason: str = "Nhầm ngày") -> None:
    by = builders.make_staff(office, "administrator").id
    with office.database.write() as session:
        outages.withdraw(session, office, number, reason=reason, by=by, today=followup.today_of(office))


def names(desk: Desk) -> list[str]:
    return [Counted(counted).name for counted in desk.counted()]


def send(desk: Desk, *minutes: int, **changes: object) -> None:
    end = START + 12 * HOUR
    desk.send(a_batch(*(desk.rating(at=START + at * MINUTE, **changes) for at in minutes), at=end), at=end)


def test_what_was_rated_in_the_window_counts_no_longer_and_the_rest_does(desk: Desk, clock: SetClock) -> None:
    send(desk, 0, 10, 20, 30)
    clock.advance(hours=13)
    declare(desk.office, window(desk, 10, 30))
    assert names(desk) == ["YES", "OUTAGE", "OUTAGE", "YES"]
    assert desk.tallied() == 2
    with desk.office.database.read() as session:
        assert check(session, zone=desk.office.zone) == []


def test_what_arrives_late_is_marked_as_it_comes_in(desk: Desk) -> None:
    declare(desk.office, window(desk, 10, 30))
    send(desk, 0, 10, 20, 30)
    assert names(desk) == ["YES", "OUTAGE", "OUTAGE", "YES"]
    assert desk.tallied() == 2


def test_a_window_of_a_unit_holds_for_the_kiosks_below_it_and_no_other(desk: Desk, clock: SetClock) -> None:
    office = desk.office
    with office.database.write() as session:
        town = Unit(name="Thị xã", kind="town", key_sealed=b"")
        session.add(town)
        session.flush()
        session.execute(update(Unit).where(Unit.id == desk.unit_id).values(parent_id=town.id))
        top = town.id
    other = make_desk(office)
    send(desk, 10)
    end = START + 12 * HOUR
    other.send(a_batch(other.rating(at=START + 10 * MINUTE), at=end), at=end)
    clock.advance(hours=13)
    declare(office, Window(unit_id=top, kiosk_id=None, from_at=START, until_at=START + HOUR))
    by_officer = {rating.officer_id: Counted(rating.counted).name for rating in desk.ratings()}
    assert by_officer == {desk.officer_id: "OUTAGE", other.officer_id: "YES"}


def test_taking_it_back_counts_as_if_it_had_never_been(desk: Desk, clock: SetClock) -> None:
    ratings = [desk.rating(at=START + at) for at in (0, 10_000, 10 * MINUTE)]  # the second one is a burst
    end = START + 12 * HOUR
    desk.send(a_batch(*ratings, at=end), at=end)
    before = (names(desk), desk.tallied())
    clock.advance(hours=13)
    number = declare(desk.office, window(desk, 0, 60))
    assert names(desk) == ["OUTAGE"] * 3
    withdraw(desk.office, number)
    assert (names(desk), desk.tallied()) == before == (["YES", "BURST", "YES"], 2)
    with pytest.raises(Refused, match="đã được rút lại"):
        withdraw(desk.office, number)
    with desk.office.database.read() as session:
        assert session.scalars(select(Outage.id)).all() == [number]  # nothing is edited or removed
        assert session.scalars(select(OutageWithdrawal.outage_id)).all() == [number]


def test_where_two_windows_overlap_taking_one_back_leaves_what_the_other_holds(desk: Desk, clock: SetClock) -> None:
    send(desk, 0, 10, 20)
    clock.advance(hours=13)
    first = declare(desk.office, window(desk, 0, 15))
    declare(desk.office, window(desk, 10, 30, whole_unit=True))
    withdraw(desk.office, first)
    assert names(desk) == ["YES", "OUTAGE", "OUTAGE"]


def test_another_rating_of_the_dossier_counts_instead_of_the_one_in_the_window(desk: Desk, clock: SetClock) -> None:
    send(desk, 10, 40, dossier=Dossier(code=CODE))
    assert names(desk) == ["YES", "DOSSIER_REPEATED"]
    clock.advance(hours=13)
    number = declare(desk.office, window(desk, 0, 30))
    assert names(desk) == ["OUTAGE", "YES"]
    withdraw(desk.office, number)
    assert names(desk) == ["YES", "DOSSIER_REPEATED"]


def test_a_rating_placed_in_the_window_only_later_is_taken_out_too(desk: Desk) -> None:
    """Its boot never met the server; the next batch brings the anchor that places it."""
    from survey.wire import Anchor
    from tests.builders import BOOT_AT, chain, written

    declare(desk.office, window(desk, 0, 60))
    first = chain(desk.rating(at=START + 5 * MINUTE, boot_id="boot-0", monotonic_ms=905_000))
    end = START + 12 * HOUR
    desk.send(a_batch(*first, at=end), at=end)
    assert names(desk) == ["CLOCK_UNKNOWN"]
    met = Anchor(boot_id="boot-0", monotonic_ms=0, server_time=written(BOOT_AT))
    desk.send(a_batch(anchors=(met,), at=end + MINUTE), at=end + MINUTE)
    assert names(desk) == ["OUTAGE"]


moments = st.lists(st.integers(0, 200), min_size=1, max_size=12)
spans = st.tuples(st.integers(0, 200), st.integers(1, 120))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(taps=moments, span=spans, dossiers=st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_declaring_before_and_after_the_ratings_come_is_the_same(
    sqlite_office: Office, clock: SetClock, taps: list[int], span: tuple[int, int], dossiers: list[int]
) -> None:
    """Late data equals data in time; and what is taken back equals what never was."""
    clock.at = START + 13 * HOUR
    before, after, never = (make_desk(sqlite_office) for _ in range(3))
    for desk in (before, after, never):
        declared = window(desk, span[0], span[0] + span[1])
        if desk is before:
            declare(sqlite_office, declared)
        ratings = [
            desk.rating(
                id=f"{desk.unit_id:08x}-0000-4000-8000-{place:012x}",
                at=START + at * 20_000,
                dossier=Dossier(code=f"H42.12-260302-000{dossiers[place]}") if dossiers[place] else None,
            )
            for place, at in enumerate(sorted(taps))
        ]
        end = START + 12 * HOUR
        desk.send(a_batch(*ratings, at=end), at=end)
        if desk is after:
            declare(sqlite_office, declared)
    told = defaultdict(list)
    for rating in never.ratings():
        told[rating.officer_id].append(rating.counted)
    assert told[before.officer_id] == told[after.officer_id]
    with sqlite_office.database.read() as session:
        numbers = [row.id for row in session.scalars(select(Outage)) if row.unit_id == after.unit_id]
    withdraw(sqlite_office, numbers[-1])
    again = [rating.counted for rating in never.ratings() if rating.officer_id == after.officer_id]
    assert again == told[never.officer_id]
    with sqlite_office.database.read() as session:
        assert check(session, zone=sqlite_office.zone) == []


FAULTS = [
    ((0, 0), "Mất điện", "sau giờ bắt đầu"),
    ((30, 10), "Mất điện", "sau giờ bắt đầu"),
    ((0, 10), "  ", "sự cố gì"),
    ((0, 8 * 24 * 60), "Mất điện", "quá dài"),
    ((8 * 24 * 60, 8 * 24 * 60 + 10), "Mất điện", "tương lai"),
]


@pytest.mark.parametrize(("minutes", "reason", "said"), FAULTS)
def test_a_window_that_is_none_is_refused(
    sqlite_office: Office, minutes: tuple[int, int], reason: str, said: str
) -> None:
    desk = make_desk(sqlite_office)
    with pytest.raises(Refused, match=said):
        declare(sqlite_office, window(desk, *minutes), reason=reason)


def test_a_kiosk_of_another_unit_or_none_is_not_found(sqlite_office: Office) -> None:
    desk, other = make_desk(sqlite_office), make_desk(sqlite_office)
    for kiosk_id in (other.kiosk_id, 4242):
        wrong = Window(unit_id=desk.unit_id, kiosk_id=kiosk_id, from_at=START, until_at=START + HOUR)
        with pytest.raises(NotFound):
            declare(sqlite_office, wrong)
    with pytest.raises(NotFound):
        withdraw(sqlite_office, 4242)
    with pytest.raises(Refused, match="vì sao rút lại"):
        withdraw(sqlite_office, declare(sqlite_office, window(desk, 0, 10)), reason=" ")


# Flags ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def town(office: Office) -> CaseTown:
    return found_case_town(office)


def monday(weeks: int) -> int:
    return START + weeks * 7 * DAY


def peers_work(town: CaseTown, clock: SetClock, weeks: int) -> None:
    """Three other officers do the same service for some weeks, with one bad rating in thirty."""
    office, desk = town.office, town.desk
    from sync_server.models.organisation import Service
    from sync_server.models.rating import Tally

    with office.database.read() as session:
        service = session.get_one(Service, desk.service_id)
    others = [builders.make_officer(office, town.other_unit, services=(service,)) for _ in range(4)]
    first = date(2026, 3, 2).toordinal()
    with office.database.write() as session:
        for other in others:
            for day in (first + 7 * week + weekday for week in range(weeks) for weekday in range(5)):
                session.add(
                    Tally(
                        officer_id=other.id,
                        day=day,
                        service_id=desk.service_id,
                        survey_id=desk.survey_id,
                        unit_id=town.other_unit.id,
                        source=0,
                        n1=0,
                        n2=day % 3 == 0,
                        n3=0,
                        n4=3,
                        n5=7,
                        with_dossier=0,
                    )
                )
    clock.at = monday(weeks)
    with office.database.write() as session:
        flags.judge_all(session, now=clock.at, zone=office.zone)


def bad_days(town: CaseTown, clock: SetClock, days: int) -> None:
    """Three bad ratings on each of these days, judged as they come."""
    for _ in range(days):
        clock.advance(hours=8)
        town.say(*(said_at(town.desk, clock.at - HOUR * hour, 1) for hour in (3, 2, 1)))
        clock.advance(hours=16)
        judge(town)


def judge(town: CaseTown) -> None:
    with town.office.database.write() as session:
        today = town.today
        changes = flags.judge(session, [town.officer.id], now=today.now, zone=today.zone)
        followup.after_judging(session, changes, today)


def state(town: CaseTown) -> State:
    with town.office.database.read() as session:
        return State(session.scalars(select(Signal.state).where(Signal.officer_id == town.officer.id)).one())


def test_once_a_flag_has_appeared_nobody_can_wash_it_away(town: CaseTown, clock: SetClock) -> None:
    peers_work(town, clock, 6)
    bad_days(town, clock, 4)
    assert state(town) in (State.WATCH, State.FLAG)
    was = (names(town.desk), state(town))
    for first, end in ((0, 4 * DAY), (DAY, 2 * DAY)):
        late = Window(
            unit_id=town.desk.unit_id, kiosk_id=town.desk.kiosk_id, from_at=monday(6) + first, until_at=monday(6) + end
        )
        with pytest.raises(Refused, match="đã có cờ"):
            declare(town.office, late)
    assert (names(town.desk), state(town)) == was


def test_a_flag_that_nobody_has_judged_yet_counts_as_appeared(town: CaseTown, clock: SetClock) -> None:
    peers_work(town, clock, 6)
    for _ in range(4):
        clock.advance(hours=8)
        town.say(*(said_at(town.desk, clock.at - HOUR * hour, 1) for hour in (3, 2, 1)))
        clock.advance(hours=16)
    with town.office.database.read() as session:
        assert session.scalars(select(Flag).where(Flag.officer_id == town.officer.id)).all() == []
    late = Window(unit_id=town.desk.unit_id, kiosk_id=None, from_at=monday(6), until_at=monday(6) + 5 * DAY)
    with pytest.raises(Refused, match="đã có cờ"):
        declare(town.office, late)


def test_declared_in_time_the_bad_day_raises_no_flag_and_the_officer_is_judged_anew(
    town: CaseTown, clock: SetClock
) -> None:
    peers_work(town, clock, 6)
    bad_days(town, clock, 1)
    first = Window(unit_id=town.desk.unit_id, kiosk_id=None, from_at=monday(6), until_at=monday(6) + 4 * DAY)
    assert state(town) is State.INSUFFICIENT
    number = declare(town.office, first)
    bad_days(town, clock, 3)
    assert names(town.desk) == ["OUTAGE"] * 12
    assert state(town) is State.INSUFFICIENT
    withdraw(town.office, number)
    assert state(town) in (State.WATCH, State.FLAG)  # judged anew at once: what was held back counts


def test_a_window_after_the_flag_may_be_declared(town: CaseTown, clock: SetClock) -> None:
    """The flag does not rest on it; an outage of tomorrow is an outage for a flagged officer too."""
    peers_work(town, clock, 6)
    bad_days(town, clock, 4)
    bad_days(town, clock, 0)
    clock.at = monday(8)
    town.say(said_at(town.desk, clock.at - HOUR, 1))
    declare(
        town.office,
        Window(unit_id=town.desk.unit_id, kiosk_id=None, from_at=clock.at - 2 * HOUR, until_at=clock.at),
    )
    assert names(town.desk)[-1] == "OUTAGE"


# What is shown and logged -------------------------------------------------------------------------------------------


def test_it_is_logged_and_shown_beside_the_officers_evidence(desk: Desk, clock: SetClock) -> None:
    send(desk, 0, 10, 20, level=2)
    clock.advance(hours=13)
    by = builders.make_staff(desk.office, "administrator", name="Trần Văn Quản")
    declare(desk.office, window(desk, 5, 30), reason="Mất điện cả xã", by=by.id)
    with desk.office.database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "outage declared")).one()
        assert (entry.staff_id, entry.subject) == (by.id, f"k{desk.kiosk_id}")
        assert (entry.detail["ratings"], entry.detail["officers"]) == (2, 1)
        scales = rulebook().scales
        (taken,) = found.of_officer(session, desk.officer_id, scales, since_day=date(2026, 3, 1).toordinal())
        assert (taken.n, taken.bad) == (2, 2)
        assert (taken.outage.reason, taken.outage.declared_by) == ("Mất điện cả xã", "Trần Văn Quản")
        after = (date(2026, 3, 2) + timedelta(days=1)).toordinal()
        assert found.of_officer(session, desk.officer_id, scales, since_day=after) == []


def test_a_list_shows_what_was_taken_back_too(desk: Desk) -> None:
    number = declare(desk.office, window(desk, 5, 30))
    withdraw(desk.office, number, reason="Điện không mất")
    other = make_desk(desk.office)
    with desk.office.database.read() as session:
        (line,) = found.listing(session, {desk.unit_id})
        assert (line.withdrawal, line.kiosk) == ("Điện không mất", session.get_one(Kiosk, desk.kiosk_id).name)
        assert found.listing(session, {other.unit_id}) == []
        with pytest.raises(NotFound):
            found.one(session, number, {other.unit_id})
