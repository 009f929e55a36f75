"""TinyDB on a journal: an insert costs one appended line, however much is stored already.

`JournalStorage` and `JournalTable` use TinyDB's two extension points (`storage`, `table_class`). Reading, querying,
updating and removing are plain TinyDB. A plain `Table` on this storage works too, but rewrites the whole file at
each change.
"""

import copy
import gc
import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.storages import Storage
from tinydb.table import Document, Table

from kiosk.disk import Disk, store_error, write_all
from kiosk.errors import StoreError
from kiosk.journal import Journal, read_lines

log = logging.getLogger(__name__)

Doc = dict[str, Any]
Change = tuple[str, str, Doc | None]
"""Table, document id, and the whole document or None when it was removed."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_VISIT_BYTES = 8192
_AT_ONCE = 1000
_SLACK = 1000
"""A rewrite is worth its while when more changes than this, and more than there are documents, are outdated."""


class JournalStorage(Storage):
    """All tables in memory, each change set as one line in a journal.

    lock: hold it around reading while other threads change something. Every changing method raises `StoreError`
    when the change could not be kept; memory is then as it was, and the same may be tried again.
    """

    def __init__(self, path: Path, *, disk: Disk | None = None, read_only: bool = False) -> None:
        """Opens the journal. read_only: look at a journal that another process may own; nothing is mended."""
        self.lock = threading.RLock()
        self._path, self._disk = path, disk or Disk()
        self._journal = Journal(path, self._disk)
        self._tables: dict[str, dict[str, Doc]] = {}
        self._together: list[Change] | None = None
        self._lines = 0
        self._read_only = read_only
        if read_only:
            self._read_only_load()
            return
        reading = self._journal.open()
        self._load(reading.payloads)
        if reading.damaged:
            self._set_aside(reading.damaged)

    # --- TinyDB's own interface ----------------------------------------------------------------------------------

    def read(self) -> dict[str, dict[str, Any]] | None:
        """All tables. The inner mappings are the live ones: a caller must not change them."""
        return dict(self._tables) or None

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace everything: the whole file is written anew and put in the old one's place in one step."""
        with self.lock:
            self._refuse_if_read_only()
            fresh = {name: {str(key): doc for key, doc in table.items()} for name, table in data.items()}
            self._rewrite_now(fresh)
            self._tables = fresh

    def close(self) -> None:
        """Let go of the file."""
        with self.lock:
            self._journal.close()

    # --- what our table uses -------------------------------------------------------------------------------------

    def table(self, name: str) -> Mapping[str, Doc]:
        """One table, live."""
        return self._tables.get(name, {})

    def change(self, changes: Sequence[Change]) -> None:
        """Keep a change set: on return it is on the medium, whole."""
        if not changes:
            return
        with self.lock:
            if self._together is not None:
                self._together.extend(changes)
            else:
                self._keep(_dump(changes))

    def probe(self) -> None:
        """Keep a change set of nothing, as long as those of a whole visit together: raises `StoreError` when the
        next visit could not be kept. A shorter one would fit where a rating no longer does, and the kiosk would wake
        up only to disappoint the next citizen."""
        with self.lock:
            self._keep(b"[" + b" " * _VISIT_BYTES + b"]")

    def _keep(self, payload: bytes) -> None:
        self._refuse_if_read_only()
        if self._journal.is_sour:
            self._rewrite_now(self._tables)
        self._journal.append(payload)
        # Memory holds what a restart would read, not what the caller may change later.
        self._apply(json.loads(payload))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one change set of all changes inside: kept whole at the end, or not at all.

        Reading inside still sees the state before. Holds the lock.
        """
        with self.lock:
            if self._together is not None:
                yield
                return
            self._together = []
            try:
                yield
                changes = self._together
            finally:
                self._together = None
            self.change(changes)

    # --- upkeep --------------------------------------------------------------------------------------------------

    @property
    def outdated(self) -> int:
        """How many lines' worth of changes in the file no longer matter."""
        return self._lines - self._live()

    def tidy(self, *, at_once: bool = False) -> bool:
        """Rewrite the file without what is outdated, when that is worth while or `at_once`. Safe to kill.

        For a background thread: taps are held up only while the last few lines are added. Returns whether it did.
        """
        with self.lock:
            outdated = self.outdated
            worth = outdated > max(_SLACK, self._live()) or (at_once and outdated > 0)
            if self._read_only or self._journal.is_rewriting or not worth:
                return False
            snapshot = {name: dict(table) for name, table in self._tables.items()}
            self._journal.begin_rewrite()
            lines_then, live_then = self._lines, self._live()
        handle, length = self._journal.fill_rewrite(_payloads(snapshot))
        with self.lock:
            self._journal.finish_rewrite(handle, length)
            self._lines = live_then + (self._lines - lines_then)
        return True

    @property
    def aside_path(self) -> Path:
        """Where damaged lines are kept for a person to look at."""
        return self._path.with_name(self._path.name + ".damaged")

    def damage(self) -> int:
        """How many damaged lines were ever set aside and not yet taken away by a person."""
        try:
            return self._disk.read(self.aside_path).count(b"\n")
        except OSError:
            return 0

    def _read_only_load(self) -> None:
        try:
            reading = read_lines(self._disk.read(self._path))
        except FileNotFoundError:
            return
        except OSError as error:
            raise store_error(error, self._path) from error
        self._load(reading.payloads)

    def _load(self, payloads: Sequence[bytes]) -> None:
        # The collector would walk over ever more documents again and again, for nothing: none of them is garbage.
        collecting = gc.isenabled()
        gc.disable()
        try:
            for first in range(0, len(payloads), _AT_ONCE):
                # Many lines in one call: a third less time until a kiosk with a long backlog is there.
                for changes in json.loads(b"[" + b",".join(payloads[first : first + _AT_ONCE]) + b"]"):
                    self._apply(changes)
        finally:
            if collecting:
                gc.enable()

    def _apply(self, changes: Iterable[Change]) -> None:
        for name, key, doc in changes:
            table = self._tables.get(name)
            if table is None:
                table = self._tables[name] = {}
            if doc is None:
                table.pop(key, None)
            else:
                table[key] = doc
            self._lines += 1

    def _live(self) -> int:
        return sum(len(table) for table in self._tables.values())

    def _rewrite_now(self, tables: Mapping[str, Mapping[str, Doc]]) -> None:
        if self._journal.is_rewriting:
            raise StoreError(f"{self._path} is being written anew just now; try again")
        self._journal.begin_rewrite()
        self._journal.finish_rewrite(*self._journal.fill_rewrite(_payloads(tables)))
        self._lines = sum(len(table) for table in tables.values())

    def _set_aside(self, damaged: Sequence[bytes]) -> None:
        log.error("%s: %d damaged lines are set aside in %s", self._path, len(damaged), self.aside_path)
        try:
            handle = self._disk.open(self.aside_path, new=False)
            try:
                write_all(self._disk, handle, b"".join(line + b"\n" for line in damaged))
                self._disk.sync(handle)
            finally:
                self._disk.close(handle)
            self._disk.sync_directory(self._path.parent)
            self._rewrite_now(self._tables)
        except (OSError, StoreError) as error:
            # They stay where they are and are found again at the next start.
            log.error("the damaged lines could not be set aside: %s", error)

    @property
    def is_read_only(self) -> bool:
        """Whether the journal was opened only to look at."""
        return self._read_only

    def _refuse_if_read_only(self) -> None:
        if self._read_only:
            raise StoreError(f"{self._path} was opened only to look at; nothing can be changed")


