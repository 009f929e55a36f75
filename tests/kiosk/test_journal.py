"""Lines that are checked, torn, damaged, taken back: the journal by itself."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.disk import Disk
from kiosk.errors import StoreError
from kiosk.journal import HEADER, Journal, frame, read_lines
from tests.kiosk.frail_disk import FrailDisk

payloads = st.lists(
    st.text(st.characters(blacklist_characters="\n", codec="utf-8"), min_size=1).map(str.encode), max_size=6
)


def file_of(*lines: bytes) -> bytes:
    return b"".join(frame(line) for line in (HEADER, *lines))


def an_open_journal(path: Path, disk: Disk | None = None) -> Journal:
    journal = Journal(path, disk or Disk())
    journal.open()
    return journal


@given(payloads)
def test_what_was_framed_is_read_again(lines: list[bytes]) -> None:
    reading = read_lines(file_of(*lines))
    assert (list(reading.payloads), reading.torn, reading.damaged) == (lines, b"", ())


@given(payloads, st.data())
def test_a_file_cut_anywhere_holds_every_whole_line_before_the_cut(lines: list[bytes], data: st.DataObject) -> None:
    whole = file_of(*lines)
    cut = data.draw(st.integers(0, len(whole)))
    reading = read_lines(whole[:cut])
    assert reading.length + len(reading.torn) == cut
    assert list(reading.payloads) == lines[: max(0, whole[: reading.length].count(b"\n") - 1)]
    assert reading.damaged == ()


@given(payloads.filter(lambda lines: len(lines) > 1), st.data())
@settings(max_examples=100)
def test_a_changed_byte_costs_one_line_and_never_makes_another(lines: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(file_of(*lines))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    reading = read_lines(bytes(whole))
    assert [line for line in reading.payloads if line not in (*lines, HEADER)] == []
    assert len(reading.payloads) >= len(lines) - 2, "a changed newline joins two lines, no more"
    assert reading.damaged or reading.torn


def test_damage_in_the_middle_is_told_from_a_torn_end() -> None:
    broken = b"00000000 broken\n"
    middle = read_lines(file_of(b"1") + broken + frame(b"2"))
    assert (list(middle.payloads), middle.damaged, middle.torn) == ([b"1", b"2"], (broken.rstrip(),), b"")
    end = read_lines(file_of(b"1") + broken)
    assert (list(end.payloads), end.damaged, end.torn) == ([b"1"], (), broken)


def test_a_journal_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "j"
    content = frame(b'{"nucuoi_journal":2}') + frame(b"x")
    file.write_bytes(content)
    with pytest.raises(StoreError, match="update the kiosk"):
        Journal(file, Disk()).open()
    assert file.read_bytes() == content


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    an_open_journal(tmp_path / "j")
    assert (tmp_path / "j").stat().st_mode & 0o777 == 0o600


def test_a_full_disk_takes_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    disk = FrailDisk()
    journal = an_open_journal(tmp_path / "j", disk)
    journal.append(b"first")
    disk.room = 7  # a part of the line fits, then the disk is full
    with pytest.raises(StoreError, match="full"):
        journal.append(b"second")
    assert (tmp_path / "j").read_bytes() == file_of(b"first")
    disk.room = None
    journal.append(b"third")
    assert (tmp_path / "j").read_bytes() == file_of(b"first", b"third")


def test_after_a_failed_sync_nothing_is_appended_before_a_whole_rewrite(tmp_path: Path) -> None:
    disk = FrailDisk()
    journal = an_open_journal(tmp_path / "j", disk)
    journal.append(b"first")
    disk.failing = {"sync"}
    with pytest.raises(StoreError, match="replace the card"):
        journal.append(b"second")
    disk.failing = set()
    with pytest.raises(StoreError):
        journal.append(b"third")
    assert journal.is_sour
    journal.begin_rewrite()
    journal.finish_rewrite(*journal.fill_rewrite([b"first"]))
    journal.append(b"third")
    assert (tmp_path / "j").read_bytes() == file_of(b"first", b"third")


@pytest.mark.parametrize("failing", ["write", "sync", "rename"])
def test_a_rewrite_that_fails_leaves_the_old_file_and_no_rubbish(tmp_path: Path, failing: str) -> None:
    disk = FrailDisk()
    journal = an_open_journal(tmp_path / "j", disk)
    journal.append(b"first")
    journal.begin_rewrite()
    disk.failing = {failing}
    with pytest.raises(StoreError):
        journal.finish_rewrite(*journal.fill_rewrite([b"first"]))
    disk.failing = set()
    assert [file.name for file in tmp_path.iterdir()] == ["j"]
    journal.append(b"second")
    assert (tmp_path / "j").read_bytes() == file_of(b"first", b"second")


def test_a_new_file_whose_name_is_not_safe_yet_acknowledges_nothing(tmp_path: Path) -> None:
    disk = FrailDisk()
    journal = an_open_journal(tmp_path / "j", disk)
    journal.begin_rewrite()
    handle, length = journal.fill_rewrite([])
    disk.failing = {"sync_directory"}
    journal.finish_rewrite(handle, length)
    with pytest.raises(StoreError):
        journal.append(b"first")
    disk.failing = set()
    journal.append(b"first")
    assert (tmp_path / "j").read_bytes() == file_of(b"first")


def test_lines_appended_during_a_rewrite_are_in_the_new_file(tmp_path: Path) -> None:
    journal = an_open_journal(tmp_path / "j")
    journal.append(b"old")
    journal.begin_rewrite()
    handle, length = journal.fill_rewrite([b"state"])
    journal.append(b"meanwhile")
    journal.finish_rewrite(handle, length)
    journal.append(b"after")
    assert (tmp_path / "j").read_bytes() == file_of(b"state", b"meanwhile", b"after")


def test_an_unfinished_rewrite_of_a_killed_process_is_deleted(tmp_path: Path) -> None:
    (tmp_path / "j").write_bytes(file_of(b"kept"))
    (tmp_path / "j.new").write_bytes(b"half a fi")
    journal = Journal(tmp_path / "j", Disk())
    assert list(journal.open().payloads) == [b"kept"]
    assert not (tmp_path / "j.new").exists()
