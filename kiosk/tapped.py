"""What a tap becomes: a rating, with all that this device knows at that moment."""

from datetime import datetime

from kiosk import duty
from kiosk.clock import Clock
from kiosk.events import OpenRating
from kiosk.kept import Identity
from kiosk.place import HOME
from kiosk.store import Store
from survey import wire
from survey.rating import Rating
from survey.setup import Setup


def rating_of(deed: OpenRating, store: Store, clock: Clock, best_now: datetime) -> Rating:
    """The rating to keep. best_now: the time of day as right as it is known, for the roster; the rating itself says
    what the device's own clock says, and the server sets that right."""
    kept, identity = store.setup(), store.identity()
    return Rating(
        id=deed.rating_id,
        officer_id=deed.officer_id,
        counter_id=_counter_id(deed, kept.setup if kept else None, identity, best_now),
        service_id=deed.service_id,
        survey_id=deed.survey_id,
        scale=deed.scale,
        level=deed.level,
        language=deed.language,
        dossier=deed.dossier,
        source=deed.source,
        tapped_at=wire.write_time(clock.now()),
        boot_id=clock.boot_id,
        monotonic_ms=clock.monotonic_ms(),
    )


def _counter_id(deed: OpenRating, setup: Setup | None, identity: Identity | None, now: datetime) -> str | None:
    if deed.source == HOME:
        return None  # nobody sat at a counter
    counter = duty.counter_of(setup, deed.officer_id, now) if setup is not None else None
    return counter or (identity.counter_id if identity else None)
