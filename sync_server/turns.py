"""Taking turns at what only one may do at a time: whoever's turn it is does the work of all who wait, at once.

So that they share what costs the same for one as for many: a commit to disk. No database here, only threads.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Ticket:
    """One who waits: what is to be done, and what came of it once `is_done`. An error is raised to who waits."""

    job: Callable[[Any], Any]
    is_done: bool = False
    result: Any = None
    error: BaseException | None = None


class Turns:
    """lock: held while work is done; others may take it too, and wait among those here. do_all: does the jobs of some
    tickets in order, and sets their results or errors. most: so many at once.
    """

    def __init__(self, lock: threading.Lock, do_all: Callable[[Sequence[Ticket]], None], *, most: int) -> None:
        self._lock, self._do_all, self._most = lock, do_all, most
        self._waiting: deque[Ticket] = deque()

    def do(self, job: Callable[[Any], T]) -> T:
        """The result of the job, done in this thread or in that of another who waits; or its error, raised."""
        own = Ticket(job)
        self._waiting.append(own)
        with self._lock:
            while not own.is_done:
                self._do_next()
        if own.error is not None:
            raise own.error
        result: T = own.result
        return result

    def _do_next(self) -> None:
        tickets = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._most))]
        try:
            self._do_all(tickets)
        except BaseException as error:
            for ticket in tickets:
                ticket.error = error  # whatever they had: it was undone with the others
        finally:
            for ticket in tickets:
                ticket.is_done = True
