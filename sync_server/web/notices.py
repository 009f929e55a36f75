"""Notices: each person's channels and choices, and the administrator's look at what did not go out."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sync_server.errors import Refused
from sync_server.messenger import Messenger
from sync_server.notices.kinds import OFFERED, Kind
from sync_server.queries import notices as queries
from sync_server.services import notices
from sync_server.web.access import EVERYBODY, current_user, office, roles
from sync_server.web.notes import note

pages = Blueprint("notices", __name__)


@pages.get("/account/notices")
@roles(*EVERYBODY)
def own() -> str:
    """The own channels, and what goes to each."""
    return _own_page()


@pages.post("/account/notices")
@roles(*EVERYBODY)
def add() -> Response | tuple[str, int]:
    """Add a channel."""
    house, address = office(), request.form.get("address", "")
    messenger = Messenger(house.settings)
    try:
        with house.database.write() as writing:
            number = notices.add_channel(
                writing,
                house.seals,
                current_user.id,
                address,
                _kinds(),
                schemes=messenger.schemes,
                has_mail=messenger.has_mail,
                now=house.now(),
            )
            note(writing, "channel added", f"channel {number}")
    except Refused as error:
        return _own_page(address=address, fault=str(gettext(str(error)))), 422
    flash(gettext("Đã thêm kênh. Trong ít phút nữa sẽ có một tin thử gửi đến đó."), "success")
    return redirect(url_for("notices.own"), 303)


@pages.post("/account/notices/<int:number>")
@roles(*EVERYBODY)
def choose(number: int) -> Response:
    """Choose what goes to a channel."""
    with office().database.write() as writing:
        notices.choose(writing, current_user.id, number, _kinds())
    flash(gettext("Đã lưu."), "success")
    return redirect(url_for("notices.own"), 303)


@pages.post("/account/notices/<int:number>/remove")
@roles(*EVERYBODY)
def remove(number: int) -> Response:
    """Remove a channel."""
    with office().database.write() as writing:
        notices.remove_channel(writing, current_user.id, number, now=office().now())
        note(writing, "channel removed", f"channel {number}")
    flash(gettext("Đã bỏ kênh; địa chỉ của kênh đã được xóa."), "success")
    return redirect(url_for("notices.own"), 303)


@pages.get("/notices")
@roles("administrator")
def outbox() -> str:
    """What waits, and what did not go out."""
    with office().database.read() as reading:
        found = queries.outbox(reading)
    return render_template(
        "notices/outbox.html", outbox=found, messenger=Messenger(office().settings), kind_words=kind_words
    )


@pages.post("/notices/again")
@roles("administrator")
def again() -> Response:
    """Try once more what was given up."""
    with office().database.write() as writing:
        count = notices.try_again(writing, now=office().now())
        note(writing, "notices tried again", "", count=count)
    flash(gettext("%(n)s thông báo sẽ được gửi lại.", n=count), "success")
    return redirect(url_for("notices.outbox"), 303)


def kind_words(kind: Kind) -> str:
    """What a kind of notices is called."""
    words: dict[Kind, str] = {
        Kind.HELLO: gettext("Tin thử khi thêm kênh"),
        Kind.FLAG: gettext("Vụ việc mới theo cờ đỏ"),
        Kind.GRAVE: gettext("Phản ánh nghiêm trọng"),
        Kind.DUE: gettext("Bước xử lý sắp đến hạn"),
        Kind.OVERDUE: gettext("Bước xử lý quá hạn"),
        Kind.SILENT: gettext("Máy không liên lạc trong giờ làm việc"),
        Kind.BATTERY: gettext("Máy sắp hết pin"),
        Kind.DISK: gettext("Máy sắp đầy bộ nhớ"),
        Kind.DIGEST: gettext("Tóm tắt hằng tuần"),
        Kind.REPORT: gettext("Báo cáo đến hạn gửi"),
    }
    return words[kind]


def _kinds() -> list[Kind]:
    wanted = request.form.getlist("kind")
    return [kind for kind in Kind if kind.value in wanted]


def _own_page(*, address: str = "", fault: str = "") -> str:
    with office().database.read() as reading:
        channels = queries.channels(reading, current_user.id)
    return render_template(
        "notices/own.html",
        channels=channels,
        offered=OFFERED[current_user.role],
        messenger=Messenger(office().settings),
        kind_words=kind_words,
        address=address,
        fault=fault,
    )
