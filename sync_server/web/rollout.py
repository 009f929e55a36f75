"""How far the communes are in bringing the model in: what they report, and the town's polite reminders."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import DateField, IntegerField, RadioField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from sync_server.errors import NotFound
from sync_server.ids import UNIT, write_id
from sync_server.queries import rollout as queries
from sync_server.rollout import Fault, Stage, Standing, faults
from sync_server.services import rollout as services
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.language import chosen
from sync_server.web.notes import note

pages = Blueprint("rollout", __name__)

SEE = ("town_staff", "head", "inspector", "observer")
REPORT = ("town_staff", "head")
LEAD = ("town_staff",)


class ReportForm(FlaskForm):  # type: ignore[misc]
    """How far the unit is with one task."""

    stage = RadioField(lazy_gettext("Tình trạng"), choices=[stage.value for stage in Stage], default=Stage.DONE.value)
    day = DateField(lazy_gettext("Ngày"), validators=[DataRequired(lazy_gettext("Xin ghi ngày."))])
    present = IntegerField(lazy_gettext("Số người đã dự"), validators=[Optional(), NumberRange(0, 100_000)])
    total = IntegerField(lazy_gettext("Trên tổng số"), validators=[Optional(), NumberRange(1, 100_000)])
    note = TextAreaField(lazy_gettext("Ghi chú"), validators=[Length(max=services.WORDS_MAX)])


class BeginForm(FlaskForm):  # type: ignore[misc]
    """The unit's first day."""

    day = DateField(lazy_gettext("Ngày bắt đầu"), validators=[DataRequired(lazy_gettext("Xin ghi ngày."))])


class RemindForm(FlaskForm):  # type: ignore[misc]
    """The town's words to a unit."""

    words = TextAreaField(
        lazy_gettext("Lời đôn đốc"),
        validators=[DataRequired(lazy_gettext("Xin ghi lời đôn đốc.")), Length(max=services.WORDS_MAX)],
    )


@pages.context_processor
def _words() -> dict[str, object]:
    return {"said": lambda words: words.get(str(chosen()), words["vi"]), "Stage": Stage}


@pages.get("/rollout")
@roles(*SEE)
def listing() -> str:
    """All communes within reach, by name."""
    house = office()
    with house.database.read() as reading:
        lines = queries.overview(reading, scope(), today=_today())
    return render_template("rollout/listing.html", lines=lines, leads=current_user.role in LEAD)


@pages.get("/rollout/<int:number>")
@roles(*SEE)
def unit(number: int) -> str:
    """One commune with its tasks."""
    return _unit_page(number, BeginForm(formdata=None), RemindForm(formdata=None))


@pages.post("/rollout/<int:number>/begin")
@roles(*LEAD)
def begin(number: int) -> AnyResponse | tuple[str, int]:
    """Set the day from which the tasks are due."""
    entered = BeginForm()
    _in_reach(number)
    if not entered.validate_on_submit():
        return _unit_page(number, entered, RemindForm(formdata=None)), 422
    house = office()
    with house.database.write() as writing:
        services.begin(writing, number, day=entered.day.data.toordinal(), made_by=current_user.id, now=house.now())
        note(writing, "rollout begun", write_id(UNIT, number), day=entered.day.data.isoformat())
    return redirect(url_for("rollout.unit", number=number), 303)


@pages.get("/rollout/<int:number>/<task>")
@roles(*REPORT)
def report_form(number: int, task: str) -> str:
    """How far is the unit with this task?"""
    standing = _standing(number, task)
    last = standing.report
    form = ReportForm(
        formdata=None,
        day=date.fromordinal(last.day if last else _today()),
        stage=last.stage.value if last else Stage.DONE.value,
        present=last.present if last else None,
        total=last.total if last else None,
        note=last.note if last else "",
    )
    return render_template("rollout/report.html", number=number, standing=standing, form=form)


