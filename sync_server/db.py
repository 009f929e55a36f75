"""The database: SQLite (WAL) embedded, or PostgreSQL by URL. Transactions are opened here and nowhere else."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import InternalError, OperationalError, TimeoutError
from sqlalchemy.orm import Session, sessionmaker

from sync_server.errors import BrokenKeys
from sync_server.turns import Ticket, Turns

T = TypeVar("T")

BUSY_TIMEOUT_S, CONNECT_TIMEOUT_S = 30, 10
LOST_PEER = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
"""For libpq: a primary whose machine vanished says nothing more. Give it up after some 25 s, not after two hours."""
READ_ONLY = "25006"
"""PostgreSQL's code for writing on a standby: what was the primary is one no longer."""
PASSING = (OperationalError, TimeoutError, InternalError)
"""The classes of what `is_passing` may say yes to, for those who register what they handle."""
WAL_PAUSE_S = 0.02
SHARING_MOST = 16
"""Jobs that share a commit on SQLite: enough to make the sync cheap, few enough that the last does not wait long."""
ALTER_LOCK = 6_211_040
"""PostgreSQL's advisory lock that those who change tables take in turn; any number that nobody else uses."""


class Database:
    """One engine and its two kinds of transaction.

    Reading never waits for writing. On SQLite the writers of this process queue for a lock before they begin, which
    keeps the slowest near the median (docs/limits.md); other processes wait in SQLite for at most 30 s.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.url.drivername in ("postgres", "postgresql"):
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._sqlite() if self.is_sqlite else self._postgres()
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._lock = threading.Lock()
        self._writers = self._lock if self.is_sqlite else nullcontext()
        self._turns = Turns(self._lock, self._do_all, most=SHARING_MOST)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session to read with; whatever it changes is rolled back. Rows that it read stay readable afterwards."""
        with self._sessions() as session:
            try:
                yield session
            finally:
                session.expunge_all()
                session.rollback()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, durably; rolled back when the block raises."""
        with self._writers, self._transaction() as session:
            yield session

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with self._sessions() as session:
            if self.is_sqlite:
                session.connection(execution_options={"nucuoi_begin": "IMMEDIATE"})
            try:
                yield session
            except BaseException:
                session.rollback()
                raise
            session.commit()

    def share(self, job: Callable[[Session], T]) -> T:
        """The job's result, committed durably; its error, and then nothing of it stays.

        On SQLite jobs that wait for the same turn share one commit, each in a savepoint of its own: with one for each
        the disk is synced as often, and its pages are written again and again. A job may run in another thread than
        the caller's. On PostgreSQL, which does this by itself, a transaction as by `write`. When the commit fails, all
        who shared it get the error: the same again is safe.
        """
        if self.is_sqlite:
            return self._turns.do(job)
        with self.write() as session:
            return job(session)

    def _do_all(self, tickets: Sequence[Ticket]) -> None:
        if len(tickets) == 1:
            with self._transaction() as session:
                tickets[0].result = tickets[0].job(session)
            return
        with self.engine.connect() as plain:
            connection = plain.execution_options(nucuoi_begin="IMMEDIATE")
            with connection.begin():
                for ticket in tickets:
                    _do(ticket, connection)
                # A full disk makes SQLite undo the whole transaction, after which the driver commits nothing, in peace.
                driver: Any = connection.connection.driver_connection
                if not driver.in_transaction:
                    raise OperationalError("COMMIT", None, sqlite3.OperationalError("the transaction was undone"))

    @contextmanager
    def alter(self) -> Iterator[Connection]:
        """One transaction that may change tables, alone: others that alter wait, and so do SQLite's writers.

        SQLite alters a table by making it again, which foreign keys would forbid half-way: they are not enforced in
        the block and are checked at its end. Raises `BrokenKeys` for rows left without their parent; nothing stays.
        """
        self._make_file()
        with self._writers, self.engine.connect() as connection:
            if not self.is_sqlite:
                with connection.begin():
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ALTER_LOCK})")
                    yield connection
                return
            driver: Any = connection.connection.driver_connection  # a pragma does nothing inside a transaction
            driver.execute("PRAGMA foreign_keys=OFF")
            try:
                alone = connection.execution_options(nucuoi_begin="IMMEDIATE")
                with alone.begin():
                    yield alone
                    _check_keys(alone)
            finally:
                driver.execute("PRAGMA foreign_keys=ON")

    @property
    def name(self) -> str:
        """The URL as it may be shown: without its password."""
        return self.url.render_as_string(hide_password=True)

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _postgres(self) -> Engine:
        # Parameters are citizens' words: an error must not carry them into the log.
        patience = {"connect_timeout": CONNECT_TIMEOUT_S, **LOST_PEER}
        engine = create_engine(self.url, pool_pre_ping=True, hide_parameters=True, connect_args=patience)
        event.listen(engine, "handle_error", _leave_standby)
        return engine

    def _make_file(self) -> None:
        """SQLite's file, for our eyes only: it and the files beside it hold password hashes and ratings."""
        if self.is_sqlite and self.url.database and self.url.database != ":memory:":
            file = Path(self.url.database)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)

    def _sqlite(self) -> Engine:
        engine = create_engine(self.url, connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True)
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        return engine


def _do(ticket: Ticket, connection: Connection) -> None:
    """Do one job of several in a savepoint."""
    with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
        try:
            ticket.result = ticket.job(session)
            session.commit()
        except BaseException as error:
            session.rollback()  # raises when there is no savepoint any more, and so ends the whole transaction
            ticket.error = error


def is_passing(error: BaseException) -> bool:
    """Whether the database was locked too long, away, undid us in favour of another, or is a primary no longer: the
    same again may work."""
    return isinstance(error, OperationalError | TimeoutError) or (
        isinstance(error, InternalError) and getattr(error.orig, "sqlstate", None) == READ_ONLY
    )


def _leave_standby(context: ExceptionContext) -> None:
    # The pool's connections answer pings for ever, but lead to a machine that only reads: all are to be opened anew.
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions behind our back
    cursor = connection.cursor()
    _enter_wal(cursor)
    for pragma in (
        "synchronous=FULL",  # stored means on disk before the reply
        "foreign_keys=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _enter_wal(cursor: Any, sleep: Callable[[float], None] = time.sleep) -> None:
    """Have the file keep its journal in WAL, which it does from then on.

    SQLite refuses this switch at once, whatever the busy timeout, while another connection reads or switches itself:
    so it is tried again for as long as a writer would wait. Raises `sqlite3.OperationalError` after that.
    """
    for _ in range(round(BUSY_TIMEOUT_S / WAL_PAUSE_S)):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            sleep(WAL_PAUSE_S)
    cursor.execute("PRAGMA journal_mode=WAL")


def _on_begin(connection: Any) -> None:
    # A writer that begins as a reader may fail with "database is locked" when it turns; it must begin as a writer.
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('nucuoi_begin', 'DEFERRED')}")


def _check_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise BrokenKeys(
            f"row {broken[1]} of table {broken[0]} points to a missing row of {broken[2]}; nothing changed"
        )
