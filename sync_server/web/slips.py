"""Slips with a QR that ties a visit to a dossier, and officers' badges."""

from flask import Blueprint, render_template, request, session
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf, InputRequired, ValidationError

from survey import resources
from sync_server.queries import dossiers
from sync_server.queries.dossiers import Server
from sync_server.services import slips
from sync_server.web import qr
from sync_server.web.access import office, roles, scope

pages = Blueprint("slips", __name__)

PAPERS = (
    ("80", lazy_gettext("Giấy nhiệt 80 mm")),
    ("58", lazy_gettext("Giấy nhiệt 58 mm")),
    ("a6", lazy_gettext("Giấy A6")),
)
KEPT = ("officer", "service", "paper")
"""What the form remembers for the next citizen in line."""


class SlipForm(FlaskForm):  # type: ignore[misc]
    """A dossier, who serves it, which procedure, and what the printer holds."""

    code = StringField(lazy_gettext("Mã hồ sơ"), validators=[InputRequired(lazy_gettext("Xin nhập mã hồ sơ."))])
    officer = SelectField(lazy_gettext("Cán bộ phục vụ"), coerce=int, validate_choice=False)
    service = SelectField(lazy_gettext("Thủ tục"), coerce=int, validate_choice=False, default=0)
    paper = StringField(lazy_gettext("Khổ giấy"), default="80", validators=[AnyOf([paper for paper, _ in PAPERS])])

    def validate_code(self, field: StringField) -> None:
        """A dossier code by the pattern in force today."""
        field.data = slips.normal_code(field.data or "")
        today = office().day(office().now())
        if not slips.is_dossier_code(field.data, day=today, folder=resources.config()):
            raise ValidationError(
                gettext("Mã này chưa đúng dạng mã hồ sơ, ví dụ H42.12-210301-0007. Mã thủ tục không phải mã hồ sơ.")
            )


@pages.get("/slips")
@roles("clerk", "head", "town_staff")
def form() -> str:
    """The form, with what was chosen for the citizen before."""
    servers = serving()
    kept = {name: session[f"slip_{name}"] for name in KEPT if f"slip_{name}" in session}
    return _form_page(SlipForm(data=kept), servers)


@pages.post("/slips")
@roles("clerk", "head", "town_staff")
def make() -> str | tuple[str, int]:
    """The slip, ready to print."""
    servers = serving()
    entered = SlipForm()
    server = next((each for each in servers if each.id == entered.officer.data), None)
    service = next((each for each in server.services if each.id == entered.service.data), None) if server else None
    if not entered.validate_on_submit() or server is None or (entered.service.data and service is None):
        if server is None:
            entered.officer.errors = [gettext("Xin chọn cán bộ phục vụ.")]
        elif entered.service.data and service is None:
            entered.service.errors = [gettext("Cán bộ này không làm thủ tục đã chọn.")]
        return _form_page(entered, servers), 422
    for name in KEPT:
        session[f"slip_{name}"] = entered[name].data
    house, now = office(), office().now()
    with house.database.write() as writing:
        slip = slips.make_slip(
            writing,
            house.seals,
            dossier_code=entered.code.data,
            officer_id=server.id,
            service_id=service.id if service else None,
            now=now,
            day=house.day(now),
            days=house.settings.ticket_days,
            folder=resources.config(),
        )
    picture = qr.svg(f"{address()}/r/{slip.token}", gettext("Mã QR của phiếu"))
    return render_template(
        "slips/slip.html",
        slip=slip,
        server=server,
        service=service,
        paper=entered.paper.data,
        last_day=house.day(slip.expires_at),
        picture=picture,
    )


@pages.get("/slips/badges")
@roles("administrator", "clerk", "head", "town_staff")
def badges() -> str:
    """A badge for each officer: scanned at the kiosk, its holder takes the counter."""
    seals = office().seals
    made = [
        (
            server,
            qr.svg(
                f"{address()}/b/{slips.badge_token(seals, server.id)}",
                gettext("Mã QR của %(name)s", name=server.name),
            ),
        )
        for server in serving()
    ]
    return render_template("slips/badges.html", badges=made)


def address() -> str:
    """The address that QR codes lead to: the setting, else the one this page was opened at."""
    settings = office().settings
    return settings.address if settings.public_url else request.url_root.rstrip("/")


def serving() -> list[Server]:
    """The officers on duty today in the units of the person signed in."""
    house = office()
    with house.database.read() as reading:
        return dossiers.serving(reading, scope(), day=house.day(house.now()))


def _form_page(entered: SlipForm, servers: list[Server]) -> str:
    return render_template("slips/form.html", form=entered, servers=servers, papers=PAPERS)
