"""How often something may be tried: counted by key in windows of time, in memory, and forgotten with its window.

Each process counts for itself: with four processes a limit is at most four times as wide. What is kept is bounded, so
that nobody fills the memory with made-up keys.
"""

import threading


class Pace:
    """limit: tries of one key in a window of `window_ms`; overall: of all keys together. Safe between threads."""

    def __init__(self, *, limit: int, overall: int, window_ms: int) -> None:
        self._limit, self._overall, self._window_ms = limit, overall, window_ms
        self._lock = threading.Lock()
        self._window = -1
        self._tries: dict[str, int] = {}
        self._all = 0

    def wait_ms(self, key: str, *, now: int) -> int:
        """How long the next try of this key must wait, in milliseconds; 0 for not at all. key: '' is nobody's own,
        and counts in all only."""
        with self._lock:
            self._turn(now)
            is_over = self._all >= self._overall or self._tries.get(key, 0) >= self._limit
            return (self._window + 1) * self._window_ms - now if is_over else 0

    def note(self, key: str, *, now: int) -> None:
        """Count a try."""
        with self._lock:
            self._turn(now)
            self._all += 1
            if key and (key in self._tries or len(self._tries) < self._overall):
                self._tries[key] = self._tries.get(key, 0) + 1

    def _turn(self, now: int) -> None:
        window = now // self._window_ms
        if window != self._window:
            self._window, self._all = window, 0
            self._tries.clear()
