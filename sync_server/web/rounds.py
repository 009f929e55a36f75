"""Survey rounds: baseline, running, observers'; with dates and the person who answers for each."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sync_server.errors import NotYours, Refused
from sync_server.ids import UNIT, write_id
from sync_server.queries import rounds as queries
from sync_server.queries import staff, units
from sync_server.queries.rounds import RoundLine
from sync_server.rounds import OBSERVER
from sync_server.services import rounds
from sync_server.services.rounds import RoundsOverlap
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.notes import note
from sync_server.web.survey_forms import RoundForm

pages = Blueprint("rounds", __name__)

SEE = ("administrator", "town_staff", "head", "inspector", "observer")
WRITE = ("administrator", "town_staff", "observer")
OWNERS = ("town_staff", "head", "inspector", "observer", "administrator")


@pages.get("/rounds")
@roles(*SEE)
def listing() -> str:
    """The rounds within reach."""
    with office().database.read() as reading:
        lines = queries.listing(reading, scope())
    return render_template(
        "surveys/rounds.html",
        lines=lines,
        today=_today(),
        kind_name=kind_name,
        may_write=current_user.role in WRITE,
        may_change=_may_change,
    )


@pages.get("/rounds/new")
@roles(*WRITE)
def new_form() -> str:
    """The form of a new round."""
    return _page(RoundForm(kind=_kinds()[-1], first=date.fromordinal(_today())), None)


@pages.post("/rounds/new")
@roles(*WRITE)
def new() -> Response | tuple[str, int]:
    """Open a round."""
    entered, house = RoundForm(), office()
    if not _is_good(entered):
        return _page(entered, None), 422
    try:
        with house.database.write() as writing:
            made = rounds.open_round(
                writing,
                unit_id=entered.unit.data,
                kind=entered.kind.data,
                name=entered.name.data,
                owner_id=entered.owner.data or None,
                first_day=entered.first_day,
                until_day=entered.until_day,
                made_by=current_user.id,
                now=house.now(),
            )
            _note(writing, "round opened", made.unit_id, made.id, entered)
    except NotYours:
        raise
    except Refused as fault:
        return _refused(entered, None, fault), 422
    flash(gettext("Đã mở đợt khảo sát."), "success")
    return redirect(url_for("rounds.listing"), 303)


@pages.get("/rounds/<int:number>")
@roles(*WRITE)
def edit_form(number: int) -> str:
    """A round as it is."""
    found = _round(number)
    if not _may_change(found):
        abort(403)
    form = RoundForm(
        name=found.name,
        kind=found.kind,
        unit=found.unit_id,
        owner=found.owner_id or 0,
        first=date.fromordinal(found.first_day),
        last=date.fromordinal(found.until_day - 1) if found.until_day else None,
    )
    return _page(form, found)


@pages.post("/rounds/<int:number>")
@roles(*WRITE)
def edit(number: int) -> Response | tuple[str, int]:
    """Change a round's name, owner and those days that are still to come."""
    found, entered = _round(number), RoundForm()
    entered.unit.data, entered.kind.data = found.unit_id, found.kind  # these stay
    if not _is_good(entered):
        return _page(entered, found), 422
    try:
        with office().database.write() as writing:
            rounds.amend_round(
                writing,
                number,
                name=entered.name.data,
                owner_id=entered.owner.data or None,
                first_day=entered.first_day,
                until_day=entered.until_day,
                today=_today(),
                by=current_user.id,
            )
            _note(writing, "round changed", found.unit_id, number, entered)
    except NotYours:
        raise
    except Refused as fault:
        return _refused(entered, found, fault), 422
    flash(gettext("Đã lưu."), "success")
    return redirect(url_for("rounds.listing"), 303)


def kind_name(kind: str) -> str:
    """What a kind of round is called."""
    names: dict[str, str] = {
        "baseline": gettext("Trước khi triển khai"),
        "running": gettext("Thường xuyên"),
        "observer": gettext("Của đoàn giám sát"),
    }
    return names.get(kind, kind)


def _is_good(entered: RoundForm) -> bool:
    is_good = bool(entered.validate_on_submit())
    if entered.unit.data not in scope():
        entered.unit.errors, is_good = [gettext("Xin chọn đơn vị.")], False
    if entered.owner.data and entered.owner.data not in dict(_owners()):
        entered.owner.errors, is_good = [gettext("Xin chọn người trong danh sách.")], False
    return is_good


def _refused(entered: RoundForm, found: RoundLine | None, fault: Refused) -> str:
    if isinstance(fault, RoundsOverlap):
        words = gettext("Đơn vị này đã có đợt khác trong những ngày ấy.")
    else:
        words = gettext("Những ngày đã qua không đổi được. Xin chọn ngày kết thúc từ hôm nay trở đi.")
    entered.first.errors = [words]
    return _page(entered, found)


def _round(number: int) -> RoundLine:
    with office().database.read() as reading:
        return queries.one(reading, number, scope())


def _page(entered: RoundForm, found: RoundLine | None) -> str:
    with office().database.read() as reading:
        lines = units.tree(reading, scope())
    return render_template(
        "surveys/round_form.html",
        form=entered,
        found=found,
        has_begun=found is not None and found.first_day <= _today(),
        units=[(line.id, "– " * line.depth + line.name) for line in lines if line.stands(_today())],
        owners=[(0, gettext("— Chưa chọn —")), *_owners()],
        kinds=_kinds(),
        kind_name=kind_name,
    )


def _may_change(line: RoundLine) -> bool:
    """Observers change what is theirs and nobody else does; the service holds it, this leaves out useless links."""
    return current_user.role in WRITE and line.is_observers == (current_user.role == OBSERVER)


def _kinds() -> tuple[str, ...]:
    return (OBSERVER,) if current_user.role == OBSERVER else ("baseline", "running")


def _owners() -> list[tuple[int, str]]:
    with office().database.read() as reading:
        accounts = staff.accounts(reading)
    owners = (OBSERVER,) if current_user.role == OBSERVER else OWNERS
    people = [each.person for each in accounts if each.closed_at is None]
    return [(person.id, person.name) for person in people if person.role in owners]


def _note(writing: object, act: str, unit_id: int, number: int, entered: RoundForm) -> None:
    last = entered.last.data.isoformat() if entered.last.data else ""
    note(writing, act, write_id(UNIT, unit_id), round=number, first=entered.first.data.isoformat(), last=last)


def _today() -> int:
    house = office()
    return house.day(house.now())
