"""When a notice that could not be sent is tried again."""

MINUTE_MS = 60_000
_PAUSES_MIN = (1, 5, 15, 60, 180, 360, 720, 720, 720)
"""Minutes after each failed try: some two days in all, so that a weekend without a mail server loses nothing grave."""
MOST_TRIES = len(_PAUSES_MIN) + 1


def pause_ms(tries: int) -> int | None:
    """How long to wait after so many tries (1 or more); None when it is given up."""
    return _PAUSES_MIN[tries - 1] * MINUTE_MS if tries < MOST_TRIES else None
