"""The public board: for anybody, without signing in, and without any name; its poster, and the loudspeaker's words."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, SelectField
from wtforms.validators import AnyOf

from sync_server.announcing import loudspeaker
from sync_server.announcing.rules import PERIODS, ROMAN, Span, last_whole, rule_at
from sync_server.errors import NotFound
from sync_server.ids import UNIT, write_id
from sync_server.queries import board as queries
from sync_server.queries import public_figures, units
from sync_server.services import board as services
from sync_server.web import qr
from sync_server.web.access import current_user, office, public, roles, scope
from sync_server.web.notes import note
from sync_server.web.slips import address

pages = Blueprint("board", __name__)

KEEPERS = ("head", "town_staff")


class BoardForm(FlaskForm):  # type: ignore[misc]
    """What the unit's board says."""

    figures_public = BooleanField(lazy_gettext("Công khai số liệu hài lòng của đơn vị"))
    period = SelectField(lazy_gettext("Kỳ số liệu"), validate_choice=False, validators=[AnyOf(tuple(PERIODS))])


@pages.context_processor
def _words() -> dict[str, object]:
    return {"span_words": span_words}


@pages.get("/bang/")
@public
def listing() -> str:
    """The units that have a board."""
    with office().database.read() as reading:
        lines = units.tree(reading, units.subtree(reading, None))
    return render_template("board/listing.html", lines=lines)


@pages.get("/bang/<int:number>")
@public
def unit(number: int) -> str:
    """The board of one unit."""
    return _board_page("board/unit.html", number)


@pages.get("/bang/<int:number>/a3")
@public
def poster(number: int) -> str:
    """The same as a poster: one sheet of A3, to be read from two metres."""
    link = address() + url_for("board.unit", number=number)
    picture = qr.svg(link, gettext("Mã QR của bảng công khai"))
    return _board_page("board/poster.html", number, picture=picture, link=link)


@pages.get("/board")
@roles(*KEEPERS)
def mine() -> AnyResponse:
    """The board of one's own unit, or of the highest within reach."""
    with office().database.read() as reading:
        tree = units.tree(reading, scope())
    if not tree:
        raise NotFound("there is no unit within your reach yet")
    return redirect(url_for("board.keep", number=current_user.unit_id or tree[0].id))


@pages.get("/board/<int:number>")
@roles(*KEEPERS)
def keep(number: int) -> str:
    """What the board says, and a minute for the loudspeakers."""
    return _keep_page(number, BoardForm(formdata=None))


@pages.post("/board/<int:number>")
@roles(*KEEPERS)
def decide(number: int) -> AnyResponse | tuple[str, int]:
    """Decide what the board says of the unit's ratings."""
    entered, house = BoardForm(), office()
    if number not in scope():
        raise NotFound(f"there is no unit {number} within your units")
    if not entered.validate_on_submit():
        return _keep_page(number, entered), 422
    with house.database.write() as writing:
        services.decide(
            writing,
            number,
            figures_public=entered.figures_public.data,
            period=entered.period.data,
            made_by=current_user.id,
            now=house.now(),
        )
        note(
            writing,
            "board decided",
            write_id(UNIT, number),
            figures_public=entered.figures_public.data,
            period=entered.period.data,
        )
    flash(gettext("Đã ghi nhận."), "success")
    return redirect(url_for("board.keep", number=number), 303)


def span_words(span: Span) -> str:
    """The name of a whole period."""
    names: dict[str, str] = {
        "month": gettext("tháng %(number)s năm %(year)s", number=span.number, year=span.year),
        "quarter": gettext("quý %(number)s năm %(year)s", number=ROMAN[(span.number - 1) % 4], year=span.year),
        "half": gettext("6 tháng đầu năm %(year)s", year=span.year)
        if span.number == 1
        else gettext("6 tháng cuối năm %(year)s", year=span.year),
        "year": gettext("năm %(year)s", year=span.year),
    }
    return names[span.kind]


def _keep_page(number: int, form: BoardForm) -> str:
    house, today = office(), _today()
    rule = rule_at(today)
    with house.database.read() as reading:
        own = units.one(reading, number, scope())
        shown = queries.of_unit(reading, number)
        figures = public_figures.figures(reading, number, today=today)
        chosen = public_figures.setting(reading, number, rule)
        tree = units.tree(reading, scope())
    if not form.is_submitted():
        form.figures_public.data, form.period.data = chosen.figures_public, chosen.period
    script = loudspeaker.script(
        unit=own.name,
        span=figures.span if figures else last_whole(chosen.period, today),
        ratings=figures.n if figures and figures.satisfied is not None else None,
        satisfied=(figures.satisfied or 0) if figures else 0,
        changed=[entry.text for entry in shown.entries],
        hotline=shown.hotline,
        words_max=rule.script_words_max,
    )
    return render_template(
        "board/keep.html",
        own=own,
        tree=tree,
        form=form,
        figures=figures,
        chosen=chosen,
        rule=rule,
        script=script,
        syllables=loudspeaker.syllables(script),
        periods={
            "month": gettext("Tháng gần nhất"),
            "quarter": gettext("Quý gần nhất"),
            "half": gettext("6 tháng gần nhất"),
            "year": gettext("Năm gần nhất"),
        },
    )


def _board_page(template: str, number: int, **more: object) -> str:
    with office().database.read() as reading:
        shown = queries.of_unit(reading, number)
        figures = public_figures.figures(reading, number, today=_today())
        slogans = queries.slogans(reading, number)
    return render_template(template, board=shown, figures=figures, slogans=slogans, day_of=office().day, **more)


def _today() -> int:
    house = office()
    return house.day(house.now())
