"""`check` finds whatever was changed behind the server's back."""

import pytest
from sqlalchemy import text

from survey.rating import Dossier
from sync_server.office import Office
from sync_server.services.check import Finding, check, rebuild_tallies, settle_left_over
from tests.builders import START, a_batch
from tests.sync_server.intake.conftest import Desk

MINUTE = 60_000


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A desk with six ratings, two of them of one dossier."""
    dossier = Dossier(code="H42.12-210301-0007")
    ratings = (
        desk.rating(
            at=START + i * MINUTE,
            level=1 + i % 5,
            reasons=("slow", "many_trips") if i == 0 else (),
            comment="Cảm ơn ạ",
            dossier=dossier if i > 3 else None,
        )
        for i in range(6)
    )
    desk.send(a_batch(*ratings, at=START + 10 * MINUTE))
    return desk


def findings(office: Office) -> list[Finding]:
    with office.database.read() as session:
        return check(session, zone=office.zone)


def test_all_agrees_after_intake(filled: Desk) -> None:
    assert findings(filled.office) == []


@pytest.mark.parametrize(
    ("change", "subjects"),
    [
        ("UPDATE rating SET level = 5 WHERE seq = 1", {"digest", "tally"}),
        ("UPDATE rating SET reasons = 1 WHERE seq = 2", {"digest", "tally"}),
        ("UPDATE rating SET monotonic_ms = monotonic_ms + 1 WHERE seq = 2", {"digest"}),
        ("UPDATE rating SET tapped_at = tapped_at + 1 WHERE seq = 2", {"digest"}),
        ("UPDATE rating SET language = 'en' WHERE seq = 3", {"digest"}),
        ("UPDATE rating_comment SET text = 'Tốt' WHERE seq = 3", {"comment"}),
        ("UPDATE rating SET day = day + 1 WHERE seq = 3", {"time", "tally"}),
        ("UPDATE rating SET happened_at = NULL WHERE seq = 3", {"time", "tally"}),
        ("UPDATE rating SET counted = 2 WHERE seq = 3", {"tally"}),
        ("UPDATE rating SET counted = 1 WHERE seq = 5", {"tally", "dossier"}),
        ("DELETE FROM rating WHERE seq = 6", {"epoch", "stored_total"}),
        ("DELETE FROM rating WHERE seq = 2", {"chain", "stored_total", "tally"}),
        ("UPDATE tally SET n1 = n1 + 1", {"tally"}),
        ("DELETE FROM tally", {"tally"}),
        ("DELETE FROM hour_tally", {"tally"}),
        ("UPDATE reason_tally SET n = n + 1", {"tally"}),
        ("UPDATE kiosk SET stored_total = stored_total + 1", {"stored_total"}),
        ("UPDATE epoch SET last_seq = 9", {"epoch"}),
    ],
)
def test_a_change_behind_the_server_s_back_is_found(filled: Desk, change: str, subjects: set[str]) -> None:
    with filled.office.database.write() as session:
        session.execute(text(change))
    assert {finding.subject for finding in findings(filled.office)} == subjects


def test_erasing_comments_breaks_no_chain(filled: Desk) -> None:
    with filled.office.database.write() as session:
        session.execute(text("DELETE FROM rating_comment"))
    assert findings(filled.office) == []


def test_tallies_made_again_are_those_that_intake_moved(filled: Desk) -> None:
    with filled.office.database.write() as session:
        session.execute(text("UPDATE tally SET n1 = 99, with_dossier = 7"))
        session.execute(text("UPDATE hour_tally SET n1 = 99"))
        session.execute(text("DELETE FROM reason_tally"))
        rebuild_tallies(session)
    assert findings(filled.office) == []


def test_a_dossier_of_which_no_rating_counts_is_settled_and_counted_again(filled: Desk) -> None:
    before = filled.tallied()
    with filled.office.database.write() as session:  # as a race or a hand may leave it
        session.execute(text("UPDATE rating SET counted = 1 WHERE dossier_mac IS NOT NULL"))
        rebuild_tallies(session)
    assert filled.tallied() == before - 1
    assert {finding.subject for finding in findings(filled.office)} == {"dossier"}
    with filled.office.database.write() as session:
        assert settle_left_over(session) == 1
    assert findings(filled.office) == []
    assert filled.tallied() == before
    with filled.office.database.write() as session:
        assert settle_left_over(session) == 0
