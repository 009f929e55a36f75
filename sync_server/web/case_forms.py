"""From the form of a step to an act. The fields of each kind of act are those of `sync_server.casework.steps`."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from sync_server.casework.record import KINDS
from sync_server.casework.steps import Act, Finding, Measure
from sync_server.errors import NotFound, Refused

NOTE_LENGTH_MAX, ATTACHMENTS_MAX, ATTACHMENT_LENGTH_MAX = 4000, 20, 200

Form = MultiDict[str, str]
Choice = TypeVar("Choice", bound=StrEnum)


def read(kind: str, form: Form, *, by: int, today: int) -> Act:
    """The act that a form asks for. Raises `NotFound` for an unknown kind, `Refused` for what cannot be read."""
    made = KINDS.get(kind)
    if made is None:
        raise NotFound(f"there is no step {kind!r}")
    fields: dict[str, Any] = {"by": by, "note": _text(form, "note"), "attachments": _attachments(form)}
    reader = _OWN_FIELDS.get(kind)
    if reader is not None:
        fields |= reader(form, today)
    return made(**fields)


def _take_up(form: Form, today: int) -> dict[str, Any]:
    hears = form.get("officer_hears") != "no"
    return {"officer_hears": hears, "released": _text(form, "released") if hears else ""}


def _released(form: Form, today: int) -> dict[str, Any]:
    return {"released": _text(form, "released")}


def _no_explanation(form: Form, today: int) -> dict[str, Any]:
    return {"today": today}


def _verify(form: Form, today: int) -> dict[str, Any]:
    finding = _choice(form, "finding", Finding, gettext("Xin chọn kết luận xác minh."))
    untrue = tuple(dict.fromkeys(form.getlist("untrue")))
    return {"finding": finding, "untrue_ratings": untrue, **_released(form, today)}


def _decide(form: Form, today: int) -> dict[str, Any]:
    measure = _choice(form, "measure", Measure, gettext("Xin chọn biện pháp."))
    return {"measure": measure, **_released(form, today)}


def _tell(form: Form, today: int) -> dict[str, Any]:
    return {"by_receipt": "by_receipt" in form, "on_board": "on_board" in form, "public": _text(form, "public")}


_OWN_FIELDS: dict[str, Callable[[Form, int], dict[str, Any]]] = {
    "take_up": _take_up,
    "ask_officer": _released,
    "no_explanation": _no_explanation,
    "verify": _verify,
    "decide": _decide,
    "tell": _tell,
}


def _text(form: Form, name: str) -> str:
    given = form.get(name, "").replace("\r\n", "\n").strip()
    if len(given) > NOTE_LENGTH_MAX:
        raise Refused(
            gettext("Phần ghi dài %(n)s chữ; xin viết trong %(most)s chữ.", n=len(given), most=NOTE_LENGTH_MAX)
        )
    return given


def _attachments(form: Form) -> tuple[str, ...]:
    lines = tuple(line.strip() for line in form.get("attachments", "").splitlines() if line.strip())
    if len(lines) > ATTACHMENTS_MAX or any(len(line) > ATTACHMENT_LENGTH_MAX for line in lines):
        raise Refused(
            gettext(
                "Xin ghi nhiều nhất %(lines)s văn bản kèm theo, mỗi dòng trong %(most)s chữ.",
                lines=ATTACHMENTS_MAX,
                most=ATTACHMENT_LENGTH_MAX,
            )
        )
    return lines


def _choice(form: Form, name: str, values: type[Choice], missing: str) -> Choice:
    try:
        return values(form.get(name, ""))
    except ValueError:
        raise Refused(missing) from None
