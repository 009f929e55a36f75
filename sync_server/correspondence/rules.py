"""Terms and signs of letters: `config/letters.toml`, by date."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Protocol, TypeVar

from survey import resources
from survey.errors import BadDocument
from sync_server.correspondence.kinds import KINDS
from sync_server.flagging.errors import BadRule
from sync_server.flagging.rules import parse_blocks


class _Dated(Protocol):
    @property
    def effective(self) -> str: ...


T = TypeVar("T", bound=_Dated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """When a dossier may still get a new date. notice_days: so long before it is due; at_most: how often in all."""

    effective: str
    source: str = ""
    notice_days: int = 1
    at_most: int = 1

    def __post_init__(self) -> None:
        faults = [] if self.notice_days >= 0 else [f"notice_days: must be 0 or more, not {self.notice_days}"]
        if self.at_most < 1:
            faults.append(f"at_most: must be 1 or more, not {self.at_most}")
        _raise_faults(faults, self.effective)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRule:
    """A kind of letter. code: what its sign begins with."""

    kind: str
    effective: str
    source: str = ""
    code: str = "T"

    def __post_init__(self) -> None:
        faults = [] if self.kind in KINDS else [f"kind: must be one of {', '.join(KINDS)}, not {self.kind!r}"]
        if not self.code.strip():
            faults.append("code: must be given, such as TXL")
        _raise_faults(faults, self.effective)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRules:
    """All of `config/letters.toml`; `…_at` answers what is in force on a day (`date.toordinal()`)."""

    extensions: tuple[Extension, ...]
    letters: tuple[LetterRule, ...]

    def extension_at(self, day: int) -> Extension:
        """The terms of new dates."""
        return _in_force(self.extensions, day, "extension")

    def code_at(self, kind: str, day: int) -> str:
        """What the sign of a kind of letter begins with. Raises `BadRule` for a kind that has none."""
        return _in_force([one for one in self.letters if one.kind == kind], day, f"letter of kind {kind!r}").code


@cache
def letter_rules() -> LetterRules:
    """The shipped rules, read once in the life of the program. Raises `BadRule` with all faults of a kind."""
    return parse(tomllib.loads((resources.config() / "letters.toml").read_text(encoding="utf-8")))


def parse(document: dict[str, object], *, at: str = "letters.toml") -> LetterRules:
    """The rules in a TOML document. Raises `BadRule` with all faults of a kind."""
    return LetterRules(
        extensions=tuple(parse_blocks(Extension, document, "extension", at=at)),
        letters=tuple(parse_blocks(LetterRule, document, "letter", at=at)),
    )


def _in_force(versions: Sequence[T], day: int, what: str) -> T:
    """The newest version in force; before the first one, the first."""
    in_order = sorted(versions, key=lambda version: version.effective)
    if not in_order:
        raise BadRule([f"letters.toml: no {what}; add a block with effective and source"])
    today = date.fromordinal(day).isoformat()
    return next((version for version in reversed(in_order) if version.effective <= today), in_order[0])


def _raise_faults(faults: list[str], effective: str) -> None:
    try:
        date.fromisoformat(effective)
    except ValueError:
        faults = [*faults, f"effective: must be a date like 2026-01-05, not {effective!r}"]
    if faults:
        raise BadDocument(faults)
