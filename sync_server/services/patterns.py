"""Tallies of hours and reasons made again from the ratings: for `check`, its repair, and months that are detached."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Table, cast, delete, func, insert, literal, select, union_all
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.organisation import Counter
from sync_server.models.patterns import DetachedHourTally, DetachedReasonTally
from sync_server.models.rating import Counted, Rating
from sync_server.queries.rating_places import unit_of_rating
from sync_server.services.tallies import DAY_MS, EPOCH_DAY, HOUR_MS, HOURS, LEVELS, REASONS

_KEPT: tuple[tuple[Table, Any], ...] = ((HOURS, DetachedHourTally), (REASONS, DetachedReasonTally))


def differing(session: Session) -> Iterator[tuple[str, str]]:
    """Where the stored tallies of hours and reasons are not what the ratings make: which one, and how it differs."""
    for table, detached in _KEPT:
        size = len(table.primary_key.columns)
        needed = {tuple(row[:size]): tuple(row[size:]) for row in session.execute(_counts(table, detached))}
        stored = {tuple(row[:size]): tuple(row[size:]) for row in session.execute(select(*table.columns))}
        nothing = (0,) * (len(table.columns) - size)
        for key in sorted(needed.keys() | stored.keys()):
            has, needs = stored.get(key, nothing), needed.get(key, nothing)
            if has != needs:
                names = (column.name for column in table.primary_key)
                where = ", ".join(f"{name} {value}" for name, value in zip(names, key, strict=True))
                yield f"{table.name}: {where}", f"holds {list(has)}, the ratings make {list(needs)}"


def rebuild(session: Session) -> None:
    """Make all tallies of hours and reasons again from the ratings. Safe to repeat."""
    for table, detached in _KEPT:
        session.execute(delete(table))
        session.execute(insert(table).from_select(table.columns.keys(), _counts(table, detached)))


def keep(connection: Connection, month: str, *conditions: ColumnElement[bool]) -> None:
    """Keep what the ratings of a month that is to be detached are in these tallies."""
    for table, detached in _KEPT:
        found = _recounted(table, *conditions).subquery()
        names = ["month", *table.columns.keys()]
        connection.execute(insert(detached).from_select(names, select(literal(month), *found.c)))


def _counts(table: Table, detached: Any) -> Any:
    size = len(table.primary_key.columns)
    gone = select(*(detached.__table__.c[column.name] for column in table.columns))
    both = list(union_all(_recounted(table), gone).subquery().c)
    return select(*both[:size], *(cast(func.sum(count), Integer) for count in both[size:])).group_by(*both[:size])


def _recounted(table: Table, *conditions: ColumnElement[bool]) -> Any:
    given = (
        select(
            unit_of_rating().label("unit_id"),
            Rating.day,
            _hour().label("hour"),
            func.coalesce(Rating.service_id, Rating.tallied_service_id, 0).label("service_id"),
            Rating.survey_id,
            Rating.source,
            Rating.level,
            Rating.reasons,
        )
        .join(Epoch, Epoch.id == Rating.epoch_id)
        .join(Kiosk, Kiosk.id == Epoch.kiosk_id)
        .outerjoin(Counter, Counter.id == Rating.counter_id)
        .where(Rating.counted == Counted.YES, Rating.day.is_not(None), Rating.happened_at.is_not(None), *conditions)
    )
    if table is REASONS:
        given = given.where(Rating.reasons != 0)
    columns = given.subquery().c
    keys = [columns[column.name] for column in table.primary_key]
    one = func.count(literal(1))
    counts = [one] if table is REASONS else [one.filter(columns.level == level) for level in range(1, LEVELS + 1)]
    return select(*keys, *counts).group_by(*keys)


def _hour() -> ColumnElement[int]:
    """`tallies.hour_of` as the database says it; never negative, so that both databases divide alike."""
    day_ms = (cast(Rating.day, BigInteger) - (EPOCH_DAY + 1)) * DAY_MS
    return cast((Rating.happened_at - day_ms) // HOUR_MS, Integer)
