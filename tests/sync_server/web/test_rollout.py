"""The pages of bringing the model in: reports of the communes, reminders of the town."""

import html

from sqlalchemy import select

from sync_server.models.people import AuditEntry
from sync_server.models.rollout import RolloutReport
from tests.sync_server.web.conftest import Person, Town


def page(person: Person, town: Town) -> str:
    return html.unescape(person.get(f"/rollout/{town.moc_bac.id}").text)


def begin(town: Town, day: str = "2020-01-06") -> None:
    assert town.as_("town_staff").send(f"/rollout/{town.moc_bac.id}/begin", day=day).status_code == 303


def report(person: Person, town: Town, task: str = "plan", **form: object) -> int:
    sent = {"stage": "done", "day": "2021-01-06", "note": "KH số 12/KH-UBND", **form}
    return person.send(f"/rollout/{town.moc_bac.id}/{task}", **sent).status_code


def test_a_head_reports_and_the_town_sees_it(town_on_both: Town) -> None:
    town = town_on_both
    begin(town)
    assert report(town.as_("alice"), town) == 303
    text = page(town.as_("town_staff"), town)
    assert "KH số 12/KH-UBND" in text
    assert "1 trên 11 việc hoàn thành" in text
    assert "10 việc quá hạn" in text


def test_what_was_reported_before_stays_readable(town: Town) -> None:
    report(town.as_("alice"), town, note="lần đầu")
    report(town.as_("alice"), town, stage="doing", note="phải làm lại")
    text = page(town.as_("observer"), town)
    assert "lần đầu" in text
    assert "0 trên 11 việc hoàn thành" in text


def test_a_conference_is_done_when_all_came(town: Town) -> None:
    alice = town.as_("alice")
    assert report(alice, town, "conference", present=19, total=20) == 422
    assert report(alice, town, "conference", present=20, total=20) == 303
    with town.office.database.read() as reading:
        assert reading.scalars(select(RolloutReport.present)).all() == [20]


def test_wrong_entries_are_told_and_kept_in_the_form(town: Town) -> None:
    answer = town.as_("alice").send(f"/rollout/{town.moc_bac.id}/plan", stage="not_needed", day="2999-01-01", note="")
    assert answer.status_code == 422
    assert "vì sao đơn vị không cần" in html.unescape(answer.text)
    assert "2999-01-01" in answer.text


def test_a_head_of_another_commune_finds_nothing_there(town: Town) -> None:
    chi = town.as_("chi")
    assert chi.get(f"/rollout/{town.moc_bac.id}").status_code == 404
    assert report(chi, town) == 404
    assert "Mộc Bắc" not in html.unescape(chi.get("/rollout").text)


def test_the_town_itself_brings_nothing_in(town: Town) -> None:
    assert town.as_("town_staff").get(f"/rollout/{town.town.id}").status_code == 404


def test_a_reminder_names_what_is_late_and_stands_on_the_heads_first_page_until_it_is_done(town: Town) -> None:
    begin(town)
    staff, alice = town.as_("town_staff"), town.as_("alice")
    assert "Kính gửi Lãnh đạo Xã Mộc Bắc" in page(staff, town)
    words = "Đề nghị đơn vị quan tâm hoàn thành."
    assert staff.send(f"/rollout/{town.moc_bac.id}/remind", words=words).status_code == 303
    assert words in html.unescape(alice.get("/").text)
    assert words in page(alice, town)
    assert words not in html.unescape(town.as_("chi").get("/").text)
    for task in ("baseline", "loudspeaker", "reception", "posted", "slogans", "suggestion_box", "kiosk",
                 "home_service", "first_report", "plan"):  # fmt: skip
        assert report(alice, town, task) == 303
    assert report(alice, town, "conference", present=8, total=8) == 303
    assert words not in html.unescape(alice.get("/").text)


def test_nobody_is_reminded_of_nothing(town: Town) -> None:
    town.as_("town_staff").send(f"/rollout/{town.moc_bac.id}/remind", words="Xin nhắc.")
    assert "Xin nhắc." not in page(town.as_("alice"), town)


def test_each_step_is_in_the_log(town: Town) -> None:
    begin(town)
    report(town.as_("alice"), town)
    town.as_("town_staff").send(f"/rollout/{town.moc_bac.id}/remind", words="Xin nhắc.")
    with town.office.database.read() as reading:
        acts = reading.scalars(select(AuditEntry.act).where(AuditEntry.act.like("rollout %"))).all()
    assert acts == ["rollout begun", "rollout reported", "rollout reminded"]
