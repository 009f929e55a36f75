"""Ratings that came on a USB stick: the page for those who carry it."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import cast

from flask import Blueprint, current_app, render_template, request
from flask_babel import gettext

from sync_server.errors import Busy, Refused
from sync_server.ids import KIOSK, write_id
from sync_server.services import audit
from sync_server.services.carry import FILE_LIMIT, import_file
from sync_server.services.judging import KEY as JUDGING
from sync_server.services.judging import Judging
from sync_server.web.access import current_user, office, roles

pages = Blueprint("sticks", __name__)

BRING = ("administrator", "town_staff", "head", "clerk")
"""Who may hand in a stick. Nothing of what citizens said is shown, so that no results are needed for it."""
FILES_MAX = 5
"""Files at once: a month of ratings is a dozen files of half a megabyte; the form takes 12 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file: how many were new, there already, and set aside; or why it was refused."""

    name: str
    kiosk: str = ""
    stored: int = 0
    duplicate: int = 0
    set_aside: int = 0
    fault: str = ""


@pages.get("/kiosks/stick")
@roles(*BRING)
def form() -> str:
    """Choose the files."""
    return render_template("kiosks/stick.html", outcomes=(), fault="", files_max=FILES_MAX)


@pages.post("/kiosks/stick")
@roles(*BRING)
def bring() -> str | tuple[str, int]:
    """Take the files, each by itself: one that is refused does not hold the others up. Safe to repeat."""
    files = [file for file in request.files.getlist("files") if file.filename]
    fault = ""
    if not files:
        fault = gettext("Xin chọn ít nhất một tệp .nucuoi trên thẻ USB.")
    elif len(files) > FILES_MAX:
        fault = gettext("Mỗi lần chỉ nhận %(most)s tệp; xin gửi làm nhiều lần.", most=FILES_MAX)
    if fault:
        return render_template("kiosks/stick.html", outcomes=(), fault=fault, files_max=FILES_MAX), 422
    outcomes = [_take(PurePath(file.filename or "").name[:100], file.stream.read(FILE_LIMIT + 1)) for file in files]
    return render_template("kiosks/stick.html", outcomes=outcomes, fault="", files_max=FILES_MAX)


def _take(name: str, content: bytes) -> Outcome:
    house, now = office(), office().now()
    judging = cast(Judging, current_app.extensions[JUDGING])
    try:
        done = import_file(house, name, content, now=now, touched=judging.note)
    except Refused:
        return Outcome(
            name=name,
            fault=gettext("Tệp bị thay đổi, bị cắt, hoặc không do máy nào của máy chủ này ghi. Xin chép lại từ máy."),
        )
    except Busy:
        return Outcome(name=name, fault=gettext("Máy chủ đang bận. Xin gửi lại tệp này sau ít phút."))
    with house.database.write() as writing:
        audit.note(
            writing,
            staff_id=current_user.id,
            act="stick imported",
            subject=write_id(KIOSK, done.kiosk_id),
            detail={"verdicts": done.verdicts},
            now=now,
        )
    counts = done.verdicts
    return Outcome(
        name=name,
        kiosk=done.kiosk_name,
        stored=counts.get("stored", 0),
        duplicate=counts.get("duplicate", 0),
        set_aside=counts.get("conflict", 0) + counts.get("refused", 0),
    )
