"""Reports on pages: from the reminder to the signed paper, and who sees what."""

import io
import re
from datetime import date, timedelta

import pytest
from docx import Document
from sqlalchemy import select

from sync_server import printing
from sync_server.models.notice import Notice
from sync_server.models.people import AuditEntry
from sync_server.models.rating import Tally
from sync_server.notices.kinds import Kind
from sync_server.reporting import making, paper
from sync_server.services import followup, notices
from tests.sync_server.reporting.builders import text_of
from tests.sync_server.web.conftest import Person, Town

WEEK = {"kind": "weekly", "year": 2026, "number": 9}
"""The week before the tests' Monday."""


def rated(town: Town, n: int = 40, day: date = date(2026, 2, 24)) -> None:
    """So many ratings of Mộc Bắc's officer."""
    with town.office.database.write() as session:
        given = {"officer_id": town.officer.id, "service_id": town.service.id, "survey_id": 1, "source": 0}
        session.add(Tally(**given, day=day.toordinal(), unit_id=town.moc_bac.id, n5=n, n1=1))


def begun(person: Person, unit: int, **changes: object) -> str:
    """The address of a draft."""
    answer = person.send("/reports/new", unit=unit, **{**WEEK, **changes})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def fields(page: str) -> dict[str, str]:
    """What the form of a draft would send."""
    found = dict(re.findall(r'<input class="form-control" id="[^"]*" name="([^"]*)" value="([^"]*)"', page))
    found |= dict(re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', page, re.DOTALL))
    found["seen"] = re.findall(r'name="seen" value="(\d+)"', page)[0]
    return found


def test_a_head_writes_signs_and_sends_a_report(town: Town) -> None:
    rated(town)
    alice = town.as_("alice")
    draft = begun(alice, town.moc_bac.id)
    page = alice.get(draft).text
    assert "41 lượt đánh giá hợp lệ" in page
    written = {**fields(page), "general": "Mô hình nền nếp.", "addressees": "Ban Thường vụ Thị ủy | Ban Dân vận"}
    assert alice.send(f"{draft}/words", **written).status_code == 303
    seen = fields(alice.get(draft).text)["seen"]
    assert alice.send(f"{draft}/sign", seen=seen).status_code == 303
    page = alice.get(draft).text
    assert "01/BC-UBND" in page
    assert "Mô hình nền nếp." in page
    assert "Ký và cấp số" not in page
    assert alice.send(f"{draft}/copies/1", day="2026-03-02").status_code == 303
    listing = alice.get("/reports").text
    assert "đã gửi đủ nơi nhận" in listing
    said = "\n".join(text_of(alice.get(f"{draft}/file.docx").data))
    assert "Kính gửi: | Ban Thường vụ Thị ủy (qua Ban Dân vận)." in said
    assert "Bà Alice" in said


def test_a_draft_is_for_its_makers_and_a_signed_report_for_the_observer_too(town: Town) -> None:
    alice, observer, chi = town.as_("alice"), town.as_("observer"), town.as_("chi")
    draft = begun(alice, town.moc_bac.id)
    assert observer.get(draft).status_code == 404
    assert "Chưa có báo cáo" in observer.get("/reports").text
    assert chi.get(draft).status_code == 404
    assert "lãnh đạo Xã Mộc Bắc ký" in town.as_("town_staff").get(draft).text
    seen = fields(alice.get(draft).text)["seen"]
    assert alice.send(f"{draft}/sign", seen=seen).status_code == 303
    page = observer.get(draft).text
    assert "01/BC-UBND" in page
    assert "Đã gửi" not in page
    assert observer.get(f"{draft}/file.xlsx").status_code == 200
    assert chi.get(draft).status_code == chi.get(f"{draft}/file.docx").status_code == 404


def test_what_was_entered_is_not_lost_when_somebody_else_was_faster(town: Town) -> None:
    alice, staff = town.as_("alice"), town.as_("town_staff")
    draft = begun(alice, town.moc_bac.id)
    mine, theirs = fields(alice.get(draft).text), fields(staff.get(draft).text)
    staff.send(f"{draft}/words", **{**theirs, "general": "Trước"})
    answer = alice.send(f"{draft}/words", **{**mine, "general": "Sau"})
    assert answer.status_code == 422
    assert "Người khác vừa sửa" in answer.text
    assert "Sau</textarea>" in answer.text
    assert "Trước" in alice.get(draft).text


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({"kind": "daily"}, "Xin chọn loại báo cáo"),
        ({"number": 60}, "không có tuần 60"),
        ({"year": ""}, "Xin ghi năm"),
        ({"kind": "baseline"}, "Xin ghi từ ngày"),
        ({"kind": "baseline_now"}, "chưa có đợt khảo sát"),
        ({"kind": "baseline", "first": "2026-02-02", "last": "2026-01-01"}, "kiểm tra lại hai ngày"),
        ({"number": 30}, "chưa tới"),
    ],
)
def test_a_period_that_makes_no_sense_is_told_in_words(town: Town, form: dict[str, object], fault: str) -> None:
    answer = town.as_("alice").send("/reports/new", unit=town.moc_bac.id, **{**WEEK, **form})
    assert answer.status_code == 422
    assert fault in answer.text


