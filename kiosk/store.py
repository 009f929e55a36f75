"""What a kiosk keeps: the open rating, those that wait to be sent, parked ones, copies of sent ones, and its facts.

Every change is on the medium when the call returns, or raises `StoreError` and has not happened. Tables:
`open` (at most one rating), `waiting` (by seq, oldest first), `parked`, `sent`, `ledger` (one document: the head of
the chain and the count that the server should have), `facts` (one document a kind).
"""

import itertools
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from tinydb.table import Document, Table

from kiosk.disk import Disk, claim_directory
from kiosk.durable import JournalDB, JournalStorage, JournalTable
from kiosk.errors import StoreError
from kiosk.kept import Anchors, ChosenPlace, Contact, Head, Identity, KeptSetup, Parked, SentCopy, Taken
from kiosk.owner import Ownership
from kiosk.tuning import Tuning
from survey import codec
from survey.errors import BadDocument
from survey.rating import Rating, chained, digest
from survey.setup import Setup
from survey.wire import Anchor, Receipt, Verdict

log = logging.getLogger(__name__)

JOURNAL = "ratings.journal"
_FACTS = {"identity": 1, "setup": 2, "contact": 3, "anchors": 4, "taken": 5, "place": 6, "tuning": 7}
_BOOTS_KEPT = 16
SETTLED_TOGETHER = 20
"""Receipts that are kept by one sync of the disk."""
T = TypeVar("T")


