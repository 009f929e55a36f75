"""Looking for stuffing and hiding (docs/flagging.md): every night, at the ratings of the last weeks, late ones too.

Alerts are of their own kind and never a low-rating flag. What chance alone would make is computed by
`flagging.integrity`; here its numbers are gathered.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey.rating import SOURCES
from sync_server.flagging.integrity import (
    IntegrityAlert,
    IntegrityRule,
    hours_alert,
    run_alert,
    silence_alert,
    timing_alert,
)
from sync_server.flagging.intervals import wilson
from sync_server.flagging.score import odds_shift
from sync_server.flagging.tally import monday_of
from sync_server.models.integrity import IntegrityAlert as AlertRow
from sync_server.models.integrity import SlipHour
from sync_server.models.organisation import Officer, SurveyVersion
from sync_server.models.rating import Clock, Counted, Rating, SlipTally, Tally
from sync_server.queries import outages
from sync_server.queries.tallies import OF_THE_HOUSE
from sync_server.rulebook import Rulebook, rulebook

WEEKS_BACK = 5
"""Weeks that are looked at again each night: a kiosk may be a month late."""
USUAL_MIN = 200
"""Peers' ratings below which nobody knows what is usual."""
HONEST_ODDS = 2.0
"""Two standard deviations of honest officers' and communes' log odds (docs/flagging.md: 0.30 and 0.15) are 2.0."""
LEAST_USUAL = 0.2
HOUR_MS = 3600 * 1000
_BY_THEMSELVES = tuple(SOURCES.index(name) for name in ("kiosk", "phone"))
"""Sources whose times are the citizens' own; paper forms are typed in one after the other by a clerk."""


class Tap(NamedTuple):
    """A stored rating as these checks see it; at: milliseconds UTC, exact or not; scale: of its survey."""

    officer_id: int
    day: int
    at: int
    is_exact: bool
    level: int
    scale: str
    is_out_of_hours: bool


@dataclass(frozen=True, slots=True)
class _Usual:
    """What is usual in the network: ratings by (scale, level), each officer's own part, and slips that were rated."""

    levels: Mapping[tuple[str, int], int]
    own: Mapping[int, Mapping[tuple[str, int], int]]
    slips_rated: float | None


def look(session: Session, *, now: int, zone: tzinfo, book: Rulebook | None = None) -> int:
    """Look at everybody's last weeks and record what chance does not make; returns how many alerts are new.

    now: milliseconds UTC. Reads the ratings themselves, so that it is for the night. Safe to repeat: an alert is
    recorded once for an officer, a kind and a day or week; late ratings only move its numbers.
    """
    book = book or rulebook()
    today = datetime.fromtimestamp(now / 1000, zone).date()
    first = monday_of(today) - timedelta(weeks=WEEKS_BACK - 1)
    rule = book.integrity_at(today)
    usual = _usual(session, first, today)
    slips = _slips(session, first, zone)
    found: list[dict[str, object]] = []
    rated = set()
    for officer_id, taps in groupby(_taps(session, first, today), key=attrgetter("officer_id")):
        rated.add(officer_id)
        for alert, start, end in _looked_at(officer_id, list(taps), slips.get(officer_id, {}), usual, rule, zone):
            found.append(_row(officer_id, alert, start, end, now))
    for officer_id in sorted(slips.keys() - rated):  # served dossiers, and nobody rated at all
        for alert, start, end in _silences([], slips[officer_id], usual, rule, zone):
            found.append(_row(officer_id, alert, start, end, now))
    return _record(session, found, first)


