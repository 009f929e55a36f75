"""Kiosks join by a code that staff make, and are retired.

A code has 8 characters of Crockford's base 32 without U (docs/wire.md): 40 bits, of which a stranger may try a few a
quarter of an hour. What is kept of it is an HMAC under the server's secret, since 40 bits are few for a plain hash.
Wrong codes are counted in the database and not in the process, so that the limit holds over several workers and
servers, and a restart forgives nothing.
"""

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from survey.wire import Enrolled
from sync_server.errors import BadCode, NotFound, Refused, TooManyTries
from sync_server.ids import COUNTER, KIOSK, UNIT, write_id
from sync_server.models.kiosk import EnrolmentCode, Kiosk
from sync_server.models.organisation import Counter, Unit
from sync_server.models.people import SignInFailure
from sync_server.queries.observers import SETTING, is_observers
from sync_server.seals import Seals, key_hash
from sync_server.services.observers import is_observer, must_be_theirs

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No I, L, O or U: nobody misreads them, and a code spells no word."""
CODE_LENGTH = 8
MISREAD = str.maketrans("OILU", "0110")
TRIES_MAX, TRIES_WINDOW_MS = 10, 15 * 60 * 1000
"""Wrong codes of one address in the window, after which it must wait."""
KEY_BYTES = 32
Choose = Callable[[str], str]


def make_code(
    session: Session,
    seals: Seals,
    *,
    unit_id: int,
    name: str,
    now: int,
    minutes: int,
    counter_id: int | None = None,
    made_by: int | None = None,
    replaces_id: int | None = None,
    choose: Choose = secrets.choice,
) -> str:
    """A new code by which one kiosk may join this unit, and sit at this counter, within `minutes`.

    replaces_id: whose place the new one takes: that one is retired when the new one joins, not before. With a code that
    an observer made a kiosk of theirs joins. The code is returned this once and kept only as a keyed hash. Raises
    `NotFound`, `NotYours`, or `Refused` for another unit's counter.
    """
    if replaces_id is not None:
        _must_be_theirs(session, session.get(Kiosk, replaces_id), made_by)
    if session.get(Unit, unit_id) is None:
        raise NotFound(f"there is no unit {unit_id}")
    if counter_id is not None:
        counter = session.get(Counter, counter_id)
        if counter is None:
            raise NotFound(f"there is no counter {counter_id}")
        if counter.unit_id != unit_id:
            raise Refused(f"counter {counter_id} ({counter.name}) is not of unit {unit_id} but of {counter.unit_id}")
    if not name.strip():
        raise Refused("a kiosk needs a name, so that staff know which one it is")
    code = "".join(choose(ALPHABET) for _ in range(CODE_LENGTH))
    session.execute(delete(EnrolmentCode).where(EnrolmentCode.expires_at <= now, EnrolmentCode.used_at.is_(None)))
    session.add(
        EnrolmentCode(
            code_hash=_code_hash(seals, code),
            unit_id=unit_id,
            counter_id=counter_id,
            name=name.strip(),
            made_by=made_by,
            replaces_id=replaces_id,
            expires_at=now + minutes * 60_000,
        )
    )
    session.flush()
    return code


def invitation(address: str, code: str) -> str:
    """What the QR of a code says, for a kiosk to scan (docs/wire.md). Never a password."""
    return json.dumps({"nucuoi": 1, "url": address, "code": code}, ensure_ascii=False, separators=(",", ":"))


def wait_ms(session: Session, address: str, *, now: int) -> int:
    """How long this address must wait before a code of its is looked at, in milliseconds; 0 for not at all."""
    recent = session.scalars(
        select(SignInFailure.at)
        .where(SignInFailure.source == _source(address), SignInFailure.at > now - TRIES_WINDOW_MS)
        .order_by(SignInFailure.at.desc())
        .limit(TRIES_MAX)
    ).all()
    return recent[-1] + TRIES_WINDOW_MS - now if len(recent) >= TRIES_MAX else 0


def note_wrong_code(session: Session, address: str, *, now: int) -> None:
    """Count a wrong code. In a transaction of its own, since that of `enrol` was rolled back."""
    session.execute(delete(SignInFailure).where(SignInFailure.at <= now - TRIES_WINDOW_MS))
    session.add(SignInFailure(source=_source(address), at=now))


def enrol(
    session: Session,
    seals: Seals,
    *,
    code: str,
    device: Mapping[str, Any],
    address: str,
    now: int,
    new_key: Callable[[int], str] = secrets.token_urlsafe,
    new_carry_key: Callable[[], bytes] = Fernet.generate_key,
) -> Enrolled:
    """Let a kiosk join; its key and carry key are in the answer this once.

    Case, dashes and spaces of the code do not matter. Raises `TooManyTries` before the code is looked at, `BadCode`
    when it is wrong, used or expired. Not safe to repeat: a code works once; make another when the answer was lost.
    """
    wait = wait_ms(session, address, now=now)
    if wait:
        raise TooManyTries("too many wrong codes from this address", wait_ms=wait)
    used = session.execute(
        # One statement finds and uses it, so that of two kiosks with the same code only one joins.
        update(EnrolmentCode)
        .where(
            EnrolmentCode.code_hash == _code_hash(seals, code),
            EnrolmentCode.used_at.is_(None),
            EnrolmentCode.expires_at > now,
        )
        .values(used_at=now)
        .returning(
            EnrolmentCode.id,
            EnrolmentCode.unit_id,
            EnrolmentCode.counter_id,
            EnrolmentCode.name,
            EnrolmentCode.replaces_id,
            EnrolmentCode.made_by,
        )
    ).one_or_none()
    if used is None:
        raise BadCode("the code is wrong, used already, or too old; ask staff for a new one")
    key, carry_key = new_key(KEY_BYTES), new_carry_key()
    kiosk = Kiosk(
        name=used.name,
        unit_id=used.unit_id,
        counter_id=used.counter_id,
        key_hash=key_hash(key),
        carry_key_sealed=seals.seal(carry_key),
        device=dict(device),
        enrolled_at=now,
        last_contact_at=now,
    )
    if used.replaces_id is not None:
        _take_place(session, kiosk, used.replaces_id, used.made_by, now)
    if is_observer(session, used.made_by):
        kiosk.settings = {**(kiosk.settings or {}), SETTING: used.name}
    session.add(kiosk)
    session.flush()
    session.execute(update(EnrolmentCode).where(EnrolmentCode.id == used.id).values(kiosk_id=kiosk.id))
    return Enrolled(
        kiosk_id=write_id(KIOSK, kiosk.id),
        key=key,
        carry_key=carry_key.decode(),
        unit_id=write_id(UNIT, kiosk.unit_id),
        counter_id=write_id(COUNTER, kiosk.counter_id) if kiosk.counter_id else None,
    )


def _take_place(session: Session, kiosk: Kiosk, replaces_id: int, by: int | None, now: int) -> None:
    """The new kiosk has the settings of the old one, which is retired; its ledger and ratings stay under its name."""
    old = session.get_one(Kiosk, replaces_id)
    kiosk.replaces_id = old.id
    kiosk.settings, kiosk.shown = dict(old.settings), dict(old.shown)
    retire(session, old.id, now=now, by=by)


def retire(session: Session, kiosk_id: int, *, now: int, by: int | None = None) -> None:
    """This kiosk's key is good for nothing from now on. Its ratings stay. Safe to repeat. Raises `NotFound`.

    An observers' kiosk is retired by observers alone (`NotYours`); by: the account.
    """
    kiosk = session.get(Kiosk, kiosk_id)
    if kiosk is None:
        raise NotFound(f"there is no kiosk {kiosk_id}")
    _must_be_theirs(session, kiosk, by)
    kiosk.retired_at = kiosk.retired_at or now


def _must_be_theirs(session: Session, kiosk: Kiosk | None, by: int | None) -> None:
    if kiosk is not None:
        must_be_theirs(session, by, is_theirs=is_observers(kiosk), what=f"the kiosk {kiosk.name}")


def _code_hash(seals: Seals, code: str) -> bytes:
    plain = "".join(code.upper().split()).replace("-", "").translate(MISREAD)
    return hmac.digest(seals.derived("enrolment"), plain.encode(errors="replace"), "sha256")


def _source(address: str) -> bytes:
    return key_hash(f"enrolment {address}")
