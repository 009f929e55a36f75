"""The organisation's pages: built, changed and staffed, each within one's own reach."""

import html
import io
import re
import zlib
from datetime import date
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from sync_server import portraits
from sync_server.errors import Refused
from sync_server.models.organisation import Counter, Duty, Field, Officer, OfficerService, Service, Unit
from sync_server.models.people import AuditEntry
from sync_server.queries import organisation as queries
from sync_server.queries.known import unit_known
from sync_server.services import amending
from sync_server.web.remote_forms import spans_of
from tests.sync_server import builders
from tests.sync_server.web.conftest import Town


def rows(town: Town, kind: Any, *conditions: Any) -> list[Any]:
    """Rows of a table."""
    with town.office.database.read() as reading:
        return list(reading.scalars(select(kind).where(*conditions).order_by(kind.id)))


def unit_form(town: Town, **changes: object) -> dict[str, object]:
    """A valid form of a unit."""
    return {"name": "Phường Hòa Mạc", "kind": "ward", "parent": town.town.id, "hotline": "0226 3830 111", **changes}


def test_a_unit_is_added_below_the_town(town_on_both: Town) -> None:
    town = town_on_both
    form = unit_form(town, valid_from="2026-01-01")
    answer = town.as_("town_staff").send("/organisation/units/new", **form)
    (made,) = rows(town, Unit, Unit.name == "Phường Hòa Mạc")
    assert answer.location == f"/organisation/units/{made.id}"
    assert (made.parent_id, made.kind, made.valid_from) == (town.town.id, "ward", date(2026, 1, 1).toordinal())
    assert len(town.office.seals.open(made.key_sealed)) == 32


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"kind": "kingdom"},
        {"parent": 4711},
        {"valid_from": "2026-02-01", "valid_until": "2026-01-01"},
        {"valid_from": "yesterday"},
        {"name": "x" * 201},
    ],
)
def test_a_unit_that_makes_no_sense_is_not_added(town: Town, changes: dict[str, object]) -> None:
    before = len(rows(town, Unit))
    assert town.as_("town_staff").send("/organisation/units/new", **unit_form(town, **changes)).status_code == 422
    assert len(rows(town, Unit)) == before


def test_a_unit_never_lies_below_itself(town_on_both: Town) -> None:
    town = town_on_both
    person = town.as_("town_staff")
    for parent in (town.town.id, town.moc_bac.id):
        form = unit_form(town, name="Thị xã", kind="town", parent=parent)
        assert person.send(f"/organisation/units/{town.town.id}/edit", **form).status_code == 422
    assert rows(town, Unit, Unit.id == town.town.id)[0].parent_id is None


def test_a_unit_that_ends_keeps_its_row(town: Town) -> None:
    form = unit_form(town, name="Xã Mộc Bắc", kind="commune", valid_until="2026-07-01")
    assert town.as_("town_staff").send(f"/organisation/units/{town.moc_bac.id}/edit", **form).status_code == 303
    assert rows(town, Unit, Unit.id == town.moc_bac.id)[0].valid_until == date(2026, 7, 1).toordinal()


def test_opening_hours_are_stored_as_the_kiosk_reads_them(town_on_both: Town) -> None:
    town = town_on_both
    path = f"/organisation/units/{town.moc_bac.id}/behaviour"
    answer = town.as_("alice").send(
        path, mon="7:30–11:30; 13h30-17:00", sat="08:00-11:00", pin="2468", show_photos="no"
    )
    assert answer.status_code == 303
    with town.office.database.read() as reading:
        hours = unit_known(reading, town.moc_bac.id).opening_hours
    assert hours == {"mon": ["07:30-11:30", "13:30-17:00"], "sat": ["08:00-11:00"]}
    (unit,) = rows(town, Unit, Unit.id == town.moc_bac.id)
    assert unit.settings["show_photos"] is False
    assert unit.staff_pin is not None
    assert "2468" not in unit.staff_pin
    shown = html.unescape(town.as_("alice").get(path).text)
    assert 'value="07:30-11:30, 13:30-17:00"' in shown


