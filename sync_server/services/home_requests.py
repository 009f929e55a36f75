"""Requests to be served at home, of the lonely elderly and of disabled persons: asked, planned, visited.

Who asked, and where they live, stands in the clerk's own notebook behind the code: no name, telephone or address comes
into the database (docs/domain.md, personal data). What the citizen says of the visit is taken by a kiosk that is
carried along (`source: home`), and is not tied to the request.
"""

import re
import uuid
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.rating import receipt_code
from sync_server.casework.steps import N_
from sync_server.casework.today import Today
from sync_server.errors import NotFound, Refused
from sync_server.models.opinion import HomeRequest
from sync_server.models.organisation import Officer, Service
from sync_server.services import audit

HAMLET_MAX = 60
FARTHEST_DAYS = 180
_NUMBERED = re.compile(r"\d[\d .\-]{3,}|[,;/]")
"""What stands in an address or a telephone number, and in no name of a hamlet («Thôn Hoàn Dương», «Tổ dân phố 12»)."""


def ask(
    session: Session,
    *,
    unit_id: int,
    hamlet: str,
    service_id: int | None,
    wished_day: int,
    by: int,
    today: Today,
    new_id: uuid.UUID,
) -> str:
    """Note a request; the code to be written in the notebook. Raises `Refused` for what looks like an address, or a
    day that is past or far ahead."""
    hamlet = " ".join(hamlet.split())
    if not hamlet or len(hamlet) > HAMLET_MAX or _NUMBERED.search(hamlet):
        raise Refused(N_("Chỉ ghi tên thôn hoặc tổ dân phố, không ghi số nhà, số điện thoại hay tên người."))
    if not today.day <= wished_day <= today.day + FARTHEST_DAYS:
        raise Refused(N_("Ngày mong muốn phải từ hôm nay và trong 180 ngày tới."))
    if service_id is not None and session.get(Service, service_id) is None:
        raise Refused(N_("Không có thủ tục này; hãy chọn trong danh sách."))
    row = HomeRequest(
        code=receipt_code(str(new_id)),
        unit_id=unit_id,
        hamlet=hamlet,
        service_id=service_id,
        wished_day=wished_day,
        asked_at=today.now,
        asked_by=by,
    )
    session.add(row)
    session.flush()
    audit.note(session, staff_id=by, act="home visit asked", subject=f"home request {row.id}", now=today.now)
    return row.code


def plan(
    session: Session, number: int, units: Iterable[int], *, officer_id: int, day: int, by: int, today: Today
) -> None:
    """Say which officer goes, and on which day; again to change it. Raises `Refused`, `NotFound`."""
    row = _open(session, number, units)
    if session.scalar(select(Officer.unit_id).where(Officer.id == officer_id)) != row.unit_id:
        raise Refused(N_("Xin chọn cán bộ của đơn vị."))
    if not today.day <= day <= today.day + FARTHEST_DAYS:
        raise Refused(N_("Ngày đến phải từ hôm nay và trong 180 ngày tới."))
    row.officer_id, row.visit_day = officer_id, day
    audit.note(session, staff_id=by, act="home visit planned", subject=f"home request {number}", now=today.now)


def close(session: Session, number: int, units: Iterable[int], *, was_visited: bool, by: int, today: Today) -> None:
    """The visit was made, or the request was taken back. Raises `Refused` for a visit that nobody was to make yet."""
    row = _open(session, number, units)
    if was_visited and (row.officer_id is None or row.visit_day is None or row.visit_day > today.day):
        raise Refused(N_("Chưa đến ngày, hoặc chưa ghi cán bộ đến phục vụ."))
    if not was_visited:
        row.officer_id = row.visit_day = None
    row.closed_at, row.closed_by = today.now, by
    act = "home visit made" if was_visited else "home visit dropped"
    audit.note(session, staff_id=by, act=act, subject=f"home request {number}", now=today.now)


def _open(session: Session, number: int, units: Iterable[int]) -> HomeRequest:
    query = select(HomeRequest).where(HomeRequest.id == number, HomeRequest.unit_id.in_(list(units))).with_for_update()
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no home request {number} within your units")
    if row.closed_at is not None:
        raise Refused(N_("Yêu cầu này đã kết thúc."))
    return row
