"""Stuffing and hiding leave alerts; honest work, paper forms and slow clocks leave none."""

import itertools
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey.rating import SOURCES
from sync_server.db import Database
from sync_server.flagging.integrity import Alert
from sync_server.flagging.state import State
from sync_server.models.followup import Signal
from sync_server.models.integrity import IntegrityAlert, SlipHour
from sync_server.models.kiosk import Boot, Epoch, Kiosk
from sync_server.models.organisation import Officer
from sync_server.models.outage import Outage
from sync_server.models.people import Staff
from sync_server.models.rating import Clock, Counted, Rating, SlipTally
from sync_server.queries import integrity as shown
from sync_server.queries import officers, units
from sync_server.rulebook import rulebook
from sync_server.services import flags, integrity
from tests.sync_server.flags.network import HANOI, MONDAY, Network, noon

TODAY = MONDAY + timedelta(weeks=6, days=4)
"""A Friday; the week that is looked at last began on WEEK."""
WEEK = MONDAY + timedelta(weeks=6)


class Ledger:
    """Writes stored ratings as intake leaves them, and their tallies."""

    def __init__(self, session: Session, network: Network) -> None:
        self.session, self.network = session, network
        unit = network.communes[0]
        kiosk = network._add(Kiosk(name="Máy 1", unit_id=unit, key_hash=b"k" * 32, carry_key_sealed=b"", enrolled_at=0))
        self.epoch = network._add(Epoch(kiosk_id=kiosk.id, begun_at=0)).id
        self.boot = network._add(Boot(kiosk_id=kiosk.id, boot_id="b")).id
        self.seq = itertools.count(1)

    def rate(self, officer_id: int, at: datetime, level: int = 5, **changes: Any) -> None:
        ms = int(at.timestamp() * 1000)
        day = at.astimezone(HANOI).date()
        given = {
            "epoch_id": self.epoch,
            "seq": next(self.seq),
            "id": uuid.uuid4().bytes,
            "officer_id": officer_id,
            "service_id": self.network.services[0],
            "survey_id": self.network.survey,
            "level": level,
            "language": "vi",
            "source": 0,
            "boot_id": self.boot,
            "monotonic_ms": 0,
            "tapped_at": ms,
            "tapped_offset_min": 420,
            "received_at": ms,
            "happened_at": ms,
            "clock": Clock.EXACT,
            "day": day.toordinal(),
            "counted": Counted.YES,
            "digest": b"",
        } | changes
        self.session.add(Rating(**given))
        if given["counted"] == Counted.YES:
            self.network.rated(officer_id, day, [level])


def hour(day: date, at: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, at, minute, second, tzinfo=HANOI)


@pytest.fixture
def session(database: Database):
    with database.write() as opened:
        yield opened


@pytest.fixture
def network(session: Session) -> Network:
    made = Network(session, officers=5)
    made.weeks_of_honest_work(7)
    return made


@pytest.fixture
def ledger(session: Session, network: Network) -> Ledger:
    return Ledger(session, network)


def look(session: Session, day: date = TODAY) -> int:
    session.flush()
    return integrity.look(session, now=noon(day), zone=HANOI)


def found(session: Session) -> list[tuple[int, str, int, int]]:
    rows = session.scalars(select(IntegrityAlert).order_by(IntegrityAlert.id).execution_options(populate_existing=True))
    return [(row.officer_id, row.kind, row.found, row.of_n) for row in rows]


def test_an_honest_week_raises_nothing(session: Session, network: Network, ledger: Ledger) -> None:
    for place in range(60):
        day = WEEK + timedelta(days=place % 5)
        level = 2 if place == 37 else 4 if place // 5 % 4 == 0 else 5
        ledger.rate(network.officers[place % 5], hour(day, 8 + place % 3, place % 60), level)
    assert look(session) == 0
    assert found(session) == []


def test_twenty_taps_ten_seconds_apart_raise_an_alert_once(session: Session, network: Network, ledger: Ledger) -> None:
    stuffer = network.officers[0]
    for place in range(20):
        ledger.rate(stuffer, hour(WEEK, 9) + timedelta(seconds=10 * place), counted=Counted.BURST)
    assert look(session) == 1
    assert found(session) == [(stuffer, Alert.SHORT_GAPS, 19, 19)]
    assert look(session) == 0
    assert len(found(session)) == 1


