"""Build the organisation: units, counters, officers, services, and who sits where."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey import codec
from survey.errors import BadDocument
from survey.setup import Behaviour
from sync_server.errors import NotFound, Refused
from sync_server.models.organisation import Counter, Duty, Field, Officer, OfficerService, Service, Unit
from sync_server.remote import faults_in
from sync_server.seals import Seals

UNIT_KINDS = ("town", "commune", "ward", "office")
Row = TypeVar("Row")
CATEGORIES = ("civil", "police", "military")
KEY_BYTES = 32
PIN_LENGTH_MIN, PIN_LENGTH_MAX = 4, 12
PIN_ROUNDS = 200_000
PHOTO_BYTES_MAX = 512 * 1024
_PHOTO_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def add_unit(
    session: Session,
    seals: Seals,
    *,
    name: str,
    kind: str,
    parent_id: int | None = None,
    valid_from: int | None = None,
    valid_until: int | None = None,
    hotline: str = "",
    settings: Mapping[str, Any] | None = None,
    is_demo: bool = False,
    new_key: Callable[[int], bytes] = secrets.token_bytes,
) -> Unit:
    """Add a node to the tree, with a new key for its dossier HMACs.

    settings: overrides of `survey.setup.Behaviour`. Raises `Refused` for these when they are wrong, and for another
    kind than `UNIT_KINDS`.
    """
    if kind not in UNIT_KINDS:
        raise Refused(f"{kind!r} is no kind of unit; take one of {', '.join(UNIT_KINDS)}")
    if parent_id is not None:
        _must_exist(session, Unit, parent_id, "unit")
    must_behave(settings or {})
    unit = Unit(
        parent_id=parent_id,
        name=_named(name, "unit"),
        kind=kind,
        valid_from=valid_from,
        valid_until=valid_until,
        hotline=hotline,
        key_sealed=seals.seal(new_key(KEY_BYTES)),
        settings=dict(settings or {}),
        is_demo=is_demo,
    )
    return _added(session, unit)


def set_behaviour(session: Session, unit_id: int, settings: Mapping[str, Any]) -> None:
    """Change how a unit's kiosks behave (overrides of `survey.setup.Behaviour`). Raises `Refused` with all faults."""
    must_behave(settings)
    _must_exist(session, Unit, unit_id, "unit").settings = dict(settings)


def set_staff_pin(
    session: Session, unit_id: int, pin: str | None, *, new_salt: Callable[[int], str] = secrets.token_hex
) -> None:
    """Set the PIN of the staff screen of a unit's kiosks, and of the units below that have none; None takes it away.

    Kept as PBKDF2, since the kiosk checks it without a network; its rounds are what a Raspberry Pi does in about half a
    second. Four digits
    are few for any number of rounds: the kiosk must slow down guesses. Raises `Refused` unless 4 to 12 digits.
    """
    unit = _must_exist(session, Unit, unit_id, "unit")
    if pin is None:
        unit.staff_pin = None
        return
    if not (pin.isascii() and pin.isdigit() and PIN_LENGTH_MIN <= len(pin) <= PIN_LENGTH_MAX):
        raise Refused(f"the PIN must be {PIN_LENGTH_MIN} to {PIN_LENGTH_MAX} digits")
    salt = new_salt(16)
    made = hashlib.pbkdf2_hmac("sha256", pin.encode(), bytes.fromhex(salt), PIN_ROUNDS)
    unit.staff_pin = f"pbkdf2_sha256${PIN_ROUNDS}${salt}${made.hex()}"


def add_counter(session: Session, *, unit_id: int, name: str) -> Counter:
    """Add a desk to a unit."""
    _must_exist(session, Unit, unit_id, "unit")
    return _added(session, Counter(unit_id=unit_id, name=_named(name, "counter")))


