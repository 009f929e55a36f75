"""Give people an account, change it, close it."""

import re
import secrets
from collections.abc import Callable

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.errors import NotFound, Refused
from sync_server.models.organisation import Officer, Unit
from sync_server.models.people import ROLES, Staff

PASSWORD_LENGTH_MIN = 10
PASSWORD_LENGTH_MAX = 200
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")


def make_staff(
    session: Session,
    *,
    username: str,
    name: str,
    role: str,
    password: str,
    now: int,
    unit_id: int | None = None,
    officer_id: int | None = None,
    language: str = "vi",
    hasher: PasswordHasher | None = None,
    new_salt: Callable[[], str] = lambda: secrets.token_hex(16),
) -> Staff:
    """Make an account. unit_id: the top of the subtree that the role reaches; officer_id: for the role *officer*.

    hasher: argon2id with other costs than the library's own advice. Raises `Refused` or `NotFound`.
    """
    username = username.strip().casefold()
    if not _USERNAME.fullmatch(username):
        raise Refused(f"{username!r} is no username; take 2 to 60 of a–z, 0–9, dot, dash, underscore")
    if session.scalar(select(Staff.id).where(Staff.username == username)) is not None:
        raise Refused(f"the username {username!r} is taken; choose another one")
    if role not in ROLES:
        raise Refused(f"{role!r} is no role; take one of {', '.join(ROLES)}")
    if unit_id is not None and session.get(Unit, unit_id) is None:
        raise NotFound(f"there is no unit {unit_id}")
    if (role == "officer") != (officer_id is not None):
        raise Refused("an account of the role 'officer' names the officer it belongs to, and no other role does")
    if officer_id is not None and session.get(Officer, officer_id) is None:
        raise NotFound(f"there is no officer {officer_id}")
    staff = Staff(
        username=username,
        name=name.strip() or username,
        role=role,
        unit_id=unit_id,
        officer_id=officer_id,
        password_hash=hashed(password, hasher),
        session_salt=new_salt(),
        language=language,
        made_at=now,
    )
    session.add(staff)
    session.flush()
    return staff


def set_password(
    session: Session,
    staff_id: int,
    password: str,
    *,
    hasher: PasswordHasher | None = None,
    new_salt: Callable[[], str] = lambda: secrets.token_hex(16),
) -> None:
    """Change a password; all sessions of that person end. Raises `Refused` or `NotFound`."""
    staff = _found(session, staff_id)
    staff.password_hash = hashed(password, hasher)
    staff.session_salt = new_salt()


def close_account(
    session: Session, staff_id: int, *, now: int, new_salt: Callable[[], str] = lambda: secrets.token_hex(16)
) -> None:
    """Nobody signs in with this account from now on; its sessions end. Safe to repeat. Raises `NotFound`."""
    staff = _found(session, staff_id)
    staff.closed_at = staff.closed_at or now
    staff.session_salt = new_salt()


def hashed(password: str, hasher: PasswordHasher | None = None) -> str:
    """What is kept of a password (argon2id). Raises `Refused` for one that is too short or absurdly long."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise Refused(
            f"the password has {len(password)} characters; take {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX}"
        )
    return (hasher or PasswordHasher()).hash(password)


def _found(session: Session, staff_id: int) -> Staff:
    staff = session.get(Staff, staff_id)
    if staff is None:
        raise NotFound(f"there is no account {staff_id}")
    return staff
