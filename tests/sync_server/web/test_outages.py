"""The pages of outages: who declares, who sees, and what the form takes."""

import html
import re

from sync_server.services import followup, outages
from sync_server.services.outages import Window
from tests.builders import START
from tests.sync_server.web.conftest import Person, Town

HOUR = 3_600_000


def make_outage(town: Town) -> int:
    """An outage of the kiosk of Mộc Bắc, an hour long; its number."""
    declared = Window(unit_id=town.moc_bac.id, kiosk_id=town.kiosk.id, from_at=START, until_at=START + HOUR)
    by = town.staff["administrator"].id
    with town.office.database.write() as session:
        return outages.declare(session, declared, reason="Mất điện", by=by, today=followup.today_of(town.office))


def text_of(person: Person, path: str) -> str:
    text = person.get(path).text
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", html.unescape(text[text.index("<main") : text.index("</main>")]))
    )


def declared(person: Person, **changes: str) -> int:
    form = {"from_at": "2026-03-02T09:00", "until_at": "2026-03-02T10:30", "reason": "Mất điện cả xã", **changes}
    return person.send("/outages/new", **form).status_code


def test_an_administrator_declares_in_the_towns_own_time_and_takes_back(town: Town) -> None:
    person = town.as_("administrator")
    assert declared(person, place=f"k{town.kiosk.id}") == 303
    listed = text_of(person, "/outages")
    assert "Máy quầy 1" in listed
    assert "09:00" in listed
    assert "10:30" in listed
    assert "Mất điện cả xã" in listed
    assert "Bà Administrator" in listed
    assert person.send("/outages/1/withdraw", reason="").status_code == 422
    assert person.send("/outages/1/withdraw", reason="Nhầm ngày").status_code == 303
    assert person.send("/outages/1/withdraw", reason="Nhầm nữa").status_code == 422
    assert "Nhầm ngày" in text_of(person, "/outages")
    log = text_of(town.as_("inspector"), "/log")
    assert "khai báo sự cố" in log
    assert "rút lại khai báo sự cố" in log


def test_what_cannot_be_an_outage_is_told_beside_the_form(town: Town) -> None:
    person = town.as_("administrator")
    for changes in (
        {"place": "u9999"}, {"place": "k9999"}, {"place": "x"}, {"from_at": "hôm qua"}, {"reason": " "},
        {"until_at": "2026-03-02T08:00"}, {"until_at": "2027-03-02T08:00"},
    ):  # fmt: skip
        assert declared(person, **{"place": f"u{town.moc_bac.id}", **changes}) == 422, changes
    assert "Chưa khai báo sự cố nào" in text_of(person, "/outages")


def test_others_see_the_outages_of_their_units_and_declare_none(town: Town) -> None:
    make_outage(town)
    assert "Mất điện" in text_of(town.as_("alice"), "/outages")
    assert "Chưa khai báo sự cố nào" in text_of(town.as_("chi"), "/outages")
    for name in ("alice", "town_staff", "inspector"):
        person = town.as_(name)
        assert "Rút lại" not in text_of(person, "/outages")
        assert declared(person, place=f"u{town.moc_bac.id}") == 403
        assert person.send("/outages/1/withdraw", reason="Không").status_code == 403
