"""Judging officers (docs/flagging.md): tallies in, signals out, and a flag row only when a state changes.

A transaction that judges may run beside any other, also in another process: an officer's signal is claimed first, and
the change of state is a conditional update, so that the same change is never recorded twice.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from sync_server.errors import NotFound
from sync_server.flagging.evidence import Evidence, evidence_of, to_json
from sync_server.flagging.fold import Fold, fold
from sync_server.flagging.peers import PeerBook
from sync_server.flagging.rules import Rule
from sync_server.flagging.score import Side
from sync_server.flagging.state import State, judged
from sync_server.flagging.tally import DayTally, monday_of
from sync_server.models.followup import Flag, Signal
from sync_server.models.organisation import Officer
from sync_server.queries import tallies as tally_queries
from sync_server.rulebook import Rulebook, rulebook
from sync_server.services import peers

NEVER = 0
"""`Signal.judged_at` of somebody whose row is there, but who was not judged yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A state that was just recorded as changed; flag_id is the row that holds its evidence."""

    officer_id: int
    was: State
    became: State
    flag_id: int


@dataclass(frozen=True, slots=True)
class _Moment:
    """When is judged: milliseconds UTC, the town's day, and its Monday."""

    at: int
    today: date
    monday: date
    zone: tzinfo


def judge(
    session: Session,
    officer_ids: Iterable[int],
    *,
    now: int,
    zone: tzinfo,
    earliest_day: int | None = None,
    praise: bool = False,
    book: Rulebook | None = None,
) -> list[Change]:
    """Judge some officers anew, all of their days, and record what changed. To be called after each batch.

    now: milliseconds UTC; later days than its own in `zone` do not count yet. earliest_day: the first day whose
    tallies were touched, where the caller knows it; within this week, past weeks need not be looked through for late
    data. praise: fold the score upwards too, for the praise list. Safe to repeat: the second time changes nothing.
    The first call of a week freezes the peers (see `peers.freeze`). On PostgreSQL keep the transaction short, since
    an officer stays claimed until its end.
    """
    book, moment = book or rulebook(), _moment(now, zone)
    peers.freeze(session, moment.monday, book)
    late = earliest_day is None or earliest_day < moment.monday.toordinal()
    return [
        change
        for officer_id in sorted(set(officer_ids))
        for change in _judge_one(session, officer_id, moment, book, late=late, praise=praise)
    ]


def judge_all(session: Session, *, now: int, zone: tzinfo, book: Rulebook | None = None) -> list[Change]:
    """Judge everybody who was ever rated, in one transaction: after an import, in tests. `services.night` does the
    same in portions, for a server that goes on taking batches.

    First all totals of peers are mended and summed up again, so that the order of officers does not matter; then
    everybody is judged, and the score is folded upwards too, for the praise list.
    """
    book, moment = book or rulebook(), _moment(now, zone)
    peers.freeze(session, moment.monday, book, alone=True)
    officer_ids = tally_queries.rated_officers(session)
    mend(session, officer_ids, now=now, zone=zone, book=book)
    peers.sum_up(session)
    return judge(
        session, officer_ids, now=now, zone=zone, earliest_day=moment.today.toordinal(), praise=True, book=book
    )


def mend(session: Session, officer_ids: Iterable[int], *, now: int, zone: tzinfo, book: Rulebook | None = None) -> None:
    """Make what these officers add to the peers again from their tallies, whatever became of it. Safe to repeat."""
    book, moment = book or rulebook(), _moment(now, zone)
    peers.freeze(session, moment.monday, book)
    for officer_id in sorted(set(officer_ids)):
        _claim(session, officer_id)
        days = tally_queries.officer_days(session, officer_id, moment.today.toordinal())
        peers.mend(session, officer_id, days, moment.monday, book)


