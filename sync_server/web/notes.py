"""Notes in the audit log of what the person signed in did."""

from typing import Any

from sync_server.services import audit
from sync_server.web.access import current_user, office


def note_alone(act: str, subject: str, **detail: Any) -> None:
    """Add an entry in a transaction of its own: for pages that only show something, where showing it is the act."""
    with office().database.write() as writing:
        note(writing, act, subject, **detail)


def note(writing: Any, act: str, subject: str, **detail: Any) -> None:
    """Add an entry in the open transaction. subject: a wire id such as `o17`; never a citizen's data."""
    audit.note(writing, staff_id=current_user.id, act=act, subject=subject, detail=detail, now=office().now())