def add_officer(
    session: Session,
    *,
    unit_id: int,
    name: str,
    title: str,
    category: str = "civil",
    photo: bytes | None = None,
    valid_from: int | None = None,
    valid_until: int | None = None,
) -> Officer:
    """Add a named person who is rated. photo: JPEG or PNG of at most 512 KiB. Raises `Refused`."""
    _must_exist(session, Unit, unit_id, "unit")
    if category not in CATEGORIES:
        raise Refused(f"{category!r} is no category of officers; take one of {', '.join(CATEGORIES)}")
    officer = Officer(
        unit_id=unit_id,
        name=_named(name, "officer"),
        title=title.strip(),
        category=category,
        photo=_photo(photo),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    return _added(session, officer)


def set_photo(session: Session, officer_id: int, photo: bytes | None) -> None:
    """Give an officer a photo (JPEG or PNG of at most 512 KiB), or take it away. Raises `Refused`."""
    officer = _must_exist(session, Officer, officer_id, "officer")
    officer.photo = _photo(photo)


def add_field(session: Session, *, name: str, name_en: str = "") -> Field:
    """Add a field of procedures."""
    return _added(session, Field(name=_named(name, "field"), name_en=name_en))


def add_service(session: Session, *, field_id: int, name: str, name_en: str = "") -> Service:
    """Add an administrative procedure to a field."""
    _must_exist(session, Field, field_id, "field")
    return _added(session, Service(field_id=field_id, name=_named(name, "service"), name_en=name_en))


def assign_services(
    session: Session, officer_id: int, service_ids: Iterable[int], *, declared: int | None = None
) -> None:
    """Say which services an officer does; `declared` is the one meant when a rating names none. Replaces all before.

    Raises `Refused` when `declared` is not among them.
    """
    wanted = set(service_ids)
    if declared is not None and declared not in wanted:
        raise Refused(f"service {declared} cannot be the declared one: the officer does not do it")
    _must_exist(session, Officer, officer_id, "officer")
    for row in session.scalars(select(OfficerService).where(OfficerService.officer_id == officer_id)).all():
        session.delete(row)
    session.flush()
    for service_id in sorted(wanted):
        _must_exist(session, Service, service_id, "service")
        session.add(OfficerService(officer_id=officer_id, service_id=service_id, declared=service_id == declared))
    session.flush()


def take_duty(session: Session, *, counter_id: int, officer_id: int, now: int) -> Duty:
    """Seat an officer at a counter from now on; whoever sat there, and wherever the officer sat before, ends.

    Safe to repeat: an officer who sits there already stays. Raises `Refused` for a counter of another unit.
    """
    counter = _must_exist(session, Counter, counter_id, "counter")
    officer = _must_exist(session, Officer, officer_id, "officer")
    if counter.unit_id != officer.unit_id:
        raise Refused(f"{officer.name} is of unit {officer.unit_id}, the counter {counter.name} of {counter.unit_id}")
    current = session.scalars(
        select(Duty).where(Duty.until_at.is_(None), (Duty.counter_id == counter_id) | (Duty.officer_id == officer_id))
    ).all()
    for duty in current:
        if duty.counter_id == counter_id and duty.officer_id == officer_id:
            return duty
    for duty in current:
        duty.until_at = now
    return _added(session, Duty(counter_id=counter_id, officer_id=officer_id, since_at=now, until_at=None))


def leave_duty(session: Session, *, counter_id: int, now: int) -> None:
    """Nobody sits at this counter from now on. Safe to repeat."""
    session.execute(update(Duty).where(Duty.counter_id == counter_id, Duty.until_at.is_(None)).values(until_at=now))


def must_behave(settings: Mapping[str, Any]) -> None:
    """Raises `Refused` with all faults of what should override a `survey.setup.Behaviour`."""
    try:
        codec.decode(Behaviour, dict(settings), at="settings", strict=True)
    except BadDocument as error:
        raise Refused(str(error)) from error
    if faults := faults_in(settings):
        raise Refused("; ".join(faults))


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


def _must_exist(session: Session, kind: type[Row], number: int, word: str) -> Row:
    row = session.get(kind, number)
    if row is None:
        raise NotFound(f"there is no {word} {number}")
    return row


def _named(name: str, word: str) -> str:
    if not name.strip():
        raise Refused(f"a {word} needs a name")
    return name.strip()


def _photo(photo: bytes | None) -> bytes | None:
    if photo is None:
        return None
    if not photo.startswith(_PHOTO_STARTS):
        raise Refused("the photo is neither JPEG nor PNG; convert it")
    if len(photo) > PHOTO_BYTES_MAX:
        raise Refused(f"the photo has {len(photo) // 1024} KiB, at most {PHOTO_BYTES_MAX // 1024} are taken; shrink it")
    return photo
