"""Give points on a commune's sheet, and close it for good."""

import hmac
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from sync_server.emulation.criteria import criteria_of, shipped
from sync_server.emulation.sheet import Given, Line, Sheet, Side, Total, faults
from sync_server.errors import NotFound, Refused
from sync_server.models.emulation import EmulationPoints, EmulationSheet
from sync_server.models.organisation import Unit
from sync_server.office import Office
from sync_server.queries import emulation as queries
from sync_server.queries.rollout import TRACKED

NOTE_MAX = 2000


def give(
    session: Session,
    office: Office,
    unit_id: int,
    year: int,
    criterion_id: str,
    side: Side,
    new: Given,
    *,
    made_by: int | None,
    now: int,
) -> None:
    """Add one side's points; what it gave before stays readable.

    Raises `NotFound` for a unit or criterion that is none, `Refused` with all faults of `emulation.sheet.faults`, or
    when the sheet is closed.
    """
    _must_be_open(session, unit_id, year)
    kept = Given(points=new.points, note=new.note.strip()[:NOTE_MAX])
    line = line_of(queries.sheet_of(session, office, unit_id, year), criterion_id)
    found = faults(line, side, kept)
    if found:
        raise Refused(f"{criterion_id}: " + "; ".join(found))
    session.add(
        EmulationPoints(
            unit_id=unit_id,
            year=year,
            criterion=criterion_id,
            side=side.value,
            points=kept.points,
            note=kept.note,
            made_at=now,
            made_by=made_by,
        )
    )


def close(session: Session, office: Office, unit_id: int, year: int, *, closed_by: int | None, now: int) -> None:
    """Close a sheet with all that stands on it, measures included: late data change it no more.

    Raises `Refused` before the year's last month, while anything lacks, and when it is closed already.
    """
    _must_be_open(session, unit_id, year)
    if office.day(now) < date(year, 12, 1).toordinal():
        raise Refused(f"the year {year} goes on until December; close its sheet then")
    whole = queries.sheet_of(session, office, unit_id, year)
    if not whole.is_complete:
        raise Refused("some criteria lack points of the commune or of those who verify; give them first")
    for line in whole.lines:
        own, verified = line.given[Side.SELF], line.given[Side.VERIFIED]
        if own.points != verified.points and not verified.note:
            raise Refused(f"{line.criterion.id}: the points differ without a reason; write it in the note")
    figures = frozen(whole)
    session.add(
        EmulationSheet(
            unit_id=unit_id,
            year=year,
            figures=figures,
            seal=seal(office, unit_id, year, figures),
            closed_at=now,
            closed_by=closed_by,
        )
    )


def line_of(whole: Sheet, criterion_id: str) -> Line:
    """The line of a criterion. Raises `NotFound`."""
    for line in whole.lines:
        if line.criterion.id == criterion_id:
            return line
    raise NotFound(f"there is no criterion {criterion_id!r} this year")


def is_intact(office: Office, unit_id: int, year: int, kept: queries.Closed) -> bool:
    """Whether a closed sheet is as it was closed."""
    return hmac.compare_digest(seal(office, unit_id, year, kept.figures), kept.seal)


def seal(office: Office, unit_id: int, year: int, figures: Mapping[str, Any]) -> bytes:
    """HMAC of a sheet under the server's secret."""
    content = json.dumps([unit_id, year, figures], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(office.seals.derived("emulation"), content.encode(), "sha256")


def frozen(whole: Sheet) -> dict[str, Any]:
    """All that stands on a sheet, as plain values, to be kept and printed."""
    return {
        "lines": [_frozen_line(line) for line in whole.lines],
        **{side.value: _frozen_total(whole.total(side)) for side in Side},
    }


def _frozen_line(line: Line) -> dict[str, Any]:
    proposal = line.proposal
    return {
        "id": line.criterion.id,
        "words": dict(line.criterion.words),
        "weight": line.criterion.weight,
        "source": line.criterion.source,
        "measured": None
        if proposal is None
        else {
            "k": proposal.measured.k,
            "n": proposal.measured.n,
            "low": round(proposal.low, 4),
            "high": round(proposal.high, 4),
            "points": proposal.points,
        },
        "given": {side.value: {"points": given.points, "note": given.note} for side, given in line.given.items()},
    }


def _frozen_total(total: Total) -> dict[str, Any]:
    return {"points": total.points, "of": total.of, "hundred": total.hundred}


def _must_be_open(session: Session, unit_id: int, year: int) -> None:
    unit = session.get(Unit, unit_id)
    if unit is None or unit.kind not in TRACKED:
        raise NotFound(f"there is no commune or ward {unit_id}")
    if not criteria_of(shipped(), year):
        raise NotFound(f"there are no criteria for {year} in config/emulation.toml")
    if session.get(EmulationSheet, (unit_id, year)) is not None:
        raise Refused(f"the sheet of {year} is closed; it is changed no more")
