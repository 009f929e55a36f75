"""Taps, rounds, lost replies, refusals, restarts, in any order: at the end everything is somewhere, once."""

import contextlib
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kiosk.errors import BatchRejected, KioskError, NotWelcome, ServerAway, ServerBusy, StoreError
from kiosk.store import Identity, Store, open_store
from kiosk.sync import Sync
from survey.ledger import Link, faults
from survey.rating import Rating, digest
from survey.wire import Status
from tests.kiosk.builders import a_rating, an_id
from tests.kiosk.fakes import CARRY_KEY, FakeServer, HandClock
from tests.kiosk.frail_disk import FrailDisk

FAULTS = [ServerAway("gone"), ServerBusy("busy", 5.0), NotWelcome("retired"), RuntimeError("a bug")]


class Kiosk(RuleBasedStateMachine):
    """A kiosk and its server, with a network and a disk that fail now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.disk, self.server, self.hand = FrailDisk(), FakeServer(), HandClock()
        self.store = self.opened()
        self.store.enrol(Identity(url="https://a", kiosk_id="k", key="x", carry_key=CARRY_KEY, unit_id="u"))
        self.sync = Sync(
            lambda: self.store, self.server, self.hand.clock, state=lambda store: Status(), chance=lambda: 0.5
        )
        self.kept: dict[str, bool] = {}
        self.number = 0
        self.closed: list[Rating] = []

    def opened(self) -> Store:
        return open_store(Path(self.folder.name) / "data", disk=self.disk)

    @rule(kind=st.sampled_from(["good", "good", "good", "refused", "rejected"]))
    def visit(self, kind: str) -> None:
        self.number += 1
        rating = a_rating(self.number, officer_id="gone" if kind == "refused" else "off-hoa")
        if kind == "rejected":
            self.server.rejects[rating.id] = BatchRejected("no", "bad_batch")
        self.server.refuse = {"gone"}
        try:
            self.store.open_rating(rating)
        except StoreError:
            return  # not acknowledged: it may not arrive
        self.kept[rating.id] = kind == "good"
        try:
            self.store.close_rating(rating.id)
        except StoreError:
            return
        self.sync.closed()

    @rule()
    def round(self) -> None:
        self.hand.tick(1)
        self.sync.turn()

    @rule(fault=st.sampled_from(FAULTS))
    def round_without_a_request(self, fault: Exception) -> None:
        self.server.faults = [fault]
        self.sync.turn()
        self.server.faults = []

    @rule(fault=st.sampled_from(FAULTS))
    def round_with_a_lost_reply(self, fault: Exception) -> None:
        self.server.lost_replies = [fault]
        self.sync.turn()
        self.server.lost_replies = []

    @rule(room=st.integers(0, 3000))
    def round_on_a_disk_that_fills_up(self, room: int) -> None:
        self.disk.room = room
        self.sync.turn()
        self.disk.room = None

    @rule(room=st.integers(0, 1500))
    def visit_on_a_disk_that_fills_up(self, room: int) -> None:
        self.disk.room = room
        self.visit("good")
        self.disk.room = None

    @rule(act=st.sampled_from(["sync", "write", "rename", "cut"]))
    def visit_on_a_disk_with_errors(self, act: str) -> None:
        self.disk.failing = {act}
        self.visit("good")
        self.disk.failing = set()

    @rule(act=st.sampled_from(["sync", "write", "rename", "sync_directory"]))
    def tidy_on_a_disk_with_errors(self, act: str) -> None:
        self.disk.failing = {act}
        with contextlib.suppress(StoreError):
            self.store.tidy(at_once=True)
        self.disk.failing = set()

    @rule()
    def tidy(self) -> None:
        self.store.tidy(at_once=True)

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = self.opened()

    @invariant()
    def the_server_never_has_what_nobody_acknowledged(self) -> None:
        assert set(self.server.kept) <= set(self.kept)

    @invariant()
    def the_counts_agree_within_what_waits(self) -> None:
        assert 0 <= len(self.server.kept) - self.store.stored_count() <= self.store.count_waiting()

    def teardown(self) -> None:
        self.restart()
        for _ in range(3):
            try:
                self.sync.round()
            except KioskError:
                continue
        good = {rating_id for rating_id, is_good in self.kept.items() if is_good}
        parked = {item.rating.id: item.rating for item in self.store.parked()}
        assert set(self.server.kept) == good
        assert set(parked) == set(self.kept) - good
        assert (self.store.count_waiting(), self.store.stored_count()) == (0, len(good))
        ledger = [*self.server.kept.values(), *parked.values()]
        assert faults(Link(r.seq, digest(r), r.prev) for r in ledger) == []
        assert all(an_id(n) in self.kept or an_id(n) not in self.server.kept for n in range(self.number + 1))
        self.store.close()
        self.folder.cleanup()


TestKiosk = Kiosk.TestCase
TestKiosk.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
