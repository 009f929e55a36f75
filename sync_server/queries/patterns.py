"""When people rate, and why they were not satisfied. From tallies of hours and reasons; ratings are never read here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.questionnaire import Reason, Scale
from survey.rating import SOURCES
from sync_server.casework.people import MONEY
from sync_server.models.organisation import SurveyVersion
from sync_server.models.patterns import HourTally, ReasonTally
from sync_server.periods import Period
from sync_server.queries.rounds import OBSERVERS_SOURCE

_LEVELS = (HourTally.n1, HourTally.n2, HourTally.n3, HourTally.n4, HourTally.n5)
HOURS_BEFORE = 24
"""`HourTally.hour` counts from 00:00 UTC of the day before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A weekday (0 is Monday) and an hour of the town's clock: n counted ratings, the dissatisfied among them."""

    weekday: int
    hour: int
    n: int
    dissatisfied: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LawLine:
    """A letter of the law: n dissatisfied people who named at least one of its reasons; then each of those reasons."""

    law: str
    n: int
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Why people were dissatisfied: said is how many of them gave a reason at all. lines: in order of the letters."""

    said: int
    lines: tuple[LawLine, ...]


def by_hour(
    session: Session,
    unit_ids: Collection[int],
    scales: Mapping[str, Scale],
    period: Period,
    zone: tzinfo,
    *,
    source: str | None = None,
) -> list[Cell]:
    """Counted ratings of these units by weekday and hour of the zone, those that have any. source: one of `SOURCES`;
    without it all but what observers asked."""
    statement = (
        select(HourTally.day, HourTally.hour, SurveyVersion.scale, *(func.sum(level) for level in _LEVELS))
        .join(SurveyVersion, SurveyVersion.id == HourTally.survey_id)
        .where(HourTally.unit_id.in_(unit_ids), HourTally.day >= period.first, HourTally.day < period.until)
        .group_by(HourTally.day, HourTally.hour, SurveyVersion.scale)
    )
    statement = statement.where(
        HourTally.source == SOURCES.index(source) if source is not None else HourTally.source != OBSERVERS_SOURCE
    )
    found: dict[tuple[int, int], list[int]] = {}
    offsets: dict[int, int] = {}
    for day, hour, scale_id, *counts in session.execute(statement):
        if day not in offsets:
            offsets[day] = _offset_hours(day, zone)
        place = found.setdefault(((day - 1) % 7, (hour - HOURS_BEFORE + offsets[day]) % 24), [0, 0])
        place[0] += sum(int(count) for count in counts)
        place[1] += sum(int(counts[level - 1]) for level in scales[scale_id].dissatisfied)
    return [
        Cell(weekday=weekday, hour=hour, n=n, dissatisfied=bad)
        for (weekday, hour), (n, bad) in sorted(found.items())
        if n
    ]


def reasons(
    session: Session,
    unit_ids: Collection[int],
    scales: Mapping[str, Scale],
    period: Period,
    catalogue: Mapping[str, Reason],
    *,
    service_id: int | None = None,
    source: str | None = None,
    with_money: bool = False,
) -> Reasons:
    """Why counted, dissatisfied ratings of these units say that people were so, by letter of the law.

    A person who names two reasons of a letter is one under it. with_money: also who was asked for money, which is for
    inspectors only (`casework.people.MONEY`).
    """
    statement = (
        select(SurveyVersion.scale, ReasonTally.level, ReasonTally.reasons, func.sum(ReasonTally.n))
        .join(SurveyVersion, SurveyVersion.id == ReasonTally.survey_id)
        .where(ReasonTally.unit_id.in_(unit_ids), ReasonTally.day >= period.first, ReasonTally.day < period.until)
        .group_by(SurveyVersion.scale, ReasonTally.level, ReasonTally.reasons)
    )
    if service_id is not None:
        statement = statement.where(ReasonTally.service_id == service_id)
    statement = statement.where(
        ReasonTally.source == SOURCES.index(source) if source is not None else ReasonTally.source != OBSERVERS_SOURCE
    )
    shown = {code: reason for code, reason in catalogue.items() if with_money or code != MONEY}
    said, by_law, by_code = 0, dict.fromkeys((reason.law for reason in shown.values()), 0), dict.fromkeys(shown, 0)
    for scale_id, level, bits, n in session.execute(statement):
        if not scales[scale_id].is_dissatisfied(level):
            continue
        named = [reason for reason in shown.values() if bits & (1 << reason.bit)]
        said += int(n) if named else 0
        for reason in named:
            by_code[reason.code] += int(n)
        for law in {reason.law for reason in named}:
            by_law[law] += int(n)
    lines = []
    for law, n in by_law.items():
        codes = [code for code, reason in shown.items() if reason.law == law and by_code[code]]
        lines.append(LawLine(law=law, n=n, reasons=tuple((code, by_code[code]) for code in codes)))
    return Reasons(said=said, lines=tuple(sorted(lines, key=lambda line: LETTERS.index(line.law))))


LETTERS = ("a", "b", "c", "d", "đ", "e", "g", "h", "i")
"""Of NĐ 118/2025/NĐ-CP Điều 33 khoản 1, in the order of the Vietnamese alphabet as laws use it."""


def _offset_hours(day: int, zone: tzinfo) -> int:
    """Whole hours that the zone's clock is ahead of UTC at noon of a day."""
    noon = datetime.combine(date.fromordinal(day), time(12), zone)
    return int((noon.utcoffset() or timedelta()).total_seconds() // 3600)
