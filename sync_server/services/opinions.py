"""Opinions: keyed in by one person, checked by another, assigned, answered, told; and comments that came with ratings.

Each function is one part of the caller's transaction. Box and paper never become ratings: they name no officer, raise
no flag and stand in no figure of the kiosks.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from survey.rating import SOURCES, receipt_code
from sync_server.answering import rules
from sync_server.answering.rules import ANSWERED, ASSIGNED, CLOSED, DROPPED, KEYED, RECEIVED
from sync_server.casework import public_words
from sync_server.casework.people import MONEY
from sync_server.casework.steps import N_
from sync_server.casework.today import Today
from sync_server.errors import NotFound, Refused
from sync_server.models.opinion import HomeRequest, Opinion
from sync_server.models.organisation import Officer, Unit
from sync_server.models.rating import Counted, Rating
from sync_server.queries.officers import plain
from sync_server.queries.opinions import offered_on_paper
from sync_server.seals import Seals, dossier_mac
from sync_server.services import arrivals, audit
from sync_server.services.arrivals import Arrival
from sync_server.services.slips import normal_code

DAY_MS = 24 * 3600 * 1000
TEXT_MAX = 4000
PAPER, BOX, OBSERVER = SOURCES.index("paper"), SOURCES.index("box"), SOURCES.index("observer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a clerk keyed in. day: when the form was filled in or the box opened, as an ordinal; source: paper | box."""

    unit_id: int
    source: str
    day: int
    text: str = ""
    level: int | None = None
    reasons: tuple[str, ...] = ()
    service_id: int | None = None
    dossier_code: str = ""


def key_in(session: Session, seals: Seals, given: Written, *, by: int, today: Today, new_id: uuid.UUID) -> str:
    """Keep an opinion until a second person has checked it; its receipt code. That somebody was asked for money goes to
    the inspectors at once.

    Raises `Refused` for a form that says nothing, or what its unit's survey does not ask. The dossier code is not kept.
    """
    if given.source not in ("paper", "box"):
        raise Refused(N_("Xin chọn phiếu giấy hoặc hòm thư góp ý."))
    unit = session.get_one(Unit, given.unit_id)
    asked = offered_on_paper(session, given.unit_id, given.day)
    if given.source == "paper" and given.level is None:
        raise Refused(N_("Phiếu giấy phải có mức độ hài lòng."))
    if given.level is None and not given.text.strip():
        raise Refused(N_("Xin nhập nội dung ý kiến."))
    if given.level is not None and not asked.scale.knows(given.level):
        raise Refused(N_("Mức độ này không có trong bộ câu hỏi của đơn vị."))
    if not set(given.reasons) <= {reason.code for reason in asked.reasons}:
        raise Refused(N_("Lý do này không có trong bộ câu hỏi của đơn vị."))
    if given.day > today.day:
        raise Refused(N_("Ngày ghi trên phiếu không thể ở sau hôm nay."))
    text = given.text.strip()[:TEXT_MAX]
    code = normal_code(given.dossier_code)
    row = Opinion(
        receipt=receipt_code(str(new_id)),
        unit_id=given.unit_id,
        source=SOURCES.index(given.source),
        text=text,
        plain=plain(text),
        scale=asked.scale.id if given.level is not None else None,
        level=given.level,
        reasons=sum(1 << reason.bit for reason in asked.reasons if reason.code in given.reasons),
        service_id=given.service_id,
        dossier_mac=dossier_mac(seals.open(unit.key_sealed), code) if code else None,
        inspectors_only=MONEY in given.reasons,
        state=KEYED,
        day=given.day,
        received_at=today.now,
        keyed_by=by,
    )
    session.add(row)
    session.flush()
    if row.inspectors_only:
        # No second person of the unit reads it, or could drop it: the inspector is the second person.
        row.state, row.due_day = RECEIVED, rules.due_day(today.day)
        row.is_repeated = row.dossier_mac is not None and _is_known(session, row)
    audit.note(session, staff_id=by, act="opinion keyed", subject=f"opinion {row.id}", now=today.now)
    return row.receipt


def check(session: Session, number: int, units: Iterable[int], *, by: int, right: bool, today: Today) -> None:
    """A second person found it keyed in right, so that it counts from now on; or wrong, and it is dropped.

    Raises `Refused` for whoever keyed it in, or when it was checked already.
    """
    row = _locked(session, number, units)
    if row.state != KEYED:
        raise Refused(N_("Ý kiến này đã được kiểm tra rồi."))
    if row.keyed_by == by:
        raise Refused(N_("Người nhập không tự kiểm tra; hãy nhờ một tài khoản khác."))
    row.checked_by = by
    if right:
        row.state, row.due_day = RECEIVED, rules.due_day(today.day)
        row.is_repeated = row.dossier_mac is not None and _is_known(session, row)
    else:
        row.state, row.text, row.plain = DROPPED, "", ""
    _note(session, row, "opinion checked" if right else "opinion dropped", by, today)


def assign(session: Session, row: Opinion, *, to: str, released: str, unit_id: int, by: int, today: Today) -> None:
    """Give it to somebody to answer. released: what the unit may read of a comment. Raises `Refused`."""
    _may(row, ASSIGNED)
    if not to.strip():
        raise Refused(N_("Xin ghi bộ phận hoặc chức danh sẽ trả lời."))
    if row.rating_id is not None:
        if not released.strip():
            raise Refused(N_("Xin viết lại nội dung để chuyển cho đơn vị, không để lộ người đã nói."))
        row.released = released.strip()[:TEXT_MAX]
    row.unit_id = unit_id
    row.state, row.assigned_to = ASSIGNED, to.strip()[:100]
    row.due_day = row.due_day or rules.due_day(today.day)
    _note(session, row, "opinion assigned", by, today)


