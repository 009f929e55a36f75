"""The page of kiosks: who needs a person, how one joins and leaves."""

import html
import re
from typing import Any

import pytest
from sqlalchemy import select, update

from sync_server.errors import BadKey, KioskRetired
from sync_server.ids import read_id
from sync_server.models.kiosk import EnrolmentCode, Epoch, Kiosk
from sync_server.models.organisation import Unit
from sync_server.models.people import AuditEntry
from sync_server.models.rating import SetAside
from sync_server.queries import kiosk_list
from sync_server.queries.kiosk_list import KioskLine
from sync_server.queries.kiosks import kiosk_of
from sync_server.services import enrolment
from tests.sync_server.conftest import SetClock
from tests.sync_server.web.conftest import Town

HOUR_MS = 3_600_000
OFFICE_HOURS = {day: ["07:30-11:30", "13:30-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


def change(town: Town, **values: Any) -> None:
    """Change Mộc Bắc's kiosk."""
    with town.office.database.write() as writing:
        writing.execute(update(Kiosk).where(Kiosk.id == town.kiosk.id).values(**values))


def line(town: Town) -> KioskLine:
    """Mộc Bắc's kiosk as listed."""
    with town.office.database.read() as reading:
        return kiosk_list.one(reading, town.kiosk.id, {town.moc_bac.id}, now=town.office.now(), zone=town.office.zone)


def test_a_kiosk_that_spoke_lately_needs_nobody(town_on_both: Town) -> None:
    change(town_on_both, status={"clock": "sure", "waiting": 3})
    assert line(town_on_both).needs == ()


@pytest.mark.parametrize(
    ("status", "need"),
    [
        ({"parked": 1, "clock": "sure"}, "parked"),
        ({"clock": "unsure"}, "clock"),
        ({"clock": "sure", "battery_percent": 19}, "battery"),
        ({"clock": "sure", "disk_free_mb": 499}, "disk"),
    ],
)
def test_a_kiosk_says_what_it_needs(town: Town, status: dict[str, Any], need: str) -> None:
    change(town, status=status)
    assert line(town).needs == (need,)


@pytest.mark.parametrize(
    "status",
    [
        {"parked": 0, "clock": "sure"},
        {"clock": "sure", "battery_percent": 20},
        {"clock": "sure", "disk_free_mb": 500},
        {"clock": "sure", "battery_percent": None, "disk_free_mb": None},
    ],
)
def test_a_kiosk_within_bounds_needs_nobody(town: Town, status: dict[str, Any]) -> None:
    change(town, status=status)
    assert line(town).needs == ()


def hours_of(town: Town, unit: Unit, hours: dict[str, list[str]]) -> None:
    """Set a unit's opening hours."""
    with town.office.database.write() as writing:
        writing.execute(update(Unit).where(Unit.id == unit.id).values(settings={"opening_hours": hours}))


@pytest.mark.parametrize(
    ("advance", "silent"),
    [
        ({"minutes": 59}, False),  # Monday 8:59
        ({"hours": 1}, True),
        ({"hours": 4}, False),  # noon: closed
        ({"hours": 6}, False),  # 14:00: open for half an hour only
        ({"hours": 6, "minutes": 30}, True),
        ({"hours": 12}, False),
        ({"days": 5}, True),  # Saturday, but for too long
    ],
)
def test_silence_counts_in_opening_hours_only(
    town_on_both: Town, clock: SetClock, advance: dict[str, int], silent: bool
) -> None:
    hours_of(town_on_both, town_on_both.town, OFFICE_HOURS)  # the commune has none of its own
    change(town_on_both, last_contact_at=clock())
    clock.advance(**advance)
    assert line(town_on_both).is_silent is silent


def test_a_communes_own_hours_go_before_the_towns(town: Town, clock: SetClock) -> None:
    hours_of(town, town.town, OFFICE_HOURS)
    hours_of(town, town.moc_bac, {"tue": ["07:30-11:30"]})
    clock.advance(hours=2)
    assert not line(town).is_silent


def test_a_rolled_back_card_shows_as_a_branch_with_what_is_missing(town_on_both: Town) -> None:
    town, now = town_on_both, town_on_both.office.now()
    with town.office.database.write() as writing:
        writing.add(Epoch(kiosk_id=town.kiosk.id, last_seq=10, begun_at=now))
        writing.add(Epoch(kiosk_id=town.kiosk.id, first_seq=4, last_seq=5, begun_at=now))
        for index, number in enumerate((1, 1, 2)):
            writing.add(
                SetAside(
                    kiosk_id=town.kiosk.id,
                    rating_id="x",
                    seq=number,
                    verdict="refused",
                    code="bad_level",
                    content_hash=bytes([index] * 32),
                    content={},
                    received_at=now,
                )
            )
    assert line(town).needs[0] == "fork"
    with town.office.database.read() as reading:
        branches = kiosk_list.branches(reading, town.kiosk.id)
    assert [(branch.first_seq, branch.last_seq, branch.missing) for branch in branches] == [(1, 10, 8), (4, 5, 2)]
    text = html.unescape(town.as_("town_staff").get(f"/kiosks/{town.kiosk.id}").text)
    assert "Nhánh 2" in text
    assert "bad_level" in text


def test_the_code_on_the_page_lets_one_kiosk_join(town: Town) -> None:
    answer = town.as_("town_staff").send("/kiosks/enrol", place=f"c{town.counter.id}", name="Máy mới")
    assert answer.status_code == 200
    found = re.search(r'data-code="([0-9A-Z]{8})"', answer.text)
    assert found
    with town.office.database.write() as writing:
        joined = enrolment.enrol(
            writing, town.office.seals, code=found[1], device={}, address="10.0.0.9", now=town.office.now()
        )
        kiosk = writing.get_one(Kiosk, read_id("k", joined.kiosk_id) or 0)
        assert (kiosk.name, kiosk.unit_id, kiosk.counter_id) == ("Máy mới", town.moc_bac.id, town.counter.id)
        assert writing.scalars(select(EnrolmentCode.made_by).where(EnrolmentCode.kiosk_id == kiosk.id)).one() == (
            town.staff["town_staff"].id
        )


def test_an_enrolment_says_what_is_missing(town: Town) -> None:
    answer = town.as_("town_staff").send("/kiosks/enrol", place="", name="")
    assert answer.status_code == 422
    assert "Xin chọn nơi đặt máy." in html.unescape(answer.text)


def test_a_retired_kiosk_is_told_so_and_stays_in_the_list(town: Town) -> None:
    person = town.as_("town_staff")
    assert person.send(f"/kiosks/{town.kiosk.id}/retire").status_code == 303
    with town.office.database.read() as reading, pytest.raises((KioskRetired, BadKey)) as caught:
        kiosk_of(reading, f"Bearer {town.key}")
    assert caught.type is KioskRetired
    assert "Đã ngừng" in html.unescape(person.get("/kiosks").text)
    with town.office.database.read() as reading:
        entry = reading.scalars(select(AuditEntry).where(AuditEntry.act == "kiosk retired")).one()
        assert (entry.staff_id, entry.subject) == (town.staff["town_staff"].id, f"k{town.kiosk.id}")


def test_a_head_sees_the_kiosks_of_the_own_commune_only(town: Town) -> None:
    person = town.as_("alice")
    text = html.unescape(person.get("/kiosks").text)
    assert "Máy quầy 1" in text
    assert "Máy Chuyên Ngoại" not in text
    assert person.get(f"/kiosks/{town.kiosk.id}").status_code == 200
    assert person.get(f"/kiosks/{town.other_kiosk.id}").status_code == 404


def test_names_cannot_bring_scripts_into_the_page(town: Town) -> None:
    change(town, name='<script>alert(1)</script>"onmouseover="x', device={"os": "<img src=x onerror=alert(1)>"})
    person = town.as_("town_staff")
    for path in ("/kiosks", f"/kiosks/{town.kiosk.id}", f"/kiosks/{town.kiosk.id}/retire", "/"):
        text = person.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def joined(town: Town, page: str) -> int:
    """Let a device join by the code on a page; its kiosk."""
    found = re.search(r'data-code="([0-9A-Z]{8})"', page)
    assert found
    with town.office.database.write() as writing:
        made = enrolment.enrol(
            writing, town.office.seals, code=found[1], device={}, address="10.0.0.9", now=town.office.now()
        )
    return read_id("k", made.kiosk_id) or 0


def test_a_new_device_takes_a_kiosks_place_and_both_histories_stay(town_on_both: Town) -> None:
    town = town_on_both
    change(town, settings={"thanks_s": 9}, stored_total=7)
    staff = town.as_("town_staff")
    page = staff.send(f"/kiosks/{town.kiosk.id}/replace").text
    assert line(town).retired_at is None  # the old one works until the new one is there
    new = joined(town, page)
    with town.office.database.read() as reading:
        made, old = reading.get_one(Kiosk, new), reading.get_one(Kiosk, town.kiosk.id)
    assert (made.name, made.unit_id, made.counter_id) == (old.name, old.unit_id, old.counter_id)
    assert (made.settings, made.replaces_id, made.stored_total) == ({"thanks_s": 9}, old.id, 0)
    assert (old.retired_at, old.stored_total) == (town.office.now(), 7)
    assert line(town).replaced_by_id == new
    assert "Được thay bằng" in html.unescape(staff.get(f"/kiosks/{old.id}").text)
    assert "Thay cho" in html.unescape(staff.get(f"/kiosks/{new}").text)


def test_gaps_of_a_ledger_are_in_the_list_and_ask_for_a_person_once_nothing_waits(town_on_both: Town) -> None:
    town = town_on_both
    with town.office.database.write() as writing:
        writing.add(Epoch(kiosk_id=town.kiosk.id, last_seq=10, begun_at=town.office.now()))
        for index, seq in enumerate((4, 4, None)):
            aside = {"rating_id": "x", "verdict": "refused", "code": "bad_level", "content": {}, "received_at": 0}
            writing.add(SetAside(kiosk_id=town.kiosk.id, seq=seq, content_hash=bytes([index] * 32), **aside))
    change(town, stored_total=7, status={"clock": "sure", "waiting": 2})
    assert (line(town).missing, line(town).needs) == (2, ())
    change(town, status={"clock": "sure", "waiting": 0})
    assert line(town).needs == ("gap",)
    change(town, stored_total=9)
    assert (line(town).missing, line(town).needs) == (0, ())


def test_a_tablet_that_is_carried_around_is_not_silent_after_an_hour(town: Town, clock: SetClock) -> None:
    hours_of(town, town.town, OFFICE_HOURS)
    change(town, settings={"home_visits": True}, last_contact_at=clock())
    clock.advance(hours=2)
    assert not line(town).is_silent
    clock.advance(days=5)
    assert line(town).is_silent


def test_the_list_tells_version_battery_disk_and_clock(town: Town) -> None:
    status = {"clock": "unsure", "battery_percent": 55, "disk_free_mb": 2048, "app_version": "0.9.1"}
    change(town, status=status)
    text = html.unescape(town.as_("clerk").get("/kiosks").text)
    assert all(words in text for words in ("0.9.1", "pin 55 %", "trống 2,0 GB", "đồng hồ chưa chắc chắn"))
