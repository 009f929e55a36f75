"""Who did or saw what. Entries are only ever added."""

from typing import Any

from sqlalchemy.orm import Session

from sync_server.models.people import AuditEntry


def note(
    session: Session,
    *,
    staff_id: int | None,
    act: str,
    subject: str = "",
    detail: dict[str, Any] | None = None,
    now: int,
) -> None:
    """Add an entry. act: two words such as `kiosk retired`; subject: a wire id such as `k4`; never a citizen's data."""
    session.add(AuditEntry(at=now, staff_id=staff_id, act=act, subject=subject, detail=detail or {}))
