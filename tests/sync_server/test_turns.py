"""Whoever's turn it is works for all who wait; and on SQLite they share a commit, each in a savepoint of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from sync_server.office import Office
from sync_server.turns import Ticket, Turns
from tests.sync_server import builders

PATIENCE_S = 60


def in_threads(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each came to, result or error, all begun at once."""
    ends: list[Any] = [None] * len(jobs)

    def run(place: int) -> None:
        try:
            ends[place] = jobs[place]()
        except Exception as error:
            ends[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    return ends


class Held:
    """Turns whose lock a test holds until so many wait."""

    def __init__(self, do_all: Callable[[Sequence[Ticket]], None], most: int = 16) -> None:
        self.lock = threading.Lock()
        self.turns = Turns(self.lock, do_all, most=most)

    def run(self, jobs: Sequence[Callable[[Any], Any]]) -> list[Any]:
        ready = threading.Barrier(len(jobs) + 1)

        def wait_and_do(job: Callable[[Any], Any]) -> Any:
            ready.wait(PATIENCE_S)
            return self.turns.do(job)

        with self.lock:
            ends: list[Any] = []
            whole = threading.Thread(
                target=lambda: ends.extend(in_threads([lambda job=job: wait_and_do(job) for job in jobs]))
            )
            whole.start()
            ready.wait(PATIENCE_S)
            while len(self.turns._waiting) < len(jobs):
                threading.Event().wait(0.001)
        whole.join(PATIENCE_S)
        return ends


def do_each(tickets: Sequence[Ticket]) -> None:
    for ticket in tickets:
        ticket.result = ticket.job(None)


@pytest.mark.parametrize(("most", "rounds"), [(16, [5]), (5, [5]), (2, [2, 2, 1]), (1, [1] * 5)])
def test_those_who_wait_are_done_together_each_once(most: int, rounds: list[int]) -> None:
    seen: list[int] = []

    def count(tickets: Sequence[Ticket]) -> None:
        seen.append(len(tickets))
        do_each(tickets)

    ends = Held(count, most).run([lambda _, n=n: n * n for n in range(5)])
    assert ends == [0, 1, 4, 9, 16]
    assert seen == rounds


def test_an_error_of_the_whole_reaches_all_of_it_and_nobody_later() -> None:
    faults = [OSError("the disk is full")]

    def fail_once(tickets: Sequence[Ticket]) -> None:
        do_each(tickets)
        if faults:
            raise faults.pop()

    held = Held(fail_once)
    assert [str(end) for end in held.run([lambda _: 1, lambda _: 2])] == ["the disk is full"] * 2
    assert held.turns.do(lambda _: 3) == 3


def rename(unit: int, name: str) -> Callable[[Session], str]:
    def job(session: Session) -> str:
        session.execute(text("UPDATE unit SET name = :name WHERE id = :id"), {"name": name, "id": unit})
        return name

    return job


def names(office: Office) -> list[str]:
    with office.database.read() as session:
        return list(session.scalars(text("SELECT name FROM unit ORDER BY id")))


def share_at_once(office: Office, jobs: Sequence[Callable[[Session], Any]]) -> list[Any]:
    """Share while the writers' lock is held, so that on SQLite all of them wait together."""
    if not office.database.is_sqlite:
        return in_threads([lambda job=job: office.database.share(job) for job in jobs])
    held = Held(do_each)
    held.lock, held.turns = office.database._lock, office.database._turns
    return held.run(jobs)


def test_one_that_fails_leaves_nothing_and_spoils_nobody(office: Office) -> None:
    first, second, third = (builders.make_unit(office, name=f"Xã {n}").id for n in range(3))

    def fail(session: Session) -> None:
        rename(second, "nửa chừng")(session)
        session.execute(text("INSERT INTO unit (id) VALUES (:id)"), {"id": first})

    ends = share_at_once(office, [rename(first, "một"), fail, rename(third, "ba")])
    assert (ends[0], ends[2]) == ("một", "ba")
    assert isinstance(ends[1], IntegrityError)
    assert names(office) == ["một", "Xã 1", "ba"]


def test_jobs_that_wait_for_the_same_turn_share_one_commit(sqlite_office: Office) -> None:
    units = [builders.make_unit(sqlite_office).id for _ in range(6)]
    commits: list[object] = []
    event.listen(sqlite_office.database.engine, "commit", commits.append)
    share_at_once(sqlite_office, [rename(unit, f"mới {unit}") for unit in units])
    assert names(sqlite_office) == [f"mới {unit}" for unit in units]
    assert len(commits) == 1


def test_a_commit_that_fails_is_told_to_all_who_shared_it(sqlite_office: Office) -> None:
    units = [builders.make_unit(sqlite_office, name="cũ").id for _ in range(3)]

    def no_commit(_: object) -> None:
        raise OperationalError("COMMIT", None, Exception("disk I/O error"))

    event.listen(sqlite_office.database.engine, "commit", no_commit)
    ends = share_at_once(sqlite_office, [rename(unit, "mới") for unit in units])
    event.remove(sqlite_office.database.engine, "commit", no_commit)
    assert all(isinstance(end, OperationalError) for end in ends)
    assert names(sqlite_office) == ["cũ"] * 3
    assert sqlite_office.database.share(rename(units[0], "mới")) == "mới"


def test_a_transaction_that_sqlite_undid_by_itself_is_not_taken_for_kept(sqlite_office: Office) -> None:
    units = [builders.make_unit(sqlite_office, name="cũ").id for _ in range(3)]

    def undone(session: Session) -> None:  # as a full disk or a fault of the medium does it
        driver = session.connection().connection.driver_connection
        assert driver is not None
        driver.execute("ROLLBACK")
        raise OperationalError("INSERT", None, Exception("database or disk is full"))

    ends = share_at_once(sqlite_office, [rename(units[0], "mới"), undone, rename(units[2], "mới")])
    assert all(isinstance(end, OperationalError) for end in ends)
    assert names(sqlite_office) == ["cũ"] * 3
