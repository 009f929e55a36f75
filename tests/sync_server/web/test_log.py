"""The audit log: what was seen and done is in it, and each reads as far as they may."""

import html

from sqlalchemy import select

from sync_server.models.people import AuditEntry
from sync_server.queries import log
from sync_server.services import audit
from tests.sync_server.web.conftest import Town


def shown(town: Town, name: str, query: str = "") -> str:
    """The log as a person sees it."""
    answer = town.as_(name).get(f"/log{query}")
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_looking_at_an_officer_is_in_the_log(town: Town) -> None:
    town.as_("town_staff").get(f"/officers/{town.officer.id}")
    town.as_("town_staff").get("/officers")
    with town.office.database.read() as reading:
        found = reading.execute(select(AuditEntry.act, AuditEntry.subject).order_by(AuditEntry.id)).all()
    assert [tuple(row) for row in found] == [("officer viewed", f"o{town.officer.id}"), ("officers listed", "")]
    text = shown(town, "inspector")
    assert "xem kết quả của cán bộ" in text
    assert "Nguyễn Thị Hạnh" in text
    assert "Bà Town_Staff" in text


def test_a_page_that_may_not_be_opened_leaves_no_entry_of_having_seen_it(town: Town) -> None:
    town.as_("alice").get(f"/officers/{town.other_officer.id}")
    with town.office.database.read() as reading:
        assert reading.scalars(select(AuditEntry)).all() == []


def test_a_head_reads_what_the_own_people_did(town: Town) -> None:
    town.as_("alice").get(f"/officers/{town.officer.id}")
    town.as_("chi").get(f"/officers/{town.other_officer.id}")
    text = shown(town, "alice")
    assert "Bà Alice" in text
    assert "Bà Chi" not in text
    assert "Phạm Văn Khoa" not in text


def test_the_log_goes_back_page_by_page(town_on_both: Town) -> None:
    town = town_on_both
    with town.office.database.write() as writing:
        for number in range(log.PAGE + 5):
            audit.note(writing, staff_id=None, act=f"act {number}", subject=f"c{town.counter.id}", now=number)
    with town.office.database.read() as reading:
        latest = log.entries(reading, unit_ids=None)
        older = log.entries(reading, unit_ids=None, before=latest[-1].id)
    assert (len(latest), latest[0].act, latest[0].about) == (log.PAGE, f"act {log.PAGE + 4}", "Quầy 1")
    assert [entry.act for entry in older] == [f"act {number}" for number in (4, 3, 2, 1, 0)]
    assert "Cũ hơn" in shown(town, "inspector")


def test_entries_of_some_acts_can_be_asked_for(town: Town) -> None:
    with town.office.database.write() as writing:
        for act in ("one", "two", "one"):
            audit.note(writing, staff_id=town.staff["alice"].id, act=act, now=1)
    with town.office.database.read() as reading:
        assert [entry.act for entry in log.entries(reading, unit_ids=None, acts=["one"])] == ["one", "one"]


def test_details_cannot_bring_scripts_into_the_page(town: Town) -> None:
    with town.office.database.write() as writing:
        audit.note(writing, staff_id=None, act="<script>x", subject="<img src=x>", detail={"<b>": "<script>y"}, now=1)
    text = town.as_("inspector").get("/log").text
    assert "<script>x" not in text
    assert "<img src=x>" not in text
    assert "<script>y" not in text