@pages.post("/rollout/<int:number>/<task>")
@roles(*REPORT)
def report(number: int, task: str) -> AnyResponse | tuple[str, int]:
    """Add what the unit says of this task."""
    entered, standing, house = ReportForm(), _standing(number, task), office()
    if not (entered.validate_on_submit() and _is_true(entered, standing)):
        return render_template("rollout/report.html", number=number, standing=standing, form=entered), 422
    with house.database.write() as writing:
        services.report(
            writing,
            number,
            task,
            Stage(entered.stage.data),
            day=entered.day.data.toordinal(),
            today=_today(),
            present=entered.present.data,
            total=entered.total.data,
            note=entered.note.data or "",
            made_by=current_user.id,
            now=house.now(),
        )
        note(writing, "rollout reported", write_id(UNIT, number), task=task, stage=entered.stage.data)
    flash(gettext("Đã ghi nhận."), "success")
    return redirect(url_for("rollout.unit", number=number), 303)


@pages.post("/rollout/<int:number>/remind")
@roles(*LEAD)
def remind(number: int) -> AnyResponse | tuple[str, int]:
    """Remind the unit of what is late."""
    entered = RemindForm()
    line = _in_reach(number)
    if not entered.validate_on_submit():
        return _unit_page(number, BeginForm(formdata=None), entered), 422
    if not line.progress.late:
        flash(gettext("Đơn vị không có việc nào quá hạn."), "warning")
        return redirect(url_for("rollout.unit", number=number), 303)
    house = office()
    with house.database.write() as writing:
        late = services.remind(
            writing, number, words=entered.words.data, today=_today(), sent_by=current_user.id, now=house.now()
        )
        note(writing, "rollout reminded", write_id(UNIT, number), tasks=list(late))
    flash(gettext("Đã gửi lời đôn đốc. Lãnh đạo đơn vị sẽ thấy ở trang đầu."), "success")
    return redirect(url_for("rollout.unit", number=number), 303)


def _is_true(entered: ReportForm, standing: Standing) -> bool:
    """Whether the report can be true; the form says what cannot."""
    found = faults(
        standing.task,
        Stage(entered.stage.data),
        day=entered.day.data.toordinal(),
        present=entered.present.data,
        total=entered.total.data,
        note=entered.note.data or "",
        today=_today(),
    )
    for fault in found:
        field, words = {
            Fault.DONE_LATER: (entered.day, gettext("Ngày hoàn thành chưa đến. Xin chọn «Đang làm».")),
            Fault.NO_REASON: (entered.note, gettext("Xin ghi vì sao đơn vị không cần làm việc này.")),
            Fault.HALF_A_COUNT: (entered.total, gettext("Xin ghi cả số người đã dự và tổng số.")),
            Fault.MORE_THAN_ALL: (entered.present, gettext("Số người đã dự không thể nhiều hơn tổng số.")),
            Fault.NOT_ALL: (entered.present, gettext("Chỉ hoàn thành khi tất cả đã dự. Xin chọn «Đang làm».")),
        }[fault]
        field.errors = [*field.errors, words]
    return not found


def _unit_page(number: int, begin_form: BeginForm, remind_form: RemindForm) -> str:
    house = office()
    with house.database.read() as reading:
        line = queries.one(reading, number, scope(), today=_today())
        said, sent = queries.history(reading, number), queries.reminders(reading, number)
    if begin_form.day.data is None and line.progress.started is not None:
        begin_form.day.data = date.fromordinal(line.progress.started)
    if not remind_form.words.data:
        remind_form.words.data = _polite(line)
    return render_template(
        "rollout/unit.html",
        line=line,
        said_before=said,
        sent=sent,
        names={standing.task.id: standing.task.words for standing in line.progress.standings},
        begin_form=begin_form,
        remind_form=remind_form,
        leads=current_user.role in LEAD,
        may_report=current_user.role in REPORT,
    )


def _polite(line: queries.UnitProgress) -> str:
    tasks = "; ".join(standing.task.words["vi"] for standing in line.progress.late)
    if not tasks:
        return ""
    return (
        f"Kính gửi Lãnh đạo {line.name}: để mô hình được triển khai đúng tiến độ, đề nghị đơn vị quan tâm hoàn thành "
        f"và cập nhật các việc sau: {tasks}. Nếu có khó khăn, vướng mắc, xin phản ánh để cùng giải quyết. Trân trọng."
    )


def _standing(number: int, task: str) -> Standing:
    for standing in _in_reach(number).progress.standings:
        if standing.task.id == task:
            return standing
    raise NotFound(f"there is no task {task!r}")


def _in_reach(number: int) -> queries.UnitProgress:
    with office().database.read() as reading:
        return queries.one(reading, number, scope(), today=_today())


def _today() -> int:
    house = office()
    return house.day(house.now())