@pytest.mark.parametrize("hours", ["8-11", "25:00-26:00", "11:00-08:00", "08:00", "08:00-08:00", "<b>"])
def test_hours_that_cannot_be_read_are_told_beside_their_day(town: Town, hours: str) -> None:
    path = f"/organisation/units/{town.moc_bac.id}/behaviour"
    answer = town.as_("alice").send(path, mon="08:00-11:00", tue=hours)
    assert answer.status_code == 422
    assert "chưa hiểu" in html.unescape(answer.text)
    assert rows(town, Unit, Unit.id == town.moc_bac.id)[0].settings == {}


def test_a_pin_is_digits(town: Town) -> None:
    path = f"/organisation/units/{town.moc_bac.id}/behaviour"
    assert town.as_("alice").send(path, pin="12ab").status_code == 422


def test_spans_of_any_text_are_lists_of_texts() -> None:
    assert spans_of(None) == []
    assert spans_of(" 7:30 - 11:30 ,, 13h30–17h00") == ["07:30-11:30", "13:30-17:00"]


def test_a_counter_is_added_and_an_officer_takes_it(town_on_both: Town) -> None:
    town = town_on_both
    person = town.as_("alice")
    person.send(f"/organisation/units/{town.moc_bac.id}/counters", name="Quầy 2")
    (made,) = rows(town, Counter, Counter.name == "Quầy 2")
    town.office.now.advance(minutes=5)  # type: ignore[attr-defined]
    assert town.as_("clerk").send(f"/organisation/counters/{made.id}/duty", officer=town.officer.id).status_code == 303
    duties = rows(town, Duty, Duty.officer_id == town.officer.id)
    assert [(duty.counter_id, duty.until_at) for duty in duties] == [
        (town.counter.id, town.office.now()),
        (made.id, None),
    ]
    person.send(f"/organisation/counters/{made.id}/duty", officer=0)
    assert rows(town, Duty, Duty.counter_id == made.id)[0].until_at == town.office.now()


def officer_form(town: Town, **changes: object) -> dict[str, object]:
    """A valid form of an officer."""
    return {
        "name": "Trần Thị Thu",
        "title": "Công chức Địa chính",
        "category": "civil",
        "unit": town.moc_bac.id,
        "services": [town.service.id],
        "declared": town.service.id,
        **changes,
    }


def picture(size: tuple[int, int] = (900, 1200), kind: str = "JPEG", exif: Image.Exif | None = None) -> bytes:
    """A photo as a telephone makes it."""
    made = io.BytesIO()
    extra = {"exif": exif} if exif is not None else {}
    Image.effect_mandelbrot(size, (-3, -2.5, 2, 2.5), 20).convert("RGB").save(made, kind, **extra)
    return made.getvalue()


def test_an_officer_is_added_with_a_photo_and_procedures(town_on_both: Town) -> None:
    town = town_on_both
    form = officer_form(town, photo=(io.BytesIO(picture()), "../../thu.jpg"))
    path = f"/organisation/units/{town.moc_bac.id}/officers/new"
    assert town.as_("alice").send(path, **form).status_code == 303
    (made,) = rows(town, Officer, Officer.name == "Trần Thị Thu")
    with Image.open(io.BytesIO(made.photo)) as kept:
        assert (kept.format, kept.size) == ("JPEG", portraits.SIZE)
    with town.office.database.read() as reading:
        row = queries.officer_row(reading, made.id, {town.moc_bac.id})
    assert (row.services, row.declared) == ((town.service.id,), town.service.id)
    shown = town.as_("alice").get(f"/organisation/officers/{made.id}/photo")
    assert shown.mimetype == "image/jpeg"
    assert shown.data == made.photo


def test_a_photo_keeps_no_metadata_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010F] = "secret maker 4711"
    exif.get_ifd(0x8825)[2] = (20.5, 30.0, 0.0)
    made = portraits.portrait(picture((1200, 900), exif=exif))
    assert b"4711" not in made
    with Image.open(io.BytesIO(made)) as kept:
        assert dict(kept.getexif()) == {}


