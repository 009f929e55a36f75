"""The evidence that a flag is stored with: all that is needed to defend it later, when tallies may have changed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey import codec
from survey.errors import BadDocument
from sync_server.flagging.errors import FlaggingError
from sync_server.flagging.fold import DayStep, Fold


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEvidence:
    """An officer's ratings in one service beside peers' rates: the last frozen ones, and what these made expected."""

    service_id: int
    n: int
    dissatisfied: int
    bad: int
    expected_bad: float
    peer_dissatisfied: float
    peer_not_satisfied: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEvidence:
    """A day with a bad rating, or the first of the climb. day: ISO date; m: M after it."""

    day: str
    n: int
    dissatisfied: int
    bad: int
    m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """What lifted M since it last stood below 1. since: ISO date of the first day after that."""

    since: str
    n: int
    dissatisfied: int
    bad: int
    expected_bad: float
    days: tuple[DayEvidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A score at a moment. Dates are ISO. `bad` is of the wide set (not satisfied), as is `expected_bad`.

    log_m: natural logarithm of M, None for M = 0. restart_after: the day the last case was closed. climb: the days
    that made it, None while M never rose. ignored: ratings without enough peers, by service.
    """

    rule_version: str
    watch_at: float
    flag_at: float
    state: str
    day: str
    log_m: float | None
    n: int
    dissatisfied: int
    bad: int
    bad_days: int
    expected_bad: float
    restart_after: str | None
    services: tuple[ServiceEvidence, ...]
    climb: Climb | None
    ignored: Mapping[str, int]

    @property
    def m(self) -> float:
        """M itself, inf beyond what a float can hold."""
        if self.log_m is None:
            return 0.0
        return _m(self.log_m)


def evidence_of(folded: Fold) -> Evidence:
    """The evidence of a fold. For a change on an earlier day fold with `until` that day first.

    Raises `FlaggingError` for a fold without any counted rating: it proves nothing.
    """
    if not folded.steps or folded.rule is None:
        raise FlaggingError("no counted rating was folded; there is no evidence of anything")
    return Evidence(
        rule_version=folded.rule.version,
        watch_at=folded.rule.watch_at,
        flag_at=folded.rule.flag_at,
        state=folded.state.value,
        day=folded.steps[-1].day.isoformat(),
        log_m=folded.log_m,
        n=folded.n,
        dissatisfied=folded.dissatisfied,
        bad=folded.bad,
        bad_days=folded.bad_days,
        expected_bad=folded.expected_bad,
        restart_after=folded.restart_after.isoformat() if folded.restart_after else None,
        services=tuple(
            ServiceEvidence(
                service_id=service_id,
                n=total.n,
                dissatisfied=total.dissatisfied,
                bad=total.bad,
                expected_bad=total.expected_bad,
                peer_dissatisfied=total.rates[0],
                peer_not_satisfied=total.rates[1],
            )
            for service_id, total in folded.services.items()
        ),
        climb=_climb(folded.steps),
        ignored={str(service_id): n for service_id, n in folded.ignored.items()},
    )


def to_json(evidence: Evidence) -> dict[str, Any]:
    """Plain values for a JSON column."""
    plain: dict[str, Any] = codec.encode(evidence)
    return plain


def from_json(plain: Mapping[str, Any]) -> Evidence:
    """The evidence that `to_json` wrote, also by an older program. Raises `FlaggingError` with every fault."""
    try:
        return codec.decode(Evidence, plain, at="evidence")
    except BadDocument as error:
        raise FlaggingError(f"stored evidence is damaged: {error}; restore it from a backup") from error


def _climb(steps: tuple[DayStep, ...]) -> Climb | None:
    start = next((i for i in range(len(steps), 0, -1) if steps[i - 1].log_m < 0.0), 0)
    climb = steps[start:]
    if not climb:
        return None
    return Climb(
        since=climb[0].day.isoformat(),
        n=sum(step.n for step in climb),
        dissatisfied=sum(step.dissatisfied for step in climb),
        bad=sum(step.bad for step in climb),
        expected_bad=math.fsum(step.expected_bad for step in climb),
        days=tuple(
            DayEvidence(
                day=step.day.isoformat(), n=step.n, dissatisfied=step.dissatisfied, bad=step.bad, m=_m(step.log_m)
            )
            for step in climb
            if step.bad
        ),
    )


def _m(log_m: float) -> float:
    """M, kept within what JSON can say."""
    return math.exp(min(log_m, 709.0))
