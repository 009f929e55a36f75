"""What citizens open on their own phones: a slip's question, an officer's badge, a receipt."""

import uuid

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response as AnyResponse

from survey.rating import receipt_ids
from sync_server.errors import BadSeal, Refused
from sync_server.queries import cases, opinions
from sync_server.queries import phone as queries
from sync_server.queries.phone import Question
from sync_server.seals import BADGE
from sync_server.services import phone
from sync_server.services.judging import KEY as JUDGING
from sync_server.services.judging import Judging
from sync_server.services.phone import Answer
from sync_server.services.slips import Slip, read_ticket
from sync_server.web import pacing
from sync_server.web.access import office, public, without_cookie

pages = Blueprint("phone", __name__)


@pages.get("/r/<token>")
@public
def question(token: str) -> str | AnyResponse:
    """The question of a slip."""
    try:
        slip, asked = _asked(token)
    except BadSeal:
        return _said("phone/bad_ticket.html", 410)
    if asked.is_answered:
        return _said("phone/answered.html", 200)
    return _question_page(token, slip, asked, fault=False)


@pages.post("/r/<token>")
@public
@without_cookie
def rate(token: str) -> str | AnyResponse:
    """Take the answer. The ticket itself says who may: it needs neither a cookie nor a sign-in."""
    try:
        slip, asked = _asked(token)
    except BadSeal:
        return _said("phone/bad_ticket.html", 410)
    forms = pacing.paces().forms
    pacing.hold(forms, slip.token)
    pacing.note(forms, slip.token)
    level, rating_id = request.form.get("level", ""), request.form.get("id", "")
    if not (level.isascii() and level.isdigit() and len(level) == 1 and asked.scale.knows(int(level))):
        return Response(_question_page(token, slip, asked, fault=True), 422, mimetype="text/html")
    answer = Answer(
        id=_id(rating_id),
        level=int(level),
        reasons=tuple(request.form.getlist("reason")),
        comment=request.form.get("comment"),
        language=str(get_locale()),
    )
    house = office()
    judging: Judging = current_app.extensions.setdefault(JUDGING, Judging(house))
    code = phone.rate(house, slip, asked, answer, now=house.now(), touched=judging.note)
    return redirect(url_for("phone.thanks", code=code), 303)


@pages.get("/thanks/<code>")
@public
def thanks(code: str) -> str:
    """Thanks, with the receipt code."""
    return render_template("phone/thanks.html", code=code if receipt_ids(code) else "")


@pages.get("/n/")
@public
def receipt_form() -> str | AnyResponse:
    """Ask for a receipt code."""
    wanted = request.args.get("code", "").strip()
    if wanted:
        return redirect(url_for("phone.receipt", code=wanted[:40]))
    return render_template("phone/receipt.html", code="", counted=None, is_code=True)


@pages.get("/n/<code>")
@public
def receipt(code: str) -> str:
    """What became of a rating, and whether what it says was looked into; tells neither its level nor its officer."""
    receipts, asker = pacing.paces().receipts, pacing.asker()
    pacing.hold(receipts, asker)
    span = receipt_ids(code)
    with office().database.read() as reading:
        counted = queries.receipt(reading, code)
        answer = cases.answer(reading, span) if span is not None else None
        opinion = opinions.told(reading, code)
    if counted is None and opinion is None:
        pacing.note(receipts, asker)
    return render_template(
        "phone/receipt.html", code=code[:20], counted=counted, is_code=span is not None, answer=answer, opinion=opinion
    )


@pages.get("/b/<token>")
@public
def badge(token: str) -> str | AnyResponse:
    """An officer's badge is for the kiosk; say so."""
    try:
        office().seals.read(token, BADGE)
    except BadSeal:
        return _said("phone/bad_ticket.html", 410)
    return render_template("phone/badge.html")


def _asked(token: str) -> tuple[Slip, Question]:
    house = office()
    try:
        slip = read_ticket(house.seals, token, now=house.now())
    except BadSeal:  # a good slip is never held up: its seal alone says that nobody guessed it
        tickets, asker = pacing.paces().tickets, pacing.asker()
        pacing.hold(tickets, asker)
        pacing.note(tickets, asker)
        raise
    with house.database.read() as reading:
        asked = queries.question(
            reading,
            house.seals,
            dossier_code=slip.dossier_code,
            officer_id=slip.officer_id,
            service_id=slip.service_id,
            day=house.day(house.now()),
        )
    return slip, asked


def _question_page(token: str, slip: Slip, asked: Question, *, fault: bool) -> str:
    return render_template(
        "phone/question.html",
        token=token,
        asked=asked,
        shown_code="…" + slip.dossier_code[-4:],
        id=request.form.get("id") or str(uuid.uuid4()),
        fault=fault,
        words=lambda words: words.get(str(get_locale())) or words["vi"],
    )


def _id(text: str) -> str:
    try:
        found = uuid.UUID(text)
    except ValueError:
        raise Refused("the form has no valid id; open the slip's code again") from None
    return str(found)


def _said(template: str, status: int) -> Response:
    return Response(render_template(template), status, mimetype="text/html")
