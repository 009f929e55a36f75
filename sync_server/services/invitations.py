"""Links by which people choose their own password: for a new account, or after a password was forgotten."""

import secrets
from collections.abc import Callable

from argon2 import PasswordHasher
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sync_server.errors import NotFound
from sync_server.models.people import Invitation, Staff
from sync_server.seals import key_hash
from sync_server.services import sessions, staff

LASTS_MS = 3 * 24 * 3600 * 1000


def invite(
    session: Session,
    staff_id: int,
    *,
    made_by: int | None,
    now: int,
    new_token: Callable[[int], str] = secrets.token_urlsafe,
) -> str:
    """A token for one choice of a password within three days; it is shown this once. Earlier ones are void.

    The present password stays good until then. Raises `NotFound` for no account or a closed one.
    """
    person = session.get(Staff, staff_id)
    if person is None or person.closed_at is not None:
        raise NotFound(f"there is no open account {staff_id}")
    session.execute(
        update(Invitation).where(Invitation.staff_id == staff_id, Invitation.used_at.is_(None)).values(used_at=now)
    )
    token = new_token(32)
    session.add(Invitation(token_hash=key_hash(token), staff_id=staff_id, made_by=made_by, expires_at=now + LASTS_MS))
    return token


def invited(session: Session, token: str, *, now: int) -> Staff | None:
    """Whose invitation this is, None when it is none, used, void or too old."""
    return session.scalar(
        select(Staff)
        .join(Invitation, Invitation.staff_id == Staff.id)
        .where(
            Invitation.token_hash == key_hash(token),
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
            Staff.closed_at.is_(None),
        )
    )


def accept(session: Session, token: str, password: str, *, now: int, hasher: PasswordHasher | None = None) -> int:
    """Set the password that the invited person chose; all sessions of theirs end. Returns whose it is.

    Raises `NotFound` for a token that is not good (any more), `Refused` for a password that is too short.
    """
    person = invited(session, token, now=now)
    used = session.scalars(
        update(Invitation)
        .where(Invitation.token_hash == key_hash(token), Invitation.used_at.is_(None))
        .values(used_at=now)
        .returning(Invitation.id)
    ).first()
    if person is None or used is None:
        raise NotFound("the invitation was used, is too old or was never made; ask for a new one")
    staff.set_password(session, person.id, password, hasher=hasher)
    sessions.end_all(session, person.id, now=now)
    return person.id
