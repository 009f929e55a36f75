"""What belongs to observers: their rounds, questions and devices. Nobody else opens, changes or ends them, so that
those who are rated cannot stop the survey of those who watch (docs/surveys.md)."""

from sqlalchemy.orm import Session

from sync_server.errors import NotYours
from sync_server.models.people import Staff

ROLE = "observer"


def is_observer(session: Session, staff_id: int | None) -> bool:
    """Whether an account is an observer's; a command of the server (null) is none's. An account keeps its role."""
    found = session.get(Staff, staff_id) if staff_id is not None else None
    return found is not None and found.role == ROLE


def must_be_theirs(session: Session, by: int | None, *, is_theirs: bool, what: str) -> None:
    """Observers change only what is theirs, and nobody else does. by: the account. Raises `NotYours`."""
    if is_observer(session, by) == is_theirs:
        return
    if is_theirs:
        raise NotYours(f"{what} belongs to the observers: only an account of the role 'observer' may do this")
    raise NotYours(f"{what} is no observers' one: an account of the role 'observer' only changes what is theirs")
