"""The people who sign in."""

import hmac
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from sync_server.errors import NotFound
from sync_server.models.organisation import Officer, Unit
from sync_server.models.people import Invitation, Staff, StaffSession
from sync_server.models.second_factor import SecondFactor
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person's account for the list: with the unit's name, and when they last signed in."""

    person: Person
    unit: str | None
    officer: str | None
    closed_at: int | None
    last_at: int | None
    has_password: bool
    has_factor: bool


def accounts(session: Session) -> list[Account]:
    """All accounts, the open ones first, by name."""
    last = (
        select(StaffSession.staff_id, func.max(StaffSession.begun_at).label("at"))
        .group_by(StaffSession.staff_id)
        .subquery()
    )
    open_invitation = (
        exists().where(Invitation.staff_id == Staff.id, Invitation.used_at.is_(None)).correlate(Staff).label("invited")
    )
    rows = session.execute(
        select(Staff, Unit.name, Officer.name, last.c.at, open_invitation, SecondFactor.confirmed_at)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .outerjoin(Officer, Officer.id == Staff.officer_id)
        .outerjoin(last, last.c.staff_id == Staff.id)
        .outerjoin(SecondFactor, SecondFactor.staff_id == Staff.id)
    )
    found = [
        Account(
            person=person_of(row),
            unit=unit,
            officer=officer,
            closed_at=row.closed_at,
            last_at=at,
            has_password=not (is_invited and at is None),
            has_factor=confirmed_at is not None,
        )
        for row, unit, officer, at, is_invited, confirmed_at in rows
    ]
    return sorted(found, key=lambda each: (each.closed_at is not None, each.person.name.casefold(), each.person.id))


def account(session: Session, staff_id: int) -> Person:
    """One person. Raises `NotFound`."""
    row = session.get(Staff, staff_id)
    if row is None:
        raise NotFound(f"there is no account {staff_id}")
    return person_of(row)


def has_second_factor(session: Session, staff_id: int) -> bool:
    """Whether a person signs in with a second factor."""
    row = session.get(SecondFactor, staff_id)
    return row is not None and row.confirmed_at is not None


def open_account(session: Session, staff_id: int) -> Person | None:
    """One person who may sign in; None for an account that is closed or is none."""
    row = session.get(Staff, staff_id)
    return None if row is None or row.closed_at is not None else person_of(row)


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
