"""The yearly emulation scoring of communes: own points, verified points, and why they differ. Nobody is ranked."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, DecimalField, TextAreaField
from wtforms.validators import Length, Optional

from sync_server.emulation import tt01
from sync_server.emulation.criteria import tt01_rule
from sync_server.emulation.sheet import Fault, Given, Line, Side, faults
from sync_server.errors import NotFound, Refused
from sync_server.ids import UNIT, write_id
from sync_server.queries import emulation as queries
from sync_server.queries import rollout
from sync_server.services import emulation as services
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.language import chosen
from sync_server.web.notes import note

pages = Blueprint("emulation", __name__)

SEE = ("town_staff", "head", "inspector", "observer")
SIDES = {"head": Side.SELF, "town_staff": Side.VERIFIED}
GIVE = tuple(SIDES)
CLOSE = ("town_staff",)


class PointsForm(FlaskForm):  # type: ignore[misc]
    """One side's points for one criterion."""

    points = DecimalField(lazy_gettext("Số điểm"), places=1, validators=[Optional()], use_locale=False)
    left_out = BooleanField(lazy_gettext("Không áp dụng cho đơn vị"))
    note = TextAreaField(lazy_gettext("Giải trình"), validators=[Length(max=services.NOTE_MAX)])

    @property
    def given(self) -> Given:
        """As the sheet takes it."""
        points = None if self.left_out.data else self.points.data
        return Given(points=None if points is None else round(float(points), 1), note=self.note.data or "")


@pages.context_processor
def _words() -> dict[str, object]:
    return {"said": lambda words: words.get(str(chosen()), words["vi"]), "Side": Side}


@pages.get("/emulation")
@roles(*SEE)
def listing() -> str:
    """The communes within reach in a year, by name."""
    house = office()
    years = queries.years(_today())
    year = request.args.get("year", years[0], type=int)
    if year not in years:
        year = years[0]
    with house.database.read() as reading:
        lines = queries.overview(reading, scope(), year, today=_today())
    return render_template("emulation/listing.html", lines=lines, year=year, years=years)


@pages.get("/emulation/<int:number>/<int:year>")
@roles(*SEE)
def sheet(number: int, year: int) -> str:
    """One commune's sheet of a year, as it is or as it was closed; it prints as a form to sign."""
    house = office()
    line = _in_reach(number, year)
    with house.database.read() as reading:
        kept = queries.closed(reading, number, year)
        figures = kept.figures if kept else services.frozen(queries.sheet_of(reading, house, number, year))
        said = queries.history(reading, number, year)
    return render_template(
        "emulation/sheet.html",
        unit=line,
        year=year,
        figures=figures,
        kept=kept,
        is_intact=kept is None or services.is_intact(house, number, year, kept),
        history=said,
        names={item["id"]: item["words"] for item in figures["lines"]},
        may_give=current_user.role in GIVE and kept is None,
        may_close=current_user.role in CLOSE and kept is None,
        is_complete=all(figures[side.value]["of"] and _all_given(figures, side) for side in Side),
    )


@pages.get("/emulation/<int:number>/<int:year>/<criterion>")
@roles(*GIVE)
def points_form(number: int, year: int, criterion: str) -> str:
    """How many points does one's own side give for this?"""
    line = _line(number, year, criterion)
    last = line.given.get(SIDES[current_user.role]) or line.given.get(Side.SELF)
    form = PointsForm(formdata=None)
    if last is not None:
        form.points.data, form.left_out.data = last.points, last.points is None
        form.note.data = last.note if SIDES[current_user.role] in line.given else ""
    elif line.proposal:
        form.points.data = line.proposal.points
    return _points_page(number, year, line, form)


@pages.post("/emulation/<int:number>/<int:year>/<criterion>")
@roles(*GIVE)
def give(number: int, year: int, criterion: str) -> AnyResponse | tuple[str, int]:
    """Add one's own side's points."""
    entered, side, house = PointsForm(), SIDES[current_user.role], office()
    line = _line(number, year, criterion)
    if not (entered.validate_on_submit() and _is_sound(entered, line, side)):
        return _points_page(number, year, line, entered), 422
    with house.database.write() as writing:
        services.give(
            writing, house, number, year, criterion, side, entered.given, made_by=current_user.id, now=house.now()
        )
        note(writing, "emulation points given", write_id(UNIT, number), year=year, criterion=criterion, side=side.value)
    flash(gettext("Đã ghi nhận."), "success")
    return redirect(url_for("emulation.sheet", number=number, year=year), 303)


