"""What a unit's public board may say: the dated `[[board]]` blocks of `config/board.toml`, and its periods."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache

from survey import resources
from survey.errors import BadDocument
from sync_server.flagging.errors import BadRule
from sync_server.flagging.rules import parse_blocks

PERIODS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
"""Kinds of periods and their months."""
ROMAN = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRule:
    """One version of the rule, as the file explains key by key."""

    effective: str
    source: str = ""
    figures_public: bool = True
    period: str = "quarter"
    min_ratings: int = 30
    min_officers: int = 3
    min_others: int = 10
    script_words_max: int = 185

    def __post_init__(self) -> None:
        faults = [
            f"{name}: must be 1 or more, not {getattr(self, name)}"
            for name in ("min_ratings", "min_officers", "min_others", "script_words_max")
            if getattr(self, name) < 1
        ]
        if self.period not in PERIODS:
            faults.append(f"period: must be one of {', '.join(PERIODS)}, not {self.period!r}")
        try:
            date.fromisoformat(self.effective)
        except ValueError:
            faults.append(f"effective: must be a date like 2026-01-05, not '{self.effective}'")
        if faults:
            raise BadDocument(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The last whole period of a kind, from day `first` to before day `until` (ordinals). number: of it in the year."""

    kind: str
    year: int
    number: int
    first: int
    until: int


def last_whole(kind: str, today: int) -> Span:
    """The last period of a kind that was over before day `today` (an ordinal)."""
    months, now = PERIODS[kind], date.fromordinal(today)
    begun = (now.month - 1) // months * months  # months of this year before the running period
    year, before = (now.year, begun - months) if begun else (now.year - 1, 12 - months)
    after = before + months
    return Span(
        kind=kind,
        year=year,
        number=before // months + 1,
        first=date(year, before + 1, 1).toordinal(),
        until=date(year + after // 12, after % 12 + 1, 1).toordinal(),
    )


def rule_at(day: int) -> BoardRule:
    """The rule in force on a day (`date.toordinal()`); before the first one, the first."""
    today = date.fromordinal(day).isoformat()
    return next((rule for rule in reversed(_versions()) if rule.effective <= today), _versions()[0])


@cache
def _versions() -> tuple[BoardRule, ...]:
    document = tomllib.loads((resources.config() / "board.toml").read_text(encoding="utf-8"))
    blocks = parse_blocks(BoardRule, document, "board", at="board.toml")
    if not blocks:
        raise BadRule(["board.toml: board: no block; add one with effective and source"])
    return tuple(sorted(blocks, key=lambda rule: rule.effective))
