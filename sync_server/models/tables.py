"""All tables at once, for those who need the whole metadata (migrations, tests)."""

from sync_server.models import (
    board,
    casework,
    emulation,
    followup,
    history,
    integrity,
    kiosk,
    letter,
    months,
    notice,
    organisation,
    outage,
    people,
    rating,
    register,
    report,
    rollout,
    second_factor,
    survey,
)
from sync_server.models.base import Base

__all__ = [
    "Base",
    "board",
    "casework",
    "emulation",
    "followup",
    "history",
    "integrity",
    "kiosk",
    "letter",
    "months",
    "notice",
    "organisation",
    "outage",
    "people",
    "rating",
    "register",
    "report",
    "rollout",
    "second_factor",
    "survey",
]
metadata = Base.metadata
