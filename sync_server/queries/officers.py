"""Officers as pages show them: the list with its signals, one officer, and the recorded changes of state."""

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from sync_server.errors import NotFound
from sync_server.flagging.evidence import Evidence, from_json
from sync_server.flagging.intervals import wilson
from sync_server.flagging.state import State
from sync_server.models.followup import Flag, Signal
from sync_server.models.organisation import Officer, OfficerService, Service, Unit

RAISED = (State.WATCH.value, State.FLAG.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerLine:
    """An officer in the list. n, bad, expected_bad: as in `models.followup.Signal`; share_low, share_high: Wilson's
    95 % interval of bad/n. raised: the evidence of the change to yellow or red, and when (ms), while it stands."""

    id: int
    name: str
    title: str
    unit_id: int
    unit_name: str
    state: State
    n: int
    bad: int
    expected_bad: float
    share_low: float
    share_high: float
    raised: Evidence | None = None
    raised_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerCard:
    """Who an officer is. services: what he does, by number."""

    id: int
    name: str
    title: str
    unit_id: int
    unit_name: str
    category: str
    services: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagLine:
    """A recorded change of state with its evidence; changed_at: ms UTC."""

    id: int
    was: State
    became: State
    changed_at: int
    evidence: Evidence


def listing(
    session: Session,
    within: frozenset[int],
    *,
    day: int,
    unit_ids: frozenset[int] | None = None,
    state: State | None = None,
    name: str = "",
) -> list[OfficerLine]:
    """The officers of the units `within`, by unit and then by given name, which is how Vietnamese lists go.

    Never by score: there is no rank. day: today; who left before it is in the list only while a flag is open.
    unit_ids, state, name: filters; a name is found by any part of it, with or without its marks.
    """
    seen = within if unit_ids is None else within & unit_ids
    rows = [row for row in session.execute(_officers(seen, day, state)) if _found(name, row.name)]
    raised = _raised(session, [row.id for row in rows if row.state in RAISED])
    return _in_order([_officer_line(row, raised.get(row.id)) for row in rows])


def praised(session: Session, within: frozenset[int], *, day: int, threshold: float) -> list[OfficerLine]:
    """Officers clearly better than their peers, by unit and given name: for «gương điển hình», and no rank either.

    threshold: M that red asks for, here of the score folded upwards in the last night (docs/flagging.md).
    """
    query = _officers(within, day, None).where(Signal.log_praise >= math.log(threshold))
    return _in_order([_officer_line(row, None) for row in session.execute(query)])


def state_counts(session: Session, within: frozenset[int], *, day: int) -> dict[State, int]:
    """How many officers of the units `within` are in each state; every state is there."""
    counts = dict.fromkeys(State, 0)
    for row in session.execute(_officers(within, day, None)):
        counts[State(row.state or State.INSUFFICIENT)] += 1
    return counts


def card(session: Session, officer_id: int, within: frozenset[int]) -> OfficerCard:
    """One officer of the units `within`. Raises `NotFound`, for others' officers too: they cannot be told apart."""
    row = session.execute(
        select(Officer.id, Officer.name, Officer.title, Officer.unit_id, Officer.category, Unit.name.label("unit_name"))
        .join(Unit, Unit.id == Officer.unit_id)
        .where(Officer.id == officer_id)
    ).one_or_none()
    if row is None or row.unit_id not in within:
        raise NotFound(f"there is no officer {officer_id} within your units")
    services = session.scalars(
        select(OfficerService.service_id)
        .where(OfficerService.officer_id == officer_id)
        .order_by(OfficerService.service_id)
    )
    return OfficerCard(
        id=row.id,
        name=row.name,
        title=row.title,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        category=row.category,
        services=tuple(services),
    )


def history(session: Session, officer_id: int, *, limit: int = 50) -> list[FlagLine]:
    """An officer's changes of state, the newest first."""
    rows = session.scalars(select(Flag).where(Flag.officer_id == officer_id).order_by(Flag.id.desc()).limit(limit))
    return [_line(row) for row in rows]


def service_names(session: Session, language: str = "vi") -> dict[int, str]:
    """What each service is called, in English only where it has such a name."""
    rows = session.execute(select(Service.id, Service.name, Service.name_en))
    return {row.id: (row.name if language == "vi" else row.name_en or row.name) for row in rows}


def plain(text: str) -> str:
    """Lower case without Vietnamese marks: «Đỗ Thị Hòa» → «do thi hoa»."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _officers(within: Iterable[int], day: int, state: State | None) -> Select[*tuple[Any, ...]]:
    is_here = or_(Officer.valid_until.is_(None), Officer.valid_until > day, Signal.state == State.FLAG.value)
    query = (
        select(
            Officer.id,
            Officer.name,
            Officer.title,
            Officer.unit_id,
            Unit.name.label("unit_name"),
            Signal.state,
            Signal.n,
            Signal.bad,
            Signal.expected_bad,
        )
        .join(Unit, Unit.id == Officer.unit_id)
        .outerjoin(Signal, Signal.officer_id == Officer.id)
        .where(Officer.unit_id.in_(within), is_here)
    )
    if state is State.INSUFFICIENT:
        return query.where(or_(Signal.state == state.value, Signal.state.is_(None)))
    return query if state is None else query.where(Signal.state == state.value)


def _officer_line(row: Row[*tuple[Any, ...]], flag: FlagLine | None) -> OfficerLine:
    n, bad = row.n or 0, row.bad or 0
    low, high = wilson(bad, n)
    return OfficerLine(
        id=row.id,
        name=row.name,
        title=row.title,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        state=State(row.state or State.INSUFFICIENT),
        n=n,
        bad=bad,
        expected_bad=row.expected_bad or 0.0,
        share_low=low,
        share_high=high,
        raised=flag.evidence if flag else None,
        raised_at=flag.changed_at if flag else None,
    )


def _in_order(lines: list[OfficerLine]) -> list[OfficerLine]:
    return sorted(lines, key=lambda line: (plain(line.unit_name), line.unit_id, _given_first(line.name), line.id))


def _found(wanted: str, name: str) -> bool:
    return plain(wanted.strip()) in plain(name)


def _given_first(name: str) -> list[str]:
    return [plain(word) for word in reversed(name.split())]


def _raised(session: Session, officer_ids: list[int]) -> dict[int, FlagLine]:
    """The last change of each officer, which is the one that made the state that he is in."""
    if not officer_ids:
        return {}
    last = select(func.max(Flag.id)).where(Flag.officer_id.in_(officer_ids)).group_by(Flag.officer_id)
    rows = session.scalars(select(Flag).where(Flag.id.in_(last)))
    return {row.officer_id: _line(row) for row in rows}


def _line(row: Flag) -> FlagLine:
    return FlagLine(
        id=row.id,
        was=State(row.was),
        became=State(row.became),
        changed_at=row.changed_at,
        evidence=from_json(row.evidence),
    )
