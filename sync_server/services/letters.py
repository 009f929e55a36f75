"""Number letters and cancel numbers. What a letter says and to whom it goes never comes to the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import resources
from sync_server.casework.workdays import public_calendar
from sync_server.correspondence import entered
from sync_server.correspondence.cancelling import REASONS
from sync_server.correspondence.entered import Known, Values
from sync_server.correspondence.kinds import BY_KEY, Kind
from sync_server.correspondence.rules import letter_rules
from sync_server.correspondence.wording import Sender
from sync_server.dossier_codes import pattern_on
from sync_server.errors import NotFound, Refused
from sync_server.lists import Fault
from sync_server.models.letter import Letter
from sync_server.models.organisation import Unit
from sync_server.models.register import RegisterEntry
from sync_server.office import Office
from sync_server.queries import letters
from sync_server.queries.letters import BOOK
from sync_server.reporting.rules import report_rules
from sync_server.seals import dossier_mac
from sync_server.services import audit, numbering
from sync_server.services.numbering import Paper

SIGNER_MAX, CASE_DIGITS = 100, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who makes letters: an account, its role, and the units that it reaches."""

    staff_id: int | None
    role: str
    units: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Letters of one kind that are to be numbered together. batch: an unguessable text that stays the same when the
    same form is sent again. rows: as `entered.rows_of` gives them."""

    unit_id: int
    kind: str
    signer: str
    is_deputy: bool
    batch: str
    rows: Sequence[tuple[int, Values]]


def sender(session: Session, writer: Writer, asked: Asked, day: int) -> Sender:
    """Whose letters they are. Raises `NotFound` for a unit out of reach, `Refused` without a signer."""
    unit = session.get(Unit, asked.unit_id)
    if unit is None or unit.id not in writer.units:
        raise NotFound(f"there is no unit {asked.unit_id} within your units")
    if not asked.signer.strip() or len(asked.signer) > SIGNER_MAX:
        raise Refused(f"Xin ghi họ tên người ký, nhiều nhất {SIGNER_MAX} chữ.")
    return Sender(
        unit=unit.name,
        letterhead=report_rules().letterhead_at(unit.kind, day),
        code=letter_rules().code_at(asked.kind, day),
        signer=asked.signer.strip(),
        is_deputy=asked.is_deputy,
        hotline=unit.hotline,
        day=day,
    )


def faults(session: Session, office: Office, writer: Writer, asked: Asked, *, now: int) -> list[Fault]:
    """Everything that is wrong with what was entered, in order; empty when it can be numbered."""
    day = office.day(now)
    rules = letter_rules().extension_at(day)
    macs = _macs(session, office, asked)
    given = letters.new_dates(session, macs.values())
    named = (row.get("case", "") for _, row in asked.rows)
    cases = {int(case) for case in named if case.isascii() and case.isdigit() and len(case) <= CASE_DIGITS}
    known = Known(
        today=day,
        calendar=public_calendar(),
        extension=rules,
        pattern=pattern_on(day, resources.config()),
        extended={code for code, mac in macs.items() if given.get(mac, 0) >= rules.at_most},
        founded=letters.founded(session, cases, writer.units, asked.unit_id, writer.role),
    )
    return entered.faults(_kind(asked.kind), asked.rows, known)


def take(session: Session, office: Office, writer: Writer, asked: Asked, *, now: int) -> list[RegisterEntry]:
    """Give each letter its number, in the order of the rows.

    All or none, in the caller's transaction. The same batch again gives the same numbers. Raises `NotFound` for a unit
    out of reach, `Refused` where something is wrong with a row, such as a dossier that got a new date meanwhile.
    """
    day = office.day(now)
    whose = sender(session, writer, asked, day)
    # Before looking: two who send at once take turns here.
    session.scalar(select(Unit.id).where(Unit.id == asked.unit_id).with_for_update(key_share=True))
    there = numbered(session, asked.batch, writer.units)
    if there:
        return there
    if faults(session, office, writer, asked, now=now):
        raise Refused("Dữ liệu vừa được người khác thay đổi, hoặc đã quá ngày. Xin nhập và xem lại thư.")
    macs = _macs(session, office, asked)
    made = []
    for place, (_, values) in enumerate(asked.rows, start=1):
        paper = Paper(
            book=BOOK,
            sign=whose.sign,
            kind=asked.kind,
            trigger=f"case {int(values['case'])}" if asked.kind == "case" else asked.kind,
            signer=f"{whose.signer}{letters.DEPUTY if whose.is_deputy else ''}",
        )
        entry = numbering.take_number(
            session, asked.unit_id, paper, year=date.fromordinal(day).year, day=day, by=writer.staff_id, now=now
        )
        mac = macs.get(values.get("code", ""))
        session.add(Letter(register_id=entry.id, batch=asked.batch, place=place, dossier_mac=mac))
        made.append(entry)
    numbers = {"first": made[0].number, "last": made[-1].number}
    audit.note(
        session,
        staff_id=writer.staff_id,
        act="letters numbered",
        subject=f"u{asked.unit_id}",
        detail={"kind": asked.kind, "year": date.fromordinal(day).year, **numbers},
        now=now,
    )
    return made


def numbered(session: Session, batch: str, units: Collection[int]) -> list[RegisterEntry]:
    """The lines of the register that a batch got, in order; empty before it got any."""
    return list(
        session.scalars(
            select(RegisterEntry)
            .join(Letter, Letter.register_id == RegisterEntry.id)
            .where(Letter.batch == batch, RegisterEntry.unit_id.in_(units))
            .order_by(Letter.place)
        )
    )


def cancel(session: Session, writer: Writer, register_id: int, reason: str, *, now: int) -> None:
    """Cancel a number, which stays in the register and is never given again; its dossier may get a new date again.

    A cancelled number stays as it was cancelled first. Raises `NotFound`, and `Refused` for a reason not offered.
    """
    if reason not in REASONS:
        raise Refused("Xin chọn lý do hủy số.")
    entry = session.get(RegisterEntry, register_id)
    kept = session.scalar(select(Letter).where(Letter.register_id == register_id).with_for_update())
    if entry is None or kept is None or entry.unit_id not in writer.units:
        raise NotFound(f"there is no letter {register_id} for you")
    if kept.cancelled_at is not None:
        return
    kept.cancelled_at, kept.cancelled_by, kept.cancel_reason = now, writer.staff_id, reason
    detail = {"kind": entry.kind, "number": entry.number, "year": entry.year, "reason": reason}
    audit.note(
        session, staff_id=writer.staff_id, act="letter cancelled", subject=f"u{entry.unit_id}", detail=detail, now=now
    )


def _macs(session: Session, office: Office, asked: Asked) -> dict[str, bytes]:
    """Dossier code → what is kept of it, under the unit's key and for letters only."""
    codes = {values["code"] for _, values in asked.rows if values.get("code")}
    sealed = session.scalar(select(Unit.key_sealed).where(Unit.id == asked.unit_id)) if codes else None
    key = office.seals.open(sealed) if sealed else b""
    return {code: dossier_mac(key, f"letter {code}") for code in codes} if key else {}


def _kind(key: str) -> Kind:
    if key not in BY_KEY:
        raise NotFound(f"there is no letter of kind {key[:40]!r}; there are {', '.join(BY_KEY)}")
    return BY_KEY[key]