def _looked_at(
    officer_id: int, taps: Sequence[Tap], slips: Mapping[int, int], usual: _Usual, rule: IntegrityRule, zone: tzinfo
) -> Iterator[tuple[IntegrityAlert, date, date]]:
    """An officer's alerts, each with the first and the last day that it is about."""
    for day, of_day in groupby(taps, key=attrgetter("day")):
        alert = timing_alert([tap.at / 1000 for tap in of_day if tap.is_exact], rule)
        if alert is not None:
            yield alert, date.fromordinal(day), date.fromordinal(day)
    for monday, of_week in groupby(taps, key=_monday):
        week = list(of_week)
        sunday = monday + timedelta(days=6)
        out = sum(tap.is_out_of_hours for tap in week)
        for alert in (hours_alert(out, len(week), rule), *_runs(officer_id, week, usual, rule)):
            if alert is not None:
                yield alert, monday, sunday
    yield from _silences(taps, slips, usual, rule, zone)


def _runs(officer_id: int, week: Sequence[Tap], usual: _Usual, rule: IntegrityRule) -> Iterator[IntegrityAlert | None]:
    for scale in sorted({tap.scale for tap in week}):
        own = usual.own.get(officer_id, {})
        peers = {level: n - own.get((of, level), 0) for (of, level), n in usual.levels.items() if of == scale}
        total = sum(peers.values())
        if total >= USUAL_MIN:
            shares = {level: _at_most_usual(n, total) for level, n in peers.items()}
            yield run_alert([tap.level for tap in week if tap.scale == scale], shares, rule)


def _at_most_usual(n: int, total: int) -> float:
    """How often an honest officer may get a level that peers got n times of `total`.

    Honest officers differ, so that the upper end of what peers have is doubled in odds; and on a bad day a few bad
    ratings follow each other by themselves, so that no level counts as rarer than a fifth.
    """
    _, high = wilson(n, total)
    return max(LEAST_USUAL, odds_shift(high, HONEST_ODDS))


