"""Who may see a case, and who may do which step of it: one table for the pages, the home page and the reminders."""

from collections.abc import Mapping
from dataclasses import dataclass

from sync_server.casework import steps
from sync_server.casework.steps import Act, Case, State

HANDLING = ("town_staff", "head", "inspector")
"""The roles that see cases with names."""
MONEY = "asked_for_money"
"""The reason that only inspectors hear of, whichever case it stands in (docs/domain.md, Wording)."""
VERIFYING = ("town_staff", "inspector")
"""The roles that see single ratings and comments. Not the head, who sees the officer every day and is tempted to tell
(docs/domain.md: retaliation)."""

MAY: Mapping[type[Act], tuple[str, ...]] = {
    steps.TakeUp: HANDLING,
    steps.Explain: ("officer",),
    steps.NoExplanation: HANDLING,
    steps.AskOfficer: VERIFYING,
    steps.Verify: VERIFYING,
    steps.Decide: ("town_staff", "head"),
    steps.ProposeUnfounded: HANDLING,
    steps.AgreeUnfounded: HANDLING,
    steps.DisagreeUnfounded: HANDLING,
    steps.Tell: HANDLING,
    steps.Close: HANDLING,
    steps.Reopen: VERIFYING,
}
"""Which roles may do which act. A case for inspectors only is done by inspectors from its opening to its end."""

FIRST: Mapping[State, str] = {
    State.OPENED: "head",
    State.EXPLANATION: "officer",
    State.VERIFICATION: "inspector",
    State.MEASURE: "head",
    State.UNFOUNDED: "inspector",
    State.TELLING: "head",
    State.CLOSING: "head",
}
"""Whose turn it is first, and who is reminded; whoever else may do the step may do it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is signed in. units: those within the role's reach; officer_id: who they are when they are rated."""

    staff_id: int
    role: str
    units: frozenset[int]
    officer_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a case belongs, which no act changes."""

    officer_id: int
    unit_id: int
    inspectors_only: bool


def sees(person: Person, place: Place) -> bool:
    """Whether somebody may open a case with all its notes. The officer has a page of its own instead."""
    if place.inspectors_only:
        return person.role == "inspector" and place.unit_id in person.units
    return person.role in HANDLING and place.unit_id in person.units


def verifies(person: Person, place: Place) -> bool:
    """Whether somebody may see the single ratings behind a case."""
    return person.role in VERIFYING and sees(person, place)


def may(person: Person, place: Place, kind: type[Act], case: Case) -> bool:
    """Whether somebody may try this act. The steps themselves say whether it fits the case."""
    if kind is steps.Explain:
        if person.role == "officer":
            return person.officer_id == place.officer_id and case.officer_hears
        return sees(person, place) and not case.officer_staff  # on paper, for somebody who has no account
    return sees(person, place) and (place.inspectors_only or person.role in MAY[kind])


def next_steps(person: Person, place: Place, case: Case, today: int) -> list[type[Act]]:
    """What somebody may do now, the usual first; nothing that would be refused whatever they wrote."""
    return [
        kind
        for kind in steps.POSSIBLE[case.state]
        if may(person, place, kind, case) and _fits(person, case, kind, today)
    ]


def first_role(place: Place, state: State) -> str | None:
    """Whose turn it is in a state; None for a closed case."""
    role = FIRST.get(state)
    return "inspector" if place.inspectors_only and role not in (None, "officer") else role


def _fits(person: Person, case: Case, kind: type[Act], today: int) -> bool:
    if kind is steps.NoExplanation:
        return case.due is not None and today > case.due
    if kind is steps.ProposeUnfounded:
        return case.finding is steps.Finding.UNTRUE
    if kind in (steps.AgreeUnfounded, steps.DisagreeUnfounded):
        return person.staff_id != case.proposed_by
    return person.staff_id not in case.officer_staff or kind is steps.Explain
