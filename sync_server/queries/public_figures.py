"""What a unit's board says of its ratings: one share with its interval, and of how many served. No names, ever."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.rating import SOURCES
from sync_server.announcing.rules import PERIODS, BoardRule, Span, last_whole, rule_at
from sync_server.flagging.intervals import wilson
from sync_server.models.board import BoardSetting
from sync_server.models.rating import Tally
from sync_server.periods import Period
from sync_server.queries import results, units
from sync_server.queries.reported import units_of
from sync_server.reporting.figures import ELECTRONIC
from sync_server.rulebook import rulebook

_ELECTRONIC = Tally.source.in_([SOURCES.index(source) for source in ELECTRONIC])


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Whether a unit's figures are public, and of which period. is_own: decided by the unit, not by the rule."""

    figures_public: bool
    period: str
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFigures:
    """Counted ratings of kiosks, phones and home visits in a whole period. satisfied: null where there are too few to
    name a share; low, high: its 95 % interval (Wilson). with_dossier: of `slips` printed; slips null where unknown."""

    span: Span
    n: int
    satisfied: int | None = None
    low: float = 0.0
    high: float = 1.0
    with_dossier: int = 0
    slips: int | None = None


def setting(session: Session, unit_id: int, rule: BoardRule) -> Setting:
    """What the unit decided last, else what the rule says."""
    row = session.scalars(
        select(BoardSetting).where(BoardSetting.unit_id == unit_id).order_by(BoardSetting.id.desc()).limit(1)
    ).first()
    if row is None or row.period not in PERIODS:
        return Setting(figures_public=rule.figures_public, period=rule.period, is_own=False)
    return Setting(figures_public=row.figures_public, period=row.period, is_own=True)


def figures(session: Session, unit_id: int, *, today: int) -> PublicFigures | None:
    """What the board of a unit, with all below it, may say on a day (ordinal). None where the unit keeps it to itself,
    and where so few officers were rated that the figures would be those of a person."""
    rule = rule_at(today)
    chosen = setting(session, unit_id, rule)
    if not chosen.figures_public:
        return None
    span = last_whole(chosen.period, today)
    within = _telling(session, unit_id, span, rule)
    if _is_one_persons(session, within, span, rule):
        return None
    period = Period(kind="free", first=span.first, until=span.until)
    found = results.whole(
        results.breakdown(session, within, rulebook().scales, period, "unit", only=(_ELECTRONIC,))
    ).totals
    if found.n < rule.min_ratings:
        return PublicFigures(span=span, n=found.n)
    satisfied = found.n - found.not_satisfied
    low, high = wilson(satisfied, found.n)
    slips = results.slips(session, within, span.first, span.until)
    return PublicFigures(
        span=span,
        n=found.n,
        satisfied=satisfied,
        low=low,
        high=high,
        with_dossier=found.with_dossier,
        slips=slips if slips >= found.with_dossier and slips else None,
    )


def _telling(session: Session, unit_id: int, span: Span, rule: BoardRule) -> frozenset[int]:
    """The units whose ratings the board adds up, those that were merged into it included. Without the units below that
    keep theirs to themselves: the sum less the sisters' boards would tell it."""
    within = units_of(session, unit_id, span.until)
    decided = session.execute(
        select(BoardSetting.unit_id, BoardSetting.figures_public)
        .where(BoardSetting.unit_id.in_(within))
        .order_by(BoardSetting.id)
    )
    newest = {row.unit_id: row.figures_public for row in decided}
    hidden = [unit for unit in within if unit != unit_id and not newest.get(unit, rule.figures_public)]
    return within.difference(*(units.subtree(session, unit) for unit in hidden))


def _is_one_persons(session: Session, within: frozenset[int], span: Span, rule: BoardRule) -> bool:
    """Whether the figures would be those of a person: few were rated, or nearly all ratings are of one."""
    n = func.sum(Tally.n1 + Tally.n2 + Tally.n3 + Tally.n4 + Tally.n5)
    rated = session.scalars(
        select(n)
        .where(Tally.unit_id.in_(within), Tally.day >= span.first, Tally.day < span.until, _ELECTRONIC)
        .group_by(Tally.officer_id)
    ).all()
    return len(rated) < rule.min_officers or sum(rated) - max(rated) < rule.min_others
