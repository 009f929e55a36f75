"""Ratings that come on a stick: twice is once, and an altered file is refused whole."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from survey import wire
from survey.wire import Anchor, Batch
from sync_server.errors import Refused
from sync_server.models.kiosk import Kiosk
from sync_server.office import Office
from sync_server.services.carry import Imported, import_file
from tests.builders import BOOT, START, a_batch, written
from tests.sync_server.intake.conftest import Desk, make_desk

MINUTE, DAY = 60_000, 86_400_000


def sealed(desk: Desk, batch: Batch) -> bytes:
    """A file as `nucuoi-kiosk export-usb` writes it."""
    with desk.office.database.read() as session:
        kiosk = session.get_one(Kiosk, desk.kiosk_id)
        return Fernet(desk.office.seals.open(kiosk.carry_key_sealed)).encrypt(wire.pack(batch))


def a_carried_batch(desk: Desk) -> Batch:
    anchor = Anchor(boot_id=BOOT, monotonic_ms=1000, server_time=written(START - 599_000))
    return a_batch(*(desk.rating(at=START + i * MINUTE) for i in range(3)), anchors=(anchor,))


def carry(desk: Desk, content: bytes, name: str = "") -> Imported:
    name = name or f"ratings-k{desk.kiosk_id}-2026-03-09.nucuoi"
    return import_file(
        desk.office, name, content, now=START + 7 * DAY, touched=lambda officers, day: desk.judged.extend(officers)
    )


def test_a_file_imported_twice_is_counted_once(desk: Desk) -> None:
    content = sealed(desk, a_carried_batch(desk))
    assert carry(desk, content).verdicts == {"stored": 3}
    assert carry(desk, content).verdicts == {"duplicate": 3}
    assert desk.tallied() == desk.stored_total() == 3
    assert desk.judged == [desk.officer_id]


def test_its_times_follow_from_the_anchors_and_not_from_the_import(desk: Desk) -> None:
    carry(desk, sealed(desk, a_carried_batch(desk)))
    assert [row.happened_at for row in desk.ratings()] == [START, START + MINUTE, START + 2 * MINUTE]


def test_after_a_sync_a_file_brings_nothing_new(desk: Desk) -> None:
    batch = a_carried_batch(desk)
    desk.send(batch)
    assert carry(desk, sealed(desk, batch)).verdicts == {"duplicate": 3}


def test_an_import_is_no_contact_with_the_kiosk(desk: Desk) -> None:
    with desk.office.database.read() as session:
        before = session.get_one(Kiosk, desk.kiosk_id).last_contact_at
    carry(desk, sealed(desk, a_carried_batch(desk)))
    with desk.office.database.read() as session:
        assert session.get_one(Kiosk, desk.kiosk_id).last_contact_at == before


def test_a_renamed_file_is_known_by_its_key(sqlite_office: Office) -> None:
    make_desk(sqlite_office)
    desk = make_desk(sqlite_office)
    imported = carry(desk, sealed(desk, a_carried_batch(desk)), name="của chị Lan.nucuoi")
    assert imported.kiosk_id == desk.kiosk_id


def test_an_altered_file_is_refused_whole(sqlite_office: Office) -> None:
    desk = make_desk(sqlite_office)
    content = sealed(desk, a_carried_batch(desk))
    for place in (0, 20, len(content) // 2, len(content) - 10):  # the last letter holds bits that mean nothing
        letter = b"A" if content[place : place + 1] != b"A" else b"B"
        with pytest.raises(Refused, match="altered, cut off, or not of kiosk"):
            carry(desk, content[:place] + letter + content[place + 1 :])
    with pytest.raises(Refused):
        carry(desk, content[:-10])
    with pytest.raises(Refused):
        carry(desk, Fernet(Fernet.generate_key()).encrypt(wire.pack(a_carried_batch(desk))))
    assert desk.ratings() == []


def test_a_sealed_file_that_is_no_batch_is_refused(sqlite_office: Office) -> None:
    desk = make_desk(sqlite_office)
    with sqlite_office.database.read() as session:
        kiosk = session.get_one(Kiosk, desk.kiosk_id)
        fernet = Fernet(sqlite_office.seals.open(kiosk.carry_key_sealed))
    for content in (b"not gzip", wire.pack(a_batch())[:-4]):
        with pytest.raises(Refused, match="no batch"):
            carry(desk, fernet.encrypt(content))
    with pytest.raises(Refused, match="more than any file"):
        carry(desk, b"x" * 3_000_000)


def test_the_command_imports_a_folder_and_check_agrees(
    sqlite_office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync_server.cli import main

    desk = make_desk(sqlite_office)
    (tmp_path / f"ratings-k{desk.kiosk_id}-2026-03-02.nucuoi").write_bytes(sealed(desk, a_carried_batch(desk)))
    (tmp_path / "ratings-k9-2026-03-02.nucuoi").write_bytes(b"altered")
    monkeypatch.setenv(
        "NUCUOI_SECRET", sqlite_office.settings.secret or "the secret of the tests, long enough to derive keys from"
    )
    url = sqlite_office.settings.database
    assert main(["import-usb", "--database", url, str(tmp_path)]) == 1  # one of the two was refused
    told = capsys.readouterr().out
    assert "3 stored" in told
    assert "altered, cut off" in told
    assert main(["check", "--database", url]) == 0
    with sqlite_office.database.write() as session:
        session.get_one(Kiosk, desk.kiosk_id).stored_total = 7
    assert main(["check", "--database", url]) == 1
    assert "stored_total is 7, but 3 ratings are stored" in capsys.readouterr().out