def _silences(
    taps: Sequence[Tap], slips: Mapping[int, int], usual: _Usual, rule: IntegrityRule, zone: tzinfo
) -> Iterator[tuple[IntegrityAlert, date, date]]:
    """A slip printed at five to nine is rated at five past: a rating speaks for its own hour and the one before."""
    if usual.slips_rated is None:
        return
    heard = Counter(hour for tap in taps for hour in (tap.at // HOUR_MS, tap.at // HOUR_MS - 1))
    by_week: dict[date, dict[int, int]] = defaultdict(dict)
    for hour, n in slips.items():
        by_week[monday_of(_day_of(hour * HOUR_MS, zone))][hour] = n
    for monday, of_week in sorted(by_week.items()):
        alert = silence_alert(of_week, heard, usual.slips_rated, rule)
        if alert is not None:
            yield alert, monday, monday + timedelta(days=6)


def _taps(session: Session, first: date, last: date) -> Iterator[Tap]:
    """The stored ratings of the days, counted or not, by officer and time. One pass over the table: it has no index
    by day, which every insert would pay for and only this night's work would use."""
    rows = session.execute(
        select(
            Rating.officer_id, Rating.day, Rating.happened_at, Rating.clock, Rating.level, SurveyVersion.scale,
            Rating.counted,
        )
        .join(SurveyVersion, SurveyVersion.id == Rating.survey_id)
        .where(Rating.day >= first.toordinal(), Rating.day <= last.toordinal(), Rating.source.in_(_BY_THEMSELVES))
        .order_by(Rating.officer_id, Rating.happened_at, Rating.epoch_id, Rating.seq)
    )  # fmt: skip
    for officer_id, day, at, clock, level, scale, counted in rows:
        if day is not None and at is not None:  # always both or neither
            yield Tap(officer_id, day, at, clock == Clock.EXACT, level, scale, counted == Counted.OUT_OF_HOURS)


def _usual(session: Session, first: date, last: date) -> _Usual:
    sums = [func.sum(column) for column in (Tally.n1, Tally.n2, Tally.n3, Tally.n4, Tally.n5)]
    rows = session.execute(
        select(Tally.officer_id, SurveyVersion.scale, *sums)
        .join(SurveyVersion, SurveyVersion.id == Tally.survey_id)
        .where(Tally.day >= first.toordinal(), Tally.day <= last.toordinal(), OF_THE_HOUSE)
        .group_by(Tally.officer_id, SurveyVersion.scale)
    )
    levels: Counter[tuple[str, int]] = Counter()
    own: dict[int, dict[tuple[str, int], int]] = defaultdict(dict)
    for officer_id, scale, *counts in rows:
        for level, n in enumerate(counts, start=1):
            levels[scale, level] += n
            own[officer_id][scale, level] = n
    return _Usual(levels, own, _slips_rated(session, first, last))


def _slips_rated(session: Session, first: date, last: date) -> float | None:
    """The share of slips that led to a rating, over the days on which an officer had slips; None without any."""
    period = (first.toordinal(), last.toordinal())
    slips = session.execute(
        select(SlipTally.officer_id, SlipTally.day, func.sum(SlipTally.n))
        .where(SlipTally.day.between(*period))
        .group_by(SlipTally.officer_id, SlipTally.day)
    )
    dossiers = session.execute(
        select(Tally.officer_id, Tally.day, func.sum(Tally.with_dossier))
        .where(Tally.day.between(*period), OF_THE_HOUSE)
        .group_by(Tally.officer_id, Tally.day)
    )
    rated = {(officer_id, day): n for officer_id, day, n in dossiers}
    printed = answered = 0
    for officer_id, day, n in slips:
        printed += n
        answered += min(n, rated.get((officer_id, day), 0))  # more ratings than slips: paper of an earlier day
    return min(0.999, answered / printed) if printed else None


def _slips(session: Session, first: date, zone: tzinfo) -> dict[int, dict[int, int]]:
    """Officer → hour → slips printed, of whole days from `first` on; without the hours in which an outage that was
    declared for the officer's unit, or for a kiosk of it, kept everybody from rating."""
    out = outages.unit_windows(session, since=_hour_of(first) * HOUR_MS)
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for officer_id, unit_id, hour, n in session.execute(
        select(SlipHour.officer_id, Officer.unit_id, SlipHour.hour, SlipHour.n)
        .join(Officer, Officer.id == SlipHour.officer_id)
        .where(SlipHour.hour >= _hour_of(first))
    ):
        begin = hour * HOUR_MS
        is_out = any(start < begin + HOUR_MS and begin < end for start, end in out.get(unit_id, ()))
        if _day_of(begin, zone) >= first and not is_out:
            found[officer_id][hour] = n
    return found


def _record(session: Session, found: Sequence[dict[str, object]], first: date) -> int:
    if not found:
        return 0
    rows = session.execute(
        select(AlertRow.officer_id, AlertRow.kind, AlertRow.first_day).where(AlertRow.first_day >= first.toordinal())
    )
    known = {tuple(row) for row in rows}
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = kind.insert(AlertRow)
    statement = statement.on_conflict_do_update(
        index_elements=["officer_id", "kind", "first_day"],
        set_={name: getattr(statement.excluded, name) for name in ("found", "of_n", "chance")},
    )
    session.execute(statement, list(found))
    return sum((row["officer_id"], row["kind"], row["first_day"]) not in known for row in found)


def _row(officer_id: int, alert: IntegrityAlert, first: date, last: date, now: int) -> dict[str, object]:
    return {
        "officer_id": officer_id,
        "kind": alert.alert.value,
        "first_day": first.toordinal(),
        "last_day": last.toordinal(),
        "found": alert.found,
        "of_n": alert.of,
        "chance": alert.chance,
        "raised_at": now,
    }


def _monday(tap: Tap) -> date:
    return monday_of(date.fromordinal(tap.day))


def _day_of(at: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(at / 1000, zone).date()


def _hour_of(day: date) -> int:
    """An hour that lies before the day begins in any time zone."""
    return (day.toordinal() - date(1970, 1, 1).toordinal() - 1) * 24
