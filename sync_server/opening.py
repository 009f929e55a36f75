"""Opening hours: weekday (`mon` … `sun`) → spans `HH:MM-HH:MM` of local time, as in `survey.setup.Behaviour`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_open(hours: Mapping[str, Sequence[str]], moment: datetime) -> bool:
    """Whether local `moment` lies in a span of its weekday; without any hours a unit is always open.

    A span's end is the first minute that is closed. An unreadable span counts as closed.
    """
    if not hours:
        return True
    now = f"{moment:%H:%M}"
    for span in hours.get(WEEKDAYS[moment.weekday()], ()):
        first, _, end = span.partition("-")
        if first.strip().zfill(5) <= now < end.strip().zfill(5):
            return True
    return False
