"""An observers' kiosk: what its setup has of its own. It is known by `observer` among the kiosk's settings."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from survey import setup
from survey.rating import SOURCES
from sync_server.models.kiosk import Kiosk
from sync_server.models.people import Staff
from sync_server.models.survey import SurveyRound
from sync_server.queries.rounds import round_of

SOURCE = SOURCES.index("observer")
SETTING = "observer"
HEAD_TITLES = ("chủ tịch", "bí thư", "trưởng phòng", "giám đốc")
"""How the title of the head of a commune, of its Party committee or of an office begins; deputies begin with «Phó»."""


def made_by_observers(column: Any, *, are_theirs: bool = True) -> ColumnElement[bool]:
    """The condition that an account named in a column is, or is not, an observer's; nobody's is not."""
    theirs = select(Staff.id).where(Staff.role == "observer")
    return column.in_(theirs) if are_theirs else or_(column.is_(None), column.not_in(theirs))


def is_observers(kiosk: Kiosk) -> bool:
    """Whether an observer enrolled this kiosk."""
    return bool(kiosk.settings.get(SETTING))


def for_observers(session: Session, made: setup.Setup, kiosk: Kiosk, day: int) -> setup.Setup:
    """The setup of an observers' kiosk: at no counter, open at all hours, everybody to choose from, the head first.

    Whose survey it is is said by the name of the round in force; while there is none, by the kiosk's own name.
    """
    found = round_of(session, kiosk.unit_id, day, SOURCE)
    name = session.get_one(SurveyRound, found.id).name if found is not None else kiosk.name
    heads = heads_named(session, kiosk.unit_id)
    officers = [
        replace(each, title=f"Người đứng đầu · {each.title}") if is_head(each.name, each.title, heads) else each
        for each in made.officers
    ]
    officers.sort(key=lambda each: not each.title.startswith("Người đứng đầu · "))
    return replace(
        made,
        counter=None,
        duty=(),
        officers=tuple(officers),
        behaviour=replace(made.behaviour, observer=name, home_visits=False, opening_hours={}),
    )


def heads_named(session: Session, unit_id: int) -> frozenset[str]:
    """The names of those who sign in as head of a unit."""
    rows = session.scalars(
        select(Staff.name).where(Staff.role == "head", Staff.unit_id == unit_id, Staff.closed_at.is_(None))
    )
    return frozenset(_plain(name) for name in rows)


def is_head(name: str, title: str, heads: frozenset[str]) -> bool:
    """Whether an officer is the head: by title, or by the name of the head's account."""
    return title.casefold().startswith(HEAD_TITLES) or _plain(name) in heads


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