def test_late_ratings_move_the_numbers_of_an_alert(session: Session, network: Network, ledger: Ledger) -> None:
    stuffer = network.officers[0]
    for place in range(20):
        ledger.rate(stuffer, hour(WEEK, 9) + timedelta(seconds=10 * place), counted=Counted.BURST)
    look(session)
    ledger.rate(stuffer, hour(WEEK, 9) + timedelta(seconds=195), counted=Counted.BURST)
    assert look(session) == 0
    assert found(session) == [(stuffer, Alert.SHORT_GAPS, 20, 20)]


@pytest.mark.parametrize("changes", [{"source": SOURCES.index("paper")}, {"clock": Clock.BOUNDED}])
def test_typed_in_forms_and_guessed_times_are_no_sign(
    session: Session, network: Network, ledger: Ledger, changes: dict[str, Any]
) -> None:
    for place in range(20):
        ledger.rate(network.officers[0], hour(WEEK, 9) + timedelta(seconds=10 * place), **changes)
    assert look(session) == 0


def test_a_run_that_peers_never_have_raises_an_alert(session: Session, network: Network, ledger: Ledger) -> None:
    """Among peers who get a 4 now and then, two hundred 5 in a row are no chance."""
    stuffer = network.officers[0]
    for officer_id in network.officers[1:]:
        for place in range(25):
            network.rated(officer_id, WEEK + timedelta(days=place % 5), [4, 4])
    for place in range(200):
        ledger.rate(stuffer, hour(WEEK + timedelta(days=place // 40), 8) + timedelta(minutes=5 * (place % 40)))
    assert look(session) == 1
    assert found(session) == [(stuffer, Alert.LONG_RUN, 200, 200)]


def test_the_first_rating_of_a_level_that_peers_never_got_is_no_sign(
    session: Session, network: Network, ledger: Ledger
) -> None:
    for place in range(4):
        ledger.rate(network.officers[0], hour(WEEK, 9, 7 * place), level=1)
    assert look(session) == 0


def test_ratings_out_of_hours_raise_an_alert_of_the_week(session: Session, network: Network, ledger: Ledger) -> None:
    officer_id = network.officers[2]
    for place in range(6):
        day = WEEK + timedelta(days=place % 3)
        ledger.rate(officer_id, hour(day, 21, 7 * place), counted=Counted.OUT_OF_HOURS)
        ledger.rate(officer_id, hour(day, 9, 7 * place), level=4)
    assert look(session) == 1
    assert found(session) == [(officer_id, Alert.OUT_OF_HOURS, 6, 12)]


def slips(session: Session, officer_id: int, at: datetime, n: int) -> None:
    session.add(SlipHour(officer_id=officer_id, hour=int(at.timestamp()) // 3600, n=n))
    key = (officer_id, at.astimezone(HANOI).date().toordinal(), 0)
    tally = session.get(SlipTally, key)
    if tally is None:
        session.add(SlipTally(officer_id=key[0], day=key[1], service_id=0, n=n))
    else:
        tally.n += n
    session.flush()


def hide(session: Session, network: Network, ledger: Ledger) -> int:
    """A week of slips for four officers of whom one, who is returned, is never rated."""
    hidden, *others = network.officers[:4]
    for day in (WEEK + timedelta(days=place) for place in range(5)):
        for at in (8, 9, 10):
            slips(session, hidden, hour(day, at), 3)
            for officer_id in others:
                slips(session, officer_id, hour(day, at, 55), 3)
                for minute in (58, 61, 64):  # some are rated only after the hour
                    ledger.rate(officer_id, hour(day, at) + timedelta(minutes=minute), level=4 + minute % 2)
    from sync_server.models.rating import Tally

    for tally in session.scalars(select(Tally).where(Tally.day >= WEEK.toordinal(), Tally.officer_id.in_(others))):
        tally.with_dossier = 9
    return hidden


def test_hours_with_slips_and_no_rating_raise_an_alert(session: Session, network: Network, ledger: Ledger) -> None:
    hidden = hide(session, network, ledger)
    assert look(session) == 1
    assert found(session) == [(hidden, Alert.SILENT_HOURS, 15, 15)]


def test_hours_of_a_declared_outage_are_not_silent(session: Session, network: Network, ledger: Ledger) -> None:
    hidden = hide(session, network, ledger)
    staff = Staff(username="q", name="Quản trị", role="administrator", password_hash="", session_salt="", made_at=0)
    by = network._add(staff).id
    window = {"from_at": noon(WEEK) - 12 * 3_600_000, "until_at": noon(TODAY), "reason": "Mất điện", "declared_at": 0}
    elsewhere = next(unit for unit in network.communes if unit != session.get_one(Officer, hidden).unit_id)
    network._add(Outage(unit_id=elsewhere, declared_by=by, **window))
    assert look(session) == 1
    session.execute(delete(IntegrityAlert))
    network._add(Outage(unit_id=network.town, declared_by=by, **window))
    assert look(session) == 0


def test_an_alert_is_never_a_flag(session: Session, network: Network, ledger: Ledger) -> None:
    stuffer = network.officers[0]
    for place in range(20):
        ledger.rate(stuffer, hour(WEEK, 9) + timedelta(seconds=10 * place), counted=Counted.BURST)
    look(session)
    flags.judge_all(session, now=noon(TODAY), zone=HANOI)
    assert session.scalar(select(Signal.state).where(Signal.officer_id == stuffer)) == State.OK


def test_old_weeks_are_left_alone(session: Session, network: Network, ledger: Ledger) -> None:
    for place in range(20):
        at = hour(WEEK - timedelta(weeks=integrity.WEEKS_BACK), 9) + timedelta(seconds=10 * place)
        ledger.rate(network.officers[0], at, counted=Counted.BURST)
    assert look(session) == 0


def test_the_page_shows_alerts_of_the_own_units_and_the_share_of_dossiers(
    session: Session, network: Network, ledger: Ledger
) -> None:
    stuffer = network.officers[0]  # of the second commune
    for place in range(20):
        ledger.rate(stuffer, hour(WEEK, 9) + timedelta(seconds=10 * place), counted=Counted.BURST)
    slips(session, stuffer, hour(WEEK, 9), 4)
    look(session)
    day = TODAY.toordinal()
    own, others = (units.subtree(session, commune) for commune in (network.communes[1], network.communes[0]))
    [line] = shown.alerts(session, own, since_day=day - 30)
    assert (line.officer_id, line.kind, line.found, line.unit_name) == (stuffer, Alert.SHORT_GAPS, 19, "Xã số 2")
    assert shown.alerts(session, others, since_day=day - 30) == []
    assert shown.alerts(session, own, since_day=day + 1) == []
    listed = officers.listing(session, own, day=day)
    ties = {tie.officer.id: tie for tie in shown.ties(session, listed, rulebook(), first=day - 6, until=day + 1)}
    assert (ties[stuffer].slips, ties[stuffer].with_dossier) == (4, 0)
    assert ties[stuffer].n == 30


def test_a_printed_slip_is_counted_in_its_hour(database: Database) -> None:
    from survey import resources
    from sync_server.seals import Seals
    from sync_server.services.slips import make_slip

    with database.write() as session:
        network = Network(session, officers=1)
        now = int(datetime(2026, 3, 2, 2, 59, tzinfo=UTC).timestamp() * 1000)
        for minute in (0, 0, 1):
            make_slip(
                session, Seals("x" * 40), dossier_code="H29.147-260406-9248", officer_id=network.officers[0],
                service_id=None, now=now + minute * 60_000, day=date(2026, 3, 2).toordinal(), days=90,
                folder=resources.config(),
            )  # fmt: skip
        counted = session.execute(select(SlipHour.hour, SlipHour.n).order_by(SlipHour.hour)).all()
        assert [tuple(row) for row in counted] == [(now // 3_600_000, 2), (now // 3_600_000 + 1, 1)]
