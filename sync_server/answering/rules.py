"""Which way an opinion goes, who may read it, and how many working days it has: `config/opinions.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from survey import resources
from survey.errors import BadDocument
from sync_server.casework.workdays import public_calendar
from sync_server.flagging.rules import parse_blocks

KEYED, RECEIVED, ASSIGNED, ANSWERED, CLOSED, DROPPED = "keyed", "received", "assigned", "answered", "closed", "dropped"
NEXT: Mapping[str, tuple[str, ...]] = {
    KEYED: (RECEIVED, DROPPED),
    RECEIVED: (ASSIGNED, ANSWERED, CLOSED),
    ASSIGNED: (ASSIGNED, ANSWERED, CLOSED),
    ANSWERED: (ANSWERED, CLOSED),
    CLOSED: (),
    DROPPED: (),
}
"""State → those that may follow. Keyed in: waits for a second person; dropped: that person found it wrong."""
OPEN = (RECEIVED, ASSIGNED)
"""The states in which an opinion waits for its answer."""
READERS = ("town_staff", "inspector")
"""Who reads the words of comments that came with a rating: not the head, who sees the officer every day
(docs/domain.md: retaliation), nor officers. The head reads what these released."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionRule:
    """One version of the terms, in working days. `effective`: ISO date."""

    effective: str
    source: str = ""
    answer_days: int = 10

    def __post_init__(self) -> None:
        faults = [] if self.answer_days >= 1 else [f"answer_days: must be 1 or more, not {self.answer_days}"]
        try:
            date.fromisoformat(self.effective)
        except ValueError:
            faults.append(f"effective: must be a date like 2026-01-05, not '{self.effective}'")
        if faults:
            raise BadDocument(faults)


@cache
def _versions() -> tuple[OpinionRule, ...]:
    document = tomllib.loads((resources.config() / "opinions.toml").read_text(encoding="utf-8"))
    found = parse_blocks(OpinionRule, document, "opinion", at="opinions.toml")
    return tuple(sorted(found, key=lambda rule: rule.effective))


def rule_at(day: int) -> OpinionRule:
    """The terms in force on a day (`date.toordinal()`); before the first ones, the first."""
    today = date.fromordinal(day).isoformat()
    return next((rule for rule in reversed(_versions()) if rule.effective <= today), _versions()[0])


def due_day(day: int) -> int:
    """The ordinal of the day by which an opinion that is taken up on `day` must be answered."""
    return public_calendar().after(date.fromordinal(day), rule_at(day).answer_days).toordinal()


def may_follow(state: str, wanted: str) -> bool:
    """Whether an opinion may go from one state to the other."""
    return wanted in NEXT.get(state, ())


def reads_words(role: str, *, is_comment: bool, inspectors_only: bool) -> bool:
    """Whether a role may read the citizen's own words. Being asked for money is for inspectors only."""
    if inspectors_only:
        return role == "inspector"
    return role in READERS or (role == "head" and not is_comment)
