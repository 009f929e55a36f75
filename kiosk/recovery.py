"""A store that is opened when it can be, and found well again by itself after its disk failed."""

import logging
import threading
from collections.abc import Callable

from kiosk.clock import Clock
from kiosk.errors import StoreError
from kiosk.store import Store

log = logging.getLogger(__name__)

_TRY_AGAIN_S = 2.0


class RecoveringStore:
    """The store of a desk. All methods may be called from any thread; none but `healthy` waits for a sick disk."""

    def __init__(
        self,
        open_it: Callable[[], Store],
        clock: Clock,
        *,
        beside: Callable[[Callable[[], None]], None],
        on_recovery: Callable[[], None],
    ) -> None:
        """open_it: raises `StoreError`. beside: does some work without keeping its caller waiting."""
        self._open_it, self._clock, self._beside, self._on_recovery = open_it, clock, beside, on_recovery
        self._lock = threading.Lock()
        # Not the same lock: a sick disk may hold who opens the store up for a minute, and the interface asks meanwhile.
        self._opening = threading.Lock()
        self._looking = False
        self._looked_at = float("-inf")
        self._left_open: str | None = None
        self.now: Store | None = None
        self.ill: StoreError | None = None

    def healthy(self) -> Store:
        """The store, opened if it could not be opened before. Raises `StoreError`."""
        with self._opening:
            if self.now is None:
                try:
                    self.now = self._open_it()
                except StoreError as error:
                    self.ill = error
                    raise
                self.ill = None
            return self.now

    def failed(self, error: StoreError, left_open: str | None = None) -> None:
        """A change was not kept. left_open: the rating whose closing it was; it is closed as soon as that can be."""
        self.ill = error
        self._left_open = left_open or self._left_open

    def is_able(self) -> bool:
        """Whether ratings can be kept. After a failure it is tried again, now and then, and beside who asks."""
        if self._is_well():
            return True
        with self._lock:
            now = self._clock.monotonic_ms() / 1000
            if self._looking or now - self._looked_at < _TRY_AGAIN_S:
                return False
            self._looked_at, self._looking = now, True
        self._beside(self._look_again)
        return self._is_well()

    def close(self) -> None:
        """Give the data directory back."""
        with self._opening:
            if self.now is not None:
                self.now.close()
                self.now = None

    def _is_well(self) -> bool:
        return self.ill is None and self.now is not None

    def _look_again(self) -> None:
        """Try whether ratings can be kept now. Takes as long as the disk does: seconds and more, when it is sick."""
        try:
            store = self.healthy()
            store.probe()
            if self._left_open is not None:
                store.close_rating(self._left_open)
                self._left_open = None
        except StoreError as error:
            self.ill = error
            return
        finally:
            self._looking = False
        self.ill = None
        log.info("the store keeps ratings again")
        self._on_recovery()
