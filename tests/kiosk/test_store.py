"""What a store keeps of ratings: opened, completed, closed, chained, settled, parked, forgotten."""

import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.errors import StoreBusy, StoreError
from kiosk.journal import frame, read_lines
from kiosk.store import JOURNAL, SETTLED_TOGETHER, Contact, Identity, Store, Taken, open_store, peek
from survey.ledger import Link, faults
from survey.rating import Rating, digest
from survey.wire import Anchor, Receipt, to_json
from tests.kiosk.builders import MONDAY, a_rating, a_setup, an_id
from tests.kiosk.fakes import CARRY_KEY
from tests.kiosk.frail_disk import FrailDisk


class Kiosk:
    """A store that can be switched off and on."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.store = open_store(directory)

    def restart(self) -> Store:
        self.store.close()
        self.store = open_store(self.directory)
        return self.store

    def rate(self, *numbers: int) -> None:
        for number in numbers:
            self.store.open_rating(a_rating(number))
            self.store.close_rating(an_id(number))

    def settle(self, verdict: str = "stored", code: str | None = None) -> Rating:
        rating = self.store.waiting(1)[0]
        self.store.settle(rating, Receipt(id=rating.id, verdict=verdict, code=code), MONDAY)
        return rating


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    kiosk = Kiosk(tmp_path / "data")
    yield kiosk
    kiosk.store.close()


def an_identity(kiosk_id: str = "k1", url: str = "https://a") -> Identity:
    return Identity(url=url, kiosk_id=kiosk_id, key="x", carry_key=CARRY_KEY, unit_id="u")


def test_an_open_rating_is_kept_but_does_not_wait(kiosk: Kiosk) -> None:
    kiosk.store.open_rating(a_rating(1))
    assert (kiosk.store.count_waiting(), kiosk.store.open_id()) == (0, an_id(1))


def test_a_rating_left_open_is_closed_at_the_next_start(kiosk: Kiosk) -> None:
    kiosk.store.open_rating(a_rating(1, level=2))
    kiosk.store.revise_rating(an_id(1), 1, ["slow"], None)
    store = kiosk.restart()
    assert [(r.level, r.reasons, r.seq) for r in store.waiting()] == [(1, ("slow",), 1)]
    assert store.open_id() is None


def test_opening_another_closes_the_one_that_was_left_open(kiosk: Kiosk) -> None:
    kiosk.store.open_rating(a_rating(1))
    kiosk.store.open_rating(a_rating(2))
    assert ([r.id for r in kiosk.store.waiting()], kiosk.store.open_id()) == ([an_id(1)], an_id(2))
    assert [r.id for r in kiosk.restart().waiting()] == [an_id(1), an_id(2)]


def test_closing_twice_counts_once_and_a_closed_rating_cannot_be_revised(kiosk: Kiosk) -> None:
    kiosk.rate(1)
    kiosk.store.close_rating(an_id(1))
    assert kiosk.store.count_waiting() == 1
    with pytest.raises(StoreError, match="not open"):
        kiosk.store.revise_rating(an_id(1), 1, [], None)


def test_the_ledger_is_whole_across_restarts_settlements_and_tidying(kiosk: Kiosk) -> None:
    seen: list[Rating] = []
    for number in range(1, 13):
        kiosk.rate(number)
        if number % 2:
            kiosk.restart()
        if number % 3 == 0:
            seen += [kiosk.settle() for _ in range(3)]
            kiosk.store.tidy(at_once=True)
    assert kiosk.store.count_waiting() == 0
    kiosk.restart()
    kiosk.rate(13)
    seen += kiosk.store.waiting()
    assert faults(Link(r.seq, digest(r), r.prev) for r in seen) == []
    assert seen[-1].seq == 13


def test_a_settled_rating_leaves_a_copy_without_its_dossier(kiosk: Kiosk) -> None:
    kiosk.rate(1)
    rating = kiosk.settle("duplicate")
    (copy,) = kiosk.store.sent_copies()
    assert (copy.rating.id, copy.rating.dossier, copy.digest) == (rating.id, None, digest(rating))
    kiosk.store.tidy(at_once=True)
    assert rating.dossier is not None
    assert str(rating.dossier.code).encode() not in (kiosk.directory / JOURNAL).read_bytes()
    assert kiosk.store.stored_count() == 1


@pytest.mark.parametrize(("verdict", "code"), [("conflict", "id_reused"), ("refused", "unknown_officer")])
def test_a_parked_rating_is_kept_whole_with_its_code_and_blocks_nobody(kiosk: Kiosk, verdict: str, code: str) -> None:
    kiosk.rate(1, 2)
    rating = kiosk.settle(verdict, code)
    (parked,) = kiosk.restart().parked()
    assert (parked.rating, parked.verdict, parked.code) == (rating, verdict, code)
    assert [r.id for r in kiosk.store.waiting()] == [an_id(2)]
    assert kiosk.store.stored_count() == 0


def test_settling_twice_is_settling_once(kiosk: Kiosk) -> None:
    kiosk.rate(1)
    rating = kiosk.settle()
    kiosk.store.settle(rating, Receipt(id=rating.id, verdict="refused"), MONDAY)
    assert (kiosk.store.stored_count(), kiosk.store.parked(), len(kiosk.store.sent_copies())) == (1, [], 1)


def test_a_disk_that_fails_among_receipts_leaves_the_first_settled_and_the_others_waiting(tmp_path: Path) -> None:
    disk = FrailDisk()
    store = open_store(tmp_path / "frail", disk=disk)
    count = SETTLED_TOGETHER + 5
    for number in range(1, count + 1):
        store.open_rating(a_rating(number))
        store.close_rating(an_id(number))
    answered = [(rating, Receipt(id=rating.id, verdict="stored")) for rating in store.waiting()]
    answered[2] = (answered[2][0], Receipt(id=answered[2][0].id, verdict="refused", code="bad_level"))
    disk.syncs_left = 1
    with pytest.raises(StoreError):
        store.settle_all(answered, MONDAY)
    assert (store.count_waiting(), store.stored_count()) == (5, SETTLED_TOGETHER - 1)
    store.close()
    again = open_store(tmp_path / "frail")
    assert (again.count_waiting(), again.stored_count(), again.count_parked()) == (5, SETTLED_TOGETHER - 1, 1)
    again.settle_all(answered, MONDAY)
    assert (again.count_waiting(), again.stored_count(), again.count_parked()) == (0, count - 1, 1)
    again.close()


def test_what_waits_comes_oldest_first_and_no_more_than_asked(kiosk: Kiosk) -> None:
    kiosk.rate(*range(1, 8))
    kiosk.settle()
    assert [r.seq for r in kiosk.store.waiting(3)] == [2, 3, 4]
    kiosk.restart()
    kiosk.rate(8)
    assert [r.seq for r in kiosk.store.waiting()] == [2, 3, 4, 5, 6, 7, 8]


def test_copies_are_forgotten_after_their_days(kiosk: Kiosk) -> None:
    kiosk.rate(1)
    kiosk.settle()
    assert kiosk.store.drop_sent_copies(30, MONDAY + timedelta(days=29)) == 0
    assert kiosk.store.drop_sent_copies(30, MONDAY + timedelta(days=31)) == 1
    assert kiosk.restart().sent_copies() == []
    kiosk.rate(2)
    assert kiosk.store.waiting()[0].seq == 2


def test_facts_are_there_after_a_restart(kiosk: Kiosk) -> None:
    store = kiosk.store
    store.enrol(an_identity())
    store.keep_setup(a_setup(), '"7"')
    contact = Contact(last_met_at="2021-03-01T08:00:00+07:00", server_total=3)
    for boot in ("a", "b", "a"):
        store.met(contact, Anchor(boot_id=boot, monotonic_ms=1, server_time="2021-03-01T08:00:00+07:00"))
    store.take_duty(Taken(officer_id="off-lan", since="2021-03-01T08:00:00+07:00"))
    store = kiosk.restart()
    assert store.identity() == an_identity()
    kept = store.setup()
    assert kept is not None
    assert (kept.setup, kept.etag) == (a_setup(), '"7"')
    assert store.contact() == contact
    assert [anchor.boot_id for anchor in store.anchors()] == ["b", "a"]
    assert store.taken() == Taken(officer_id="off-lan", since="2021-03-01T08:00:00+07:00")


def test_a_setup_that_another_version_wrote_is_asked_for_again(kiosk: Kiosk) -> None:
    kiosk.store.keep_setup(a_setup(), '"7"')
    rewrite(kiosk, b'"unit"', b'"community"')
    assert kiosk.store.setup() is None


def rewrite(kiosk: Kiosk, old: bytes, new: bytes) -> None:
    """As a program of another version would have written it."""
    kiosk.store.close()
    file = kiosk.directory / JOURNAL
    payloads = [payload.replace(old, new) for payload in read_lines(file.read_bytes()).payloads]
    file.write_bytes(b"".join(frame(payload) for payload in payloads))
    kiosk.store = open_store(kiosk.directory)


def test_a_rating_that_cannot_be_read_is_kept_aside_and_blocks_nobody(kiosk: Kiosk) -> None:
    kiosk.rate(1, 2, 3)
    rewrite(kiosk, f'"id":"{an_id(2)}"'.encode(), b'"nr":2')
    assert [rating.seq for rating in kiosk.store.waiting(1)] == [1]
    assert [rating.seq for rating in kiosk.store.waiting()] == [1, 3]
    assert (kiosk.store.count_waiting(), kiosk.store.damage()) == (2, 1)
    assert kiosk.restart().damage() == 1


def test_an_open_rating_that_cannot_be_read_does_not_keep_the_kiosk_from_starting(kiosk: Kiosk) -> None:
    kiosk.store.open_rating(a_rating(1))
    rewrite(kiosk, b'"level"', b'"stars"')
    assert (kiosk.store.count_waiting(), kiosk.store.damage(), kiosk.store.open_id()) == (0, 1, None)
    kiosk.rate(2)
    assert kiosk.store.count_waiting() == 1


def test_a_closed_store_touches_the_file_no_more(kiosk: Kiosk) -> None:
    """A request may hang on beyond the end, while the next process owns the directory already."""
    old = kiosk.store
    kiosk.rate(1)
    rating = old.waiting()[0]
    kiosk.restart()
    kiosk.rate(2)
    for late in (
        lambda: old.settle(rating, Receipt(id=rating.id, verdict="stored"), MONDAY),
        lambda: old.tidy(at_once=True),
        lambda: old.open_rating(a_rating(3)),
    ):
        with pytest.raises(StoreError):
            late()
    assert [rating.id for rating in kiosk.restart().waiting()] == [an_id(1), an_id(2)]


def test_enrolling_anew_begins_a_new_ledger_only_when_nothing_waits(kiosk: Kiosk) -> None:
    kiosk.store.enrol(an_identity("k1"))
    kiosk.rate(1, 2)
    kiosk.settle()
    kiosk.store.enrol(an_identity("k2"))
    assert kiosk.store.stored_count() == 0
    kiosk.rate(3)
    assert [r.seq for r in kiosk.store.waiting()] == [2, 3], "2 may be on its way already: its place stays"
    kiosk.settle()
    kiosk.settle()
    kiosk.store.enrol(an_identity("k3"))
    kiosk.rate(4)
    assert [(r.seq, r.prev) for r in kiosk.store.waiting()] == [(1, "")]


def test_enrolling_the_same_kiosk_again_changes_nothing_but_its_key(kiosk: Kiosk) -> None:
    kiosk.store.enrol(an_identity("k1"))
    kiosk.store.keep_setup(a_setup(), '"7"')
    kiosk.rate(1)
    kiosk.settle()
    kiosk.store.enrol(an_identity("k1"))
    assert kiosk.store.stored_count() == 1
    assert kiosk.store.setup() is not None
    kiosk.rate(2)
    assert kiosk.store.waiting()[0].seq == 2


def test_what_the_server_had_of_the_kiosk_before_is_not_counted_for_the_new_one(kiosk: Kiosk) -> None:
    """Retired, its stick imported, paired anew: the new kiosk's `stored_total` begins at 0 and duplicates add none."""
    kiosk.store.enrol(an_identity("k1"))
    kiosk.rate(1, 2)
    kiosk.store.enrol(an_identity("k2"))
    kiosk.rate(3, 4)
    kiosk.settle("duplicate")
    kiosk.settle("stored")
    assert (kiosk.store.stored_count(), kiosk.store.unsure_count()) == (1, 1)
    kiosk.settle("duplicate")
    kiosk.settle("stored")
    assert (kiosk.store.stored_count(), kiosk.store.unsure_count()) == (3, 1), "its own duplicate had a lost reply"
    assert kiosk.restart().unsure_count() == 1


