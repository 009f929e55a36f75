"""TinyDB behaves the same on our storage as on its own: one contract, every storage and table."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from tinydb import TinyDB, where
from tinydb.storages import JSONStorage, MemoryStorage
from tinydb.table import Document

from kiosk.durable import JournalDB, JournalStorage
from kiosk.errors import StoreError
from tests.kiosk.frail_disk import FrailDisk


def on_journal(directory: Path) -> TinyDB:
    return JournalDB(JournalStorage(directory / "db.journal"))


def plain_table_on_journal(directory: Path) -> TinyDB:
    return TinyDB(storage=lambda: JournalStorage(directory / "db.journal"))


def on_json(directory: Path) -> TinyDB:
    return TinyDB(directory / "db.json", storage=JSONStorage)


def in_memory(directory: Path) -> TinyDB:
    return TinyDB(storage=MemoryStorage)


Maker = Callable[[Path], TinyDB]


@pytest.fixture(params=[on_journal, plain_table_on_journal, on_json, in_memory], ids=lambda maker: maker.__name__)
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TinyDB]:
    with request.param(tmp_path) as db:
        yield db


def test_inserted_documents_are_found_by_id_and_by_query(db: TinyDB) -> None:
    first, second = db.insert({"level": 1}), db.insert({"level": 5})
    assert (first, second) == (1, 2)
    assert db.get(doc_id=2) == {"level": 5}
    assert db.search(where("level") < 3) == [{"level": 1}]
    assert db.count(where("level") > 0) == 2
    assert [document.doc_id for document in db] == [1, 2]


def test_a_document_with_a_number_of_its_own_keeps_it_and_is_not_overwritten(db: TinyDB) -> None:
    db.insert(Document({"a": 1}, 17))
    with pytest.raises(ValueError, match="17"):
        db.insert(Document({"a": 2}, 17))
    assert db.insert({"a": 3}) == 18
    assert db.get(doc_id=17) == {"a": 1}


def test_updates_reach_what_matches_and_nothing_else(db: TinyDB) -> None:
    db.insert_multiple([{"n": 1, "in": {"x": 1}}, {"n": 2, "in": {"x": 2}}])
    assert db.update({"n": 9}, where("n") == 1) == [1]
    assert db.update(lambda document: document["in"].update(x=7), doc_ids=[2, 99]) == [2]
    assert db.all() == [{"n": 9, "in": {"x": 1}}, {"n": 2, "in": {"x": 7}}]
    assert db.update({"seen": True}) == [1, 2]
    assert db.update_multiple([({"n": 0}, where("n") == 2)]) == [2]
    assert db.get(doc_id=2) == {"n": 0, "in": {"x": 7}, "seen": True}


def test_removing_truncating_upserting_and_dropping(db: TinyDB) -> None:
    db.insert_multiple([{"n": i} for i in range(6)])
    assert db.remove(where("n") > 3) == [5, 6]
    assert db.remove(doc_ids=[1, 50]) == [1]
    assert db.upsert({"n": 2, "new": 1}, where("n") == 2) == [3]
    assert db.upsert({"n": 77}, where("n") == 77) == [7]
    assert [document["n"] for document in db] == [1, 2, 3, 77]
    db.truncate()
    assert db.insert({"n": 0}) == 1
    db.table("other").insert({"m": 1})
    assert db.tables() == {"_default", "other"}
    db.drop_table("other")
    assert db.tables() == {"_default"}
    db.drop_tables()
    assert db.tables() == set()


@pytest.mark.parametrize("maker", [on_journal, plain_table_on_journal, on_json])
def test_what_is_kept_is_there_after_a_restart(maker: Maker, tmp_path: Path) -> None:
    with maker(tmp_path) as db:
        db.insert_multiple([{"n": i, "tên": "Hòa"} for i in range(5)])
        db.remove(doc_ids=[2])
        db.update({"n": -1}, doc_ids=[3])
        before = [(document.doc_id, document) for document in db]
    with maker(tmp_path) as db:
        assert [(document.doc_id, document) for document in db] == before
        assert db.insert({"n": 6}) == 6


class SameAsTinyDB(RuleBasedStateMachine):
    """Any sequence of changes leaves our database with what TinyDB's own file would hold."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.ours = on_journal(Path(self.directory.name))
        self.theirs = on_json(Path(self.directory.name))  # in memory, documents would share their lists

    def both(self, act: Callable[[TinyDB], Any]) -> None:
        assert act(self.ours) == act(self.theirs)
        assert self.documents(self.ours) == self.documents(self.theirs)

    @staticmethod
    def documents(db: TinyDB) -> list[tuple[int, dict[str, Any]]]:
        return [(document.doc_id, dict(document)) for document in db]

    @rule(n=st.integers(0, 5))
    def insert(self, n: int) -> None:
        self.both(lambda db: db.insert({"n": n, "list": [n]}))

    @rule(n=st.integers(0, 5))
    def remove_some(self, n: int) -> None:
        self.both(lambda db: db.remove(where("n") == n))

    @rule(n=st.integers(0, 5), ids=st.lists(st.integers(1, 8), max_size=3, unique=True))
    def update_by_id(self, n: int, ids: list[int]) -> None:
        self.both(lambda db: db.update(lambda document: document["list"].append(n), doc_ids=ids))

    @rule(n=st.integers(0, 5))
    def update_some(self, n: int) -> None:
        self.both(lambda db: db.update({"n": n + 1}, where("n") == n))

    @rule(n=st.integers(0, 5))
    def upsert(self, n: int) -> None:
        self.both(lambda db: db.upsert({"n": n, "list": []}, where("n") == n))

    @rule(n=st.integers(0, 5))
    def search(self, n: int) -> None:
        self.both(lambda db: [dict(document) for document in db.search(where("n") == n)])

    @rule()
    def restart(self) -> None:
        before = self.documents(self.ours)
        self.ours.close()
        self.ours = on_journal(Path(self.directory.name))
        assert self.documents(self.ours) == before
        # Its memory of the next number is gone with a restart, as TinyDB's own would be.
        self.theirs.table("_default")._next_id = None

    @rule()
    def tidy(self) -> None:
        storage = self.ours.storage
        assert isinstance(storage, JournalStorage)
        storage.tidy(at_once=True)
        assert storage.outdated == 0

    def teardown(self) -> None:
        self.ours.close()
        self.theirs.close()
        self.directory.cleanup()


