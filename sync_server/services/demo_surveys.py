"""The demo's rounds, and a survey that is being written."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import resources
from sync_server.models.organisation import SurveyVersion, Unit
from sync_server.models.people import Staff
from sync_server.office import Office
from sync_server.services import drafts, rounds

BASELINE_DAYS = 28


def fill(session: Session, office: Office, first_day: date) -> None:
    """A baseline of four weeks, the running round after it, and a draft that differs from what is asked."""
    top = session.scalars(select(Unit).where(Unit.parent_id.is_(None)).order_by(Unit.id)).first()
    owner = session.scalars(select(Staff).where(Staff.role == "town_staff").order_by(Staff.id)).first()
    asked = session.scalars(select(SurveyVersion).order_by(SurveyVersion.id)).first()
    if top is None or owner is None or asked is None:
        return
    running_from = first_day + timedelta(days=BASELINE_DAYS)
    for kind, name, first, until in (
        ("baseline", "Khảo sát trước khi triển khai", first_day, running_from.toordinal()),
        ("running", "Đánh giá thường xuyên", running_from, None),
    ):
        rounds.open_round(
            session,
            unit_id=top.id,
            kind=kind,
            name=name,
            owner_id=owner.id,
            first_day=first.toordinal(),
            until_day=until,
            made_by=owner.id,
            now=office.now(),
        )
    name = "Bốn mức, mời viết ý kiến"
    draft = drafts.begin(session, name=name, based_on_id=asked.id, made_by=owner.id, now=office.now())
    content = {**draft.content, "scale": "hl4", "ask_comment": True}
    drafts.amend(session, draft.id, name=name, content=content, folder=resources.config(), now=office.now())
