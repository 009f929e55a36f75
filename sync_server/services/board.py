"""Decide what a unit's public board says."""

from sqlalchemy.orm import Session

from sync_server.announcing.rules import PERIODS
from sync_server.errors import Refused
from sync_server.models.board import BoardSetting


def decide(session: Session, unit_id: int, *, figures_public: bool, period: str, made_by: int | None, now: int) -> None:
    """Add a decision; the newest counts. Raises `Refused` for a period that is none."""
    if period not in PERIODS:
        raise Refused(f"{period!r} is no period of the board; take one of {', '.join(PERIODS)}")
    session.add(
        BoardSetting(unit_id=unit_id, figures_public=figures_public, period=period, made_at=now, made_by=made_by)
    )
