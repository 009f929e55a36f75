"""Outages: windows in which counters could not work, declared by an administrator before any flag came out of them.

What citizens said in such a window stays stored and counts no longer, also what arrives late. A window can be taken
back, and what it took is counted again; nothing is edited. Once a yellow or red flag rests on a rating of the window
it can no longer be declared: nobody can be washed clean afterwards (docs/flagging.md, What it must handle, 3).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.casework.steps import N_
from sync_server.casework.today import Today
from sync_server.errors import NotFound, Refused
from sync_server.flagging.evidence import from_json
from sync_server.flagging.state import State
from sync_server.ids import KIOSK, UNIT, write_id
from sync_server.models.followup import Flag, Signal
from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.outage import Outage, OutageWithdrawal
from sync_server.models.rating import Counted, Rating
from sync_server.office import Office
from sync_server.queries import outages
from sync_server.queries.known import unit_known
from sync_server.rules import counting_rules
from sync_server.services import audit, flags, standings, tallies
from sync_server.services.case_opening import open_for_flags
from sync_server.services.hours import Calendar
from sync_server.services.recounting import Late, recount, settle_dossiers
from sync_server.services.standings import Standing
from sync_server.services.tallies import Moves

DAY_MS = 86_400_000
_TAKEN = (Counted.YES, Counted.BURST, Counted.DOSSIER_REPEATED)
"""What an outage takes out; a rating that does not count for another reason keeps that reason."""
_RAISED = (State.WATCH.value, State.FLAG.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is declared: [from_at, until_at) in ms UTC, of one kiosk or (None) of a unit and all below it."""

    unit_id: int
    kiosk_id: int | None
    from_at: int
    until_at: int


def declare(session: Session, window: Window, *, reason: str, by: int, today: Today) -> int:
    """Declare an outage, take out what was rated in it, and judge those officers anew; its number.

    Raises `NotFound` for a kiosk or unit that is not there, and `Refused` without a reason, for a window that ends
    before it begins, is too long or too far ahead, or in which a flag has appeared.
    """
    _check(window, reason, today)
    locked = _lock_kiosks(session, window)
    rows = [row for row in _rated(session, locked, window) if row.counted in _TAKEN]
    officers = {row.officer_id for row in rows}
    # What is stored and not judged yet may be a flag already: it must come first.
    opened = flags.judge(session, officers, now=today.now, zone=today.zone)
    _refuse_where_flagged(session, rows)
    outage = Outage(
        unit_id=window.unit_id, kiosk_id=window.kiosk_id, from_at=window.from_at, until_at=window.until_at,
        reason=reason.strip(), declared_at=today.now, declared_by=by,
    )  # fmt: skip
    session.add(outage)
    session.flush()
    moves = Moves()
    for row in rows:
        row.count(Counted.OUTAGE, moves)
    standings.write(session, rows)
    settle_dossiers(session, {row.dossier_mac for row in rows if row.dossier_mac is not None}, moves)
    tallies.move(session, moves)
    _judge(session, moves, today, opened)
    _note(session, outage, "outage declared", by, today, len(rows), len(officers))
    return outage.id


def withdraw(session: Session, office: Office, outage_id: int, *, reason: str, by: int, today: Today) -> None:
    """Take an outage back: what it took out is counted as if it had never been declared.

    Raises `NotFound`, and `Refused` without a reason or when it was taken back already.
    """
    if not reason.strip():
        raise Refused(N_("Hãy ghi vì sao rút lại khai báo sự cố."))
    outage = session.execute(select(Outage).where(Outage.id == outage_id).with_for_update()).scalar_one_or_none()
    if outage is None:
        raise NotFound(f"there is no outage {outage_id}")
    if session.get(OutageWithdrawal, outage_id) is not None:
        raise Refused(N_("Khai báo sự cố này đã được rút lại."))
    window = Window(unit_id=outage.unit_id, kiosk_id=outage.kiosk_id, from_at=outage.from_at, until_at=outage.until_at)
    locked = _lock_kiosks(session, window)
    session.add(OutageWithdrawal(outage_id=outage_id, reason=reason.strip(), withdrawn_at=today.now, withdrawn_by=by))
    session.flush()
    rows = [row for row in _rated(session, locked, window) if row.counted == Counted.OUTAGE]
    moves = Moves()
    for kiosk in locked:
        _count_again(session, office, kiosk, rows, moves)
    tallies.move(session, moves)
    _judge(session, moves, today, ())
    _note(session, outage, "outage withdrawn", by, today, len(rows), len({row.officer_id for row in rows}))


