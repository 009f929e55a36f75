"""Notices: channels of people, and the outbox that other services write to in their own transactions."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from sync_server.casework.moments import Moment
from sync_server.casework.people import Person, Place, sees
from sync_server.casework.steps import N_, Trigger
from sync_server.errors import NotFound, Refused
from sync_server.messenger import EMAIL, is_mailbox, is_one_of
from sync_server.models.casework import CaseFile
from sync_server.models.notice import Notice, NoticeChannel, NoticeChoice
from sync_server.models.organisation import Unit
from sync_server.models.people import Staff
from sync_server.notices.kinds import OFFERED, Kind, roles_for
from sync_server.queries import units
from sync_server.seals import Seals
from sync_server.services.reminders import Reminder

CHANNELS_MAX, ADDRESS_MAX = 5, 500
KEEP_DAYS, DAY_MS = 90, 86_400_000


def add_channel(
    session: Session,
    seals: Seals,
    staff_id: int,
    address: str,
    kinds: Collection[Kind],
    *,
    schemes: Collection[str],
    has_mail: bool,
    now: int,
) -> int:
    """Add a channel of a person, and write a first notice to it; its number.

    address: an e-mail address, or one of apprise's whose scheme is among `schemes`. Raises `Refused`.
    """
    kept, shown = _read_address(address.strip(), schemes, has_mail)
    own = session.execute(
        select(NoticeChannel.made_at, NoticeChannel.ended_at).where(NoticeChannel.staff_id == staff_id)
    ).all()
    if sum(row.ended_at is None for row in own) >= CHANNELS_MAX:
        raise Refused(N_("Ông/Bà đã có đủ số kênh; hãy bỏ bớt một kênh rồi thêm."))
    if sum(row.made_at > now - DAY_MS for row in own) >= 2 * CHANNELS_MAX:  # each one sends a first message
        raise Refused(N_("Hôm nay Ông/Bà đã thêm nhiều kênh; xin thêm tiếp vào ngày mai."))
    channel = NoticeChannel(staff_id=staff_id, sealed=seals.seal(kept.encode()), shown=shown, made_at=now)
    session.add(channel)
    session.flush()
    choose(session, staff_id, channel.id, kinds)
    _write(session, [(channel.id, Kind.HELLO, "hello", {}, "/account/notices")], now)
    return channel.id


def choose(session: Session, staff_id: int, channel_id: int, kinds: Collection[Kind]) -> None:
    """Let these kinds go to a channel, and no others. Kinds that the person's role is not offered are left out.
    Raises `NotFound` for a channel that is not the person's."""
    _own(session, staff_id, channel_id)
    role = session.scalar(select(Staff.role).where(Staff.id == staff_id)) or ""
    session.execute(delete(NoticeChoice).where(NoticeChoice.channel_id == channel_id))
    chosen = [kind for kind in OFFERED.get(role, ()) if kind in kinds]
    if chosen:
        session.execute(insert(NoticeChoice), [{"channel_id": channel_id, "kind": kind.value} for kind in chosen])


def remove_channel(session: Session, staff_id: int, channel_id: int, *, now: int) -> None:
    """End a channel and forget its address; what still waits for it is not sent. Raises `NotFound`."""
    _own(session, staff_id, channel_id)
    session.execute(delete(NoticeChoice).where(NoticeChoice.channel_id == channel_id))
    session.execute(update(NoticeChannel).where(NoticeChannel.id == channel_id).values(ended_at=now, sealed=b""))
    session.execute(
        update(Notice)
        .where(Notice.channel_id == channel_id, Notice.sent_at.is_(None), Notice.failed_at.is_(None))
        .values(failed_at=now, fault="the channel was removed")
    )


def try_again(session: Session, *, now: int) -> int:
    """Let notices that were given up be tried once more, where their channel is still there; how many."""
    alive = select(NoticeChannel.id).where(NoticeChannel.ended_at.is_(None))
    again = session.execute(
        update(Notice)
        .where(Notice.failed_at.is_not(None), Notice.sent_at.is_(None), Notice.channel_id.in_(alive))
        .values(failed_at=None, tries=0, due_at=now)
    )
    return int(again.rowcount)  # type: ignore[attr-defined]  # an update's result has it


def forget_old(session: Session, *, now: int) -> int:
    """Erase notices that were sent or given up long ago; how many. Safe to repeat: nothing is told anew by it, since
    what they told of is noted elsewhere, or names its day."""
    old = Notice.made_at < now - KEEP_DAYS * DAY_MS
    done = or_(Notice.sent_at.is_not(None), Notice.failed_at.is_not(None))
    return int(session.execute(delete(Notice).where(old, done)).rowcount)  # type: ignore[attr-defined]


def case_opened(session: Session, file: CaseFile, now: int) -> None:
    """Tell those who handle cases of that unit of a new one, and for asking for money inspectors only."""
    kind = {Trigger.FLAG.value: Kind.FLAG, Trigger.GRAVE.value: Kind.GRAVE}.get(file.trigger)
    candidates = _choosers(session, kind) if kind is not None else []
    if kind is None or not candidates:
        return
    place = Place(officer_id=file.officer_id, unit_id=file.unit_id, inspectors_only=file.inspectors_only)
    unit = session.scalar(select(Unit.name).where(Unit.id == file.unit_id))
    params = {"case": file.id, "unit": unit}
    told = [channel for channel, person in candidates if sees(person, place)]
    _write(session, [(channel, kind, f"case {file.id}", params, f"/cases/{file.id}") for channel in told], now)


