"""Comments and dossier codes go when their time is over; ratings and their chain stay."""

from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from survey.rating import Dossier
from survey.wire import to_json
from sync_server.app import create_app
from sync_server.models.rating import DossierLink, Rating, RatingComment
from sync_server.office import Office
from sync_server.services.retention import Erased, erase_old
from tests.builders import a_batch, a_rating
from tests.sync_server import builders
from tests.sync_server.conftest import SetClock


def _counts(office: Office) -> list[int]:
    with office.database.read() as session:
        kinds: tuple[Any, ...] = (Rating, RatingComment, DossierLink)
        return [session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds]


def _erase(office: Office) -> Erased:
    with office.database.write() as session:
        return erase_old(session, now=office.now(), comments_days=30, dossier_links_days=10)


def test_what_is_too_old_is_erased_and_nothing_else(office: Office, clock: SetClock) -> None:
    keeping = replace(office, settings=replace(office.settings, keep_dossier_links=True))
    counter = builders.make_counter(keeping)
    officer, survey = builders.make_officer(keeping, counter=counter), builders.make_survey(keeping)
    _, key = builders.make_kiosk(keeping, counter=counter)
    ids: dict[str, Any] = {
        "officer_id": f"o{officer.id}",
        "counter_id": f"c{counter.id}",
        "survey_id": f"q{survey.id}",
    }
    said = a_rating(**ids, comment="Cán bộ tận tình", dossier=Dossier(code="H42.12-210301-0007"))
    client, headers = create_app(keeping).test_client(), {**builders.bearer(key), "Content-Type": "application/json"}
    first = a_batch(said, a_rating(**ids))
    clock.advance(minutes=1)
    assert client.post("/api/v1/batches", data=to_json(first), headers=headers).status_code == 200
    assert _counts(office) == [2, 1, 1]
    clock.advance(days=10)
    assert _erase(office) == Erased(comments=0, dossier_links=0)
    clock.advance(ms=1)
    assert _erase(office) == Erased(comments=0, dossier_links=1)
    clock.advance(days=20)
    assert _erase(office) == Erased(comments=1, dossier_links=0, opinions=1)
    assert _erase(office) == Erased(comments=0, dossier_links=0)
    assert _counts(office) == [2, 0, 0]
    replayed = client.post("/api/v1/batches", data=to_json(first), headers=headers).get_json()
    assert [receipt["verdict"] for receipt in replayed["receipts"]] == ["duplicate", "duplicate"]
    assert _counts(office) == [2, 0, 0]
