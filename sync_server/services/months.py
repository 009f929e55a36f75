"""The months of ratings in a partitioned PostgreSQL: which there are, and taking an old one out of the way.

A month that is detached is a table by itself, to be dumped and dropped. Its tallies, which every page and the flagging
rule read, stay. Its ratings are known when they come again, and ledgers and `check` know that they are away. What is
lost with them: figures by reason of that time, the rating behind an old case, and that one of its dossiers has been
rated, should it be rated again after more than a year.
"""

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from sqlalchemy import Connection, insert, literal, select, text
from sqlalchemy.orm import Session

from sync_server.db import Database
from sync_server.errors import NotFound, Refused
from sync_server.models.months import DetachedMonth, DetachedTally
from sync_server.models.rating import Rating
from sync_server.services import check, patterns, tallies
from sync_server.services.partitioning import (
    REST,
    attach_table,
    attached,
    bounds,
    is_partitioned,
    table_of,
    wait_briefly,
)

KEPT_MONTHS = 13
"""A month may be detached when it ended that long ago: the flagging rule and the yearly report look back for a year,
and cases begin from the ratings of that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """One month. ratings: how many (of an attached one as PostgreSQL estimates it). size: bytes with its indexes;
    None for a detached one whose table was dropped."""

    month: str
    is_attached: bool
    ratings: int
    size: int | None


def months(session: Session) -> list[MonthLine]:
    """All months in order, then the rest, if anything is there. Raises `Refused` where ratings are in one table."""
    connection = session.connection()
    _must_be_partitioned(connection)
    lines = [_attached_line(connection, month, table_of(month)) for month in attached(connection)]
    for gone in session.scalars(select(DetachedMonth)):
        name = table_of(gone.month)
        size = connection.scalar(text("SELECT pg_total_relation_size(to_regclass(:name))"), {"name": name})
        lines.append(MonthLine(month=gone.month, is_attached=False, ratings=gone.ratings, size=size))
    rest = replace(_attached_line(connection, "rest", REST), ratings=_count(connection, REST))
    return sorted(lines, key=lambda line: line.month) + ([rest] if rest.ratings else [])


def detach(database: Database, month: str, *, zone: tzinfo, now: int) -> int:
    """Take a month's ratings out of `rating`; how many there were. All or nothing. Intake waits a moment at the end.

    Raises `NotFound` for a month that is not there, and `Refused` for one that is too young, or holds comments,
    dossier codes or ratings of a case that is open.
    """
    first, until = bounds(month, zone)
    name = table_of(month)
    with database.alter() as connection:
        _must_be_partitioned(connection)
        wait_briefly(connection)
        if month not in attached(connection):
            raise NotFound(f"there is no month {month}; `nucuoi-server partition` lists them")
        if _months_ago(until, now, zone) < KEPT_MONTHS:
            raise Refused(f"{month} ended less than {KEPT_MONTHS} months ago; flags and reports still look at it")
        connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
        _must_be_settled(connection, month, name)
        given = {"month": month, "first": first, "until": until, "now": now}
        count = _count(connection, name)
        connection.exec_driver_sql(
            f"INSERT INTO detached_rating (epoch_id, seq, digest) SELECT epoch_id, seq, digest FROM {name}"
        )
        _keep_tallies(connection, month, first, until)
        connection.execute(text(f"DELETE FROM rating_key USING {name} WHERE rating_key.id = {name}.id"))
        connection.execute(
            text(
                f"DELETE FROM dossier_key USING {name}"
                f" WHERE dossier_key.dossier_mac = {name}.dossier_mac AND {name}.counted = 0"
            )
        )
        connection.execute(
            text(
                "INSERT INTO detached_month (month, first_at, until_at, ratings, detached_at)"
                " VALUES (:month, :first, :until, :count, :now)"
            ),
            {**given, "count": count},
        )
        connection.exec_driver_sql(f"ALTER TABLE rating DETACH PARTITION {name}")
        return count


def attach(database: Database, month: str, *, zone: tzinfo) -> int:
    """Put a detached month's ratings back, from the table `rating_YYYY_MM`; how many there are. All or nothing.

    Raises `NotFound` when the month was not detached or its table is no longer there, `Refused` when the table is not
    what was detached, or one of its dossiers has been rated again since.
    """
    name = table_of(month)
    with database.alter() as connection:
        _must_be_partitioned(connection)
        wait_briefly(connection)
        count = connection.scalar(text("SELECT ratings FROM detached_month WHERE month = :month"), {"month": month})
        if count is None or connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is None:
            raise NotFound(f"{month} was not detached, or the table {name} is no longer there; bring it back first")
        found = connection.scalar(
            text(f"SELECT count(*) FROM {name} JOIN detached_rating USING (epoch_id, seq, digest)")
        )
        if found != count or _count(connection, name) != count:
            raise Refused(f"{name} is not what was detached: {count} ratings, of which it has {found}; nothing changed")
        again = connection.scalar(
            text(f"SELECT count(*) FROM {name} JOIN dossier_key USING (dossier_mac) WHERE {name}.counted = 0")
        )
        if again:
            raise Refused(f"{again} dossiers of {month} were rated again since, and would count twice; nothing changed")
        connection.execute(text(f"INSERT INTO rating_key SELECT id FROM {name}"))
        connection.execute(
            text(
                f"INSERT INTO dossier_key SELECT dossier_mac FROM {name} WHERE counted = 0 AND dossier_mac IS NOT NULL"
            )
        )
        connection.execute(
            text(
                f"DELETE FROM detached_rating USING {name}"
                f" WHERE detached_rating.epoch_id = {name}.epoch_id AND detached_rating.seq = {name}.seq"
            )
        )
        for table in ("detached_tally", "detached_hour_tally", "detached_reason_tally", "detached_month"):
            connection.execute(text(f"DELETE FROM {table} WHERE month = :month"), {"month": month})
        attach_table(connection, month, zone)
        return int(count)


def _must_be_partitioned(connection: Connection) -> None:
    if not is_partitioned(connection):
        raise Refused("the ratings are in one table, not in months; turn that on first: nucuoi-server partition --on")


def _must_be_settled(connection: Connection, month: str, name: str) -> None:
    """Nothing that is still needed, or still to be erased, may go."""
    for table, what in (("rating_comment", "comments"), ("dossier_link", "dossier codes")):
        left = connection.scalar(text(f"SELECT count(*) FROM {table} JOIN {name} USING (epoch_id, seq)"))
        if left:
            raise Refused(f"{month} holds {left} {what}; `nucuoi-server retain` erases them when their time is over")
    cases = connection.scalars(
        text(
            f"SELECT DISTINCT case_file.id FROM {name} JOIN case_rating ON case_rating.rating_id = {name}.id"
            " JOIN case_file ON case_file.id = case_rating.case_id WHERE case_file.closed_at IS NULL ORDER BY 1 LIMIT 5"
        )
    ).all()
    if cases:
        raise Refused(f"{month} holds ratings of cases that are open: {', '.join(map(str, cases))}; close them first")


def _keep_tallies(connection: Connection, month: str, first: int, until: int) -> None:
    """Keep what the month's ratings are in the tallies: they can be recounted no more."""
    recounted = check.recounted(Rating.received_at >= first, Rating.received_at < until).subquery()
    names = ["month", *(column.name for column in tallies.TABLE.columns)]
    connection.execute(insert(DetachedTally).from_select(names, select(literal(month), *recounted.c)))
    patterns.keep(connection, month, Rating.received_at >= first, Rating.received_at < until)


def _months_ago(until: int, now: int, zone: tzinfo) -> int:
    end, today = (datetime.fromtimestamp(at / 1000, zone) for at in (until, now))
    return 12 * (today.year - end.year) + today.month - end.month


def _count(connection: Connection, name: str) -> int:
    return int(connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0)


def _attached_line(connection: Connection, month: str, name: str) -> MonthLine:
    row = connection.execute(
        text(
            "SELECT greatest(reltuples, 0)::bigint, pg_total_relation_size(oid) FROM pg_class"
            " WHERE oid = CAST(:name AS regclass)"
        ),
        {"name": name},
    ).one()
    return MonthLine(month=month, is_attached=True, ratings=row[0], size=row[1])