class Store:
    """One data directory. May be used from several threads. Make it with `open_store` or `peek`."""

    def __init__(self, storage: JournalStorage, ownership: Ownership | None = None) -> None:
        self._storage, self._ownership = storage, ownership
        self._db = JournalDB(storage)
        self._open, self._waiting = self._db.table("open"), self._db.table("waiting")
        self._parked, self._sent = self._db.table("parked"), self._db.table("sent")
        self._ledger, self._facts = self._db.table("ledger"), self._db.table("facts")
        # What each tap needs, so that it costs no reading of documents; set only after a change was kept.
        self._unreadable = self._db.table("unreadable")
        self._head = self._get(self._ledger, 1, Head) or Head()
        self._open_one: Rating | None = None
        self._read_facts: dict[str, tuple[object, object]] = {}

    def close(self) -> None:
        """Give the directory to others. Nothing needs to be saved: all is kept already."""
        self._db.close()
        if self._ownership is not None:
            self._ownership.release()

    # --- the open rating -----------------------------------------------------------------------------------------

    def open_rating(self, rating: Rating) -> None:
        """Keep a new rating. One that was left open (its closing failed on a full disk) is closed by the same step."""
        with self._storage.lock:
            with self._storage.together():
                head = self._close_left_open() if self.open_id() != rating.id else self._head
                self._put(self._open, 1, rating)
            self._open_one, self._head = rating, head

    def revise_rating(self, rating_id: str, level: int, reasons: Sequence[str], comment: str | None) -> None:
        """Complete or change the open rating. Raises `StoreError` when it is not open."""
        with self._storage.lock:
            if self._open_one is None or self._open_one.id != rating_id:
                raise StoreError(f"rating {rating_id} is not open; start a new visit")
            revised = replace(self._open_one, level=level, reasons=tuple(reasons), comment=comment)
            self._put(self._open, 1, revised)
            self._open_one = revised

    def close_rating(self, rating_id: str) -> None:
        """Give the rating its place in the ledger; from now on it waits to be sent. Safe to repeat."""
        if self.open_id() == rating_id:
            self.close_left_open()

    def recover(self) -> None:
        """At the start: close a rating that a power cut left open. The level alone is a complete rating."""
        document = self._open.get(doc_id=1)
        if document is None:
            return
        self._open_one = _read(Rating, document)
        if self._open_one is not None:
            self.close_left_open()
            return
        with self._storage.together():
            self._unreadable.insert(dict(document))
            self._open.remove(doc_ids=[1])

    def close_left_open(self) -> None:
        """Close the open rating, whichever it is."""
        with self._storage.lock:
            with self._storage.together():
                head = self._close_left_open()
            self._open_one, self._head = None, head

    def open_id(self) -> str | None:
        """The id of the open rating."""
        rating = self._open_one
        return rating.id if rating else None

    def _close_left_open(self) -> Head:
        """Part of a change set. Returns the ledger's head after it."""
        rating, head = self._open_one, self._head
        if rating is None:
            return head
        placed = chained(rating, head.seq + 1, head.digest)
        head = replace(head, seq=placed.seq, digest=digest(placed))
        self._open.remove(doc_ids=[1])
        self._waiting.insert(Document(codec.encode(placed), placed.seq))
        self._put(self._ledger, 1, head)
        return head

    # --- what waits, and what became of it -----------------------------------------------------------------------

    def waiting(self, limit: int | None = None) -> list[Rating]:
        """Ratings to be sent, oldest first. One that this program cannot read is put aside: it must not block all.

        A store that was only opened to look at passes over it; the kiosk that owns it will put it aside.
        """
        with self._storage.lock:
            documents = list(itertools.islice(self._waiting, limit))
        readable = [(document, _read(Rating, document)) for document in documents]
        unreadable = [document for document, rating in readable if rating is None]
        if unreadable and not self._storage.is_read_only:
            with self._storage.together():
                self._unreadable.insert_multiple([dict(document) for document in unreadable])
                self._waiting.remove(doc_ids=[document.doc_id for document in unreadable])
        return [rating for _, rating in readable if rating is not None]

    def count_waiting(self) -> int:
        """How many ratings wait to be sent."""
        return len(self._waiting)

    def settle(self, rating: Rating, receipt: Receipt, at: datetime) -> None:
        """Keep what became of one waiting rating, as `settle_all` does."""
        self.settle_all([(rating, receipt)], at)

    def settle_all(self, answered: Sequence[tuple[Rating, Receipt]], at: datetime) -> None:
        """Keep what became of waiting ratings: of each a copy without its dossier, or its place among the parked.

        A few share a change set and are settled together or not at all: a card's sync takes as long as all else, and
        one for each rating would double the time in which a month comes home. Not more, since a citizen's tap waits
        for the change set that is being kept. When it raises, the first ones may be settled, durably, and the others
        wait as before. Safe to repeat: a rating that no longer waits is passed over.
        """
        moment = at.isoformat(timespec="seconds")
        for first in range(0, len(answered), SETTLED_TOGETHER):
            few = [(*pair, _remembered(*pair, moment)) for pair in answered[first : first + SETTLED_TOGETHER]]
            with self._storage.lock:
                with self._storage.together():
                    head = self._settle(few)
                self._head = head

    def _settle(self, few: Iterable[tuple[Rating, Receipt, dict[str, Any]]]) -> Head:
        """Part of a change set. Returns the ledger's head after it."""
        head = self._head
        for rating, receipt, remembered in few:
            if not self._waiting.contains(doc_id=rating.seq):
                continue
            self._waiting.remove(doc_ids=[rating.seq])
            if Verdict(receipt.verdict).settles:
                self._sent.insert(remembered)
                head = _counted(head, rating, receipt)
            else:
                self._parked.insert(remembered)
        if head is not self._head:
            self._put(self._ledger, 1, head)
        return head

    def parked(self) -> list[Parked]:
        """Ratings that staff should look at."""
        with self._storage.lock:
            return [parked for document in self._parked if (parked := _read(Parked, document)) is not None]

    def count_parked(self) -> int:
        """How many ratings are parked."""
        return len(self._parked)

    def sent_copies(self) -> list[SentCopy]:
        """Copies of what the server has."""
        with self._storage.lock:
            return [copy for document in self._sent if (copy := _read(SentCopy, document)) is not None]

    def drop_sent_copies(self, days: int, now: datetime) -> int:
        """Forget copies older than so many days. Returns how many."""
        limit = now - timedelta(days=days)
        with self._storage.lock:
            old = [doc.doc_id for doc in self._sent if datetime.fromisoformat(doc["settled_at"]) < limit]
            return len(self._sent.remove(doc_ids=old))

    def stored_count(self) -> int:
        """How many ratings this server acknowledged since the enrolment: what its `stored_total` should say."""
        return self._head.stored

    def unsure_count(self) -> int:
        """How many more it may say: from before the enrolment, and known to it already when they were sent."""
        return self._head.unsure

    # --- facts ---------------------------------------------------------------------------------------------------

    def identity(self) -> Identity | None:
        """Who this kiosk is, None before pairing."""
        return self._fact("identity", Identity)

    def enrol(self, identity: Identity) -> None:
        """Belong to this server from now on.

        As another kiosk than before, the count of acknowledged ratings begins anew, and the ledger does if
        nothing waits. Otherwise it goes on: numbers of ratings that may already be on their way stay theirs.
        """
        with self._storage.lock:
            before, head = self.identity(), self._head
            another = before is None or (before.url, before.kiosk_id) != (identity.url, identity.kiosk_id)
            if another:
                empty = not len(self._waiting) and self._open_one is None
                head = Head() if empty else replace(head, since=head.seq, stored=0, unsure=0)
            with self._storage.together():
                self._enrol(identity, head, another)
            self._head = head

    def _enrol(self, identity: Identity, head: Head, another: bool) -> None:
        if another:
            self._put(self._ledger, 1, head)
            for name in ("setup", "contact", "taken", "place"):
                self._facts.remove(doc_ids=[_FACTS[name]])
        self._put_fact("identity", identity)

    def setup(self) -> KeptSetup | None:
        """The last good setup."""
        return self._fact("setup", KeptSetup)

    def keep_setup(self, setup: Setup, etag: str | None) -> None:
        """Work with this setup from now on."""
        self._put_fact("setup", KeptSetup(etag=etag, setup=setup))

    def contact(self) -> Contact | None:
        """The last good answer of the server."""
        return self._fact("contact", Contact)

    def anchors(self) -> tuple[Anchor, ...]:
        """The last meeting with the server in each of the latest boots, the oldest first."""
        kept = self._fact("anchors", Anchors)
        return kept.anchors if kept else ()

    def met(self, contact: Contact, anchor: Anchor | None) -> None:
        """Keep that the server answered, and the anchor that it gives this boot."""
        with self._storage.together():
            self._put_fact("contact", contact)
            if anchor is not None:
                others = [kept for kept in self.anchors() if kept.boot_id != anchor.boot_id]
                self._put_fact("anchors", Anchors(anchors=(*others, anchor)[-_BOOTS_KEPT:]))

    def taken(self) -> Taken | None:
        """Who last took the counter with a badge."""
        return self._fact("taken", Taken)

    def take_duty(self, taken: Taken) -> None:
        """This officer has the counter now."""
        self._put_fact("taken", taken)

    def place(self) -> ChosenPlace | None:
        """Where staff said last that this kiosk serves."""
        return self._fact("place", ChosenPlace)

    def choose_place(self, place: ChosenPlace) -> None:
        """It serves there now."""
        self._put_fact("place", place)

    def tuning(self) -> Tuning | None:
        """How loud and how bright staff set this device, None when they never did."""
        return self._fact("tuning", Tuning)

    def tune(self, tuning: Tuning) -> None:
        """So loud and so bright from now on. It is the device's: another server changes nothing of it."""
        self._put_fact("tuning", tuning)

    # --- upkeep --------------------------------------------------------------------------------------------------

    def tidy(self, *, at_once: bool = False) -> bool:
        """Rewrite the journal without what is outdated, when that is worth while. For a background thread."""
        return self._storage.tidy(at_once=at_once)

    def probe(self) -> None:
        """Find out whether a change could be kept now: `StoreError` if not."""
        self._storage.probe()

    def damage(self) -> int:
        """How many damaged lines and unreadable ratings were set aside and wait for a person to look at them."""
        return self._storage.damage() + len(self._unreadable)

    @property
    def aside_path(self) -> Path:
        """Where they are."""
        return self._storage.aside_path

    def _fact(self, name: str, kind: type[T]) -> T | None:
        document = self._storage.table("facts").get(str(_FACTS[name]))
        if document is None:
            return None
        read = self._read_facts.get(name)
        if read is not None and read[0] is document:  # a kept change always brings a new document
            return cast(T, read[1])
        try:
            fact = codec.decode(kind, document)
        except BadDocument as error:
            # A newer or older program wrote it: without it the kiosk asks the server again, and works meanwhile.
            log.error("the stored %s cannot be read: %s", name, error)
            return None
        self._read_facts[name] = (document, fact)
        return fact

    def _put_fact(self, name: str, fact: object) -> None:
        self._put(self._facts, _FACTS[name], fact)

    @staticmethod
    def _get(table: Table, doc_id: int, kind: type[T]) -> T | None:
        document = table.get(doc_id=doc_id)
        try:
            return codec.decode(kind, dict(document)) if document is not None else None
        except BadDocument as error:
            raise StoreError(
                f"table {table.name} was written by another version ({error}); update the kiosk"
            ) from error

    @staticmethod
    def _put(table: JournalTable, doc_id: int, value: object) -> None:
        table.put(Document(codec.encode(value), doc_id))


