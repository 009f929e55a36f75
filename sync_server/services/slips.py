"""Slips and badges: the signed tickets on them, and how many slips were printed."""

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.orm import Session

from sync_server.dossier_codes import pattern_on
from sync_server.errors import BadSeal, NotFound, Refused
from sync_server.ids import OFFICER, SERVICE, read_id, write_id
from sync_server.models.integrity import SlipHour
from sync_server.models.organisation import Officer, OfficerService
from sync_server.models.rating import SlipTally
from sync_server.seals import BADGE, TICKET, Seals

HOUR_MS = 3600 * 1000
DAY_MS = 24 * HOUR_MS
CODE_LENGTH_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What a slip says. token: of `https://HOST/r/TOKEN`; expires_at: milliseconds UTC."""

    token: str
    dossier_code: str
    officer_id: int
    service_id: int | None
    expires_at: int


def normal_code(text: str) -> str:
    """A dossier code as it was typed or scanned: without spaces, in capitals."""
    return "".join(text.split()).upper()


def is_dossier_code(code: str, *, day: int, folder: Path) -> bool:
    """Whether `code` looks like a dossier code by the pattern in force on `day`."""
    return len(code) <= CODE_LENGTH_MAX and re.fullmatch(pattern_on(day, folder), code) is not None


def make_slip(
    session: Session,
    seals: Seals,
    *,
    dossier_code: str,
    officer_id: int,
    service_id: int | None,
    now: int,
    day: int,
    days: int,
    folder: Path,
) -> Slip:
    """Sign a ticket that is good for `days`, and count the slip. The dossier code is not kept.

    Safe to repeat, but each call counts a slip. Raises `Refused` for what is no dossier code or a service that the
    officer does not do, `NotFound` for an unknown officer.
    """
    code = normal_code(dossier_code)
    if not is_dossier_code(code, day=day, folder=folder):
        raise Refused(f"{code[:40]!r} is no dossier code; see the pattern in config/rules.toml")
    if session.get(Officer, officer_id) is None:
        raise NotFound(f"there is no officer {officer_id}")
    if service_id is not None and session.get(OfficerService, (officer_id, service_id)) is None:
        raise Refused(f"officer {officer_id} does not do service {service_id}")
    expires_at = now + days * DAY_MS
    content = {
        "d": code,
        "o": write_id(OFFICER, officer_id),
        "s": write_id(SERVICE, service_id) if service_id else None,
        "e": expires_at // 1000,
    }
    _count(session, SlipTally, officer_id=officer_id, day=day, service_id=service_id or 0)
    _count(session, SlipHour, officer_id=officer_id, hour=now // HOUR_MS)
    token = seals.sign(content, TICKET)
    return Slip(token=token, dossier_code=code, officer_id=officer_id, service_id=service_id, expires_at=expires_at)


def read_ticket(seals: Seals, token: str, *, now: int) -> Slip:
    """The slip behind the token of our own ticket. Raises `BadSeal` for a forged or an expired one."""
    content = seals.read(token, TICKET)
    code, expires = content.get("d"), content.get("e")
    officer_id = read_id(OFFICER, str(content.get("o")))
    if not isinstance(code, str) or not isinstance(expires, int) or officer_id is None:
        raise BadSeal("the ticket names no dossier, officer or last day")
    if expires * 1000 < now:
        raise BadSeal("the ticket is expired")
    service_id = read_id(SERVICE, str(content.get("s")))
    return Slip(token=token, dossier_code=code, officer_id=officer_id, service_id=service_id, expires_at=expires * 1000)


def badge_token(seals: Seals, officer_id: int) -> str:
    """The token of an officer's badge (`https://HOST/b/TOKEN`): this officer takes the counter."""
    return seals.sign({"o": write_id(OFFICER, officer_id)}, BADGE)


def _count(session: Session, kind: type[SlipTally] | type[SlipHour], **key: int) -> None:
    """One slip more; the row is made with the first."""
    counted = session.execute(update(kind).filter_by(**key).values(n=kind.n + 1).returning(kind.n))
    if counted.first() is not None:
        return
    with session.begin_nested() as attempt:
        try:
            session.add(kind(**key, n=1))
            session.flush()
        except Exception:  # another clerk's first slip of the day came in between
            attempt.rollback()
            session.execute(update(kind).filter_by(**key).values(n=kind.n + 1))
