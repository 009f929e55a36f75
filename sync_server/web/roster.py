"""Who serves where: officers with their photos and procedures, and duty at the counters."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from sync_server import portraits
from sync_server.errors import NotFound, Refused
from sync_server.ids import COUNTER, OFFICER, write_id
from sync_server.queries import organisation as queries
from sync_server.queries import succession, units
from sync_server.services import amending
from sync_server.services import organisation as services
from sync_server.web.access import office, roles, scope
from sync_server.web.notes import note
from sync_server.web.organisation_forms import OfficerForm, date_of

pages = Blueprint("roster", __name__)

SEE = ("administrator", "town_staff", "head", "clerk")
STAFF = ("administrator", "town_staff", "head")


@pages.post("/organisation/counters/<int:number>/duty")
@roles(*SEE)
def duty(number: int) -> AnyResponse:
    """Say who sits at a desk from now on, or that nobody does."""
    officer_id = request.form.get("officer", 0, type=int)
    house, within = office(), scope()
    with house.database.write() as writing:
        unit_id = amending.unit_of_counter(writing, number)
        if unit_id not in within:
            raise NotFound(f"there is no counter {number} in reach")
        if officer_id:
            queries.officer_row(writing, officer_id, {unit_id})
            services.take_duty(writing, counter_id=number, officer_id=officer_id, now=house.now())
        else:
            services.leave_duty(writing, counter_id=number, now=house.now())
        who = write_id(OFFICER, officer_id) if officer_id else "-"
        note(writing, "duty changed", write_id(COUNTER, number), officer=who)
    return redirect(url_for("organisation.unit", number=unit_id), 303)


@pages.get("/organisation/units/<int:number>/officers/new")
@roles(*STAFF)
def new_officer_form(number: int) -> str:
    """The form of a new officer of a unit."""
    with office().database.read() as reading:
        queries.unit_card(reading, number, scope())
    return _officer_form(OfficerForm(unit=number, category="civil"), None)


@pages.post("/organisation/units/<int:number>/officers/new")
@roles(*STAFF)
def new_officer(number: int) -> tuple[str, int] | AnyResponse:
    """Add an officer."""
    with office().database.read() as reading:
        queries.unit_card(reading, number, scope())
    entered = OfficerForm()
    if not (entered.validate_on_submit() and _goes_together(entered)):
        return _officer_form(entered, None, unit_id=number), 422
    picture = _picture(entered)
    if picture is None and entered.photo.errors:
        return _officer_form(entered, None, unit_id=number), 422
    with office().database.write() as writing:
        made = services.add_officer(
            writing,
            unit_id=entered.unit.data,
            name=entered.name.data,
            title=entered.title.data,
            category=entered.category.data,
            photo=picture,
            valid_from=entered.first_day,
            valid_until=entered.end_day,
        )
        services.assign_services(writing, made.id, entered.services.data or [], declared=entered.declared.data or None)
        note(writing, "officer added", write_id(OFFICER, made.id))
    return redirect(url_for("organisation.unit", number=entered.unit.data), 303)


@pages.get("/organisation/officers/<int:number>/edit")
@roles(*STAFF)
def edit_officer_form(number: int) -> str:
    """The form of an officer as they are."""
    with office().database.read() as reading:
        row = queries.officer_row(reading, number, scope())
    return _officer_form(
        OfficerForm(
            name=row.name,
            title=row.title,
            category=row.category,
            unit=row.unit_id,
            services=list(row.services),
            declared=row.declared or 0,
            valid_from=date_of(row.valid_from),
            valid_until=date_of(row.valid_until),
        ),
        row,
    )


@pages.post("/organisation/officers/<int:number>/edit")
@roles(*STAFF)
def edit_officer(number: int) -> tuple[str, int] | AnyResponse:
    """Change an officer: name, title, unit, days, procedures, photo."""
    entered, house = OfficerForm(), office()
    with house.database.read() as reading:
        row = queries.officer_row(reading, number, scope())
    if not (entered.validate_on_submit() and _goes_together(entered)):
        return _officer_form(entered, row), 422
    picture = _picture(entered)
    if entered.photo.errors:
        return _officer_form(entered, row), 422
    with house.database.write() as writing:
        amending.amend_officer(
            writing,
            number,
            name=entered.name.data,
            title=entered.title.data,
            category=entered.category.data,
            unit_id=entered.unit.data,
            now=house.now(),
            valid_from=entered.first_day,
            valid_until=entered.end_day,
        )
        services.assign_services(writing, number, entered.services.data or [], declared=entered.declared.data or None)
        if picture is not None or entered.without_photo.data:
            services.set_photo(writing, number, picture)
        note(writing, "officer changed", write_id(OFFICER, number))
    return redirect(url_for("organisation.unit", number=entered.unit.data), 303)


@pages.get("/organisation/officers/<int:number>/photo")
@roles(*SEE)
def photo(number: int) -> Response:
    """An officer's photo."""
    with office().database.read() as reading:
        picture = queries.photo(reading, number, scope())
    kind = "image/jpeg" if picture.startswith(b"\xff\xd8") else "image/png"
    return Response(picture, mimetype=kind, headers={"Cache-Control": "private, max-age=300"})


def _goes_together(entered: OfficerForm) -> bool:
    if entered.unit.data not in scope():
        entered.unit.errors = [gettext("Xin chọn đơn vị.")]
        return False
    with office().database.read() as reading:
        known = {service.id for field in queries.catalogue(reading) for service in field.services}
    if not set(entered.services.data or []) <= known:
        entered.services.errors = [gettext("Có thủ tục không còn trong danh mục.")]
        return False
    if entered.declared.data and entered.declared.data not in (entered.services.data or []):
        entered.declared.errors = [gettext("Thủ tục chính phải nằm trong các thủ tục đảm nhận.")]
        return False
    return True


def _picture(entered: OfficerForm) -> bytes | None:
    """The uploaded photo made anew, None when there is none or it was refused (which is put beside the field)."""
    upload = entered.photo.data
    if not upload or not upload.filename:
        return None
    try:
        return portraits.portrait(upload.read(portraits.UPLOAD_BYTES_MAX + 1))
    except Refused:
        entered.photo.errors = [
            gettext("Ảnh không đọc được hoặc quá lớn. Xin dùng ảnh JPEG, PNG hoặc WebP dưới 10 MB.")
        ]
        return None


def _officer_form(entered: OfficerForm, row: queries.OfficerRow | None, unit_id: int | None = None) -> str:
    house = office()
    today, own = house.day(house.now()), unit_id or (row.unit_id if row else None)
    with house.database.read() as reading:
        lines = [line for line in units.tree(reading, scope()) if line.stands(today) or line.id == own]
        fields = queries.catalogue(reading)
        postings = succession.postings(reading, row.id) if row else []
    return render_template(
        "organisation/officer_form.html",
        postings=postings,
        form=entered,
        tree=lines,
        fields=fields,
        row=row,
        unit_id=unit_id or (row.unit_id if row else entered.unit.data),
    )
