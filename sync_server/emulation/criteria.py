"""By what a commune's year is scored: the dated blocks of `config/emulation.toml`."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from survey import resources
from survey.errors import BadDocument
from sync_server.flagging.errors import BadRule
from sync_server.flagging.rules import parse_blocks

MEASURES = ("satisfied", "coverage", "reports", "cases", "opinions", "rollout")
LANGUAGES = ("vi", "en")
WHOLE = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion. weight: its most points; zero, full: shares that give none and all; measure: "" for none."""

    id: str
    effective: str
    source: str
    weight: float
    words: Mapping[str, str]
    about: Mapping[str, str] = field(default_factory=dict)
    measure: str = ""
    zero: float = 0.0
    full: float = 1.0
    min_n: int = 1

    def __post_init__(self) -> None:
        checks = (
            (self.weight < 0, f"weight: must be 0 or more, not {self.weight}"),
            (
                bool(self.measure) and self.measure not in MEASURES,
                f"measure: must be one of {', '.join(MEASURES)} or left out, not {self.measure!r}",
            ),
            (
                not 0 <= self.zero < self.full <= 1,
                f"zero, full: must be 0 <= zero < full <= 1, not {self.zero}, {self.full}",
            ),
            (self.min_n < 1, f"min_n: must be 1 or more, not {self.min_n}"),
            *((not self.words.get(code), f"words.{code}: is missing") for code in LANGUAGES),
        )
        raise_faults([fault for is_wrong, fault in checks if is_wrong], self.effective)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tt01Rule:
    """The numbers of Thông tư 01/2018/TT-VPCP. officer_full_from: points from which all work counts as done."""

    effective: str
    source: str
    officer_indicators: tuple[int, ...]
    body_indicators: tuple[int, ...]
    points_max: int
    officer_full_from: float

    def __post_init__(self) -> None:
        faults = [
            f"{name}: must be different numbers of 1 or more, not {list(numbers)}"
            for name, numbers in (
                ("officer_indicators", self.officer_indicators),
                ("body_indicators", self.body_indicators),
            )
            if not numbers or len(set(numbers)) != len(numbers) or min(numbers) < 1
        ]
        if self.points_max < 1:
            faults.append(f"points_max: must be 1 or more, not {self.points_max}")
        raise_faults(faults, self.effective)


def raise_faults(faults: list[str], effective: str) -> None:
    """Raises `BadDocument` with these, and with what is wrong with a date of effect."""
    try:
        date.fromisoformat(effective)
    except ValueError:
        faults = [*faults, f"effective: must be a date like 2026-01-05, not '{effective}'"]
    if faults:
        raise BadDocument(faults)


def criteria_of(all_criteria: Sequence[Criterion], year: int) -> tuple[Criterion, ...]:
    """The criteria of a year: those in force on its last day, in the file's order.

    Raises `BadRule` where their weights do not make 100: a sheet with another whole could not be compared.
    """
    last = date(year, 12, 31)
    newest: dict[str, Criterion] = {}
    for criterion in all_criteria:
        begun = date.fromisoformat(criterion.effective) <= last
        if begun and (criterion.id not in newest or newest[criterion.id].effective <= criterion.effective):
            newest[criterion.id] = criterion
    found = tuple(criterion for criterion in newest.values() if criterion.weight > 0)
    whole = sum(criterion.weight for criterion in found)
    if found and abs(whole - WHOLE) > 1e-9:
        raise BadRule([f"emulation.toml: the weights of {year} make {whole:g}, not 100; change them together"])
    return found


@cache
def shipped() -> tuple[Criterion, ...]:
    """The shipped criteria of all years, read once in the life of the program. Raises `BadRule` with all faults."""
    return tuple(parse_blocks(Criterion, _document(), "criterion", at="emulation.toml"))


@cache
def tt01_rule() -> Tt01Rule:
    """The newest rule of the circular. Raises `BadRule` with all faults, or when there is none."""
    blocks = parse_blocks(Tt01Rule, _document(), "tt01", at="emulation.toml")
    if not blocks:
        raise BadRule(["emulation.toml: tt01: no block; add one with effective and source"])
    return max(blocks, key=lambda block: block.effective)


def _document() -> dict[str, object]:
    return tomllib.loads((resources.config() / "emulation.toml").read_text(encoding="utf-8"))