def sum_up(session: Session, *, now: int, zone: tzinfo, book: Rulebook | None = None) -> None:
    """Make the peers' sums again from their totals, which takes off what adding and taking away rounded."""
    peers.freeze(session, _moment(now, zone).monday, book or rulebook(), alone=True)
    peers.sum_up(session)


def restart(
    session: Session, officer_id: int, *, after_day: int, now: int, zone: tzinfo, book: Rulebook | None = None
) -> Change | None:
    """Start an officer's score at 0 again after a day, and let red go: a person closed the case.

    The state is then what the later ratings alone say. Safe to repeat. Raises `NotFound` for somebody never judged.
    """
    book, moment = book or rulebook(), _moment(now, zone)
    peers.freeze(session, moment.monday, book)
    begun = session.execute(update(Signal).where(Signal.officer_id == officer_id).values(restart_day=after_day))
    if begun.rowcount != 1:  # type: ignore[attr-defined]  # an update's result has it
        raise NotFound(f"officer {officer_id} was never judged, so there is no score to start again")
    return next(iter(_judge_one(session, officer_id, moment, book, release=True)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An officer's fold as it stands, without judging: for the page and for `nucuoi-server flag --explain`."""

    officer_id: int
    name: str
    day: date
    rule: Rule
    fold: Fold
    state: State
    log_praise: float | None


def explain(session: Session, officer_id: int, *, now: int, zone: tzinfo, book: Rulebook | None = None) -> Explanation:
    """Fold an officer's days and tell how the score came about; writes nothing. Raises `NotFound`.

    The peers' totals are read as they are frozen: where this week's were not frozen yet, the fold ends with the last
    week that they reach.
    """
    book, moment = book or rulebook(), _moment(now, zone)
    name = session.scalar(select(Officer.name).where(Officer.id == officer_id))
    if name is None:
        raise NotFound(f"there is no officer {officer_id}; see the list of officers for their numbers")
    signal = session.execute(select(Signal).where(Signal.officer_id == officer_id)).scalar_one_or_none()
    frozen_until = peers.last_frozen(session)
    today = moment.today if frozen_until is None else min(moment.today, date.fromordinal(frozen_until.toordinal() + 6))
    days = tally_queries.officer_days(session, officer_id, today.toordinal())
    known = peers.book_for(session, officer_id, days, monday_of(today), book)
    restart_after = _day(signal.restart_day) if signal else None
    result = fold(days, book.scales, known, book.rules.at, restart_after=restart_after)
    return Explanation(
        officer_id=officer_id,
        name=name,
        day=moment.today,
        rule=book.rules.at(moment.today),
        fold=result,
        state=judged(State(signal.state) if signal else None, result.state),
        log_praise=signal.log_praise if signal else None,
    )


def evidence(told: Explanation) -> Evidence:
    """The evidence as it stands now, as a flag would keep it."""
    return _evidence(told.fold, told.rule, told.day)


def _moment(now: int, zone: tzinfo) -> _Moment:
    today = datetime.fromtimestamp(now / 1000, zone).date()
    return _Moment(now, today, monday_of(today), zone)


def _judge_one(
    session: Session,
    officer_id: int,
    moment: _Moment,
    book: Rulebook,
    *,
    late: bool = True,
    praise: bool = False,
    release: bool = False,
) -> list[Change]:
    stored, restart_day, is_first = _claim(session, officer_id)
    days = tally_queries.officer_days(session, officer_id, moment.today.toordinal())
    if late:
        peers.mend(session, officer_id, days, moment.monday, book)
    known = peers.book_for(session, officer_id, days, moment.monday, book)
    result = fold(days, book.scales, known, book.rules.at, restart_after=_day(restart_day))
    values: dict[str, object] = {
        "log_m": _finite(result.log_m),
        "n": result.n,
        "bad": result.bad,
        "bad_days": result.bad_days,
        "expected_bad": result.expected_bad,
        "judged_at": moment.at,
    }
    if praise:
        tied = tally_queries.tied_days(session, officer_id, moment.today.toordinal(), book.scales)
        values["log_praise"] = _praise(tied, known, book, result)
    session.execute(update(Signal).where(Signal.officer_id == officer_id).values(values))
    changes = []
    if is_first:
        changes = _record_past(session, officer_id, result, moment, days, known, book)
        stored = changes[-1].became if changes else stored
    became = result.state if release else judged(stored, result.state)
    if became is not stored:
        changes += _record(session, officer_id, stored, became, moment, result, book)
    return changes


def _record_past(
    session: Session,
    officer_id: int,
    result: Fold,
    moment: _Moment,
    days: list[DayTally],
    known: PeerBook,
    book: Rulebook,
) -> list[Change]:
    """Record the changes that days before today would have brought, each with its evidence, for somebody who was
    never judged: an import brings months at once."""
    changes = []
    for day, was, became in result.changes:
        if day < moment.today:
            then = fold(days, book.scales, known, book.rules.at, restart_after=result.restart_after, until=day)
            evening = datetime.combine(day, time(23, 59), moment.zone)
            past = _Moment(int(evening.timestamp()) * 1000, day, monday_of(day), moment.zone)
            changes += _record(session, officer_id, was, became, past, then, book)
    return changes


def _claim(session: Session, officer_id: int) -> tuple[State, int | None, bool]:
    """The officer's state, restart and whether he was never judged; and the right to change them, and his totals,
    until the transaction ends."""
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    query = (
        select(Signal.state, Signal.restart_day, Signal.judged_at)
        .where(Signal.officer_id == officer_id)
        .with_for_update()
    )
    row = session.execute(query).one_or_none()
    if row is None:
        first = {"officer_id": officer_id, "state": State.INSUFFICIENT.value, "judged_at": NEVER}
        new = kind.insert(Signal).values(**first, n=0, bad=0, bad_days=0, expected_bad=0.0)
        session.execute(new.on_conflict_do_nothing())
        row = session.execute(query).one()
    return State(row.state), row.restart_day, row.judged_at == NEVER


def _record(
    session: Session, officer_id: int, was: State, became: State, moment: _Moment, result: Fold, book: Rulebook
) -> list[Change]:
    """Write the change and its evidence, unless somebody else did so meanwhile: one change, or none."""
    moved = session.execute(
        update(Signal)
        .where(Signal.officer_id == officer_id, Signal.state == was.value)
        .values(state=became.value)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # an update's result has it
        return []
    proof = _evidence(result, book.rules.at(moment.today), moment.today)
    row = session.execute(
        insert(Flag)
        .values(
            officer_id=officer_id,
            was=was.value,
            became=became.value,
            changed_at=moment.at,
            rule_version=proof.rule_version,
            evidence=to_json(proof),
        )
        .returning(Flag.id)
    )
    return [Change(officer_id=officer_id, was=was, became=became, flag_id=row.scalar_one())]


def _evidence(result: Fold, rule: Rule, today: date) -> Evidence:
    if result.steps:
        return evidence_of(result)
    return Evidence(  # all ratings went (verified untrue, an outage): that nothing is left is the evidence
        rule_version=rule.version,
        watch_at=rule.watch_at,
        flag_at=rule.flag_at,
        state=result.state.value,
        day=today.isoformat(),
        log_m=None,
        n=0,
        dissatisfied=0,
        bad=0,
        bad_days=0,
        expected_bad=0.0,
        restart_after=result.restart_after.isoformat() if result.restart_after else None,
        services=(),
        climb=None,
        ignored={str(service): n for service, n in result.ignored.items()},
    )


def _praise(days: list[DayTally], known: PeerBook, book: Rulebook, worse: Fold) -> float | None:
    """log M upwards of ratings tied to a dossier, None where praise is out of the question."""
    if worse.rule is None or worse.n < worse.rule.min_ratings:
        return None
    better = fold(days, book.scales, known, book.rules.at, restart_after=worse.restart_after, side=Side.BETTER)
    return _finite(better.log_m)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)