def test_units_of_others_cannot_be_reported(town: Town) -> None:
    alice = town.as_("alice")
    assert alice.send("/reports/new", unit=town.chuyen_ngoai.id, **WEEK).status_code == 404
    assert alice.get(f"/reports/template/{town.chuyen_ngoai.id}.docx").status_code == 404


def test_late_ratings_lead_to_a_supplement(town: Town) -> None:
    alice = town.as_("alice")
    draft = begun(alice, town.moc_bac.id)
    alice.send(f"{draft}/sign", seen=0)
    assert "bản bổ sung" not in alice.get(draft).text
    rated(town)
    page = alice.get(draft).text
    assert "+41 lượt" in page
    answer = alice.send(f"{draft}/supplement")
    assert answer.status_code == 303
    assert "(Bản bổ sung)" in alice.get(str(answer.location)).text


def test_every_file_that_is_taken_is_in_the_log_and_a_server_without_libreoffice_says_so(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "PROGRAMS", ("no-such-office",))
    alice = town.as_("alice")
    draft = begun(alice, town.moc_bac.id)
    assert alice.get(f"{draft}/file.docx").data.startswith(b"PK")
    assert alice.get(f"{draft}/file.exe").status_code == 404
    answer = alice.client.get(f"{draft}/file.pdf", follow_redirects=True)
    assert "chưa cài LibreOffice" in answer.text
    with town.office.database.read() as session:
        taken = session.scalars(select(AuditEntry.detail).where(AuditEntry.act == "report taken")).all()
    assert taken == [{"kind": "docx"}]


def test_what_is_due_stands_on_the_first_page_and_goes_out_as_a_notice(town: Town) -> None:
    rated(town)
    town.office.now.at += (date(2026, 6, 11) - date(2026, 3, 2)).days * 86_400_000  # type: ignore[attr-defined]
    with town.office.database.write() as session:
        settings = {"schemes": ("json",), "has_mail": False, "now": 1}
        channel = notices.add_channel(
            session, town.office.seals, town.staff["alice"].id, "json://127.0.0.1/x", [Kind.REPORT], **settings
        )
    for _ in range(2):  # the second night tells nothing twice
        with town.office.database.write() as session:
            followup.every_night(session, followup.today_of(town.office))
    with town.office.database.read() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "report")).all()
    assert [(one.channel_id, one.params["unit"], one.params["day"]) for one in told] == [
        (channel, "Xã Mộc Bắc", "12/06/2026")
    ]
    alice = town.as_("alice")
    assert "Báo cáo cần gửi" in alice.get("/").text
    assert "Lập dự thảo" in alice.get("/reports").text
    assert "Báo cáo cần gửi" not in town.as_("observer").get("/").text


def upload(person: Person, unit: int, content: bytes | None) -> tuple[int, str]:
    """Bring a template; None goes back to the shipped one."""
    form: dict[str, object] = {"unit": unit, "act": "bring" if content is not None else "withdraw"}
    if content is not None:
        form["file"] = (io.BytesIO(content), "mau.docx")
    answer = person.send("/reports/template", **form)
    return answer.status_code, answer.text


def test_staff_bring_a_template_and_a_bad_one_is_refused_with_the_reason(town: Town) -> None:
    alice = town.as_("alice")
    document = Document()
    document.add_paragraph("Mẫu riêng: {{ title }}")
    own = paper.bytes_of(document, title="", author="")
    assert upload(alice, town.moc_bac.id, own)[0] == 303
    draft = begun(alice, town.moc_bac.id)
    assert text_of(alice.get(f"{draft}/file.docx").data)[0].startswith("Mẫu riêng: Kết quả thực hiện mô hình")
    assert alice.get(f"/reports/template/{town.moc_bac.id}.docx").data == own
    document.add_paragraph("{{ nothing_of_ours }}")
    code, text = upload(alice, town.moc_bac.id, paper.bytes_of(document, title="", author=""))
    assert code == 422
    assert "nothing_of_ours" in text
    assert upload(alice, town.moc_bac.id, b"no docx")[0] == 422
    assert upload(alice, town.moc_bac.id, None)[0] == 303
    assert alice.get(f"/reports/template/{town.moc_bac.id}.docx").data == making.shipped_template()


def test_nothing_on_the_pages_of_reports_is_a_persons_figure(town: Town) -> None:
    rated(town, day=date(2026, 2, 26) - timedelta(days=1))
    alice = town.as_("alice")
    draft = begun(alice, town.moc_bac.id)
    for text in (alice.get(draft).text, "\n".join(text_of(alice.get(f"{draft}/file.docx").data))):
        assert town.officer.name not in text
        assert "SIPAS" not in text
