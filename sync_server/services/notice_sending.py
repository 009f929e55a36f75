"""Sending what is in the outbox: at least once, each person in one message, tried again until it is given up.

A message is claimed before it is sent, by moving its next try into the future: a second process that runs at the same
time takes others. When the process dies, or the reply of a mail server is lost, the message is sent again after that
pause: somebody may be told twice, and nothing is lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sync_server.errors import BadSeal
from sync_server.models.notice import Notice, NoticeChannel
from sync_server.models.people import Staff
from sync_server.notices.kinds import Kind
from sync_server.notices.tries import pause_ms
from sync_server.notices.wording import Line, Message, message
from sync_server.office import Office

MOST_AT_ONCE = 500
_CLAIM_MS = 60_000
"""Longer than one message takes."""
Deliver = Callable[[str, Message], str]
"""Address and message → '' when it was taken, else why not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of the notices that were due: sent, to be tried again, and given up."""

    sent: int
    later: int
    given_up: int


@dataclass(frozen=True, slots=True)
class _Bundle:
    """All that is due by one channel."""

    channel_id: int
    sealed: bytes
    language: str
    ids: tuple[int, ...]
    tries: int
    lines: tuple[Line, ...]


def send_due(office: Office, deliver: Deliver) -> Sent:
    """Send what is due. Opens its own transactions; none is open while a message is on its way."""
    with office.database.write() as session:
        bundles = _claim(session, office)
    sent = later = given_up = 0
    for bundle in bundles:
        fault = _send(office, bundle, deliver)
        with office.database.write() as session:
            if not fault:
                sent += len(bundle.ids)
            elif _note_fault(session, bundle, fault, office.now()):
                later += len(bundle.ids)
            else:
                given_up += len(bundle.ids)
            if not fault:
                _set(session, bundle.ids, sent_at=office.now(), fault="")
    return Sent(sent=sent, later=later, given_up=given_up)


def _claim(session: Session, office: Office) -> list[_Bundle]:
    now = office.now()
    rows = session.execute(
        select(Notice, NoticeChannel.sealed, Staff.language)
        .join(NoticeChannel, NoticeChannel.id == Notice.channel_id)
        .join(Staff, Staff.id == NoticeChannel.staff_id)
        .where(
            Notice.sent_at.is_(None),
            Notice.failed_at.is_(None),
            Notice.due_at <= now,
            NoticeChannel.ended_at.is_(None),
            Staff.closed_at.is_(None),
        )
        .order_by(Notice.channel_id, Notice.tries, Notice.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(of=Notice, skip_locked=True)
    ).all()
    address = office.settings.address
    bundles = []
    for (channel_id, tries), group in groupby(rows, key=lambda row: (row[0].channel_id, row[0].tries)):
        found = list(group)
        lines = tuple(
            Line(kind=Kind(row[0].kind), params=row[0].params, link=f"{address}{row[0].path}") for row in found
        )
        bundle = _Bundle(
            channel_id, found[0].sealed, found[0].language, tuple(row[0].id for row in found), tries + 1, lines
        )
        _set(session, bundle.ids, tries=bundle.tries, due_at=now + (pause_ms(bundle.tries) or 0) + _CLAIM_MS)
        bundles.append(bundle)
    return bundles


def _send(office: Office, bundle: _Bundle, deliver: Deliver) -> str:
    try:
        address = office.seals.open(bundle.sealed).decode()
    except BadSeal:
        return "the channel was sealed with another secret; it has to be added again"
    told = message(bundle.lines, bundle.language, f"{office.settings.address}/account/notices")
    return deliver(address, told)


def _note_fault(session: Session, bundle: _Bundle, fault: str, now: int) -> bool:
    """Whether it is tried again."""
    pause = pause_ms(bundle.tries)
    if pause is None:
        _set(session, bundle.ids, failed_at=now, fault=fault[:200])
        return False
    _set(session, bundle.ids, due_at=now + pause, fault=fault[:200])
    return True


def _set(session: Session, notice_ids: Sequence[int], **values: object) -> None:
    session.execute(update(Notice).where(Notice.id.in_(notice_ids)).values(**values))
