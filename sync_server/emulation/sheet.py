"""A commune's score sheet of a year: what was measured, what it gave itself, what was verified, and what that makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sync_server.emulation.criteria import WHOLE, Criterion
from sync_server.flagging.intervals import wilson

PLACES = 1
"""Behind the comma of points."""


class Side(StrEnum):
    """Who gives points: the commune itself, or those who verify."""

    SELF = "self"
    VERIFIED = "verified"


class Fault(StrEnum):
    """What is wrong with points that somebody gives."""

    TOO_MANY = "points: outside of what the criterion has"
    NO_REASON_NONE = "left out without a reason; write why it does not apply in the note"
    NO_REASON_MEASURED = "points that the measured figures do not bear need a reason in the note"
    NO_REASON_DIFFERENT = "other points than the commune gave itself need a reason in the note"
    NOT_YET = "the commune has not given itself points; verify after it did"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """k of n that a measure found. is_sample: ratings are some of those served, so their share has an interval; a
    count of all reports or cases has none."""

    k: int
    n: int
    is_sample: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The points that a measure proposes, with those of the ends of the share's 95 % interval (Wilson)."""

    measured: Measured
    share: float
    low: float
    high: float
    points: float
    points_low: float
    points_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Points by one side; None for a criterion that does not apply, with the reason in the note."""

    points: float | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A criterion on a sheet."""

    criterion: Criterion
    proposal: Proposal | None = None
    too_few: Measured | None = None
    given: Mapping[Side, Given] = field(default_factory=dict)

    @property
    def difference(self) -> float | None:
        """Verified minus self; None where one of them is missing or left out."""
        own, verified = self.given.get(Side.SELF), self.given.get(Side.VERIFIED)
        if own is None or verified is None or own.points is None or verified.points is None:
            return None
        return round(verified.points - own.points, PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Points added up. of: the weights of the criteria that apply; hundred: the points of 100, None for nothing."""

    points: float
    of: float
    missing: int

    @property
    def hundred(self) -> float | None:
        return round(self.points * WHOLE / self.of, PLACES) if self.of else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All lines of a unit's year, in the order of the criteria."""

    lines: tuple[Line, ...]

    def total(self, side: Side) -> Total:
        """What one side gave."""
        given = [(line.criterion.weight, line.given.get(side)) for line in self.lines]
        counted = [(weight, item.points) for weight, item in given if item is not None and item.points is not None]
        return Total(
            points=round(sum(points for _, points in counted), PLACES),
            of=sum(weight for weight, _ in counted),
            missing=sum(item is None for _, item in given),
        )

    @property
    def is_complete(self) -> bool:
        """Whether both sides gave points for, or left out, every criterion."""
        return bool(self.lines) and all(self.total(side).missing == 0 for side in Side)


def sheet(
    criteria: Sequence[Criterion],
    measured: Mapping[str, Measured],
    given: Mapping[tuple[str, Side], Given],
) -> Sheet:
    """Put a sheet together. measured: by measure; given: the newest points by criterion and side."""
    return Sheet(
        lines=tuple(
            Line(
                criterion=criterion,
                proposal=propose(criterion, measured.get(criterion.measure)),
                too_few=_too_few(criterion, measured.get(criterion.measure)),
                given={side: given[criterion.id, side] for side in Side if (criterion.id, side) in given},
            )
            for criterion in criteria
        )
    )


def propose(criterion: Criterion, measured: Measured | None) -> Proposal | None:
    """The points that a share proposes: none at `zero`, all at `full`, between them in proportion. None where nothing
    or too little was measured: a unit with few ratings is neither punished nor rewarded for luck."""
    if measured is None or measured.n < criterion.min_n:
        return None
    share = measured.k / measured.n
    low, high = wilson(measured.k, measured.n) if measured.is_sample else (share, share)
    return Proposal(
        measured=measured,
        share=share,
        low=low,
        high=high,
        points=_points(criterion, share),
        points_low=_points(criterion, low),
        points_high=_points(criterion, high),
    )


def faults(line: Line, side: Side, new: Given) -> list[Fault]:
    """What is wrong with points that one side gives; empty when nothing is."""
    found = []
    note = new.note.strip()
    if new.points is None:
        if not note:
            found.append(Fault.NO_REASON_NONE)
    elif not 0 <= new.points <= line.criterion.weight:
        found.append(Fault.TOO_MANY)
    elif line.proposal and not note and not _bears(line.proposal, new.points):
        found.append(Fault.NO_REASON_MEASURED)
    own = line.given.get(Side.SELF)
    if side is Side.VERIFIED:
        if own is None:
            found.append(Fault.NOT_YET)
        elif own.points != new.points and not note:
            found.append(Fault.NO_REASON_DIFFERENT)
    return found


def _bears(proposal: Proposal, points: float) -> bool:
    return proposal.points_low - 0.05 <= points <= proposal.points_high + 0.05


def _points(criterion: Criterion, share: float) -> float:
    part = (share - criterion.zero) / (criterion.full - criterion.zero)
    return round(criterion.weight * min(1.0, max(0.0, part)), PLACES)


def _too_few(criterion: Criterion, measured: Measured | None) -> Measured | None:
    return measured if measured is not None and measured.n < criterion.min_n else None
