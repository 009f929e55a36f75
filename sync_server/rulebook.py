"""The numbers that flagging goes by, as shipped in `config/`: versions of the rule, and the scales of faces."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TypeVar

from survey import resources
from survey.questionnaire import Scale, read_scales
from sync_server.flagging.errors import BadRule
from sync_server.flagging.integrity import IntegrityRule
from sync_server.flagging.rules import Rules, parse_blocks, parse_rules
from sync_server.flagging.standard import UnitStandard

T = TypeVar("T", UnitStandard, IntegrityRule)


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """rules: by date of effect; `rules.at` is the rule of a day. scales: by id. standards, integrity: at least one."""

    rules: Rules
    scales: Mapping[str, Scale]
    standards: tuple[UnitStandard, ...]
    integrity: tuple[IntegrityRule, ...]

    def standard_at(self, day: date) -> UnitStandard:
        """The standard of units in force on a day; before the first one, the first."""
        return _in_force(self.standards, day)

    def integrity_at(self, day: date) -> IntegrityRule:
        """When an integrity alert is raised, by the rule in force on a day; before the first one, the first."""
        return _in_force(self.integrity, day)


@cache
def rulebook() -> Rulebook:
    """The shipped rulebook, read once in the life of the program. Raises `BadRule` with all faults of a kind."""
    folder = resources.config()
    document = tomllib.loads((folder / "rules.toml").read_text(encoding="utf-8"))
    standards = parse_blocks(UnitStandard, document, "unit_standard", at="rules.toml")
    integrity = parse_blocks(IntegrityRule, document, "integrity", at="rules.toml")
    missing = [name for name, blocks in (("unit_standard", standards), ("integrity", integrity)) if not blocks]
    if missing:
        raise BadRule([f"rules.toml: {name}: no block; add one with effective and source" for name in missing])
    return Rulebook(
        rules=parse_rules(document, at="rules.toml"),
        scales=read_scales(folder / "scales.toml"),
        standards=tuple(standards),
        integrity=tuple(integrity),
    )


def _in_force(versions: Sequence[T], day: date) -> T:
    in_order = sorted(versions, key=lambda version: version.effective)
    begun = [version for version in in_order if date.fromisoformat(version.effective) <= day]
    return begun[-1] if begun else in_order[0]
