"""Ratings from the citizen's own phone, through the same intake as those of the kiosks.

Each unit has a ledger for its phones, kept by the server as a kiosk that nobody can pretend to be. The dossier of the
slip makes a rating by phone and one at the kiosk count once together.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey import wire
from survey.rating import COMMENT_LIMIT, Dossier, chained, receipt_code
from survey.rating import Rating as Said
from survey.wire import Batch, Verdict
from sync_server.errors import Busy, Refused
from sync_server.ids import OFFICER, SERVICE, write_id
from sync_server.messages import read_batch
from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.organisation import Unit
from sync_server.models.rating import Rating
from sync_server.office import Office
from sync_server.queries.phone import Question
from sync_server.seals import key_hash
from sync_server.services import arrivals
from sync_server.services.intake import Taken, take
from sync_server.services.reception import Touched
from sync_server.services.slips import Slip

NAME = "Điện thoại của người dân"
DEVICE = {"hardware": "phones"}
"""Marks the kiosk that stands for a unit's phones."""
BOOT = "phones"
ATTEMPTS = 6
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was said. id: a UUID made with the form, so that a form sent twice is one rating."""

    id: str
    level: int
    reasons: tuple[str, ...] = ()
    comment: str | None = None
    language: str = "vi"


def rate(
    office: Office,
    slip: Slip,
    question: Question,
    answer: Answer,
    *,
    now: int,
    touched: Touched,
    new_key: Callable[[int], str] = secrets.token_urlsafe,
) -> str:
    """Store a rating durably and return its receipt code. Sending the same form again is safe.

    Raises `Refused` when the answer is none to this question, `Busy` when the same may be tried again later.
    """
    said = _said(slip, question, answer, datetime.fromtimestamp(now / 1000, office.zone), now)
    for _ in range(ATTEMPTS):
        try:
            with office.database.write() as session:
                taken = _take(session, office, question.unit_id, said, now, new_key)
        except IntegrityError:
            continue  # the dossier was counted at a kiosk this moment, or the first phone of a unit came twice
        if taken is not None and taken.officers:
            try:
                touched(taken.officers, taken.earliest_day)
            except Exception:
                _log.exception("judging after a rating by phone failed")  # the rating is stored all the same
        return receipt_code(answer.id)
    raise Busy("other ratings got in the way again and again; send the form again")


def _said(slip: Slip, question: Question, answer: Answer, moment: datetime, now: int) -> Said:
    if not question.scale.knows(answer.level):
        raise Refused(f"level {answer.level} is not on the scale {question.scale.id}; choose one of the faces")
    offered = question.reasons_after(dissatisfied=question.scale.is_dissatisfied(answer.level))
    comment = (answer.comment or "").strip()[:COMMENT_LIMIT] if question.survey.ask_comment else ""
    return Said(
        id=answer.id,
        officer_id=write_id(OFFICER, slip.officer_id),
        service_id=write_id(SERVICE, slip.service_id) if slip.service_id else None,
        survey_id=question.survey.id,
        scale=question.scale.id,
        level=answer.level,
        # reasons of the other side were left ticked when the face was changed
        reasons=tuple(reason.code for reason in offered if reason.code in answer.reasons),
        comment=comment or None,
        language=answer.language,
        dossier=Dossier(code=slip.dossier_code, ticket=slip.token),
        source="phone",
        tapped_at=wire.write_time(moment),
        boot_id=BOOT,
        monotonic_ms=now,
    )


def _take(
    session: Session, office: Office, unit_id: int, said: Said, now: int, new_key: Callable[[int], str]
) -> Taken | None:
    kiosk_id = _phones(session, office, unit_id, now, new_key)
    if session.scalar(select(Rating.seq).where(Rating.id == _bytes(said.id))) is not None:
        return None  # the form was sent twice
    seq, prev = _end(session, kiosk_id)
    placed = chained(said, seq + 1, prev)
    batch = Batch(sent_at=said.tapped_at, boot_id=BOOT, monotonic_ms=now, ratings=(placed,))
    incoming = read_batch(wire.to_json(batch))
    taken = take(session, office, kiosk_id, incoming, arrivals.read(incoming.ratings), now=now)
    receipt = taken.reply.receipts[0]
    if receipt.verdict != Verdict.STORED:
        raise Refused(f"the rating was not stored ({receipt.code})")
    return taken


def _phones(session: Session, office: Office, unit_id: int, now: int, new_key: Callable[[int], str]) -> int:
    """The kiosk that stands for a unit's phones, locked until the end of the transaction; made at the first rating."""
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update())  # the first phones take turns too
    for kiosk in session.scalars(select(Kiosk).where(Kiosk.unit_id == unit_id, Kiosk.name == NAME).order_by(Kiosk.id)):
        if kiosk.device == DEVICE:
            return kiosk.id
    kiosk = Kiosk(
        name=NAME,
        unit_id=unit_id,
        key_hash=key_hash(new_key(32)),  # of a key that nobody has
        carry_key_sealed=office.seals.seal(Fernet.generate_key()),
        device=DEVICE,
        enrolled_at=now,
    )
    session.add(kiosk)
    session.flush()
    return kiosk.id


def _end(session: Session, kiosk_id: int) -> tuple[int, str]:
    """Number and digest of the last rating in the phones' ledger; 0 and '' before the first."""
    last = session.execute(select(func.max(Epoch.last_seq), func.max(Epoch.id)).where(Epoch.kiosk_id == kiosk_id)).one()
    if not last[0]:
        return 0, ""
    digest = session.scalar(select(Rating.digest).where(Rating.epoch_id == last[1], Rating.seq == last[0]))
    return int(last[0]), digest.hex() if digest else ""


def _bytes(rating_id: str) -> bytes:
    return bytes.fromhex(rating_id.replace("-", ""))
