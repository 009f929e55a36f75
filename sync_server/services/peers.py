"""Peers' totals, frozen each Monday (docs/flagging.md): carried over the week's end, and mended when late data came.

What an officer adds to the peers depends on his own tallies alone. So late data are noticed without any mark: whoever
judges an officer makes his totals again from his tallies and rewrites the rows that differ, from the affected Monday
on. Everybody else sees the new rates when judged next, at the latest in the night.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from sync_server.flagging.peers import WEEK, PeerBook, Pool, Totals, advance, frozen_totals, pools
from sync_server.flagging.peers import PeerTotal as Total
from sync_server.flagging.tally import DayTally, monday_of
from sync_server.models.followup import PeerSum, PeerTotal
from sync_server.queries import tallies as tally_queries
from sync_server.rulebook import Rulebook

LOCK = 0x6E75_6375  # "nucu": names our advisory lock on PostgreSQL, whatever else uses the server
CHUNK = 500


def freeze(session: Session, monday: date, book: Rulebook, *, alone: bool = False) -> None:
    """Carry everybody's totals over to `monday` where that was not done yet. Safe to repeat, also by two at once.

    A network that was off for weeks is carried over week by week. Costs one small query when there is nothing to do.
    Until the end of the transaction judging may go on beside judging, but never beside a freeze. alone: nor beside
    this transaction, which will `sum_up` (asking for that later would let two such wait for each other for ever).
    """
    if not alone and _is_frozen(session, monday):
        _lock(session, shared=True)
        return
    _lock(session, shared=False)
    if _is_frozen(session, monday):  # asked again: the one whom we waited for may have done it
        return
    last = last_frozen(session)
    if last is not None:
        at, totals = last, _totals_of(session, last.toordinal())
    else:
        first = tally_queries.first_day(session)
        if first is None:
            return
        at, totals = monday_of(date.fromordinal(first)), {}
    while at < monday:
        week = tally_queries.days_between(session, at.toordinal(), at.toordinal() + 7)
        at += WEEK
        totals = advance(totals, week, book.scales, at, book.rules.at(at))
        _store(session, at, totals)


def last_frozen(session: Session) -> date | None:
    """The last Monday with totals, None before the first."""
    last = session.scalar(select(func.max(PeerTotal.monday)))
    return None if last is None else date.fromordinal(last)


def mend(session: Session, officer_id: int, tallies: Iterable[DayTally], monday: date, book: Rulebook) -> list[date]:
    """Make an officer's totals again from all of his tallies; returns the Mondays whose totals were wrong.

    Rows of a later Monday than `monday` are dropped: a server whose clock ran ahead froze them too early.
    """
    right = {
        (at.toordinal(), service): total
        for at, totals in frozen_totals(tallies, book.scales, book.rules.at, until=monday).items()
        for (service, _), total in totals.items()
    }
    stored = _own(session, officer_id)
    wrong = sorted(key for key in right.keys() | stored.keys() if right.get(key) != stored.get(key))
    for start in range(0, len(wrong), CHUNK):
        part = wrong[start : start + CHUNK]
        session.execute(
            delete(PeerTotal).where(
                PeerTotal.officer_id == officer_id, tuple_(PeerTotal.monday, PeerTotal.service_id).in_(part)
            )
        )
    new = [_row(day, service, officer_id, right[day, service]) for day, service in wrong if (day, service) in right]
    if new:
        session.execute(insert(PeerTotal), new)
    if wrong:
        _move_sums(session, [(key, stored.get(key), right.get(key)) for key in wrong])
    return sorted({date.fromordinal(day) for day, _ in wrong})


def sum_up(session: Session) -> None:
    """Make all sums again from the totals: the nightly repair of what adding and taking away rounds off.

    Only after `freeze(…, alone=True)` in the same transaction.
    """
    session.execute(delete(PeerSum))
    summed = select(
        PeerTotal.monday,
        PeerTotal.service_id,
        func.count(),
        func.sum(PeerTotal.n),
        func.sum(PeerTotal.dissatisfied),
        func.sum(PeerTotal.not_satisfied),
    ).group_by(PeerTotal.monday, PeerTotal.service_id)
    columns = ["monday", "service_id", "officers", "n", "dissatisfied", "not_satisfied"]
    session.execute(insert(PeerSum).from_select(columns, summed))


def book_for(session: Session, officer_id: int, tallies: Iterable[DayTally], monday: date, book: Rulebook) -> PeerBook:
    """What the fold of one officer must know of peers: the sums of his services, and his own part in them."""
    services, first = set(), monday
    for tally in tallies:
        services.add(tally.service_id)
        first = min(first, tally.day)
    start = monday_of(first).toordinal()
    sums = session.execute(
        select(PeerSum.monday, PeerSum.service_id, PeerSum.officers, PeerSum.n, PeerSum.dissatisfied,
               PeerSum.not_satisfied)
        .where(PeerSum.monday >= start, PeerSum.service_id.in_(services))
    )  # fmt: skip
    days = {day: date.fromordinal(day) for day in range(start, monday.toordinal() + 1, 7)}
    everybody = {(days[day], service): Pool(officers, *sums_) for day, service, officers, *sums_ in sums if day in days}
    own = {
        (days[day], service, officer_id): total
        for (day, service), total in _own(session, officer_id).items()
        if day in days
    }
    return PeerBook(everybody, own, monday_of(first), monday, book.rules.at)


def _lock(session: Session, *, shared: bool) -> None:
    """On PostgreSQL, wait for those who freeze; on SQLite the one writer is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        take = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
        session.execute(select(take(LOCK)))


