"""The people who sign in."""

import hmac
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.models.people import Staff, StaffSession
from sync_server.seals import key_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person who can sign in, without anything secret."""

    id: int
    username: str
    name: str
    role: str
    unit_id: int | None
    officer_id: int | None
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One browser in which a person is signed in. Times are milliseconds UTC."""

    id: int
    device: str
    begun_at: int
    seen_at: int
    expires_at: int


def session_hash(token: str, salt: str) -> bytes:
    """What is kept of a session's token. The person's salt is in it, so that a new salt ends all their sessions."""
    return key_hash(f"{salt}.{token}")


def signed_in(session: Session, number: int, token: str, *, now: int) -> Person | None:
    """The person of sign-in `number` when `token` is its token and it still lasts, else None."""
    found = session.execute(
        select(StaffSession, Staff).join(Staff, Staff.id == StaffSession.staff_id).where(StaffSession.id == number)
    ).one_or_none()
    if found is None:
        return None
    sitting, person = found
    if not hmac.compare_digest(sitting.token_hash, session_hash(token, person.session_salt)):
        return None
    if sitting.ended_at is not None or sitting.expires_at <= now or person.closed_at is not None:
        return None
    return person_of(person)


def sign_ins(session: Session, staff_id: int, *, now: int) -> tuple[SignIn, ...]:
    """Where a person is signed in now, the latest first."""
    rows = session.scalars(
        select(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None), StaffSession.expires_at > now)
        .order_by(StaffSession.begun_at.desc())
    )
    return tuple(
        SignIn(id=r.id, device=r.device, begun_at=r.begun_at, seen_at=r.seen_at, expires_at=r.expires_at) for r in rows
    )


def person_of(row: Staff) -> Person:
    """The row without anything secret."""
    return Person(
        id=row.id,
        username=row.username,
        name=row.name,
        role=row.role,
        unit_id=row.unit_id,
        officer_id=row.officer_id,
        language=row.language,
    )