TestSameAsTinyDB = SameAsTinyDB.TestCase
TestSameAsTinyDB.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


@pytest.fixture
def disk() -> FrailDisk:
    return FrailDisk()


@pytest.fixture
def storage(tmp_path: Path, disk: FrailDisk) -> JournalStorage:
    return JournalStorage(tmp_path / "db.journal", disk=disk)


def test_a_change_that_could_not_be_kept_has_not_happened(storage: JournalStorage, disk: FrailDisk) -> None:
    table = JournalDB(storage).table("t")
    table.insert({"n": [1]})
    disk.full = True
    for change in (
        lambda: table.insert({"n": 2}),
        lambda: table.update(lambda document: document["n"].append(2), doc_ids=[1]),
        lambda: table.remove(doc_ids=[1]),
        lambda: table.truncate(),
    ):
        with pytest.raises(StoreError):
            change()
        assert table.all() == [{"n": [1]}]
    disk.full = False
    assert table.insert({"n": 2}) == 2


def test_what_the_caller_changes_later_does_not_change_what_was_kept(storage: JournalStorage) -> None:
    table = JournalDB(storage).table("t")
    document = {"reasons": ["slow"]}
    table.insert(document)
    document["reasons"].append("rude")
    assert table.all() == [{"reasons": ["slow"]}]


def test_changes_made_together_are_one_line_and_all_or_nothing(storage: JournalStorage, tmp_path: Path) -> None:
    db = JournalDB(storage)
    lines = (tmp_path / "db.journal").read_bytes().count(b"\n")
    with storage.together():
        db.table("a").insert({"n": 1})
        db.table("b").insert({"n": 2})
    assert (tmp_path / "db.journal").read_bytes().count(b"\n") == lines + 1

    def half_done() -> None:
        with storage.together():
            db.table("a").insert({"n": 3})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_done()
    assert (len(db.table("a")), len(db.table("b"))) == (1, 1)


def test_a_failing_sync_is_survived_by_writing_the_file_anew(
    storage: JournalStorage, disk: FrailDisk, tmp_path: Path
) -> None:
    table = JournalDB(storage).table("t")
    table.insert({"n": 1})
    disk.failing = {"sync"}
    with pytest.raises(StoreError):
        table.insert({"n": 2})
    with pytest.raises(StoreError):
        table.insert({"n": 2})
    disk.failing = set()
    table.insert({"n": 3})
    again = JournalStorage(tmp_path / "db.journal")
    assert list(again.table("t").values()) == [{"n": 1}, {"n": 3}]


def test_damage_is_set_aside_once_and_the_rest_lives(storage: JournalStorage, tmp_path: Path) -> None:
    table = JournalDB(storage).table("t")
    for n in range(3):
        table.insert({"n": n})
    storage.close()
    file = tmp_path / "db.journal"
    file.write_bytes(file.read_bytes().replace(b'{"n":1}', b'{"n":7}'))
    for _ in range(2):
        again = JournalStorage(file)
        assert list(again.table("t").values()) == [{"n": 0}, {"n": 2}]
        assert again.damage() == 1
        again.close()
    assert b'{"n":7}' in (tmp_path / "db.journal.damaged").read_bytes()
    assert (tmp_path / "db.journal.damaged").stat().st_mode & 0o777 == 0o600


def test_a_look_from_outside_changes_nothing_not_even_a_torn_tail(storage: JournalStorage, tmp_path: Path) -> None:
    table = JournalDB(storage).table("t")
    table.insert({"n": 1})
    file = tmp_path / "db.journal"
    with file.open("ab") as stream:
        stream.write(b"12345678 [half")
    content = file.read_bytes()
    look = JournalStorage(file, read_only=True)
    assert list(look.table("t").values()) == [{"n": 1}]
    with pytest.raises(StoreError):
        JournalDB(look).table("t").insert({"n": 2})
    assert not look.tidy(at_once=True)
    assert file.read_bytes() == content


def test_the_file_is_rewritten_when_most_of_it_is_outdated(storage: JournalStorage, tmp_path: Path) -> None:
    table = JournalDB(storage).table("t")
    table.insert({"n": 0})
    for n in range(600):
        table.update({"n": n}, doc_ids=[1])
    assert not storage.tidy()
    for n in range(600):
        table.update({"n": n}, doc_ids=[1])
    before = (tmp_path / "db.journal").stat().st_size
    assert storage.tidy()
    assert (tmp_path / "db.journal").stat().st_size < before / 100
    assert storage.outdated == 0
