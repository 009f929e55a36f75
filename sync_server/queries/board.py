"""The public board of a unit: what was changed after citizens' words. Never an officer, a case number or a citizen."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.setup import Slogan
from sync_server.casework.record import name_of
from sync_server.casework.steps import Tell
from sync_server.errors import NotFound
from sync_server.models.casework import CaseAct, CaseFile
from sync_server.models.organisation import Unit
from sync_server.queries.setup import line_of_units, shipped_texts
from sync_server.queries.units import DEEPEST, subtree
from sync_server.shown import merged

ENTRIES_MAX = 30
_TELL = name_of(Tell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What was changed, in the words that were released, and when they were (ms UTC)."""

    told_at: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A unit's board; hotline: its own, or that of the nearest unit above."""

    unit_id: int
    unit: str
    hotline: str
    entries: tuple[Entry, ...]


def of_unit(session: Session, unit_id: int) -> Board:
    """The board of a unit and all below it, the latest first. Raises `NotFound`."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound(f"there is no unit {unit_id}")
    return Board(unit_id=unit_id, unit=unit.name, hotline=_hotline(session, unit), entries=_entries(session, unit_id))


def slogans(session: Session, unit_id: int) -> tuple[Slogan, ...]:
    """The slogans that the unit's kiosks show: its own, else those of the units above, else the plan's."""
    shown = merged([each.shown for each in line_of_units(session, unit_id)])
    return shown.slogans if shown.slogans is not None else shipped_texts().slogans or ()


def _entries(session: Session, unit_id: int) -> tuple[Entry, ...]:
    """Of a case that was told twice (it was opened again) the last words stand; the same words stand once."""
    rows = session.execute(
        select(CaseAct.case_id, CaseAct.at, CaseAct.content)
        .join(CaseFile, CaseFile.id == CaseAct.case_id)
        .where(CaseAct.kind == _TELL, CaseFile.unit_id.in_(subtree(session, unit_id)))
        .order_by(CaseAct.at.desc(), CaseAct.case_id, CaseAct.number.desc())
    )
    found: dict[int, Entry | None] = {}
    for case_id, at, content in rows:
        text = str(content.get("public") or "")
        found.setdefault(case_id, Entry(told_at=at, text=text) if content.get("on_board") and text else None)
    return latest_once(entry for entry in found.values() if entry is not None)[:ENTRIES_MAX]


def latest_once(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries, the latest first; of the same words only the latest."""
    newest: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda each: each.told_at, reverse=True):
        newest.setdefault(entry.text, entry)
    return tuple(newest.values())


def _hotline(session: Session, unit: Unit) -> str:
    for _ in range(DEEPEST):
        above = None if unit.hotline or unit.parent_id is None else session.get(Unit, unit.parent_id)
        if above is None:
            break
        unit = above
    return unit.hotline