def test_what_hides_behind_a_picture_is_left_behind() -> None:
    polyglot = picture() + b"<script>alert(1)</script><?php system($_GET['x']); ?>PK\x03\x04"
    assert b"<script>" not in portraits.portrait(polyglot)


def _bomb() -> bytes:
    """A PNG of 30,000 × 30,000 pixels in few bytes."""
    import struct

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30000, 30000, 8, 0, 0, 0, 0)
    rows_ = zlib.compress(bytes(30001) * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows_) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"\xff\xd8\xff\xe0 no picture",
        b"GIF89a" + bytes(100),
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        picture()[:2000],
        _bomb(),
        bytes(portraits.UPLOAD_BYTES_MAX + 1),
    ],
    ids=["empty", "not a picture", "gif", "svg", "cut off", "bomb", "huge"],
)
def test_what_is_no_photo_is_refused(upload: bytes) -> None:
    with pytest.raises(Refused):
        portraits.portrait(upload)


def test_a_refused_photo_is_told_beside_its_field_and_nothing_is_stored(town: Town) -> None:
    form = officer_form(town, photo=(io.BytesIO(b"MZ\x90\x00"), "thu.jpg"))
    answer = town.as_("alice").send(f"/organisation/units/{town.moc_bac.id}/officers/new", **form)
    assert answer.status_code == 422
    assert "Ảnh không đọc được" in html.unescape(answer.text)
    assert rows(town, Officer, Officer.name == "Trần Thị Thu") == []


def test_a_form_larger_than_any_photo_is_not_read(town: Town) -> None:
    form = officer_form(town, photo=(io.BytesIO(bytes(13 * 1024 * 1024)), "thu.jpg"))
    answer = town.as_("alice").send(f"/organisation/units/{town.moc_bac.id}/officers/new", **form)
    assert answer.status_code == 413


def test_a_transfer_keeps_the_past_and_ends_duty(town_on_both: Town) -> None:
    town = town_on_both
    form = officer_form(town, name=town.officer.name, unit=town.chuyen_ngoai.id)
    path = f"/organisation/officers/{town.officer.id}/edit"
    assert town.as_("town_staff").send(path, **form).status_code == 303
    assert rows(town, Officer, Officer.id == town.officer.id)[0].unit_id == town.chuyen_ngoai.id
    assert rows(town, Duty, Duty.officer_id == town.officer.id)[0].until_at == town.office.now()


def test_changing_an_officer_without_a_new_photo_keeps_the_old_one(town: Town) -> None:
    person = town.as_("alice")
    path = f"/organisation/officers/{town.officer.id}/edit"
    person.send(path, **officer_form(town, photo=(io.BytesIO(picture()), "a.jpg")))
    person.send(path, **officer_form(town, title="Công chức Văn hóa"))
    (kept,) = rows(town, Officer, Officer.id == town.officer.id)
    assert kept.photo is not None
    assert kept.title == "Công chức Văn hóa"
    person.send(path, **officer_form(town, without_photo="y"))
    assert rows(town, Officer, Officer.id == town.officer.id)[0].photo is None


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"title": ""},
        {"category": "navy"},
        {"unit": 4711},
        {"services": [4711]},
        {"services": [], "declared": 1},
        {"valid_from": "2026-02-01", "valid_until": "2026-02-01"},
    ],
)
def test_an_officer_that_makes_no_sense_is_not_changed(town: Town, changes: dict[str, object]) -> None:
    path = f"/organisation/officers/{town.officer.id}/edit"
    assert town.as_("town_staff").send(path, **officer_form(town, **changes)).status_code == 422
    assert rows(town, Officer, Officer.id == town.officer.id)[0].name == town.officer.name


def test_fields_and_procedures_are_added(town: Town) -> None:
    person = town.as_("town_staff")
    person.send("/organisation/fields", name="Đất đai", name_en="Land")
    (field,) = rows(town, Field, Field.name == "Đất đai")
    person.send(f"/organisation/fields/{field.id}/services", name="Cấp giấy chứng nhận", name_en="Land title")
    (service,) = rows(town, Service, Service.field_id == field.id)
    assert (service.name, service.name_en) == ("Cấp giấy chứng nhận", "Land title")
    person.send("/organisation/fields", name=" ")
    assert len(rows(town, Field)) == 2


