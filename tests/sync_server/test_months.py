"""Ratings in one table a month on PostgreSQL: nothing else changes, and an old month can be taken out."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from survey.rating import Dossier, Rating, digest
from survey.wire import Verdict
from sync_server import cli
from sync_server.db import Database
from sync_server.errors import NotFound, Refused
from sync_server.models.months import DetachedRating, DossierKey, RatingKey
from sync_server.models.organisation import Unit
from sync_server.models.rating import Counted, Tally
from sync_server.office import Office
from sync_server.queries.kiosk_list import branches
from sync_server.queries.ledgers import ledger_of
from sync_server.services import check, months, partitioning, retention
from sync_server.services.backup import back_up, restore
from sync_server.services.migration import check_ready, step_down
from sync_server.services.partitioning import attached, bounds, is_partitioned, make_ahead, partition, unpartition
from tests.builders import HANOI, START, a_batch, chain
from tests.sync_server.builders import make_kiosk
from tests.sync_server.conftest import SetClock
from tests.sync_server.intake.conftest import Desk, make_desk

DAY = 86_400_000
LATER = 430
"""Days after which March 2026 is old enough to be detached."""

pytestmark = pytest.mark.postgres
in_months = pytest.mark.parametrize("database_url", ["partitioned"], indirect=True)
in_one_table = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def desk(office: Office) -> Desk:
    """A counter with its kiosk."""
    return make_desk(office)


def _ratings(
    desk: Desk, count: int, *, day: int = 0, after: Rating | None = None, **changes: object
) -> tuple[Rating, ...]:
    """Ratings a minute apart on the morning of a day after `START`, which go on where `after` ended."""
    taps = (desk.rating(at=START + day * DAY + 60_000 * number, **changes) for number in range(count))
    return chain(*taps, seq=after.seq + 1 if after else 1, prev=digest(after) if after else "")


def _send(desk: Desk, ratings: tuple[Rating, ...], *, day: int = 0, kiosk_id: int | None = None) -> list[Verdict]:
    reply = desk.send(a_batch(*ratings, at=START + day * DAY + 3_600_000), kiosk_id=kiosk_id)
    return [receipt.verdict for receipt in reply.receipts]


def _checked(office: Office) -> list[check.Finding]:
    with office.database.read() as session:
        return check.check(session, zone=office.zone)


def _attached(database: Database) -> list[str]:
    with database.read() as session:
        return attached(session.connection())


def _tallies(database: Database) -> list[tuple[object, ...]]:
    with database.read() as session:
        return sorted(tuple(row) for row in session.execute(select(*Tally.__table__.columns)))


@pytest.fixture
def old_march(desk: Desk, clock: SetClock) -> tuple[Rating, ...]:
    """Five ratings of March 2026, two of a day more than a year later; the clock stands at that day."""
    march = _ratings(desk, 5)
    assert _send(desk, march) == [Verdict.STORED] * 5
    clock.advance(days=LATER)
    assert _send(desk, _ratings(desk, 2, day=LATER, after=march[-1]), day=LATER) == [Verdict.STORED] * 2
    return march


# Turning it on and off ----------------------------------------------------------------------------------------------


@in_one_table
def test_turned_on_and_off_every_rating_and_every_rule_of_the_table_is_as_before(desk: Desk, clock: SetClock) -> None:
    office, database = desk.office, desk.office.database
    _send(desk, _ratings(desk, 3, dossier=None))
    clock.advance(days=40)
    _send(desk, _ratings(desk, 2, day=40, after=_ratings(desk, 3)[-1]), day=40)
    before, rules = [row.digest for row in desk.ratings()], _rules(database)
    assert partition(database, zone=HANOI, now=clock()) == 5
    assert _attached(database) == ["2026-03", "2026-04", "2026-05", "2026-06", "2026-07"]
    assert [row.digest for row in desk.ratings()] == before
    assert _checked(office) == []
    check_ready(database)
    with pytest.raises(Refused, match="in months already"):
        partition(database, zone=HANOI, now=clock())
    unpartition(database)
    assert [row.digest for row in desk.ratings()] == before
    assert _rules(database) == rules
    assert _checked(office) == []
    with pytest.raises(Refused, match="in one table already"):
        unpartition(database)


def _rules(database: Database) -> list[str]:
    """The indexes, keys and triggers of the table, as PostgreSQL tells them."""
    with database.read() as session:
        return sorted(
            session.scalars(
                text(
                    "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'rating'::regclass UNION ALL"
                    " SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint"
                    " WHERE conrelid = 'rating'::regclass UNION ALL SELECT tgname::text FROM pg_trigger"
                    " WHERE tgrelid = 'rating'::regclass AND NOT tgisinternal"
                )
            )
        )


@in_months
def test_stepping_down_below_the_months_is_refused_until_they_are_off(office: Office) -> None:
    with pytest.raises(Refused, match="partition --off"):
        step_down(office.database, "0012")
    check_ready(office.database)
    unpartition(office.database)
    step_down(office.database, "0012")


def test_sqlite_is_told_that_it_needs_none(sqlite_office: Office) -> None:
    with pytest.raises(Refused, match="large PostgreSQL"):
        partition(sqlite_office.database, zone=HANOI, now=START)
    with sqlite_office.database.alter() as connection:
        assert make_ahead(connection, zone=HANOI, now=START) == []


# Each rating once ---------------------------------------------------------------------------------------------------


@in_months
def test_a_rating_that_comes_again_in_another_month_is_known(desk: Desk, clock: SetClock) -> None:
    march = _ratings(desk, 3)
    _send(desk, march)
    clock.advance(days=60)
    assert _send(desk, march, day=60) == [Verdict.DUPLICATE] * 3
    assert len(desk.ratings()) == 3
    assert _checked(desk.office) == []


@in_months
def test_an_id_is_stored_once_over_all_months_and_kiosks(desk: Desk, clock: SetClock) -> None:
    march = _ratings(desk, 2)
    _send(desk, march)
    clock.advance(days=60)
    other, _ = make_kiosk(desk.office)
    again = chain(replace(march[0], seq=1, prev=""))
    assert _send(desk, again, day=60, kiosk_id=other.id) == [Verdict.DUPLICATE]
    renumbered = chain(replace(march[1], monotonic_ms=march[1].monotonic_ms + 1), seq=1, prev="")
    assert _send(desk, renumbered, day=60, kiosk_id=other.id) == [Verdict.CONFLICT]
    into_april = "INSERT INTO rating SELECT (json_populate_record(rating, :other)).* FROM rating LIMIT 1"
    with desk.office.database.write() as session, pytest.raises(DBAPIError, match="pk_rating_key"):
        session.execute(text(into_april), {"other": f'{{"received_at": {clock()}}}'})


@in_months
def test_of_a_dossier_one_rating_counts_over_all_months(desk: Desk, clock: SetClock) -> None:
    named = Dossier(code="H42.12-260302-0001")
    first = _ratings(desk, 1, dossier=named)
    _send(desk, first)
    clock.advance(days=60)
    _send(desk, _ratings(desk, 1, day=60, after=first[-1], dossier=named), day=60)
    assert desk.counted() == [Counted.YES, Counted.DOSSIER_REPEATED]
    with desk.office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(DossierKey)) == 1
    assert _checked(desk.office) == []


@in_months
def test_kiosks_that_bring_the_same_dossiers_at_once_count_each_once(desk: Desk) -> None:
    with desk.office.database.read() as session:
        unit = session.get_one(Unit, desk.unit_id)
    kiosks = [desk.kiosk_id, *(make_kiosk(desk.office, unit)[0].id for _ in range(3))]
    faults: list[BaseException] = []

    def bring(kiosk_id: int) -> None:
        taps = (desk.rating(at=START + n, dossier=Dossier(code=f"H42.12-260302-{n:04}")) for n in range(40))
        try:
            assert set(_send(desk, chain(*taps), kiosk_id=kiosk_id)) == {Verdict.STORED}
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=bring, args=(kiosk_id,)) for kiosk_id in kiosks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert faults == []
    assert sorted(desk.counted()) == [Counted.YES] * 40 + [Counted.DOSSIER_REPEATED] * 120
    assert _checked(desk.office) == []


# Months to come -----------------------------------------------------------------------------------------------------


@in_months
def test_what_came_before_its_month_was_made_is_kept_and_moved_into_it(desk: Desk, clock: SetClock) -> None:
    march = _ratings(desk, 2)
    _send(desk, march)
    clock.advance(days=300)
    assert _send(desk, _ratings(desk, 2, day=300, after=march[-1]), day=300) == [Verdict.STORED] * 2
    with desk.office.database.alter() as connection:
        assert make_ahead(connection, zone=HANOI, now=clock()) == ["2026-12", "2027-01", "2027-02", "2027-03"]
        assert connection.scalar(text("SELECT count(*) FROM rating_rest")) == 0
        assert connection.scalar(text("SELECT count(*) FROM rating_2026_12")) == 2
        assert make_ahead(connection, zone=HANOI, now=clock()) == []
    assert _checked(desk.office) == []


def test_a_month_begins_at_midnight_of_the_town() -> None:
    first, until = bounds("2026-12", HANOI)
    assert datetime.fromtimestamp(first / 1000, UTC).isoformat() == "2026-11-30T17:00:00+00:00"
    assert datetime.fromtimestamp(until / 1000, UTC).isoformat() == "2026-12-31T17:00:00+00:00"
    for wrong in ("2026-13", "26-01", "2026-1", "rating; DROP"):
        with pytest.raises(Refused, match="no month"):
            partitioning.table_of(wrong)


# An old month -------------------------------------------------------------------------------------------------------


@in_months
def test_a_detached_month_leaves_tallies_ledger_and_check_whole(
    desk: Desk, clock: SetClock, old_march: tuple[Rating, ...]
) -> None:
    office, before = desk.office, _tallies(desk.office.database)
    assert months.detach(office.database, "2026-03", zone=HANOI, now=clock()) == 5
    assert len(desk.ratings()) == 2
    assert _tallies(office.database) == before
    assert _checked(office) == []
    with office.database.write() as session:
        check.rebuild_tallies(session)
    assert _tallies(office.database) == before
    with office.database.read() as session:
        (line,), (branch,) = ledger_of(session, desk.kiosk_id), branches(session, desk.kiosk_id)
        assert (line.stored, line.gaps, line.breaks) == (7, (), ())
        assert (branch.stored, branch.missing) == (7, 0)
        gone, rest = (line for line in months.months(session) if line.month in ("2026-03", "rest"))
    assert (gone.is_attached, gone.ratings, rest.month) == (False, 5, "rest")


@in_months
def test_what_comes_again_of_a_detached_month_is_known_and_a_fork_of_it_is_not_lost(
    desk: Desk, clock: SetClock, old_march: tuple[Rating, ...]
) -> None:
    months.detach(desk.office.database, "2026-03", zone=HANOI, now=clock())
    assert _send(desk, old_march, day=LATER) == [Verdict.DUPLICATE] * 5
    # A card image of March: it goes on after number 3, with another citizen's words under number 4.
    other = _ratings(desk, 1, day=LATER, after=old_march[2])
    assert _send(desk, other, day=LATER) == [Verdict.STORED]
    with desk.office.database.read() as session:
        trunk, fork = ledger_of(session, desk.kiosk_id)
    assert (trunk.stored, fork.stored, fork.forked_from, fork.first_seq) == (7, 1, trunk.epoch_id, 4)
    assert _checked(desk.office) == []
    assert desk.stored_total() == 8


@in_months
def test_a_month_comes_back_as_it_was(desk: Desk, clock: SetClock, old_march: tuple[Rating, ...]) -> None:
    database, before = desk.office.database, [row.digest for row in desk.ratings()]
    months.detach(database, "2026-03", zone=HANOI, now=clock())
    assert months.attach(database, "2026-03", zone=HANOI) == 5
    assert [row.digest for row in desk.ratings()] == before
    assert _checked(desk.office) == []
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(DetachedRating)) == 0
        assert session.scalar(select(func.count()).select_from(RatingKey)) == 7
    with pytest.raises(NotFound, match="was not detached"):
        months.attach(database, "2026-03", zone=HANOI)


@in_months
def test_check_still_sees_what_was_changed_behind_its_back(
    desk: Desk, clock: SetClock, old_march: tuple[Rating, ...]
) -> None:
    database = desk.office.database
    months.detach(database, "2026-03", zone=HANOI, now=clock())
    with database.write() as session:
        session.execute(text("UPDATE detached_tally SET n5 = n5 + 1"))
        session.execute(text("DELETE FROM rating_key WHERE id IN (SELECT id FROM rating LIMIT 1)"))
        session.execute(text("UPDATE detached_rating SET digest = sha256('another') WHERE seq = 5"))
    assert {finding.subject for finding in _checked(desk.office)} == {"tally", "keys", "digest"}


@in_months
def test_a_month_that_is_still_needed_stays(desk: Desk, clock: SetClock) -> None:
    database = desk.office.database
    _send(desk, _ratings(desk, 2, comment="Cán bộ rất tận tình"))
    with pytest.raises(Refused, match="less than 13 months ago"):
        months.detach(database, "2026-03", zone=HANOI, now=clock())
    clock.advance(days=LATER)
    with pytest.raises(Refused, match="holds 2 comments; `nucuoi-server retain` erases them"):
        months.detach(database, "2026-03", zone=HANOI, now=clock())
    with pytest.raises(NotFound, match="no month 2020-01"):
        months.detach(database, "2020-01", zone=HANOI, now=clock())
    with database.write() as session:
        retention.erase_old(session, now=clock(), comments_days=1, dossier_links_days=1)
    assert months.detach(database, "2026-03", zone=HANOI, now=clock()) == 2


@in_months
def test_a_backup_of_months_comes_back_whole(
    desk: Desk, clock: SetClock, old_march: tuple[Rating, ...], tmp_path: Path
) -> None:
    office = desk.office
    months.detach(office.database, "2026-03", zone=HANOI, now=clock())
    file = tmp_path / "backup"
    back_up(office.database, file)
    _send(desk, _ratings(desk, 1, day=LATER, after=old_march[-1]), day=LATER)
    restore(office.database, file, replace=True)
    assert _checked(office) == []
    assert len(desk.ratings()) == 2
    assert months.attach(office.database, "2026-03", zone=HANOI) == 5
    assert _send(desk, old_march, day=LATER) == [Verdict.DUPLICATE] * 5


# The command --------------------------------------------------------------------------------------------------------


@in_one_table
def test_the_command_turns_it_on_lists_and_turns_it_off(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NUCUOI_SECRET", office.settings.secret)
    command = ["partition", "--database", office.settings.database]
    assert cli.main(command) == 1
    assert "nucuoi-server partition --on" in capsys.readouterr().err
    assert cli.main([*command, "--on"]) == 0
    assert cli.main(command) == 0
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == 1 + 1 + partitioning.AHEAD
    assert cli.main([*command, "--ahead"]) == 0
    assert "nothing to make" in capsys.readouterr().out
    assert cli.main([*command, "--detach", "2019-01"]) == 1
    assert cli.main([*command, "--off"]) == 0
    with office.database.read() as session:
        assert not is_partitioned(session.connection())


@in_months
def test_who_reads_for_long_does_not_stop_intake_behind_a_month_that_is_made(
    desk: Desk, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitioning, "LOCK_TIMEOUT_S", 1)
    clock.advance(days=300)
    with desk.office.database.read() as reading:
        reading.execute(text("SELECT count(*) FROM rating"))
        with pytest.raises(OperationalError, match="lock timeout"), desk.office.database.alter() as connection:
            make_ahead(connection, zone=HANOI, now=clock())
        assert _send(desk, _ratings(desk, 1, day=300), day=300) == [Verdict.STORED]
    with desk.office.database.alter() as connection:
        assert make_ahead(connection, zone=HANOI, now=clock())[0] == "2026-12"
    assert _checked(desk.office) == []
