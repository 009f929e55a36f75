"""When to send, what to send, and what becomes of it: the decisions by themselves, then rounds with a real store."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import BatchRejected, NotWelcome, ServerAway, ServerBusy, StoreError
from kiosk.store import Contact, Identity, Store, open_store
from kiosk.sync import LONGEST_DELAY_S, Schedule, Sync, anchor_from, cut_batch, delay_s, difference
from survey import wire
from survey.rating import Rating
from survey.wire import Receipt, Reply, Status
from tests.kiosk.builders import a_rating, an_id
from tests.kiosk.fakes import CARRY_KEY, FakeServer, HandClock

AWAY = ServerAway("gone")


# --- decisions ---------------------------------------------------------------------------------------------------


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_delay_is_a_random_part_of_a_growing_ceiling_and_never_more_than_five_minutes(
    failures: int, chance: float
) -> None:
    ceiling = min(300.0, 2.0 ** min(failures, 20))
    assert 0.2 <= delay_s(failures, chance) <= max(0.2, ceiling)
    assert delay_s(failures, 1.0) == pytest.approx(ceiling)


def test_two_kiosks_after_the_same_outage_do_not_come_back_together() -> None:
    assert delay_s(8, 0.1) < delay_s(8, 0.9) - 100


def test_a_closed_rating_is_sent_soon_and_others_join_it() -> None:
    schedule = Schedule().succeeded(100.0, 300).closed(110.0).closed(110.8)
    assert schedule.due_at == 111.0


def test_with_nothing_to_send_the_server_hears_of_us_within_the_heartbeat() -> None:
    assert Schedule().succeeded(100.0, 300).due_at == 400.0
    assert Schedule().due_at <= 0


def test_a_closed_rating_does_not_cut_a_pause_after_a_failure_short_but_staff_do() -> None:
    failed = Schedule().failed(100.0, AWAY, 1.0)
    assert failed.due_at == failed.closed(100.5).due_at == 102.0
    assert failed.hurried(100.5).due_at == 100.5


def test_failures_in_a_row_wait_longer_and_a_success_forgets_them() -> None:
    schedule = Schedule()
    pauses = []
    for _ in range(12):
        schedule = schedule.failed(0.0, AWAY, 1.0)
        pauses.append(schedule.due_at)
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_DELAY_S
    assert schedule.succeeded(0.0, 300).failed(0.0, AWAY, 1.0).due_at == 2.0


def test_the_kind_of_failure_says_how_long_to_wait() -> None:
    assert 40 <= Schedule().failed(0.0, ServerBusy("busy", 40.0), 0.5).due_at <= 50
    assert 240 <= Schedule().failed(0.0, ServerBusy("busy", 3600.0), 0.1).due_at < LONGEST_DELAY_S
    assert Schedule().failed(0.0, ServerBusy("busy", 3600.0), 1.0).due_at == LONGEST_DELAY_S
    assert Schedule().failed(0.0, NotWelcome("who are you"), 0.0).due_at == LONGEST_DELAY_S
    assert Schedule().failed(0.0, StoreError("full"), 0.0).due_at == 10.0


def test_the_server_may_have_what_waits_but_no_more_and_no_fewer() -> None:
    assert difference(10, 10, 0) == 0
    assert difference(12, 10, 2) == 0
    assert difference(13, 10, 2) == 1
    assert difference(9, 10, 5) == -1
    assert [difference(total, 10, 2, 3) for total in (9, 10, 15, 16)] == [-1, 0, 0, 1]


@given(st.lists(st.sampled_from([0, 10, 500]), min_size=1, max_size=40), st.integers(1, 30))
@settings(max_examples=50)
def test_a_batch_is_the_longest_beginning_within_the_limits(lengths: list[int], limit: int) -> None:
    ratings = [a_rating(n, comment="ộ" * length or None) for n, length in enumerate(lengths)]
    taken = cut_batch(ratings, limit)
    assert list(taken) == ratings[: len(taken)]
    assert len(taken) == min(limit, len(ratings))


def test_a_batch_of_the_longest_ratings_stays_within_the_bytes_of_the_wire() -> None:
    ratings = [a_rating(n, comment="\U0001f600" * 500, reasons=("slow",) * 8) for n in range(500)]
    taken = cut_batch(ratings, 500)
    batch = wire.Batch(sent_at="2021-03-01T08:00:00+07:00", boot_id="b", monotonic_ms=1, ratings=taken)
    assert 0.8 * wire.MAX_BYTES < len(wire.to_json(batch)) <= wire.MAX_BYTES
    assert len(taken) < 500
    assert cut_batch(ratings[:1], 500) == (ratings[0],)


def test_an_anchor_is_the_middle_of_a_quick_round_trip() -> None:
    reply = Reply(received_at="2021-03-01T08:00:00+07:00", stored_total=0, receipts=())
    anchor = anchor_from(reply, "b", 1000, 3000)
    assert anchor is not None
    assert (anchor.monotonic_ms, anchor.server_time) == (2000, reply.received_at)
    assert anchor_from(reply, "b", 1000, 70_000) is None
    assert anchor_from(replace(reply, received_at="yesterday"), "b", 1000, 3000) is None


# --- rounds ------------------------------------------------------------------------------------------------------


class Kiosk:
    """A paired kiosk with its server at hand."""

    def __init__(self, directory: Path) -> None:
        self.store: Store = open_store(directory)
        self.store.enrol(Identity(url="https://a", kiosk_id="k", key="x", carry_key=CARRY_KEY, unit_id="u"))
        self.server, self.hand = FakeServer(), HandClock()
        self.changes = 0
        self.sync = Sync(
            lambda: self.store,
            self.server,
            self.hand.clock,
            state=lambda store: Status(waiting=store.count_waiting()),
            on_change=self.changed,
            chance=lambda: 0.0,
            turn_s=0.05,
        )

    def changed(self) -> None:
        self.changes += 1

    def rate(self, *numbers: int, **changes: object) -> None:
        for number in numbers:
            self.store.open_rating(a_rating(number, **changes))
            self.store.close_rating(an_id(number))


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    kiosk = Kiosk(tmp_path / "data")
    yield kiosk
    kiosk.sync.stop()
    kiosk.store.close()


def test_all_that_waits_goes_oldest_first_in_batches_of_five_hundred(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fdatasync", lambda handle: None)  # 1,100 taps: their durability is tested elsewhere
    kiosk.rate(*range(1, 1101))
    kiosk.sync.round()
    assert [len(batch.ratings) for batch in kiosk.server.batches] == [500, 500, 100]
    assert [rating.seq for rating in kiosk.server.kept.values()] == list(range(1, 1101))
    assert kiosk.store.count_waiting() == 0


def test_nothing_to_send_is_a_heartbeat(kiosk: Kiosk) -> None:
    kiosk.sync.round()
    assert [batch.ratings for batch in kiosk.server.batches] == [()]


def test_a_batch_sent_twice_is_counted_once(kiosk: Kiosk) -> None:
    kiosk.rate(1, 2)
    kiosk.server.lost_replies = [AWAY]
    with pytest.raises(ServerAway):
        kiosk.sync.round()
    assert (len(kiosk.server.kept), kiosk.store.count_waiting()) == (2, 2)
    kiosk.sync.round()
    assert (len(kiosk.server.kept), kiosk.store.count_waiting(), kiosk.store.stored_count()) == (2, 0, 2)
    assert kiosk.store.parked() == []


def test_one_wrong_rating_spoils_neither_its_neighbours_nor_itself(kiosk: Kiosk) -> None:
    kiosk.rate(1)
    kiosk.rate(2, officer_id="gone")
    kiosk.rate(3)
    kiosk.server.refuse = {"gone"}
    kiosk.sync.round()
    assert list(kiosk.server.kept) == [an_id(1), an_id(3)]
    assert [(item.rating.id, item.code) for item in kiosk.store.parked()] == [(an_id(2), "unknown_officer")]


@pytest.mark.parametrize("wrong", [{1}, {8}, {3, 5}, {1, 2, 3, 4, 5, 6, 7, 8}])
def test_a_rejected_batch_is_halved_until_the_guilty_are_found(kiosk: Kiosk, wrong: set[int]) -> None:
    kiosk.rate(*range(1, 9))
    kiosk.server.rejects = {an_id(n): BatchRejected("no", "bad_batch") for n in wrong}
    kiosk.sync.round()
    assert {item.rating.id for item in kiosk.store.parked()} == {an_id(n) for n in wrong}
    assert set(kiosk.server.kept) == {an_id(n) for n in range(1, 9) if n not in wrong}
    assert kiosk.store.count_waiting() == 0


def test_a_server_that_rejects_even_an_empty_batch_parks_nothing(kiosk: Kiosk) -> None:
    kiosk.rate(1)
    kiosk.server.rejects = {an_id(1): BatchRejected("no", "bad_batch")}
    kiosk.server.empty_rejected = True
    with pytest.raises(ServerAway, match="empty"):
        kiosk.sync.round()
    assert (kiosk.store.count_waiting(), kiosk.store.parked()) == (1, [])


def test_a_proxy_that_rejects_in_the_servers_place_parks_nothing(kiosk: Kiosk) -> None:
    kiosk.rate(1)
    kiosk.server.rejects = {an_id(1): BatchRejected("413 of a proxy", None)}
    with pytest.raises(ServerAway, match="on the way"):
        kiosk.sync.round()
    assert (kiosk.store.count_waiting(), kiosk.store.parked()) == (1, [])


def test_a_retired_kiosk_keeps_its_ratings_and_staff_are_told(kiosk: Kiosk) -> None:
    kiosk.rate(1)
    kiosk.server.faults = [NotWelcome("retired")]
    kiosk.sync.turn()
    assert isinstance(kiosk.sync.trouble, NotWelcome)
    assert kiosk.store.count_waiting() == 1


def test_each_reply_leaves_an_anchor_and_the_servers_count(kiosk: Kiosk) -> None:
    kiosk.rate(1)
    kiosk.sync.round()
    (anchor,) = kiosk.store.anchors()
    assert (anchor.boot_id, anchor.monotonic_ms) == ("boot-1", kiosk.hand.ms)
    contact = kiosk.store.contact()
    assert contact is not None
    assert contact.server_total == 1
    assert contact.last_sent_at is not None
    kiosk.sync.round()
    assert kiosk.server.batches[-1].anchors == (anchor,)
    again = kiosk.store.contact()
    assert isinstance(again, Contact)
    assert again.last_sent_at == contact.last_sent_at, "a heartbeat sends no ratings"


def test_a_full_disk_while_settling_settles_again_later(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk.rate(1, 2, 3)
    settle_all = kiosk.store.settle_all

    def settle_until_full(answered: Sequence[tuple[Rating, Receipt]], at: datetime) -> None:
        settle_all(answered[:1], at)
        raise StoreError("the disk is full")

    monkeypatch.setattr(kiosk.store, "settle_all", settle_until_full)
    kiosk.sync.turn()
    assert isinstance(kiosk.sync.trouble, StoreError)
    assert kiosk.store.count_waiting() == 2
    monkeypatch.undo()
    kiosk.sync.round()
    assert (kiosk.store.count_waiting(), kiosk.store.stored_count(), len(kiosk.server.kept)) == (0, 3, 3)


def test_a_slow_round_does_not_make_the_heart_beat_slower(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    send, met = kiosk.server.send, []

    def slowly(batch: wire.Batch) -> Reply:
        met.append(kiosk.hand.ms / 1000)
        kiosk.hand.tick(20 + 5 * (len(met) % 2))
        return send(batch)

    monkeypatch.setattr(kiosk.server, "send", slowly)
    for _ in range(4):
        kiosk.sync.turn()
        kiosk.hand.tick(kiosk.sync._schedule.due_at - kiosk.hand.ms / 1000)
    assert [after - before for before, after in pairwise(met)] == [240.0] * 3
    assert kiosk.server.setups_asked == 4, "at each of them, however long each took"


def test_the_setup_is_looked_for_at_each_heartbeat_not_at_each_tap(kiosk: Kiosk) -> None:
    kiosk.sync.round()
    for number in range(1, 4):
        kiosk.rate(number)
        kiosk.hand.tick(20)
        kiosk.sync.round()
    assert kiosk.server.setups_asked == 1
    kiosk.hand.tick(300)
    kiosk.sync.round()
    assert kiosk.server.setups_asked == 2


def test_an_unexpected_fault_does_not_end_the_thread(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kiosk.server, "send", lambda batch: 1 / 0)
    kiosk.sync.turn()
    monkeypatch.undo()
    kiosk.rate(1)
    kiosk.sync.turn()
    assert len(kiosk.server.kept) == 1


def test_a_rating_closed_during_a_round_is_not_forgotten_after_it(kiosk: Kiosk) -> None:
    send = kiosk.server.send

    def send_while_somebody_taps(batch: wire.Batch) -> Reply:
        reply = send(batch)
        kiosk.sync.closed()
        return reply

    kiosk.server.send = send_while_somebody_taps  # type: ignore[method-assign]
    kiosk.sync.turn()
    assert kiosk.sync._schedule.due_at == kiosk.hand.ms / 1000 + 1.0


def test_the_thread_sends_what_was_closed_and_ends_when_asked(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path / "data")
    real = replace(kiosk.hand.clock, monotonic_ms=lambda: time.monotonic_ns() // 1_000_000)
    done = threading.Event()
    sync = Sync(lambda: kiosk.store, kiosk.server, real, state=lambda store: Status(), turn_s=0.05)
    sync.start()
    kiosk.rate(1)
    sync.hurry()
    for _ in range(1200):
        if an_id(1) in kiosk.server.kept and not kiosk.store.count_waiting():
            done.set()
            break
        time.sleep(0.05)
    assert done.is_set()
    sync.stop()
    kiosk.rate(2)
    sync.hurry()
    time.sleep(0.2)
    assert an_id(2) not in kiosk.server.kept
    kiosk.store.close()


def test_a_tap_does_not_wait_for_a_slow_server(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path / "data")
    kiosk.rate(1)
    asked, go_on, answered = threading.Event(), threading.Event(), threading.Event()
    send = kiosk.server.send

    def slow(batch: wire.Batch) -> Reply:
        asked.set()
        assert go_on.wait(60)
        answered.set()
        return send(batch)

    kiosk.server.send = slow  # type: ignore[method-assign]
    kiosk.sync.start()
    assert asked.wait(60)
    kiosk.rate(2)
    assert not answered.is_set(), "the tap was done while the server was still thinking"
    assert kiosk.store.count_waiting() == 2
    go_on.set()
    kiosk.sync.stop()
    kiosk.store.close()
