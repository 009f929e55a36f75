"""Where a published survey is asked, and from when."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sync_server.ids import SURVEY, UNIT, write_id
from sync_server.queries import surveys as queries
from sync_server.queries import units
from sync_server.services import assignments
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.notes import note
from sync_server.web.survey_forms import AssignForm
from sync_server.web.surveys import WRITE, version_name

pages = Blueprint("assignments", __name__)


@pages.get("/surveys/assignments/new")
@roles(*WRITE)
def assign_form() -> str:
    """Which survey, where, from when?"""
    tomorrow = date.fromordinal(_today() + 1)
    return _page(AssignForm(survey=request.args.get("survey", 0, type=int), first=tomorrow))


@pages.post("/surveys/assignments/new")
@roles(*WRITE)
def assign() -> Response | tuple[str, int]:
    """Let a unit and those below ask a survey."""
    entered, house = AssignForm(), office()
    is_good = entered.validate_on_submit()
    if entered.unit.data not in scope():
        entered.unit.errors, is_good = [gettext("Xin chọn đơn vị.")], False
    if entered.first.data and entered.first_day < _today():
        entered.first.errors, is_good = [gettext("Ngày đã qua không đổi được; xin chọn từ hôm nay trở đi.")], False
    with house.database.read() as reading:
        if entered.survey.data not in {each.id for each in queries.versions(reading)}:
            entered.survey.errors, is_good = [gettext("Xin chọn bộ câu hỏi.")], False
    if not is_good:
        return _page(entered), 422
    with house.database.write() as writing:
        made = assignments.assign(
            writing,
            unit_id=entered.unit.data,
            survey_id=entered.survey.data,
            first_day=entered.first_day,
            until_day=entered.until_day,
            today=_today(),
            made_by=current_user.id,
            now=house.now(),
        )
        note(
            writing,
            "survey assigned",
            write_id(UNIT, made.unit_id),
            survey=write_id(SURVEY, made.survey_id),
            first=entered.first.data.isoformat(),
            last=entered.last.data.isoformat() if entered.last.data else "",
        )
    flash(gettext("Đã giao. Máy tự nhận bộ câu hỏi ở lần liên lạc sau khi đến ngày."), "success")
    return redirect(url_for("surveys.listing"), 303)


@pages.post("/surveys/assignments/<int:number>/end")
@roles(*WRITE)
def end(number: int) -> Response:
    """Ask it no longer from tomorrow on, or never if it had not begun."""
    house = office()
    with house.database.read() as reading:
        found = next((each for each in queries.assignments(reading, scope()) if each.id == number), None)
    if found is None:
        abort(404)
    with house.database.write() as writing:
        if assignments.end(writing, number, today=_today(), by=current_user.id):
            survey = write_id(SURVEY, found.survey_id)
            note(writing, "survey assignment ended", write_id(UNIT, found.unit_id), survey=survey)
            flash(gettext("Đã dừng. Từ ngày mai dùng lại bộ câu hỏi trước đó."), "success")
    return redirect(url_for("surveys.listing"), 303)


def _page(entered: AssignForm) -> str:
    with office().database.read() as reading:
        lines = units.tree(reading, scope())
        versions = queries.versions(reading)
    return render_template(
        "surveys/assign.html",
        form=entered,
        units=[(line.id, "– " * line.depth + line.name) for line in lines if line.stands(_today())],
        versions=[(each.id, version_name(each.id, each.name)) for each in versions],
    )


def _today() -> int:
    house = office()
    return house.day(house.now())
