"""How many working days each step of a case has: the `[[case]]` blocks of `config/rules.toml`."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache

from survey import resources
from survey.errors import BadDocument
from sync_server.casework.steps import State
from sync_server.casework.workdays import WorkCalendar
from sync_server.flagging.rules import parse_blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRule:
    """One version of the terms, in working days. `effective`: ISO date."""

    effective: str
    source: str = ""
    take_up_days: int = 2
    explanation_days: int = 5
    verification_days: int = 10
    measure_days: int = 5
    telling_days: int = 5
    closing_days: int = 5
    second_person_days: int = 3
    remind_before_days: int = 1

    def __post_init__(self) -> None:
        faults = [f"{name}: must be 1 or more, not {days}" for name, days in self._terms().items() if days < 1]
        try:
            date.fromisoformat(self.effective)
        except ValueError:
            faults.append(f"effective: must be a date like 2026-01-05, not '{self.effective}'")
        if faults:
            raise BadDocument(faults)

    def _terms(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__ if name.endswith("_days")}

    def term(self, state: State) -> int | None:
        """The working days that a case may wait in a state; None where it waits for nothing."""
        return {
            State.OPENED: self.take_up_days,
            State.EXPLANATION: self.explanation_days,
            State.VERIFICATION: self.verification_days,
            State.MEASURE: self.measure_days,
            State.TELLING: self.telling_days,
            State.CLOSING: self.closing_days,
            State.UNFOUNDED: self.second_person_days,
        }.get(state)


def due_day(state: State, today: int, rule: CaseRule, calendar: WorkCalendar) -> int | None:
    """The ordinal of the day by which a case that enters `state` today must leave it."""
    term = rule.term(state)
    return None if term is None else calendar.after(date.fromordinal(today), term).toordinal()


@cache
def _versions() -> tuple[CaseRule, ...]:
    document = tomllib.loads((resources.config() / "rules.toml").read_text(encoding="utf-8"))
    return tuple(sorted(parse_blocks(CaseRule, document, "case", at="rules.toml"), key=lambda rule: rule.effective))


def rule_at(day: int) -> CaseRule:
    """The shipped terms in force on a day (`date.toordinal()`); before the first ones, the first."""
    today = date.fromordinal(day).isoformat()
    return next((rule for rule in reversed(_versions()) if rule.effective <= today), _versions()[0])
