"""The second factor: time-based codes of an app (RFC 6238, by pyotp), and recovery codes.

Wrong codes are counted against the person, and only those who know the password get as far: a stranger cannot lock
anybody out by them.
"""

import hmac
import secrets
from collections.abc import Callable

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from sync_server.models.people import SignInFailure
from sync_server.models.second_factor import RecoveryCode, SecondFactor
from sync_server.seals import Seals, key_hash
from sync_server.services.sessions import WINDOW_MS

ISSUER = "Nụ Cười"
STEP_S = 30
DRIFT_STEPS = 1
"""How many steps a phone's clock may be off, each way (RFC 6238, 5.2)."""
WRONG_MAX = 6
"""Wrong codes in the window of `sessions` after which a person must wait."""
RECOVERY_CODES = 10
_RECOVERY_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_RECOVERY_LENGTH = 10


def recovery_codes_left(session: Session, staff_id: int) -> int:
    """How many recovery codes a person has not used yet."""
    unused = select(RecoveryCode.id).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return len(session.scalars(unused).all())


def begin(
    session: Session, seals: Seals, staff_id: int, *, now: int, new_secret: Callable[[], str] = pyotp.random_base32
) -> str:
    """Give a person a new secret, which counts once a code of it was right; the secret in base 32.

    A secret that waits already is given again, so that a page that is loaded twice shows the same code.
    """
    row = session.get(SecondFactor, staff_id)
    if row is not None:
        return seals.open(row.secret_sealed).decode()
    secret = new_secret()
    session.add(SecondFactor(staff_id=staff_id, secret_sealed=seals.seal(secret.encode()), begun_at=now))
    return secret


def waiting(session: Session, seals: Seals, staff_id: int) -> str | None:
    """The secret that waits for its first code; None where there is none, or the factor is on."""
    row = session.get(SecondFactor, staff_id)
    return None if row is None or row.confirmed_at is not None else seals.open(row.secret_sealed).decode()


def address(secret: str, username: str) -> str:
    """What the app reads from the QR (the key URI format of authenticator apps)."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=username, issuer_name=ISSUER)


def confirm(
    session: Session,
    seals: Seals,
    staff_id: int,
    code: str,
    *,
    now: int,
    new_code: Callable[[], str] | None = None,
) -> tuple[str, ...] | None:
    """Turn the factor on by a first right code; the recovery codes, which are told this once. None for a wrong code,
    or when it is on already."""
    row = session.get(SecondFactor, staff_id)
    if row is None or row.confirmed_at is not None or not _take(session, seals, row, code, now):
        return None
    row.confirmed_at = now
    codes = tuple((new_code or _recovery_code)() for _ in range(RECOVERY_CODES))
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    session.add_all(RecoveryCode(staff_id=staff_id, code_hash=_hash(staff_id, code)) for code in codes)
    return codes


def end(session: Session, staff_id: int) -> bool:
    """Take a person's factor away, with its recovery codes. Safe to repeat; false when there was none."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    gone = session.scalars(
        delete(SecondFactor).where(SecondFactor.staff_id == staff_id).returning(SecondFactor.staff_id)
    )
    return gone.first() is not None


def wait_ms(session: Session, staff_id: int, *, now: int) -> int:
    """How long a person must wait before another code is looked at; 0 for not at all."""
    recent = session.scalars(
        select(SignInFailure.at)
        .where(SignInFailure.source == _source(staff_id), SignInFailure.at > now - WINDOW_MS)
        .order_by(SignInFailure.at.desc())
        .limit(WRONG_MAX)
    ).all()
    return max(0, recent[-1] + WINDOW_MS - now) if len(recent) >= WRONG_MAX else 0


def check(session: Session, seals: Seals, staff_id: int, code: str, *, now: int) -> bool:
    """Whether a code of the app or a recovery code is right; either is good once. A wrong one is counted."""
    row = session.get(SecondFactor, staff_id)
    if row is None or row.confirmed_at is None:
        is_right = False
    else:
        is_right = _take(session, seals, row, code, now) or _take_recovery(session, staff_id, code, now)
    if is_right:
        return True
    session.add(SignInFailure(source=_source(staff_id), at=now))
    return False


def _take(session: Session, seals: Seals, row: SecondFactor, code: str, now: int) -> bool:
    """Whether this is the code of a step near now that is newer than the last one taken; it is used up then.

    The update asks for the step once more: two requests with the same code, and one of them gets in.
    """
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit()):
        return False
    app, present = pyotp.TOTP(seals.open(row.secret_sealed).decode(), interval=STEP_S), now // 1000 // STEP_S
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if hmac.compare_digest(app.generate_otp(step), typed) and step > row.last_step:
            taken = session.scalars(
                update(SecondFactor)
                .where(SecondFactor.staff_id == row.staff_id, SecondFactor.last_step < step)
                .values(last_step=step)
                .returning(SecondFactor.staff_id)
            )
            return taken.first() is not None
    return False


def _take_recovery(session: Session, staff_id: int, code: str, now: int) -> bool:
    taken = session.scalars(
        update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff_id,
            RecoveryCode.code_hash == _hash(staff_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    return taken.first() is not None


def _recovery_code() -> str:
    signs = "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(_RECOVERY_LENGTH))
    return f"{signs[:5]}-{signs[5:]}"


def _hash(staff_id: int, code: str) -> bytes:
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return key_hash(f"recovery {staff_id} {plain}")


def _source(staff_id: int) -> bytes:
    return key_hash(f"second factor {staff_id}")
