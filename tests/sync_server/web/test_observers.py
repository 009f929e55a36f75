"""Observers' rounds, questions and kiosks: nobody else opens, changes or ends them, on any page."""

import html

import pytest
from sqlalchemy import select

from sync_server.models.kiosk import EnrolmentCode, Kiosk
from sync_server.models.survey import SurveyAssignment, SurveyDraft, SurveyRound
from tests.sync_server import builders as make
from tests.sync_server.web.conftest import Town

OTHERS = ("administrator", "town_staff", "alice", "clerk", "officer", "inspector")
BUILDERS = ("administrator", "town_staff")


def rows(town: Town, kind: type) -> list:
    """All rows of a table."""
    with town.office.database.read() as reading:
        return list(reading.scalars(select(kind).order_by(kind.id)))


def a_round(town: Town, **changes: object) -> dict[str, object]:
    """The form of an observers' round."""
    given = {"name": "Giám sát quý I", "kind": "observer", "unit": town.moc_bac.id, "first": "2026-03-01"}
    return {**given, "last": "", "owner": town.staff["observer"].id, **changes}


@pytest.mark.parametrize("name", OTHERS)
def test_only_observers_open_and_end_their_rounds(town: Town, name: str) -> None:
    other, observer = town.as_(name), town.as_("observer")
    assert other.send("/rounds/new", **a_round(town)).status_code == 403
    assert rows(town, SurveyRound) == []
    assert observer.send("/rounds/new", **a_round(town)).status_code == 303
    (made,) = rows(town, SurveyRound)
    assert other.get(f"/rounds/{made.id}").status_code == 403
    assert other.send(f"/rounds/{made.id}", **a_round(town, last="2026-12-31")).status_code == 403
    assert rows(town, SurveyRound)[0].until_day is None
    assert observer.send(f"/rounds/{made.id}", **a_round(town, last="2026-12-31")).status_code == 303
    assert rows(town, SurveyRound)[0].until_day is not None


def test_observers_open_and_end_no_round_of_the_house(town: Town) -> None:
    staff, observer = town.as_("town_staff"), town.as_("observer")
    assert observer.send("/rounds/new", **a_round(town, kind="running")).status_code == 403
    house = a_round(town, kind="running", owner=town.staff["alice"].id)
    assert staff.send("/rounds/new", **house).status_code == 303
    (made,) = rows(town, SurveyRound)
    assert observer.send(f"/rounds/{made.id}", **a_round(town, kind="running")).status_code == 403
    listing = observer.get("/rounds").text
    assert f'href="/rounds/{made.id}"' not in listing
    offered = observer.get("/rounds/new").text
    assert 'value="observer"' in offered
    assert 'value="running"' not in offered


@pytest.mark.parametrize("name", OTHERS)
def test_only_observers_write_and_assign_their_questions(town: Town, name: str) -> None:
    other, observer = town.as_(name), town.as_("observer")
    assert observer.send("/surveys/drafts", name="Hỏi của Mặt trận", based_on=1).status_code == 303
    (draft,) = rows(town, SurveyDraft)
    assert other.get(f"/surveys/drafts/{draft.id}").status_code == 403
    for way in ("", "/publish", "/drop"):
        assert other.send(f"/surveys/drafts/{draft.id}{way}", name="Sửa").status_code == 403
    assert observer.get(f"/surveys/drafts/{draft.id}").status_code == 200
    sent = observer.send("/surveys/assignments/new", survey=1, unit=town.moc_bac.id, first="2026-03-02")
    assert sent.status_code == 303
    (assigned,) = rows(town, SurveyAssignment)
    assert other.send(f"/surveys/assignments/{assigned.id}/end").status_code in (403, 404)
    (kept,) = rows(town, SurveyAssignment)
    assert kept.until_day is None
    assert observer.send(f"/surveys/assignments/{assigned.id}/end").status_code == 303
    assert observer.send(f"/surveys/drafts/{draft.id}/drop").status_code == 303


@pytest.mark.parametrize("name", OTHERS)
def test_only_observers_change_or_stop_their_kiosks(town: Town, name: str) -> None:
    by = town.staff["observer"].id
    kiosk, _ = make.make_kiosk(town.office, town.moc_bac, name="Máy của Mặt trận", made_by=by)
    other, observer = town.as_(name), town.as_("observer")
    for way in ("replace", "retire"):
        assert other.send(f"/kiosks/{kiosk.id}/{way}").status_code == 403
    changed = {"name": "Đổi tên", "counter": 0, "hotline": "", "languages": "", "show_photos": ""}
    assert other.send(f"/kiosks/{kiosk.id}/settings", **changed).status_code == 403
    there = next(each for each in rows(town, Kiosk) if each.id == kiosk.id)
    assert (there.name, there.retired_at) == ("Máy của Mặt trận", None)
    assert observer.send(f"/kiosks/{kiosk.id}/retire").status_code == 303


def test_observers_see_and_stop_no_kiosk_but_theirs(town: Town) -> None:
    observer = town.as_("observer")
    assert "Máy quầy 1" not in observer.get("/kiosks").text
    assert observer.get(f"/kiosks/{town.kiosk.id}").status_code == 404
    assert observer.send(f"/kiosks/{town.kiosk.id}/retire").status_code == 404
    answer = observer.send("/kiosks/enrol", place=f"u{town.moc_bac.id}", name="Máy của Mặt trận")
    assert answer.status_code == 200
    assert rows(town, EnrolmentCode)[-1].made_by == town.staff["observer"].id
    make.make_kiosk(town.office, town.moc_bac, name="Máy khác của Mặt trận", made_by=town.staff["observer"].id)
    assert "Máy khác của Mặt trận" in html.unescape(observer.get("/kiosks").text)
    kiosk = rows(town, Kiosk)[-1]
    told = html.unescape(town.as_("town_staff").get(f"/kiosks/{kiosk.id}").text)
    assert "Máy khảo sát của Mặt trận Tổ quốc" in told
    assert "Ngừng sử dụng</a>" not in told
