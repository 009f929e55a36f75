"""Surveys: drafts, their preview and publication, and what was published."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from survey import resources
from survey.questionnaire import Reason, read_law, read_reasons
from sync_server.errors import Refused
from sync_server.ids import SURVEY, write_id
from sync_server.queries import surveys as queries
from sync_server.queries import units
from sync_server.queries.surveys import Draft
from sync_server.rulebook import rulebook
from sync_server.services import drafts
from sync_server.shown import LANGUAGES
from sync_server.survey_changes import Change, changes
from sync_server.web import preview
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.notes import note
from sync_server.web.survey_forms import DraftForm, NewDraftForm, chosen_reasons, reason_fault

pages = Blueprint("surveys", __name__)

SEE = ("administrator", "town_staff", "head", "observer")
WRITE = ("administrator", "town_staff", "observer")


@pages.get("/surveys")
@roles(*SEE)
def listing() -> str:
    """What is asked where, what is being written, and what was published."""
    return _listing(NewDraftForm(based_on=request.args.get("based_on", 0, type=int)))


@pages.get("/surveys/versions/<int:number>")
@roles(*SEE)
def version(number: int) -> str:
    """A published version, as it was and will stay."""
    with office().database.read() as reading:
        found = queries.version(reading, number)
    return preview.screens(
        found.survey, _shown_in(), version=found, draft=None, reasons_of=_reason_rows(found.survey.reasons)
    )


@pages.post("/surveys/drafts")
@roles(*WRITE)
def begin() -> Response | tuple[str, int]:
    """Begin a draft as a copy of a version."""
    entered, house = NewDraftForm(), office()
    if not entered.validate_on_submit():
        return _listing(entered), 422
    with house.database.write() as writing:
        made = drafts.begin(
            writing,
            name=entered.name.data,
            based_on_id=entered.based_on.data,
            made_by=current_user.id,
            now=house.now(),
        )
        note(writing, "survey draft begun", "", draft=made.id, based_on=made.based_on_id)
    return redirect(url_for("surveys.edit_form", number=made.id), 303)


@pages.get("/surveys/drafts/<int:number>")
@roles(*WRITE)
def edit_form(number: int) -> str:
    """A draft to be written on."""
    draft = _own_draft(number)
    return _edit_page(draft, DraftForm.of(draft.name, draft.survey), draft.survey.reasons, "")


@pages.post("/surveys/drafts/<int:number>")
@roles(*WRITE)
def edit(number: int) -> Response | tuple[str, int]:
    """Save a draft."""
    draft, entered, house = _own_draft(number), DraftForm(), office()
    known = read_reasons(resources.config() / "reasons.toml")
    reasons = chosen_reasons(known)
    fault = reason_fault(reasons, known)
    is_good = entered.validate_on_submit()
    if entered.scale.data not in rulebook().scales:
        entered.scale.errors = [gettext("Xin chọn một thang.")]
        is_good = False
    if fault or not is_good:
        return _edit_page(draft, entered, reasons, fault), 422
    with house.database.write() as writing:
        drafts.amend(
            writing,
            number,
            name=entered.name.data,
            content=entered.content(reasons),
            folder=resources.config(),
            now=house.now(),
            by=current_user.id,
        )
        note(writing, "survey draft changed", "", draft=number)
    flash(gettext("Đã lưu bản nháp."), "success")
    wanted = "surveys.publish_form" if request.form.get("next") == "publish" else "surveys.preview_draft"
    return redirect(url_for(wanted, number=number), 303)


@pages.get("/surveys/drafts/<int:number>/preview")
@roles(*SEE)
def preview_draft(number: int) -> str:
    """A draft as the kiosk would show it."""
    draft = _draft(number)
    return preview.screens(
        draft.survey, _shown_in(), version=None, draft=draft, reasons_of=_reason_rows(draft.survey.reasons)
    )


@pages.get("/surveys/drafts/<int:number>/publish")
@roles(*WRITE)
def publish_form(number: int) -> str:
    """What differs from the version that the draft began as, before it is published for good."""
    return _publish_page(_own_draft(number), "")


@pages.post("/surveys/drafts/<int:number>/publish")
@roles(*WRITE)
def publish(number: int) -> Response | tuple[str, int]:
    """Publish a draft. It is asked nowhere before it is assigned, which the next page offers."""
    draft, house = _own_draft(number), office()
    try:
        with house.database.write() as writing:
            made = drafts.publish(writing, number, folder=resources.config(), by=current_user.id, now=house.now())
            note(writing, "survey published", write_id(SURVEY, made.id), draft=number)
    except Refused:
        return _publish_page(draft, gettext("Bản nháp chưa khác bản gốc. Xin sửa rồi công bố.")), 422
    flash(gettext("Đã công bố. Bộ câu hỏi này không thể sửa nữa; hãy chọn nơi và ngày bắt đầu dùng."), "success")
    return redirect(url_for("assignments.assign_form", survey=made.id), 303)


@pages.post("/surveys/drafts/<int:number>/drop")
@roles(*WRITE)
def drop(number: int) -> Response:
    """Give a draft up."""
    with office().database.write() as writing:
        drafts.drop(writing, number, now=office().now(), by=current_user.id)
        note(writing, "survey draft dropped", "", draft=number)
    flash(gettext("Đã bỏ bản nháp."), "success")
    return redirect(url_for("surveys.listing"), 303)


def _draft(number: int) -> Draft:
    with office().database.read() as reading:
        return queries.draft(reading, number)


def _own_draft(number: int) -> Draft:
    """A draft to be changed: by observers what an observer began, by the others the rest. The service holds it too."""
    draft = _draft(number)
    if draft.is_observers != (current_user.role == "observer"):
        abort(403)
    return draft


def _listing(entered: NewDraftForm) -> str:
    house = office()
    today, is_observer = house.day(house.now()), current_user.role == "observer"
    with house.database.read() as reading:
        versions = queries.versions(reading)
        lines = units.tree(reading, scope())
        in_force = queries.in_force(reading, units.parents(reading), today, observers=is_observer)
        assigned = queries.assignments(reading, scope())
        drafts_there = queries.drafts(reading) if current_user.role in WRITE else []
    drafts_there = [each for each in drafts_there if each.is_observers == is_observer]
    return render_template(
        "surveys/listing.html",
        form=entered,
        versions=versions,
        named={each.id: version_name(each.id, each.name) for each in versions},
        drafts=drafts_there,
        lines=lines,
        in_force=in_force,
        assigned=assigned,
        today=today,
        may_write=current_user.role in WRITE,
        is_observer=is_observer,
    )


def version_name(number: int, name: str) -> str:
    """What a version is called: its draft's name and its number."""
    which = gettext("bản %(n)s", n=number)
    return f"{name or gettext('Bộ câu hỏi mẫu')} ({which})"


