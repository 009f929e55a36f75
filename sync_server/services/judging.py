"""Judging officers after batches, without holding up the receipts.

A running server judges in a thread of its own, which gathers whoever was rated in the meantime; under load one
judgement then serves many batches. Without that thread (tests, commands) it is done at once, after the commit.
What was noted and not judged when the process ends is judged in the night (`flags.judge_all`).
"""

import logging
import threading
from collections.abc import Iterable

from sync_server.office import Office
from sync_server.services import flags, followup

_log = logging.getLogger(__name__)
KEY = "nucuoi.judging"
"""Its place in `app.extensions`."""
PAUSE_S = 2.0
"""Between two rounds of the thread: a judgement may be this late, and costs no more than one in this time."""


class Judging:
    """Whom to judge, and the thread that does it."""

    def __init__(self, office: Office, *, pause_s: float = PAUSE_S) -> None:
        self._office = office
        self._pause_s = pause_s
        self._noted: dict[int, int] = {}
        self._guard = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()

    def note(self, officer_ids: Iterable[int], earliest_day: int | None) -> None:
        """These officers' tallies moved, from this day on. Judged at once when no thread runs."""
        with self._guard:
            for officer_id in officer_ids:
                day = earliest_day or 0
                self._noted[officer_id] = min(day, self._noted.get(officer_id, day))
            self._guard.notify()
            runs = self._thread is not None
        if not runs:
            self.judge_noted()

    def judge_noted(self) -> None:
        """Judge all who are noted, each in a transaction of its own: no officer is claimed for long."""
        with self._guard:
            noted, self._noted = self._noted, {}
        for officer_id, day in sorted(noted.items()):
            with self._office.database.write() as session:
                today = followup.today_of(self._office)
                changes = flags.judge(session, [officer_id], now=today.now, zone=today.zone, earliest_day=day or None)
                followup.after_judging(session, changes, today)

    def start(self) -> None:
        """Judge in a thread from now on, in the process that calls this."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="judging", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Judge what is noted and end the thread. Safe to call when there is none."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._ending.set()
        with self._guard:
            self._guard.notify()
        thread.join(timeout_s)

    def _run(self) -> None:
        while not self._ending.is_set():
            with self._guard:
                self._guard.wait_for(lambda: self._noted or self._ending.is_set())
            try:
                self.judge_noted()
            except Exception:
                _log.exception("judging failed; those officers are judged after their next rating, or in the night")
            self._ending.wait(self._pause_s)