def _is_frozen(session: Session, monday: date) -> bool:
    last = last_frozen(session)
    return last is not None and last >= monday


def _totals_of(session: Session, monday: int) -> Totals:
    rows = session.execute(
        select(
            PeerTotal.service_id, PeerTotal.officer_id, PeerTotal.n, PeerTotal.dissatisfied, PeerTotal.not_satisfied
        ).where(PeerTotal.monday == monday)
    )
    return {(service, officer): Total(*total) for service, officer, *total in rows}


def _own(session: Session, officer_id: int) -> dict[tuple[int, int], Total]:
    rows = session.execute(
        select(
            PeerTotal.monday, PeerTotal.service_id, PeerTotal.n, PeerTotal.dissatisfied, PeerTotal.not_satisfied
        ).where(PeerTotal.officer_id == officer_id)
    )
    return {(monday, service): Total(*total) for monday, service, *total in rows}


def _store(session: Session, monday: date, totals: Totals) -> None:
    day = monday.toordinal()
    rows = [_row(day, service, officer, total) for (service, officer), total in sorted(totals.items())]
    if rows:
        session.execute(insert(PeerTotal), rows)
        session.execute(
            insert(PeerSum),
            [
                {"monday": day, "service_id": service} | pool._asdict()
                for service, pool in sorted(pools(totals).items())
            ],
        )


def _row(day: int, service_id: int, officer_id: int, total: Total) -> dict[str, Any]:
    return {"monday": day, "service_id": service_id, "officer_id": officer_id} | total._asdict()


def _move_sums(session: Session, changes: list[tuple[tuple[int, int], Total | None, Total | None]]) -> None:
    """Add what changed to the sums. In order of the key, so that two who do the same never wait for each other."""
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = kind.insert(PeerSum)
    names = ("officers", "n", "dissatisfied", "not_satisfied")
    statement = statement.on_conflict_do_update(
        index_elements=["monday", "service_id"],
        set_={name: getattr(PeerSum, name) + getattr(statement.excluded, name) for name in names},
    )
    nothing = Total(0.0, 0.0, 0.0)
    rows = []
    for (day, service), was, is_now in changes:
        moved = [new - old for new, old in zip(is_now or nothing, was or nothing, strict=True)]
        officers = (is_now is not None) - (was is not None)
        rows.append({"monday": day, "service_id": service} | dict(zip(names, (officers, *moved), strict=True)))
    session.execute(statement, rows)