def remind(session: Session, reminders: Iterable[Reminder], now: int) -> None:
    """Write the reminders that are new today to the channels of those whose turn it is."""
    rows = []
    for reminder in reminders:
        kind = Kind.OVERDUE if reminder.moment is Moment.OVERDUE else Kind.DUE
        day = f"{date.fromordinal(reminder.due_day):%d/%m/%Y}"
        once = f"case {reminder.case_id} {reminder.due_day} {reminder.moment.value}"
        for channel, person in _choosers(session, kind):
            if person.staff_id in reminder.staff:
                path = "/own" if person.role == "officer" else f"/cases/{reminder.case_id}"
                rows.append((channel, kind, once, {"case": reminder.case_id, "day": day}, path))
    _write(session, rows, now)


def tell_unit(
    session: Session, kind: Kind, unit_id: int, once: str, params: Mapping[str, Any], path: str, now: int
) -> None:
    """Tell whoever chose this kind and whose reach holds the unit. Safe to repeat: the same `once` is told once."""
    reached = [channel for channel, person in _choosers(session, kind) if unit_id in person.units]
    _write(session, [(channel, kind, once, params, path) for channel in reached], now)


def tell_one(
    session: Session, channel_id: int, kind: Kind, once: str, params: Mapping[str, Any], path: str, now: int
) -> None:
    """Tell one channel. Safe to repeat: the same `once` is told once."""
    _write(session, [(channel_id, kind, once, params, path)], now)


def choosers(session: Session, kind: Kind) -> list[tuple[int, Person]]:
    """The channels that take a kind, each with the person behind it."""
    return _choosers(session, kind)


def _choosers(session: Session, kind: Kind) -> list[tuple[int, Person]]:
    rows = session.execute(
        select(NoticeChannel.id, Staff.id.label("staff_id"), Staff.role, Staff.unit_id, Staff.officer_id)
        .join(NoticeChoice, NoticeChoice.channel_id == NoticeChannel.id)
        .join(Staff, Staff.id == NoticeChannel.staff_id)
        .where(
            NoticeChoice.kind == kind.value,
            NoticeChannel.ended_at.is_(None),
            Staff.closed_at.is_(None),
            Staff.role.in_(roles_for(kind)),  # the role may have changed since it was chosen
        )
        .order_by(NoticeChannel.id)
    ).all()
    reach = {unit: units.subtree(session, unit) for unit in {row.unit_id for row in rows}}
    return [
        (
            row.id,
            Person(staff_id=row.staff_id, role=row.role, units=_reach(row, reach), officer_id=row.officer_id),
        )
        for row in rows
    ]


def _reach(row: Any, reach: Mapping[int | None, frozenset[int]]) -> frozenset[int]:
    """As on the pages: who belongs to a unit and has none reaches nothing."""
    bound = row.role in ("head", "clerk", "officer")
    return frozenset() if bound and row.unit_id is None else reach[row.unit_id]


def _write(session: Session, rows: Iterable[tuple[int, Kind, str, Mapping[str, Any], str]], now: int) -> None:
    values = [
        {
            "channel_id": channel, "kind": kind.value, "once": once, "params": dict(params), "path": path,
            "made_at": now, "due_at": now, "tries": 0, "fault": "",
        }
        for channel, kind, once, params, path in rows
    ]  # fmt: skip
    if values:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.execute(dialect.insert(Notice).on_conflict_do_nothing(), values)


def _own(session: Session, staff_id: int, channel_id: int) -> None:
    found = session.scalar(
        select(NoticeChannel.id).where(
            NoticeChannel.id == channel_id, NoticeChannel.staff_id == staff_id, NoticeChannel.ended_at.is_(None)
        )
    )
    if found is None:
        raise NotFound(f"there is no channel {channel_id} of yours")


def _read_address(address: str, schemes: Collection[str], has_mail: bool) -> tuple[str, str]:
    """What is sealed, and what is shown of it. Raises `Refused`."""
    scheme, separator, _ = address.partition("://")
    if not address or len(address) > ADDRESS_MAX or not address.isprintable():
        raise Refused(N_("Xin ghi một địa chỉ thư điện tử hoặc địa chỉ kênh."))
    if separator:
        if not is_one_of(address, schemes):
            raise Refused(N_("Dịch vụ này chưa được phép dùng để gửi thông báo; hãy hỏi quản trị viên."))
        return address, f"{scheme.lower()}://…"
    if not is_mailbox(address):
        raise Refused(N_("Địa chỉ thư điện tử chưa đúng; ví dụ: ten@xa.gov.vn."))
    if not has_mail:
        raise Refused(N_("Máy chủ chưa được cài đặt để gửi thư điện tử; hãy hỏi quản trị viên."))
    name, _, domain = address.rpartition("@")
    return f"{EMAIL}{address}", f"{name[0]}…@{domain}"[:80]
