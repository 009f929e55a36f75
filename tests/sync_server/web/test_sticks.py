"""The page that takes ratings from a USB stick."""

import re
from io import BytesIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from survey import wire
from sync_server.models.kiosk import Kiosk
from sync_server.models.people import AuditEntry
from sync_server.models.rating import Rating
from sync_server.web.sticks import FILES_MAX
from tests.builders import a_batch, a_rating
from tests.sync_server.web.conftest import Person, Town


def a_file(town: Town, count: int = 3) -> bytes:
    """What the kiosk of Mộc Bắc copied to its stick."""

    ratings = [
        a_rating(officer_id=f"o{town.officer.id}", counter_id=f"c{town.counter.id}", survey_id="q1")
        for _ in range(count)
    ]
    with town.office.database.read() as session:
        key = town.office.seals.open(session.get_one(Kiosk, town.kiosk.id).carry_key_sealed)
    return Fernet(key).encrypt(wire.pack(a_batch(*ratings)))


def hand_in(person: Person, *contents: bytes, name: str = "ratings-k1-2026-03-02.nucuoi") -> TestResponse:
    form: MultiDict[str, Any] = MultiDict([("files", (BytesIO(content), name)) for content in contents])
    form["csrf_token"] = person.token()
    return person.client.post("/kiosks/stick", data=form, content_type="multipart/form-data")


def numbers(answer: TestResponse) -> list[str]:
    return re.findall(r'class="number">(\d+)<', answer.text)


def test_a_stick_brought_twice_counts_once_and_is_in_the_audit_log(town_on_both: Town) -> None:
    town = town_on_both
    clerk, content = town.as_("clerk"), a_file(town)
    assert numbers(hand_in(clerk, content)) == ["3", "0", "0"]
    assert numbers(hand_in(clerk, content)) == ["0", "3", "0"]
    with town.office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Rating)) == 3
        acts = session.scalars(select(AuditEntry.act).where(AuditEntry.act == "stick imported")).all()
    assert len(acts) == 2


def test_an_altered_file_is_refused_and_does_not_hold_up_the_others(town: Town) -> None:
    clerk, content = town.as_("clerk"), a_file(town)
    answer = hand_in(clerk, content[:-10], content)
    assert "Không nhận" in answer.text
    assert "chép lại từ máy" in answer.text
    assert numbers(answer) == ["3", "0", "0"]


@pytest.mark.parametrize(("files", "says"), [(0, "ít nhất một tệp"), (FILES_MAX + 1, "Mỗi lần chỉ nhận")])
def test_no_file_and_too_many_files_are_told(town: Town, files: int, says: str) -> None:
    answer = hand_in(town.as_("clerk"), *([b"x"] * files))
    assert answer.status_code == 422
    assert says in answer.text


def test_the_name_of_a_file_cannot_lead_elsewhere_or_become_markup(town: Town) -> None:
    answer = hand_in(town.as_("clerk"), b"x", name="../../<b>etc.nucuoi")
    assert "../" not in answer.text
    assert "<b>etc" not in answer.text