REACH = (
    ("GET", "/organisation/units/{unit}"),
    ("POST", "/organisation/units/{unit}/counters"),
    ("GET", "/organisation/units/{unit}/behaviour"),
    ("POST", "/organisation/units/{unit}/behaviour"),
    ("GET", "/organisation/units/{unit}/officers/new"),
    ("GET", "/organisation/officers/{officer}/edit"),
    ("POST", "/organisation/officers/{officer}/edit"),
    ("GET", "/organisation/officers/{officer}/photo"),
    ("POST", "/organisation/counters/{counter}/duty"),
)


@pytest.mark.parametrize(("method", "path"), REACH)
def test_a_head_reaches_nothing_of_another_commune(town: Town, method: str, path: str) -> None:
    address = path.format(unit=town.chuyen_ngoai.id, officer=town.other_officer.id, counter=town.other_counter.id)
    person = town.as_("alice")
    form = officer_form(town)
    answer = person.send(address, **form) if method == "POST" else person.get(address)
    assert answer.status_code == 404
    (other,) = rows(town, Officer, Officer.id == town.other_officer.id)
    assert (other.name, other.unit_id) == (town.other_officer.name, town.chuyen_ngoai.id)


def test_a_head_can_neither_add_to_nor_move_into_another_commune(town: Town) -> None:
    person = town.as_("alice")
    form = officer_form(town, unit=town.chuyen_ngoai.id)
    assert person.send(f"/organisation/units/{town.moc_bac.id}/officers/new", **form).status_code == 422
    assert person.send(f"/organisation/officers/{town.officer.id}/edit", **form).status_code == 422
    assert rows(town, Officer, Officer.name == "Trần Thị Thu") == []


def test_an_officer_of_another_commune_cannot_take_the_desk(town: Town) -> None:
    path = f"/organisation/counters/{town.counter.id}/duty"
    assert town.as_("town_staff").send(path, officer=town.other_officer.id).status_code == 404
    assert [duty.officer_id for duty in rows(town, Duty, Duty.counter_id == town.counter.id)] == [town.officer.id]


def test_a_clerk_sees_units_and_sets_duty_but_builds_nothing(town: Town) -> None:
    text = html.unescape(town.as_("clerk").get(f"/organisation/units/{town.moc_bac.id}").text)
    assert "Ai đang ở quầy nào" in text
    assert not re.search(r"/edit|/officers/new|/behaviour|/counters\"", text)


def test_what_was_changed_is_in_the_log(town: Town) -> None:
    town.as_("town_staff").send("/organisation/units/new", **unit_form(town))
    town.as_("alice").send(f"/organisation/officers/{town.officer.id}/edit", **officer_form(town))
    with town.office.database.read() as reading:
        entries = reading.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.act, entry.staff_id) for entry in entries] == [
        ("unit added", town.staff["town_staff"].id),
        ("officer changed", town.staff["alice"].id),
    ]
    assert entries[1].subject == f"o{town.officer.id}"


def test_amending_with_nonsense_is_refused_below_the_pages_too(town: Town) -> None:
    given: dict[str, Any] = {"name": "X", "hotline": "", "valid_from": None, "valid_until": None}
    with town.office.database.write() as writing:
        with pytest.raises(Refused, match="no kind of unit"):
            amending.amend_unit(writing, town.moc_bac.id, kind="kingdom", parent_id=None, **given)
        with pytest.raises(Refused, match="lies below"):
            amending.amend_unit(writing, town.town.id, kind="town", parent_id=town.moc_bac.id, **given)


