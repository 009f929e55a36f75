"""What if: a past period replayed under other numbers, before anything is switched. Writes nothing."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import codec
from survey.errors import BadDocument
from sync_server.errors import Refused
from sync_server.flagging.rules import Rule, always
from sync_server.flagging.state import State
from sync_server.flagging.whatif import Difference, Firsts, compare, replay
from sync_server.models.followup import Signal
from sync_server.queries import tallies
from sync_server.rulebook import Rulebook, rulebook

WARM_UP_DAYS = 364
"""Days before the period that are folded too: peers are forgotten, and scores find their level, within a year."""
LONGEST_DAYS = 366
CHANGEABLE = tuple(
    field.name for field in dataclasses.fields(Rule) if field.name not in ("version", "effective", "source", "prior")
)
"""The numbers of a rule that may be tried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What other numbers would have changed from `since` to `until`, both within.

    changed: the numbers that differ, by name: (present, other). present, other: how many officers would have turned
    yellow and red under either.
    """

    since: date
    until: date
    rule: Rule
    changed: Mapping[str, tuple[float, float]]
    differences: tuple[Difference, ...]
    present: Mapping[State, int]
    other: Mapping[State, int]


def other_rule(present: Rule, numbers: Mapping[str, float]) -> Rule:
    """A rule with some other numbers. Raises `Refused` with every fault: unknown names, impossible numbers."""
    faults = [f"'{name}' is no number of the rule; they are {', '.join(CHANGEABLE)}" for name in numbers
              if name not in CHANGEABLE]  # fmt: skip
    known = {name: value for name, value in numbers.items() if name in CHANGEABLE}
    plain = codec.encode(present) | known | {"version": "what-if", "source": ""}
    for name in ("min_ratings", "min_bad", "min_bad_days", "min_peers"):
        if float(plain[name]).is_integer():
            plain[name] = int(plain[name])
    try:
        rule = codec.decode(Rule, plain)
    except BadDocument as error:
        faults += error.faults
    if faults:
        raise Refused("; ".join(faults))
    return rule


def what_if(
    session: Session,
    numbers: Mapping[str, float],
    *,
    since: date,
    until: date,
    book: Rulebook | None = None,
) -> WhatIf:
    """Replay a period under the rules as they were in force, and under one rule with other numbers.

    Both begin a year before `since` with scores at 0, so that they can be compared; the flags recorded at the time may
    differ a little from the first. Cases closed since then are taken into account in both. Takes some seconds for a
    town's year. Raises `Refused` for a period that is empty or longer than a year, and for wrong numbers.
    """
    book = book or rulebook()
    if not 0 <= (until - since).days <= LONGEST_DAYS:
        raise Refused(f"the period from {since} to {until} must have 1 to {LONGEST_DAYS} days")
    rule_now = book.rules.at(until)
    rule = other_rule(rule_now, numbers)
    start = (since - timedelta(days=WARM_UP_DAYS)).toordinal()
    days = tallies.days_between(session, start, until.toordinal() + 1)
    restarts = _restarts(session)
    present = replay(days, book.scales, book.rules.at, since=since, until=until, restarts=restarts)
    other = replay(days, book.scales, always(rule), since=since, until=until, restarts=restarts)
    return WhatIf(
        since=since,
        until=until,
        rule=rule,
        changed={
            name: (getattr(rule_now, name), getattr(rule, name))
            for name in CHANGEABLE
            if getattr(rule_now, name) != getattr(rule, name)
        },
        differences=tuple(compare(present, other)),
        present=_counts(present),
        other=_counts(other),
    )


def _restarts(session: Session) -> dict[int, date]:
    rows = session.execute(select(Signal.officer_id, Signal.restart_day))
    return {officer_id: date.fromordinal(day) for officer_id, day in rows if day is not None}


def _counts(firsts: Firsts) -> dict[State, int]:
    states = [state for _, state in firsts]
    return {state: states.count(state) for state in (State.WATCH, State.FLAG)}
