"""Which reports there are, with their bounds, terms, addressees and letterheads: `config/reports.toml`, by date."""

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Protocol, TypeVar

from survey import resources
from survey.errors import BadDocument
from sync_server.flagging.errors import BadRule
from sync_server.flagging.rules import parse_blocks

KINDS = ("weekly", "monthly", "quarterly", "six_month", "yearly", "first", "baseline", "baseline_now")
SPANS = ("week", "month", "quarter", "half", "year", "start", "free")
NEVER_DUE = -1


class _Dated(Protocol):
    @property
    def effective(self) -> str: ...


T = TypeVar("T", bound=_Dated)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRule:
    """One kind of report, as `config/reports.toml` explains key by key. Terms are in working days."""

    kind: str
    effective: str
    source: str = ""
    span: str = "free"
    cut_day: int = 1
    months: int = 3
    due_before: str = ""
    due_working_days: int = NEVER_DUE
    required: bool = False
    remind_working_days: tuple[int, ...] = ()
    sign_working_days: int = 0

    def __post_init__(self) -> None:
        checks = (
            (self.kind not in KINDS, f"kind: must be one of {', '.join(KINDS)}, not {self.kind!r}"),
            (self.span not in SPANS, f"span: must be one of {', '.join(SPANS)}, not {self.span!r}"),
            (not 1 <= self.cut_day <= 28, f"cut_day: must be a day that every month has, 1 to 28, not {self.cut_day}"),
            (not 1 <= self.months <= 12, f"months: must be 1 to 12, not {self.months}"),
            (
                bool(self.due_before) and not re.fullmatch(r"(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])", self.due_before),
                f"due_before: must be a month and a day like 06-15, not {self.due_before!r}",
            ),
            (self.due_working_days < NEVER_DUE, f"due_working_days: must be -1 or more, not {self.due_working_days}"),
            (
                any(days < 1 for days in self.remind_working_days),
                f"remind_working_days: each must be 1 or more, not {list(self.remind_working_days)}",
            ),
            (self.sign_working_days < 0, f"sign_working_days: must be 0 or more, not {self.sign_working_days}"),
        )
        _raise_faults([fault for is_wrong, fault in checks if is_wrong], self.effective)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is said of small numbers. share_least: ratings that a percentage needs; reason_least: dissatisfied ones."""

    effective: str
    source: str = ""
    share_least: int = 30
    reason_least: int = 5

    def __post_init__(self) -> None:
        _raise_faults([], self.effective)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Who gets a copy, and by way of whom ("" for directly)."""

    name: str
    through: str = ""

    @property
    def words(self) -> str:
        """As it stands after «Kính gửi»."""
        return f"{self.name} (qua {self.through})" if self.through else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """To whom reports of some kinds of unit go. kinds: of which reports; empty for all that no other block names.
    copies: further lines of «Nơi nhận»."""

    effective: str
    source: str = ""
    unit_kinds: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    addressees: tuple[Addressee, ...] = ()
    copies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _raise_faults([] if self.addressees else ["addressees: must name at least one"], self.effective)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """The head and the foot of the page (Nghị định 30/2020/NĐ-CP, Phụ lục I). `{name}`: the unit's, in capitals."""

    effective: str
    source: str = ""
    unit_kinds: tuple[str, ...] = ()
    above: str = ""
    organ: str = "{name}"
    sign: str = "BC"
    speaker: str = "{unit}"
    on_behalf: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        _raise_faults([] if self.sign.strip() else ["sign: must be given, such as BC-UBND"], self.effective)


@dataclass(frozen=True, kw_only=True)
class ReportRules:
    """All of `config/reports.toml`; `…_at` answers what is in force on a day (`date.toordinal()`)."""

    reports: tuple[ReportRule, ...]
    wordings: tuple[Wording, ...]
    recipients: tuple[Recipients, ...]
    letterheads: tuple[Letterhead, ...]
    kinds: tuple[str, ...] = field(default=KINDS)

    def rule_at(self, kind: str, day: int) -> ReportRule:
        """The rule of a kind of report. Raises `BadRule` for a kind that has none."""
        return _in_force(self.reports, day, lambda rule: rule.kind == kind, f"report of kind {kind!r}")

    def wording_at(self, day: int) -> Wording:
        """What is said of small numbers."""
        return _in_force(self.wordings, day, lambda _: True, "wording")

    def recipients_at(self, unit_kind: str, kind: str, day: int) -> Recipients:
        """To whom a unit of this kind sends this kind of report. Raises `BadRule` where nothing is said of it."""
        named = any(unit_kind in one.unit_kinds and kind in one.kinds for one in self.recipients)

        def fits(one: Recipients) -> bool:
            return unit_kind in one.unit_kinds and (kind in one.kinds if named else not one.kinds)

        return _in_force(self.recipients, day, fits, f"recipients for {unit_kind!r}")

    def letterhead_at(self, unit_kind: str, day: int) -> Letterhead:
        """The letterhead of a kind of unit. Raises `BadRule` where nothing is said of it."""
        return _in_force(
            self.letterheads, day, lambda one: unit_kind in one.unit_kinds, f"letterhead for {unit_kind!r}"
        )


@cache
def report_rules() -> ReportRules:
    """The shipped rules, read once in the life of the program. Raises `BadRule` with all faults of a kind."""
    return parse(tomllib.loads((resources.config() / "reports.toml").read_text(encoding="utf-8")))


def parse(document: dict[str, object], *, at: str = "reports.toml") -> ReportRules:
    """The rules in a TOML document. Raises `BadRule` with all faults of a kind."""
    return ReportRules(
        reports=tuple(parse_blocks(ReportRule, document, "report", at=at)),
        wordings=tuple(parse_blocks(Wording, document, "wording", at=at)),
        recipients=tuple(parse_blocks(Recipients, document, "recipients", at=at)),
        letterheads=tuple(parse_blocks(Letterhead, document, "letterhead", at=at)),
    )


def _in_force(versions: Sequence[T], day: int, fits: Callable[[T], bool], what: str) -> T:
    """The newest version in force; before the first one, the first."""
    in_order = sorted(filter(fits, versions), key=lambda version: version.effective)
    if not in_order:
        raise BadRule([f"reports.toml: no {what}; add a block with effective and source"])
    today = date.fromordinal(day).isoformat()
    return next((version for version in reversed(in_order) if version.effective <= today), in_order[0])


def _raise_faults(faults: Iterable[str], effective: str) -> None:
    found = list(faults)
    try:
        date.fromisoformat(effective)
    except ValueError:
        found.append(f"effective: must be a date like 2026-01-05, not {effective!r}")
    if found:
        raise BadDocument(found)
