"""Whether what the pages show is made up."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from sync_server.models.organisation import Unit


def present(session: Session) -> bool:
    """Whether any unit is demonstration data."""
    return bool(session.scalar(select(exists().where(Unit.is_demo.is_(True)))))
