"""Requests to be served at home: those that wait, and those of the last weeks that ended."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from sync_server.models.opinion import HomeRequest
from sync_server.models.organisation import Officer, Service, Unit

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """A request; days are ordinals. officer_id and visit_day: once planned; closed_at: ms UTC, None while it waits."""

    id: int
    code: str
    unit_id: int
    unit: str
    hamlet: str
    service: str | None
    wished_day: int
    officer_id: int | None
    officer: str | None
    visit_day: int | None
    closed_at: int | None
    is_overdue: bool


def listing(session: Session, units: Collection[int], *, today: int, closed_since: int) -> list[RequestLine]:
    """What waits, by the day that counts, then what ended since a moment (ms UTC); at most `SHOWN_MAX`."""
    day = func.coalesce(HomeRequest.visit_day, HomeRequest.wished_day)
    rows = session.execute(
        select(HomeRequest, Unit.name.label("unit"), Service.name.label("service"), Officer.name.label("officer"))
        .join(Unit, Unit.id == HomeRequest.unit_id)
        .outerjoin(Service, Service.id == HomeRequest.service_id)
        .outerjoin(Officer, Officer.id == HomeRequest.officer_id)
        .where(
            HomeRequest.unit_id.in_(units),
            or_(HomeRequest.closed_at.is_(None), HomeRequest.closed_at >= closed_since),
        )
        .order_by(HomeRequest.closed_at.isnot(None), day, HomeRequest.id)
        .limit(SHOWN_MAX)
    )
    return [
        RequestLine(
            id=one.id,
            code=one.code,
            unit_id=one.unit_id,
            unit=unit,
            hamlet=one.hamlet,
            service=service,
            wished_day=one.wished_day,
            officer_id=one.officer_id,
            officer=officer,
            visit_day=one.visit_day,
            closed_at=one.closed_at,
            is_overdue=one.closed_at is None and (one.visit_day or one.wished_day) < today,
        )
        for one, unit, service, officer in rows
    ]


def overdue(session: Session, units: Collection[int], *, today: int) -> int:
    """How many wait although their day is past, for the first page."""
    day = func.coalesce(HomeRequest.visit_day, HomeRequest.wished_day)
    late = (HomeRequest.unit_id.in_(units), HomeRequest.closed_at.is_(None), day < today)
    return session.scalar(select(func.count()).select_from(HomeRequest).where(*late)) or 0
