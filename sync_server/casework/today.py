"""When something is done to a case."""

from dataclasses import dataclass
from datetime import tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Milliseconds UTC, the town's day (`date.toordinal()`) and its zone."""

    now: int
    day: int
    zone: tzinfo
