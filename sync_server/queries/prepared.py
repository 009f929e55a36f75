"""Statements that every batch runs, past SQLAlchemy's machinery, which takes ten times as long as SQLite itself.

Measured: an execution through SQLAlchemy costs 0.1 ms of Python, the same on the driver's own connection 0.01 ms; a
batch runs a dozen. The transaction, its connection and what happens when that is lost stay SQLAlchemy's.
"""

import re
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction

_PLACE = re.compile(r"\bIN :(?P<several>\w+)|:(?P<one>\w+)")
_ROUND = 32
"""SQLite gets lists of few different lengths, since it reads each other wording of a statement anew."""
_WORDINGS_KEPT = 64
_BOUND = "nucuoi.bound"


class Prepared:
    """One statement, in SQL that both databases read. `:name` is a value, `IN :names` a list of values.

    sqlite: another wording for SQLite. Values are handed to the driver as they are: int, str, bytes or None. Runs in
    the session's transaction; what the session holds unsaved is not written before. Raises what SQLAlchemy would
    raise (`IntegrityError`, `OperationalError` …).
    """

    def __init__(self, sql: str, *, sqlite: str | None = None) -> None:
        self._sqlite, self._postgres = sqlite or sql, sql
        self._worded = lru_cache(maxsize=_WORDINGS_KEPT)(self._word)

    def rows(self, session: Session, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows."""
        return list(self._execute(_bound(session), given).fetchall())

    def run(self, session: Session, given: Mapping[str, Any]) -> None:
        """Change something."""
        self._execute(_bound(session), given)

    def run_each(self, session: Session, several: Sequence[Mapping[str, Any]]) -> None:
        """Change something for each of `several`; none may hold a list."""
        if not several:
            return
        bound = _bound(session)
        sql, names = self._worded(bound.dialect.name, ())
        with _told(bound.dialect, sql):
            bound.driver.cursor().executemany(sql, [[given[name] for name in names] for given in several])

    def _execute(self, bound: "_Bound", given: Mapping[str, Any]) -> Any:
        dialect = bound.dialect.name
        lengths: tuple[tuple[str, int], ...] = ()
        if dialect == "sqlite":
            given = {name: _rounded(value) if type(value) is list else value for name, value in given.items()}
            lengths = tuple((name, len(value)) for name, value in given.items() if type(value) is list)
        sql, names = self._worded(dialect, lengths)
        values: list[Any] = []
        for name in names:
            if lengths and type(given[name]) is list:
                values += given[name]
            else:
                values.append(given[name])
        with _told(bound.dialect, sql):
            return bound.driver.execute(sql, values)

    def _word(self, dialect: str, lengths: tuple[tuple[str, int], ...]) -> tuple[str, tuple[str, ...]]:
        """The statement as the driver reads it, and the names of its values in order."""
        names, marks = [], dict(lengths)

        def mark(found: re.Match[str]) -> str:
            names.append(found["several"] or found["one"])
            if dialect == "sqlite":
                return f"IN ({', '.join('?' * marks[names[-1]])})" if found["several"] else "?"
            return "= ANY(%s)" if found["several"] else "%s"

        return _PLACE.sub(mark, self._sqlite if dialect == "sqlite" else self._postgres), tuple(names)


def _rounded(values: list[Any]) -> list[Any]:
    """The same set of values, some of them twice, as long as others are."""
    if len(values) <= 1:
        return values
    missing = -len(values) % _ROUND if len(values) > _ROUND // 4 else -len(values) % (_ROUND // 4)
    return [*values, *values[:1] * missing]


class _Bound(NamedTuple):
    """A session's transaction and the driver's connection in which it runs."""

    transaction: "weakref.ref[SessionTransaction]"
    dialect: Dialect
    driver: Any


def _bound(session: Session) -> _Bound:
    """Looked up once in a transaction: asking the session each time takes longer than the statement."""
    kept: _Bound | None = session.info.get(_BOUND)
    transaction = session.get_transaction()
    if kept is not None and transaction is not None and kept.transaction() is transaction:
        return kept
    connection = session.connection()
    begun = session.get_transaction()
    assert begun is not None  # asking for the connection has begun it
    bound = _Bound(weakref.ref(begun), connection.dialect, connection.connection.driver_connection)
    session.info[_BOUND] = bound
    return bound


@contextmanager
def _told(dialect: Dialect, sql: str) -> Iterator[None]:
    """What the driver raises becomes what SQLAlchemy raises; without the values, which are citizens' words."""
    dbapi: Any = dialect.loaded_dbapi
    try:
        yield
    except dbapi.Error as error:
        raise DBAPIError.instance(sql, None, error, dbapi.Error, hide_parameters=True, dialect=dialect) from error