def answer(session: Session, row: Opinion, *, words: str, by: int, today: Today) -> None:
    """Answer it: whoever has the receipt code reads the words. Raises `Refused` for words with a name or number."""
    _may(row, ANSWERED)
    if not words.strip():
        raise Refused(N_("Xin nhập câu trả lời."))
    _check_public(session, words)
    row.answer = words.strip()[:TEXT_MAX]
    if row.state != ANSWERED:
        row.answered_at = today.now
    row.state, row.answered_by = ANSWERED, by
    _note(session, row, "opinion answered", by, today)


def publish(session: Session, row: Opinion, *, question: str, words: str, by: int, today: Today) -> None:
    """Put an edited question and its answer on the public board; again to correct them, empty to take them away."""
    if row.state not in (ANSWERED, CLOSED) or row.inspectors_only:
        raise Refused(N_("Chỉ công khai ý kiến đã được trả lời."))
    question, words = question.strip()[:TEXT_MAX], words.strip()[:TEXT_MAX]
    if bool(question) != bool(words):
        raise Refused(N_("Xin ghi cả câu hỏi và câu trả lời, hoặc để trống cả hai để gỡ xuống."))
    _check_public(session, f"{question}\n{words}")
    row.public_question, row.public_answer, row.published_by = question, words, by
    row.published_at = (row.published_at or today.now) if question else None
    _note(session, row, "opinion published" if question else "opinion unpublished", by, today)


def close(session: Session, row: Opinion, *, by: int, today: Today) -> None:
    """Done. Box and paper only once they are answered; a comment («cảm ơn cô») also without an answer."""
    _may(row, CLOSED)
    if row.rating_id is None and row.state != ANSWERED:
        raise Refused(N_("Ý kiến này cần được trả lời trước khi kết thúc."))
    row.state = CLOSED
    _note(session, row, "opinion closed", by, today)


def take_in(session: Session, stored: Iterable[Arrival], today: Today) -> None:
    """Bring the comments of ratings that are being stored to the inbox, in the same transaction.

    The observer's survey is its own: its comments stay out.
    """
    said = [each for each in stored if each.rating is not None and each.rating.comment and each.kind.source != OBSERVER]
    if not said:
        return
    ids = {each.officer for each in said}
    units = {
        row.id: row.unit_id for row in session.execute(select(Officer.id, Officer.unit_id).where(Officer.id.in_(ids)))
    }
    rows = []
    for each in said:
        text = (each.rating.comment if each.rating is not None else None) or ""
        rows.append(
            {
                "receipt": receipt_code(each.id),
                "unit_id": units[each.officer],
                "source": each.kind.source,
                "rating_id": each.id_bytes,
                "text": text,
                "plain": plain(text),
                "reasons": each.reasons,
                "service_id": each.kind.service,
                "inspectors_only": MONEY in arrivals.reasons_in(each.reasons),
                "state": RECEIVED,
                "day": today.day,
                "received_at": today.now,
                "is_repeated": False,
            }
        )
    session.execute(insert(Opinion), rows)


def erase_old(session: Session, *, now: int, days: int) -> int:
    """Erase citizens' words that came longer ago than that, and requests for home visits that ended; how many words.

    What was released, answered and published was written by staff and stays. Safe to repeat.
    """
    before = now - days * DAY_MS
    old = update(Opinion).where(Opinion.received_at < before, or_(Opinion.text != "", Opinion.plain != ""))
    session.execute(delete(HomeRequest).where(HomeRequest.closed_at < before))
    return int(session.execute(old.values(text="", plain="")).rowcount)  # type: ignore[attr-defined]


def locked(session: Session, number: int, units: Iterable[int], role: str) -> Opinion:
    """An opinion that this role may handle, nobody else until the transaction ends. Raises `NotFound`."""
    row = _locked(session, number, units)
    if row.state in (KEYED, DROPPED) or (row.inspectors_only and role != "inspector"):
        raise NotFound(f"there is no opinion {number} for you")
    if role == "head" and row.rating_id is not None and not row.released:
        raise NotFound(f"there is no opinion {number} for you")
    return row


def _locked(session: Session, number: int, units: Iterable[int]) -> Opinion:
    query = select(Opinion).where(Opinion.id == number, Opinion.unit_id.in_(list(units))).with_for_update()
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no opinion {number} within your units")
    return row


def _may(row: Opinion, wanted: str) -> None:
    if not rules.may_follow(row.state, wanted):
        raise Refused(N_("Bước này không còn làm được; hãy xem lại ý kiến."))


def _is_known(session: Session, row: Opinion) -> bool:
    rated = exists().where(Rating.dossier_mac == row.dossier_mac, Rating.counted == Counted.YES)
    keyed = exists().where(
        Opinion.dossier_mac == row.dossier_mac, Opinion.id != row.id, Opinion.state.not_in((KEYED, DROPPED))
    )
    return bool(session.scalar(select(or_(rated, keyed))))


def _check_public(session: Session, text: str) -> None:
    # Of the whole tree: an answer may name somebody who moved, or who serves in a unit below.
    names = session.scalars(select(Officer.name).distinct())
    public_words.check_public(plain(text), [plain(name) for name in names])


def _note(session: Session, row: Opinion, act: str, by: int, today: Today) -> None:
    audit.note(session, staff_id=by, act=act, subject=f"opinion {row.id}", now=today.now)