def _reason_rows(chosen: tuple[str, ...]) -> list[tuple[Reason, str]]:
    """Reasons with what their letter of the law is about, those chosen in their order."""
    folder = resources.config()
    known, law = read_reasons(folder / "reasons.toml"), read_law(folder / "reasons.toml")
    spoken = str(get_locale())
    return [(known[code], law[known[code].law].get(spoken) or law[known[code].law]["vi"]) for code in chosen]


def _edit_page(draft: Draft, entered: DraftForm, chosen: tuple[str, ...], fault: str) -> str:
    known = read_reasons(resources.config() / "reasons.toml")
    rest = sorted((code for code in known if code not in chosen), key=lambda code: (known[code].law, known[code].bit))
    rows = _reason_rows((*chosen, *rest))
    groups = [
        (True, [row for row in rows if "dissatisfied" in row[0].after]),
        (False, [row for row in rows if row[0].after == ("satisfied",)]),
    ]
    return render_template(
        "surveys/edit.html",
        draft=draft,
        form=entered,
        scales=rulebook().scales.values(),
        groups=groups,
        chosen={code: place for place, code in enumerate(chosen, start=1)},
        fault=fault,
        spoken=str(get_locale()),
    )


def _publish_page(draft: Draft, fault: str) -> str:
    with office().database.read() as reading:
        before = queries.version(reading, draft.based_on_id) if draft.based_on_id else None
    found = changes(before.survey, draft.survey) if before else ()
    return render_template(
        "surveys/publish.html",
        draft=draft,
        before=before,
        rows=[(part_name(each), *(_said(each, text) for text in (each.before, each.after))) for each in found],
        fault=fault,
        version_name=version_name,
    )


def part_name(change: Change) -> str:
    """What differs, in words."""
    names: dict[str, str] = {
        "question": gettext("Câu hỏi"),
        "scale": gettext("Thang mức độ"),
        "reason_added": gettext("Thêm lý do"),
        "reason_gone": gettext("Bỏ lý do"),
        "order": gettext("Thứ tự lý do"),
        "ask_reasons_when_satisfied": gettext("Hỏi lý do khi hài lòng"),
        "ask_comment": gettext("Mời viết thêm ý kiến"),
    }
    name = names[change.part]
    return f"{name} ({LANGUAGES.get(change.language, change.language)})" if change.language else name


def _said(change: Change, text: str) -> str:
    """One side of a difference as it is read."""
    if change.part in ("reason_added", "reason_gone") and text:
        (reason, law), *_ = _reason_rows((text,))
        name = reason.words.get(str(get_locale())) or reason.words["vi"]
        letter = gettext("điểm %(letter)s", letter=reason.law)
        return f"{name} ({letter}: {law})"
    if change.part == "scale":
        return scale_words(text)
    if text in ("yes", "no"):
        return str(gettext("Có") if text == "yes" else gettext("Không"))
    return text


def scale_words(scale_id: str) -> str:
    """A scale's levels from the best to the worst."""
    spoken = str(get_locale())
    return " · ".join(
        level.words.get(spoken) or level.words["vi"] for level in reversed(rulebook().scales[scale_id].levels)
    )


def _shown_in() -> str:
    wanted = request.args.get("language", str(get_locale()))
    return wanted if wanted in LANGUAGES else "vi"