def _remembered(rating: Rating, receipt: Receipt, moment: str) -> dict[str, Any]:
    """What is kept of a rating that waits no longer: a `SentCopy`, or a `Parked`."""
    if not Verdict(receipt.verdict).settles:
        parked = Parked(rating=rating, verdict=receipt.verdict, code=receipt.code, parked_at=moment)
        return cast(dict[str, Any], codec.encode(parked))
    copy = SentCopy(
        rating=replace(rating, dossier=None), digest=digest(rating), settled_at=moment, verdict=receipt.verdict
    )
    return cast(dict[str, Any], codec.encode(copy))


def _counted(head: Head, rating: Rating, receipt: Receipt) -> Head:
    """The head after the server acknowledged a rating.

    It finds duplicates by id over all kiosks. One from before this enrolment may have come as a rating of the kiosk
    that this one was (by a stick, say) or as ours with its reply lost: whose count it is in, nobody here can know.
    """
    if receipt.verdict == Verdict.DUPLICATE and rating.seq <= head.since:
        return replace(head, unsure=head.unsure + 1)
    return replace(head, stored=head.stored + 1)


def _read(kind: type[T], document: Mapping[str, Any]) -> T | None:
    """A stored document, None when this program cannot read it (an older one after a step back, say)."""
    try:
        return codec.decode(kind, dict(document))
    except BadDocument as error:
        log.error("a stored %s cannot be read: %s", kind.__name__.lower(), error)
        return None


def open_store(directory: Path, *, disk: Disk | None = None) -> Store:
    """Own a data directory and what it keeps; an open rating of before is closed.

    Raises `StoreBusy` when another process owns it, `StoreError` when it cannot be read or written.
    """
    claim_directory(directory)
    ownership = Ownership(directory)
    try:
        store = Store(JournalStorage(directory / JOURNAL, disk=disk), ownership)
        store.recover()
    except BaseException:
        ownership.release()
        raise
    return store


def peek(directory: Path) -> Store:
    """Look at a data directory that a running kiosk may own; every change raises `StoreError`.

    Raises `StoreError` when there is none or it cannot be read.
    """
    if not directory.is_dir():
        raise StoreError(f"{directory} does not exist; name the kiosk's --data-dir, or pair the kiosk first")
    return Store(JournalStorage(directory / JOURNAL, read_only=True))
