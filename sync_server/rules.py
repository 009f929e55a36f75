"""What is counted: the dated `[[counting]]` blocks of `config/rules.toml`."""

import tomllib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from survey import resources
from survey.errors import BadDocument
from sync_server.flagging.errors import BadRule
from sync_server.flagging.rules import parse_blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingRule:
    """What is counted (docs/flagging.md, What it must handle, 3 and 6). `effective`: ISO date; units in the names."""

    effective: str
    source: str = ""
    burst_gap_s: int = 30
    out_of_hours_grace_min: int = 15
    future_tolerance_min: int = 10
    bounded_span_max_min: int = 720
    outage_days_max: int = 7

    def __post_init__(self) -> None:
        faults = _date_faults(self.effective)
        for name in (
            "burst_gap_s", "out_of_hours_grace_min", "future_tolerance_min", "bounded_span_max_min", "outage_days_max"
        ):  # fmt: skip
            if getattr(self, name) < 0:
                faults.append(f"{name}: must be 0 or more, not {getattr(self, name)}")
        if faults:
            raise BadDocument(faults)


class CountingRules:
    """Versions of the rule in order of their dates of effect; there is at least one."""

    def __init__(self, rules: Sequence[CountingRule]) -> None:
        if not rules:
            raise BadRule(["counting: no block; add one with effective and source"])
        self.versions = tuple(sorted(rules, key=lambda rule: rule.effective))
        self._from = [date.fromisoformat(rule.effective).toordinal() for rule in self.versions]

    def at(self, day: int) -> CountingRule:
        """The rule in force on a day (`date.toordinal()`); before the first one, the first."""
        return self.versions[max(0, bisect_right(self._from, day) - 1)]


@cache
def counting_rules() -> CountingRules:
    """The shipped rules of counting, read once in the life of the program. Raises `BadRule` with all faults."""
    document = tomllib.loads((resources.config() / "rules.toml").read_text(encoding="utf-8"))
    return CountingRules(parse_blocks(CountingRule, document, "counting", at="rules.toml"))


def _date_faults(text: str) -> list[str]:
    try:
        date.fromisoformat(text)
    except ValueError:
        return [f"effective: must be a date like 2026-01-05, not '{text}'"]
    return []