def test_looking_at_a_rating_that_cannot_be_read_passes_over_it(kiosk: Kiosk) -> None:
    kiosk.rate(1, 2, 3)
    rewrite(kiosk, f'"id":"{an_id(2)}"'.encode(), b'"nr":2')
    assert [rating.seq for rating in peek(kiosk.directory).waiting()] == [1, 3]
    assert kiosk.store.count_waiting() == 3, "looking moves nothing"


def test_a_second_owner_is_told_who_the_first_is_and_may_look(kiosk: Kiosk) -> None:
    kiosk.rate(1)
    with pytest.raises(StoreBusy, match=f"process {os.getpid()}"):
        open_store(kiosk.directory)
    look = peek(kiosk.directory)
    assert look.count_waiting() == 1
    with pytest.raises(StoreError):
        look.open_rating(a_rating(2))


def test_only_the_owner_may_read_what_is_kept(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    directory.mkdir(mode=0o755)
    kiosk = Kiosk(directory)
    kiosk.rate(1)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()} == {0o600}
    kiosk.store.close()


def test_looking_where_nothing_is_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        peek(tmp_path / "nowhere")


def test_a_tap_writes_little_more_than_its_rating(kiosk: Kiosk) -> None:
    for number in range(1, 200):
        kiosk.rate(number)
    kiosk.store.open_rating(a_rating(200))
    before = (kiosk.directory / JOURNAL).stat().st_size
    kiosk.store.close_rating(an_id(200))
    closed = (kiosk.directory / JOURNAL).stat().st_size
    kiosk.store.open_rating(a_rating(201))
    tap = (kiosk.directory / JOURNAL).stat().st_size - closed
    rating = len(to_json(a_rating(201)))
    assert tap <= 1.5 * rating
    assert closed - before < 3 * rating
