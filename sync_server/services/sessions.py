"""Signing in and out: passwords tried, wrong ones counted, sessions begun and ended.

The lock-out cannot be abused to keep a person out: wrong passwords are counted apart for browsers in which that person
signed in before (they carry a signed token of ours) and for all others, so that a stranger's guesses never lock the
browsers that the person uses. (Source of the scheme: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".)
Counting is in the database: it holds over several processes and servers.
"""

import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from sync_server.models.people import SignInFailure, Staff, StaffSession
from sync_server.queries.staff import Person, person_of, session_hash
from sync_server.seals import key_hash

WINDOW_MS = 15 * 60 * 1000
"""How long a wrong password is remembered."""

PER_NAME, PER_KNOWN_BROWSER, PER_ADDRESS = 8, 10, 60
"""Wrong passwords in the window after which the next attempt must wait."""

SEEN_EVERY_MS = 5 * 60 * 1000

_hasher = PasswordHasher()
# What an unknown name's password is compared with, so that it takes as long as a known one's. Made with the hasher's
# own parameters; the password behind it is random and was never written down.
_nobody = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to sign in. known_browser: the id inside our token where this browser showed one for this name."""

    username: str
    password: str
    address: str = ""
    known_browser: str | None = None

    @property
    def sources(self) -> tuple[tuple[bytes, int], ...]:
        """What a wrong password counts against, with its limit."""
        name = normal_name(self.username)
        if self.known_browser:
            return ((key_hash(f"browser {self.known_browser}"), PER_KNOWN_BROWSER),)
        counted = [(key_hash(f"name {name}"), PER_NAME)]
        if self.address:
            counted.append((key_hash(f"address {self.address}"), PER_ADDRESS))
        return tuple(counted)


def normal_name(username: str) -> str:
    """A username as it is kept and compared: case and outer spaces do not matter."""
    return username.strip().casefold()


def wait_ms(session: Session, attempt: Attempt, *, now: int) -> int:
    """How long this attempt must wait before a password is even looked at; 0 for not at all."""
    longest = 0
    for source, limit in attempt.sources:
        recent = session.scalars(
            select(SignInFailure.at)
            .where(SignInFailure.source == source, SignInFailure.at > now - WINDOW_MS)
            .order_by(SignInFailure.at.desc())
            .limit(limit)
        ).all()
        if len(recent) >= limit:
            longest = max(longest, recent[-1] + WINDOW_MS - now)
    return longest


def check(session: Session, attempt: Attempt) -> Person | None:
    """The person whose name and password these are, else None; both answers take as long (argon2id)."""
    nobody = _hash_of_nobody()  # always, or the first unknown name of a process would take longer
    row = session.scalar(select(Staff).where(Staff.username == normal_name(attempt.username)))
    is_right = password_is(row.password_hash if row else nobody, attempt.password)
    if row is None or not is_right or row.closed_at is not None:
        return None
    return person_of(row)


def password_is(password_hash: str, password: str) -> bool:
    """Whether `password` is the one behind the hash."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def is_password_of(session: Session, staff_id: int, password: str) -> bool:
    """Whether this is the person's password."""
    found = session.scalar(select(Staff.password_hash).where(Staff.id == staff_id))
    return password_is(found or _hash_of_nobody(), password)


def note_failure(session: Session, attempt: Attempt, *, now: int) -> None:
    """Remember a wrong password, and forget those too old to count."""
    session.execute(delete(SignInFailure).where(SignInFailure.at <= now - WINDOW_MS))
    session.add_all(SignInFailure(source=source, at=now) for source, _ in attempt.sources)


def begin(session: Session, staff_id: int, *, device: str, lasts_ms: int, now: int) -> tuple[int, str]:
    """Begin a session; returns its number and its token, which is kept only as a hash."""
    token = secrets.token_urlsafe(32)
    salt = session.execute(select(Staff.session_salt).where(Staff.id == staff_id)).scalar_one()
    row = StaffSession(
        token_hash=session_hash(token, salt),
        staff_id=staff_id,
        device=device[:120],
        begun_at=now,
        seen_at=now,
        expires_at=now + lasts_ms,
    )
    session.add(row)
    session.flush()
    return row.id, token


def note_seen(session: Session, number: int, *, now: int) -> None:
    """Remember that a session was used (to be called at most every five minutes)."""
    session.execute(update(StaffSession).where(StaffSession.id == number).values(seen_at=now))


def end(session: Session, staff_id: int, number: int, *, now: int) -> bool:
    """End one of a person's sessions. Safe to repeat; false when it is none of theirs or ended before."""
    ended = session.scalars(
        update(StaffSession)
        .where(StaffSession.id == number, StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(StaffSession.id)
    )
    return ended.first() is not None


def end_all(session: Session, staff_id: int, *, now: int, but: int | None = None) -> int:
    """End all of a person's sessions, except `but`; returns how many."""
    ended = session.scalars(
        update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None), StaffSession.id != (but or 0))
        .values(ended_at=now)
        .returning(StaffSession.id)
    )
    return len(ended.all())


def _hash_of_nobody() -> str:
    global _nobody
    if not _nobody:
        _nobody = _hasher.hash(secrets.token_urlsafe(16))
    return _nobody
