"""The numbers that flagging goes by, as shipped in `config/`: versions of the rule, and the scales of faces."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from survey import resources
from survey.questionnaire import Scale, read_scales
from sync_server.flagging.errors import BadRule
from sync_server.flagging.rules import Rules, parse_blocks, parse_rules
from sync_server.flagging.standard import UnitStandard


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """rules: by date of effect; `rules.at` is the rule of a day. scales: by id. standards: of units, at least one."""

    rules: Rules
    scales: Mapping[str, Scale]
    standards: tuple[UnitStandard, ...]

    def standard_at(self, day: date) -> UnitStandard:
        """The standard of units in force on a day; before the first one, the first."""
        in_order = sorted(self.standards, key=lambda standard: standard.effective)
        begun = [standard for standard in in_order if date.fromisoformat(standard.effective) <= day]
        return begun[-1] if begun else in_order[0]


@cache
def rulebook() -> Rulebook:
    """The shipped rulebook, read once in the life of the program. Raises `BadRule` with all faults of a kind."""
    folder = resources.config()
    document = tomllib.loads((folder / "rules.toml").read_text(encoding="utf-8"))
    standards = parse_blocks(UnitStandard, document, "unit_standard", at="rules.toml")
    if not standards:
        raise BadRule(["rules.toml: unit_standard: no block; add one with effective, source and share"])
    return Rulebook(
        rules=parse_rules(document, at="rules.toml"),
        scales=read_scales(folder / "scales.toml"),
        standards=tuple(standards),
    )