def _check(window: Window, reason: str, today: Today) -> None:
    longest = counting_rules().at(today.day).outage_days_max * DAY_MS
    if not reason.strip():
        raise Refused(N_("Hãy ghi sự cố gì, vì sao không phục vụ được."))
    if window.until_at <= window.from_at:
        raise Refused(N_("Giờ kết thúc phải sau giờ bắt đầu."))
    if window.until_at - window.from_at > longest:
        raise Refused(N_("Khoảng thời gian quá dài; nếu sự cố kéo dài, hãy khai báo từng tuần."))
    if window.from_at > today.now + longest:
        raise Refused(N_("Chưa khai báo được sự cố xa như vậy trong tương lai."))


@dataclass(frozen=True, slots=True)
class _Locked:
    """A kiosk that takes no batch until the transaction ends, with the branches of its ledger."""

    id: int
    unit_id: int
    epochs: frozenset[int]


def _lock_kiosks(session: Session, window: Window) -> Sequence[_Locked]:
    """A batch that came before is seen whole, one that comes after sees the outage."""
    wanted = outages.kiosks_under(session, window.unit_id, window.kiosk_id)
    found = session.execute(
        select(Kiosk.id, Kiosk.unit_id).where(Kiosk.id.in_(wanted)).order_by(Kiosk.id).with_for_update()
    ).all()
    if window.kiosk_id is not None and [row.unit_id for row in found] != [window.unit_id]:
        raise NotFound(f"there is no kiosk {window.kiosk_id} in unit {window.unit_id}")
    epochs: dict[int, set[int]] = {}
    for kiosk_id, epoch_id in session.execute(select(Epoch.kiosk_id, Epoch.id).where(Epoch.kiosk_id.in_(wanted))):
        epochs.setdefault(kiosk_id, set()).add(epoch_id)
    return [_Locked(row.id, row.unit_id, frozenset(epochs.get(row.id, ()))) for row in found]


def _rated(session: Session, locked: Iterable[_Locked], window: Window) -> list[Standing]:
    """The ratings of the window, kiosk by kiosk. Each ledger is read once: it has no index by time, which every
    insert would pay for and only this rare act would use."""
    inside = (Rating.happened_at >= window.from_at, Rating.happened_at < window.until_at)
    return [
        row
        for kiosk in locked
        if kiosk.epochs
        for row in standings.read(session, Rating.epoch_id.in_(kiosk.epochs), *inside)
    ]


def _refuse_where_flagged(session: Session, rows: Collection[Standing]) -> None:
    days: dict[int, list[int]] = {}
    for row in rows:
        days.setdefault(row.officer_id, []).append(row.day or 0)
    if not days:
        return
    # Who judges at this moment in another process has claimed the signal; wait, and see what he recorded.
    session.execute(select(Signal.officer_id).where(Signal.officer_id.in_(days)).with_for_update()).all()
    raised = session.execute(
        select(Flag.officer_id, Flag.evidence).where(Flag.officer_id.in_(days), Flag.became.in_(_RAISED))
    )
    for officer_id, stored in raised:
        proof = from_json(stored)
        last = date.fromisoformat(proof.day).toordinal()
        first = date.fromisoformat(proof.restart_after).toordinal() + 1 if proof.restart_after else 0
        if any(first <= day <= last for day in days[officer_id]):
            raise Refused(N_("Trong khoảng thời gian này đã có cờ xuất hiện, nên không khai báo sự cố được nữa."))


def _count_again(session: Session, office: Office, kiosk: _Locked, rows: Iterable[Standing], moves: Moves) -> None:
    late = Late()
    for row in rows:
        if row.epoch_id in kiosk.epochs:
            late.touched.setdefault(row.epoch_id, set()).add(row.seq)
    if late.touched:
        left = outages.windows(session, kiosk.id, kiosk.unit_id)
        hours = unit_known(session, kiosk.unit_id).opening_hours
        recount(session, late, (), Calendar(office.zone, hours, counting_rules(), left), moves)


def _judge(session: Session, moves: Moves, today: Today, before: Sequence[flags.Change]) -> None:
    changes = flags.judge(session, moves.officers, now=today.now, zone=today.zone, earliest_day=moves.earliest_day)
    open_for_flags(session, [*before, *changes], today)


def _note(session: Session, outage: Outage, act: str, by: int, today: Today, ratings: int, officers: int) -> None:
    subject = write_id(KIOSK, outage.kiosk_id) if outage.kiosk_id is not None else write_id(UNIT, outage.unit_id)
    detail = {
        "outage": outage.id, "from_at": outage.from_at, "until_at": outage.until_at,
        "ratings": ratings, "officers": officers,
    }  # fmt: skip
    audit.note(session, staff_id=by, act=act, subject=subject, detail=detail, now=today.now)
