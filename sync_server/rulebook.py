"""The numbers that flagging goes by, as shipped in `config/`: versions of the rule, and the scales of faces."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from survey import resources
from survey.questionnaire import Scale, read_scales
from sync_server.flagging.rules import Rules, read_rules


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """rules: by date of effect; `rules.at` is the rule of a day. scales: by id."""

    rules: Rules
    scales: Mapping[str, Scale]


@cache
def rulebook() -> Rulebook:
    """The shipped rulebook, read once in the life of the program."""
    folder = resources.config()
    return Rulebook(rules=read_rules(folder / "rules.toml"), scales=read_scales(folder / "scales.toml"))
