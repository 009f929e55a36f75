"""The numbers of the rule, with their dates of effect: the `[[flagging]]` blocks of `config/rules.toml`.

A rule changes only on a Monday, when peers are frozen too; a block takes effect on the first Monday on or after
its `effective`. A block that was in force is never edited, since flags name the version that made them.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from survey import codec
from survey.errors import BadDocument
from sync_server.flagging.errors import BadRule

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One version of the numbers (docs/flagging.md). `effective`: ISO date; `prior`: dissatisfied, not satisfied."""

    version: str
    effective: str
    source: str = ""
    prior_weight: float = 50.0
    prior: tuple[float, ...] = (0.03, 0.06)
    tolerance: float = 1.5
    severity: float = 3.0
    floor: float = 0.02
    day_cap: float = 8.0
    half_life_days: float = 22.0
    min_ratings: int = 10
    min_bad: int = 3
    min_bad_days: int = 3
    watch_at: float = 50.0
    watch_off: float = 25.0
    flag_at: float = 1000.0
    min_peers: int = 3
    min_peer_ratings: float = 200.0

    def __post_init__(self) -> None:
        faults = [fault for is_wrong, fault in self._checks() if is_wrong]
        if faults:
            raise BadDocument(faults)

    def _checks(self) -> list[tuple[bool, str]]:
        return [
            (not self.version, "version: must name this set of numbers, since flags refer to it"),
            (not _is_date(self.effective), f"effective: must be a date like 2026-01-05, not '{self.effective}'"),
            (not self.prior_weight > 0, f"prior_weight: must be above 0, not {self.prior_weight}"),
            (
                len(self.prior) != 2 or not all(0 < p < 1 for p in self.prior),
                f"prior: must be two rates between 0 and 1 (dissatisfied, not satisfied), not {list(self.prior)}",
            ),
            (self.tolerance < 1, f"tolerance: must be an odds ratio of at least 1, not {self.tolerance}"),
            (not self.severity > 1, f"severity: must be an odds ratio above 1, not {self.severity}"),
            (not 0 <= self.floor < 1, f"floor: must be a rate from 0 to below 1, not {self.floor}"),
            (self.day_cap < 1, f"day_cap: must be at least 1, not {self.day_cap}"),
            (not self.half_life_days > 0, f"half_life_days: must be above 0, not {self.half_life_days}"),
            (
                not 0 < self.watch_off <= self.watch_at <= self.flag_at,
                "watch_off, watch_at, flag_at: must rise and be above 0, "
                f"not {self.watch_off}, {self.watch_at}, {self.flag_at}",
            ),
        ]

    @property
    def in_force_from(self) -> date:
        """The first Monday on or after `effective`."""
        day = date.fromisoformat(self.effective)
        return day + timedelta(days=-day.weekday() % 7)


RuleAt = Callable[[date], Rule]
"""The rule in force on a day. Within one ISO week it always answers the same."""


class Rules:
    """Versions of the rule in order of time. Call `at(day)`; pass that method where a `RuleAt` is wanted."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.versions = tuple(sorted(rules, key=lambda rule: rule.in_force_from))
        self._from = [rule.in_force_from for rule in self.versions]
        faults: list[str] = []
        if not self.versions:
            faults.append("flagging: no block; add one with version, effective and source")
        names = [rule.version for rule in self.versions]
        faults += [
            f"flagging: version '{name}' is there twice" for name in sorted({n for n in names if names.count(n) > 1})
        ]
        faults += [
            f"flagging: two blocks take effect on Monday {day}; give one another date"
            for day in sorted({d for d in self._from if self._from.count(d) > 1})
        ]
        if faults:
            raise BadRule(faults)

    def at(self, day: date) -> Rule:
        """The rule in force on `day`; before the first one, the first (a past that is replayed needs numbers too)."""
        return self.versions[max(0, bisect_right(self._from, day) - 1)]


def always(rule: Rule) -> RuleAt:
    """One rule for all days: a past replayed under other numbers (*what if*)."""
    return lambda day: rule


def parse_rules(document: Mapping[str, Any], *, at: str = "rules") -> Rules:
    """The rules in the `flagging` blocks of a TOML document. Raises `BadRule` with all faults."""
    return Rules(parse_blocks(Rule, document, "flagging", at=at))


def parse_blocks(kind: type[T], document: Mapping[str, Any], name: str, *, at: str = "rules") -> list[T]:
    """The `[[name]]` blocks of a TOML document, each as a `kind`. Raises `BadRule` with all faults."""
    found: list[T] = []
    faults: list[str] = []
    blocks = document.get(name, [])
    for index, block in enumerate(blocks if isinstance(blocks, list) else [blocks]):
        try:
            found.append(codec.decode(kind, block, at=f"{at}: {name}[{index}]", strict=True))
        except BadDocument as error:
            faults.extend(error.faults)
    if faults:
        raise BadRule(faults)
    return found


def read_rules(file: Path) -> Rules:
    """The rules of `config/rules.toml`. Raises `BadRule` with all faults."""
    return parse_rules(tomllib.loads(file.read_text(encoding="utf-8")), at=file.name)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
