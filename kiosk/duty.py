"""Who is on duty, and whether it is open: pure functions of the setup and a moment."""

from collections.abc import Mapping
from datetime import datetime, time

from survey.setup import Duty, Setup
from survey.wire import read_time

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def on_duty(setup: Setup, now: datetime, *, taken: tuple[str, datetime] | None = None) -> tuple[str, ...]:
    """The officers on duty at this kiosk's counter (at any counter when it serves the whole unit), as the roster has
    them in order. now: with offset.

    taken: who scanned a badge here, and when. The badge holds for the rest of that day, or until the server knows
    of a duty here that began after it.
    """
    known = [officer.id for officer in setup.officers]
    current = [duty for duty in setup.duty if _is_here(setup, duty) and _lasts(duty, now)]
    if taken is not None:
        officer_id, since = taken
        same_day = since.astimezone(now.tzinfo).date() == now.date() and since <= now
        newer = any((began := read_time(duty.since)) is not None and began > since for duty in current)
        if officer_id in known and same_day and not newer:
            return (officer_id,)
    return tuple(officer_id for officer_id in known if any(duty.officer_id == officer_id for duty in current))


def counter_of(setup: Setup, officer_id: str, now: datetime) -> str | None:
    """The counter that a rating of this officer belongs to: the kiosk's own, else where he sits now."""
    if setup.counter is not None:
        return setup.counter.id
    places = [duty.counter_id for duty in setup.duty if duty.officer_id == officer_id and _lasts(duty, now)]
    return places[0] if places else None


def is_open(opening_hours: Mapping[str, tuple[str, ...]], now: datetime) -> bool:
    """Whether the one-stop is open at local time `now`; always, when no weekday has hours.

    A span whose end is not after its start goes on past midnight. A span that cannot be read counts as open all
    day: a slip of the pen must not put a kiosk to sleep.
    """
    if not any(opening_hours.values()):
        return True
    today, yesterday = WEEKDAYS[now.weekday()], WEEKDAYS[now.weekday() - 1]
    moment = now.time()
    for span in opening_hours.get(today, ()):
        bounds = _read_span(span)
        if bounds is None:
            return True
        begin, end = bounds
        if begin <= moment and (moment < end or end <= begin):
            return True
    past_midnight = [_read_span(span) for span in opening_hours.get(yesterday, ())]
    return any(bounds is not None and bounds[1] <= bounds[0] and moment < bounds[1] for bounds in past_midnight)


def _is_here(setup: Setup, duty: Duty) -> bool:
    return setup.counter is None or duty.counter_id == setup.counter.id


def _lasts(duty: Duty, now: datetime) -> bool:
    since = read_time(duty.since)
    until = read_time(duty.until) if duty.until is not None else None
    if since is None or (duty.until is not None and until is None):
        return False
    return since <= now and (until is None or now < until)


def _read_span(span: str) -> tuple[time, time] | None:
    begin, _, end = span.partition("-")
    try:
        return time.fromisoformat(begin.strip()), time.fromisoformat(end.strip().replace("24:00", "00:00"))
    except ValueError:
        return None
