"""A clock that is set by hand and a server in memory: what a kiosk meets, made small."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kiosk.clock import Clock
from kiosk.errors import BatchRejected, EnrolmentFailed
from survey.setup import Setup
from survey.wire import Batch, Enrolled, Receipt, Reply, write_time
from tests.kiosk.builders import MONDAY, a_setup

CARRY_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@dataclass
class HandClock:
    """Wall clock and monotonic clock, moved apart at will."""

    wall: datetime = MONDAY
    ms: int = 60_000
    boot_id: str = "boot-1"

    def tick(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ms += round(seconds * 1000)

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.wall, monotonic_ms=lambda: self.ms, boot_id=self.boot_id)


@dataclass
class FakeServer:
    """Keeps ratings by id, as the real one does. faults: raised by the next calls, one each.

    refuse: officer ids whose ratings are refused. rejects: ids that make a whole batch unacceptable.
    """

    setup_now: Setup = field(default_factory=a_setup)
    etag: str = '"1"'
    kept: dict[str, Any] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    lost_replies: list[Exception] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    rejects: dict[str, Exception] = field(default_factory=dict)
    photos: dict[str, bytes] = field(default_factory=dict)
    setups_asked: int = 0
    code: str = "CODE"
    now: datetime = MONDAY
    surplus: int = 0
    empty_rejected: bool = False

    def __call__(self, *_: object) -> "FakeServer":
        """Stands for the constructor of a client."""
        return self

    def enrol(self, code: str, device: Any) -> Enrolled:
        self._fail(self.faults)
        if code != self.code:
            raise EnrolmentFailed("the code is wrong", {"vi": "Mã không đúng", "en": "The code is wrong"})
        return Enrolled(kiosk_id="kiosk-1", key="secret", carry_key=CARRY_KEY, unit_id="unit-1", counter_id="counter-1")

    def setup(self, etag: str | None) -> tuple[Setup, str | None] | None:
        self.setups_asked += 1
        return None if etag == self.etag else (self.setup_now, self.etag)

    def send(self, batch: Batch) -> Reply:
        self._fail(self.faults)
        self.batches.append(batch)
        if self.empty_rejected and not batch.ratings:
            raise BatchRejected("rejected", "bad_batch")
        for rating in batch.ratings:
            if rating.id in self.rejects:
                raise self.rejects[rating.id]
        receipts = tuple(self._take(rating) for rating in batch.ratings)
        self._fail(self.lost_replies)
        total = len(self.kept) + self.surplus
        return Reply(received_at=write_time(self.now), stored_total=total, receipts=receipts)

    def photo(self, path: str) -> bytes:
        return self.photos[path]

    def close(self) -> None:
        pass

    def _take(self, rating: Any) -> Receipt:
        if rating.officer_id in self.refuse:
            return Receipt(id=rating.id, verdict="refused", code="unknown_officer")
        if rating.id in self.kept:
            same = self.kept[rating.id] == rating
            return Receipt(
                id=rating.id, verdict="duplicate" if same else "conflict", code=None if same else "id_reused"
            )
        self.kept[rating.id] = rating
        return Receipt(id=rating.id, verdict="stored")

    def _fail(self, faults: list[Exception]) -> None:
        if faults:
            raise faults.pop(0)