class JournalTable(Table):
    """TinyDB's table, telling the storage what changed instead of handing it everything."""

    @property
    def _journaled(self) -> JournalStorage:
        assert isinstance(self._storage, JournalStorage)
        return self._storage

    def _read_table(self) -> Mapping[str, Mapping[str, Any]]:  # type: ignore[override]
        return self._journaled.table(self.name)

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        with self._journaled.lock:
            draft = _Draft(self._journaled.table(self.name))
            updater(draft)  # type: ignore[arg-type]
            try:
                self._journaled.change([(self.name, str(key), doc) for key, doc in draft.changes()])
            except StoreError:
                self._next_id = None  # the number it gave away was not used
                raise
            self.clear_cache()

    def put(self, document: Document) -> None:
        """Have this document at its number, whatever was there: what TinyDB's `upsert` does, without looking."""
        self._journaled.change([(self.name, str(document.doc_id), dict(document))])
        self.clear_cache()

    def update(
        self,
        fields: Mapping[str, Any] | Callable[[MutableMapping[str, Any]], None],
        cond: QueryLike | None = None,
        doc_ids: Iterable[int] | None = None,
    ) -> list[int]:
        """As TinyDB's; only the documents that match are copied."""
        with self._journaled.lock:
            if doc_ids is None and cond is not None:
                doc_ids, cond = [doc.doc_id for doc in self.search(cond)], None
            return super().update(fields, cond, doc_ids)

    def remove(self, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None) -> list[int]:
        """As TinyDB's; only the documents that match are copied."""
        with self._journaled.lock:
            if doc_ids is None and cond is not None:
                doc_ids, cond = [doc.doc_id for doc in self.search(cond)], None
            return super().remove(cond, doc_ids)


class JournalDB(TinyDB):
    """TinyDB with our table."""

    table_class = JournalTable

    def __init__(self, storage: JournalStorage) -> None:
        super().__init__(storage=lambda: storage)

    def table(self, name: str, **options: Any) -> JournalTable:
        """As TinyDB's."""
        table = super().table(name, **options)
        assert isinstance(table, JournalTable)
        return table


class _Draft(MutableMapping[int, Doc]):
    """The table that TinyDB's updaters work on: notes what they change, and copies only what they touch."""

    def __init__(self, kept: Mapping[str, Doc]) -> None:
        self._kept = kept
        self._touched: dict[int, Doc | None] = {}

    def changes(self) -> list[tuple[int, Doc | None]]:
        """What differs from before, in the order in which it was touched."""
        return [(key, doc) for key, doc in self._touched.items() if doc != self._kept.get(str(key))]

    def __contains__(self, key: object) -> bool:
        if key in self._touched:
            return self._touched[key] is not None
        return str(key) in self._kept

    def __getitem__(self, key: int) -> Doc:
        if key not in self:
            raise KeyError(key)
        if key not in self._touched:
            # Updaters change documents in place; memory must stay as it is until the change is on the medium.
            self._touched[key] = copy.deepcopy(self._kept[str(key)])
        doc = self._touched[key]
        assert doc is not None
        return doc

    def __setitem__(self, key: int, doc: Doc) -> None:
        self._touched[key] = doc

    def __delitem__(self, key: int) -> None:
        if key not in self:
            raise KeyError(key)
        self._touched[key] = None

    def __iter__(self) -> Iterator[int]:
        yield from (int(key) for key in self._kept if int(key) in self)
        yield from [key for key, doc in self._touched.items() if doc is not None and str(key) not in self._kept]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        self._touched = dict.fromkeys((int(key) for key in self._kept), None)


def _payloads(tables: Mapping[str, Mapping[str, Doc]]) -> Iterator[bytes]:
    for name, table in tables.items():
        for key, doc in table.items():
            yield _dump([(name, key, doc)])


def _dump(changes: Sequence[Change]) -> bytes:
    return _ENCODER.encode(changes).encode()