@pages.post("/emulation/<int:number>/<int:year>/close")
@roles(*CLOSE)
def close(number: int, year: int) -> AnyResponse:
    """Close the sheet for good."""
    house = office()
    _in_reach(number, year)
    try:
        with house.database.write() as writing:
            services.close(writing, house, number, year, closed_by=current_user.id, now=house.now())
            note(writing, "emulation sheet closed", write_id(UNIT, number), year=year)
    except Refused:
        flash(
            gettext(
                "Chưa khóa được phiếu: cần đủ điểm tự chấm và điểm thẩm định, điểm khác nhau phải có giải trình, "
                "và năm chấm điểm phải sang tháng 12."
            ),
            "warning",
        )
    else:
        flash(gettext("Đã khóa phiếu. Số liệu đến sau không làm thay đổi phiếu này."), "success")
    return redirect(url_for("emulation.sheet", number=number, year=year), 303)


@pages.get("/emulation/tt01")
@roles(*GIVE)
def circular() -> str:
    """Points by Thông tư 01/2018/TT-VPCP of counts that are typed in; nothing is kept."""
    rule = tt01_rule()
    is_body = request.args.get("of") == "body"
    indicators = rule.body_indicators if is_body else rule.officer_indicators
    counts = {number: _counts(number, rule.points_max) for number in indicators}
    score = fault = None
    if any(any(found) for found in counts.values()):
        try:
            by_indicator = {number: tt01.Dossiers(counts=found) for number, found in counts.items() if any(found)}
            score = (tt01.body_score if is_body else tt01.officer_score)(rule, by_indicator)
        except Refused:
            fault = gettext("Mỗi chỉ số cần ít nhất một hồ sơ.")
    return render_template(
        "emulation/tt01.html",
        rule=rule,
        is_body=is_body,
        counts=counts,
        score=score,
        fault=fault,
        is_all_done=bool(score and not is_body and tt01.is_all_done(rule, score)),
    )


def _counts(indicator: int, points_max: int) -> tuple[int, ...]:
    found = (request.args.get(f"i{indicator}p{points}", 0, type=int) for points in range(points_max + 1))
    return tuple(min(max(count, 0), 1_000_000) for count in found)


def _is_sound(entered: PointsForm, line: Line, side: Side) -> bool:
    """Whether the points may stand; the form says what is wrong."""
    if entered.points.data is None and not entered.left_out.data:
        entered.points.errors = [gettext("Xin ghi số điểm, hoặc chọn «Không áp dụng».")]
        return False
    found = faults(line, side, entered.given)
    for fault in found:
        field, words = {
            Fault.TOO_MANY: (entered.points, gettext("Số điểm phải từ 0 đến điểm tối đa của tiêu chí.")),
            Fault.NO_REASON_NONE: (entered.note, gettext("Xin ghi vì sao tiêu chí không áp dụng.")),
            Fault.NO_REASON_MEASURED: (
                entered.note,
                gettext("Số điểm khác với số liệu hệ thống đo được. Xin ghi giải trình."),
            ),
            Fault.NO_REASON_DIFFERENT: (
                entered.note,
                gettext("Điểm thẩm định khác điểm đơn vị tự chấm. Xin ghi giải trình."),
            ),
            Fault.NOT_YET: (entered.points, gettext("Đơn vị chưa tự chấm tiêu chí này.")),
        }[fault]
        field.errors = [*field.errors, words]
    return not found


def _points_page(number: int, year: int, line: Line, form: PointsForm) -> str:
    unit = _in_reach(number, year)
    return render_template(
        "emulation/points.html", unit=unit, year=year, line=line, form=form, side=SIDES[current_user.role]
    )


def _line(number: int, year: int, criterion: str) -> Line:
    _in_reach(number, year)
    house = office()
    with house.database.read() as reading:
        return services.line_of(queries.sheet_of(reading, house, number, year), criterion)


def _all_given(figures: Any, side: Side) -> bool:
    return all(side.value in item["given"] for item in figures["lines"])


def _in_reach(number: int, year: int) -> rollout.UnitProgress:
    if year not in queries.years(_today()):
        raise NotFound(f"there is no sheet of {year}")
    with office().database.read() as reading:
        return rollout.one(reading, number, scope(), today=_today())


def _today() -> int:
    house = office()
    return house.day(house.now())