def test_a_service_of_an_officer_shows_in_the_catalogue(town_on_both: Town) -> None:
    town = town_on_both
    builders.make_service(town.office, field="Đất đai", name="Không ai làm")
    with town.office.database.read() as reading:
        fields = queries.catalogue(reading)
        assert reading.scalars(select(OfficerService.officer_id)).all() == [town.officer.id, town.other_officer.id]
    assert [(field.name, [(row.name, row.officers) for row in field.services]) for field in fields] == [
        ("Hộ tịch", [("Đăng ký khai sinh", 2)]),
        ("Đất đai", [("Không ai làm", 0)]),
    ]


def test_units_merge_on_a_page_after_a_preview(town: Town) -> None:
    staff = town.as_("town_staff")
    given = {"ended": town.moc_bac.id, "successor": town.chuyen_ngoai.id, "day": "2026-03-02"}
    shown = html.unescape(staff.send("/organisation/succession", **given).text)
    assert "Xã Mộc Bắc → Xã Chuyên Ngoại" in shown
    assert "Nguyễn Thị Hạnh" in shown
    assert rows(town, Unit, Unit.id == town.moc_bac.id)[0].valid_until is None
    assert staff.send("/organisation/succession/confirm", **given).status_code == 303
    assert rows(town, Officer, Officer.id == town.officer.id)[0].unit_id == town.chuyen_ngoai.id
    assert "Xã Mộc Bắc" not in html.unescape(staff.get("/organisation").text)
    assert "Xã Mộc Bắc" in html.unescape(staff.get("/organisation?ended=1").text)
    page = html.unescape(staff.get(f"/organisation/units/{town.chuyen_ngoai.id}").text)
    assert "Từ 02/03/2026 tiếp nhận Xã Mộc Bắc" in page
    officer = html.unescape(staff.get(f"/organisation/officers/{town.officer.id}/edit").text)
    assert "Xã Mộc Bắc → Xã Chuyên Ngoại" in officer
    key = town.app.test_client().get("/api/v1/setup", headers=builders.bearer(town.key)).get_json()
    assert key["unit"]["name"] == "Xã Chuyên Ngoại"
    assert staff.send("/organisation/succession/confirm", **given).status_code == 422
    offering = ("/surveys/assignments/new", "/rounds/new", "/kiosks/enrol", "/organisation/units/new")
    for path in (*offering, f"/organisation/officers/{town.officer.id}/edit"):
        assert not re.search(r"<opt[^>]*>[– ]*Xã Mộc Bắc|label=.Xã Mộc Bắc", html.unescape(staff.get(path).text)), path


def test_a_split_asks_where_each_thing_goes(town: Town) -> None:
    staff = town.as_("town_staff")
    new = builders.make_unit(town.office, name="Phường Mới", parent_id=town.town.id)
    given = {"ended": town.moc_bac.id, "successor": [town.chuyen_ngoai.id, new.id], "day": "2026-03-01"}
    assert f'name="to-o{town.officer.id}"' in staff.send("/organisation/succession", **given).text
    chosen = {f"to-o{town.officer.id}": new.id, f"to-c{town.counter.id}": new.id}
    assert staff.send("/organisation/succession/confirm", **given, **chosen).status_code == 303
    assert rows(town, Officer, Officer.id == town.officer.id)[0].unit_id == new.id


@pytest.mark.parametrize(
    "changes",
    [
        {"ended": []},
        {"successor": []},
        {"successor": 4711},
        {"day": "2026-03-03"},
        {"day": "hôm nay"},
        {"to-o1": 4711},
    ],
)
def test_a_succession_that_makes_no_sense_is_told(town: Town, changes: dict[str, Any]) -> None:
    given = {"ended": town.moc_bac.id, "successor": town.chuyen_ngoai.id, "day": "2026-03-02", **changes}
    assert town.as_("town_staff").send("/organisation/succession/confirm", **given).status_code == 422
    assert rows(town, Unit, Unit.id == town.moc_bac.id)[0].valid_until is None


def test_a_transfer_is_remembered(town: Town) -> None:
    staff = town.as_("town_staff")
    path = f"/organisation/officers/{town.officer.id}/edit"
    staff.send(path, **officer_form(town, unit=town.chuyen_ngoai.id))
    assert "Xã Mộc Bắc → Xã Chuyên Ngoại" in html.unescape(staff.get(path).text)
