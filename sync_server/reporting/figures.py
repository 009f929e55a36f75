"""The figures of a report: values that are frozen when it is signed, and their hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from survey import codec
from survey.questionnaire import FACES

ELECTRONIC = ("kiosk", "phone", "home")
"""Sources that are counted together. Opinions on paper, of the box and of observers' rounds stand apart: other people
give them in another way (`survey.rating.SOURCES`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Counted ratings. faces: a number for each of `survey.questionnaire.FACES`, the worst first. dissatisfied,
    not_satisfied: the narrow and the wide bad set of their scales. slips: issued; null where that is not known."""

    n: int = 0
    faces: tuple[int, ...] = (0,) * len(FACES)
    dissatisfied: int = 0
    not_satisfied: int = 0
    with_dossier: int = 0
    slips: int | None = None

    @property
    def satisfied(self) -> int:
        """Those who said they were satisfied, or very."""
        return self.n - self.not_satisfied

    @property
    def neutral(self) -> int:
        """Those in between, where a scale has such a level."""
        return self.not_satisfied - self.dissatisfied


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The count of a thing with a name. under: the field of a procedure."""

    name: str
    under: str = ""
    count: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDay:
    """The count of the day, week or month that begins on day `first` (an ordinal)."""

    first: int
    count: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How often a reason was given with a dissatisfied rating; service: of one procedure, "" for all together."""

    words: str
    law: str
    n: int
    service: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCount:
    """Cases opened in the period, as they stand at the making of the figures; measures by `casework.steps.Measure`.
    Complaints that only inspectors may know of are not in them."""

    opened: int = 0
    closed: int = 0
    waiting: int = 0
    overdue: int = 0
    told: int = 0
    true: int = 0
    partly: int = 0
    untrue: int = 0
    measures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Another span of the same units, to compare with. kind: before | year_before | baseline. since: the first day
    with a rating at all, where that lies within it: numbers of ratings cannot be compared then."""

    kind: str
    name: str
    first: int
    last: int
    count: Count
    since: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that a report says in numbers. Days are ordinals.

    last: of the period; counted_to: the last day whose ratings are in it, earlier where the report is made before the
    period ends. step: day | week | month, by which `course` goes. standard: the share of ratings not dissatisfied
    that is asked of a unit. share_least, reason_least: `reporting.rules.Wording`.
    """

    kind: str
    name: str
    unit: str
    unit_kind: str
    first: int
    last: int
    counted_to: int
    whole: Count
    units: tuple[Named, ...] = ()
    silent_units: tuple[str, ...] = ()
    services: tuple[Named, ...] = ()
    step: str = "day"
    course: tuple[OnDay, ...] = ()
    sources: Mapping[str, Count] = field(default_factory=dict)
    reasons: tuple[ReasonCount, ...] = ()
    cases: CaseCount = field(default_factory=CaseCount)
    compared: tuple[Compared, ...] = ()
    standard: float = 0.95
    share_least: int = 30
    reason_least: int = 5

    def to_json(self) -> dict[str, Any]:
        """Plain values, which `from_json` reads again."""
        plain: dict[str, Any] = codec.encode(self)
        return plain

    @property
    def hash(self) -> bytes:
        """SHA-256 of the canonical JSON: the same data give the same, on every machine."""
        canonical = json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).digest()


def from_json(plain: Mapping[str, Any]) -> Figures:
    """The figures again. Raises `BadDocument` for anything else."""
    return codec.decode(Figures, plain, at="figures")


def total(counts: Mapping[str, Count], sources: tuple[str, ...] = ELECTRONIC) -> Count:
    """The counts of some sources added up; slips are not told apart by source."""
    found = [counts[source] for source in sources if source in counts]
    return Count(
        n=sum(count.n for count in found),
        faces=tuple(sum(count.faces[place] for count in found) for place in range(len(FACES))),
        dissatisfied=sum(count.dissatisfied for count in found),
        not_satisfied=sum(count.not_satisfied for count in found),
        with_dossier=sum(count.with_dossier for count in found),
    )
