"""A stored rating as counting sees it: when it happened, whether it counts, and which tally holds it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.organisation import Counter
from sync_server.models.rating import Clock, Counted, Rating
from sync_server.queries.rating_places import unit_of_rating
from sync_server.services.tallies import Moves, TallyKey

JUDGED_BY_PEOPLE = frozenset({Counted.VERIFIED_UNTRUE})
"""What people decided of a single rating is never undone by counting anew."""
OUTSIDE = frozenset({Counted.CLOCK_UNKNOWN, Counted.OUT_OF_HOURS, Counted.OUTAGE})
"""What does not count because of when it was: it does not stand for its dossier either."""


@dataclass(slots=True)
class Standing:
    """One row. happened_at, clock, day and counted may be changed; `write` then updates the row."""

    epoch_id: int
    seq: int
    id: bytes
    officer_id: int
    counter_id: int | None
    service_id: int
    survey_id: int
    unit_id: int
    level: int
    source: int
    boot_id: int
    monotonic_ms: int
    received_at: int
    dossier_mac: bytes | None
    happened_at: int | None
    clock: int
    day: int | None
    counted: int
    reasons: int

    @property
    def tally(self) -> TallyKey:
        """The tally that it is counted in. Only for one whose day is known."""
        assert self.day is not None  # an unknown clock is never counted
        return TallyKey(self.officer_id, self.day, self.service_id, self.survey_id, self.unit_id, self.source)

    def count(self, counted: int, moves: Moves) -> bool:
        """Let it be counted, or not, and move the tallies accordingly. False when that was so already."""
        if counted == self.counted:
            return False
        for is_yes, times in ((self.counted == Counted.YES, -1), (counted == Counted.YES, 1)):
            if is_yes:
                assert self.happened_at is not None  # nor is one whose moment is not known
                has_dossier = self.dossier_mac is not None
                moves.add(self.tally, self.level, has_dossier, at=self.happened_at, reasons=self.reasons, times=times)
        self.counted = counted
        return True


def standings() -> Any:
    """The statement that `read` runs, for those who add conditions of their own."""
    return (
        select(
            Rating.epoch_id,
            Rating.seq,
            Rating.id,
            Rating.officer_id,
            Rating.counter_id,
            func.coalesce(Rating.service_id, Rating.tallied_service_id, 0),
            Rating.survey_id,
            unit_of_rating(),
            Rating.level,
            Rating.source,
            Rating.boot_id,
            Rating.monotonic_ms,
            Rating.received_at,
            Rating.dossier_mac,
            Rating.happened_at,
            Rating.clock,
            Rating.day,
            Rating.counted,
            Rating.reasons,
        )
        .join(Epoch, Epoch.id == Rating.epoch_id)
        .join(Kiosk, Kiosk.id == Epoch.kiosk_id)
        .outerjoin(Counter, Counter.id == Rating.counter_id)
    )


def read(session: Session, *conditions: ColumnElement[bool]) -> list[Standing]:
    """The rows that meet all conditions, in order of epoch and seq, locked until the end of the transaction.

    Locked because another kiosk's batch may count one of them anew when it brings the same dossier.
    """
    statement = standings().where(*conditions).order_by(Rating.epoch_id, Rating.seq).with_for_update(of=Rating)
    return [Standing(*row) for row in session.execute(statement)]


def write(session: Session, changed: Iterable[Standing]) -> None:
    """Update the rows. Those that no longer count go first, so that a dossier never counts twice in between."""
    rows = sorted(changed, key=lambda row: (row.counted == Counted.YES, row.epoch_id, row.seq))
    if rows:
        names = ("epoch_id", "seq", "happened_at", "clock", "day", "counted")
        session.connection().execute(_UPDATE, [{name: getattr(row, name) for name in names} for row in rows])


_UPDATE = text(
    "UPDATE rating SET happened_at = :happened_at, clock = :clock, day = :day, counted = :counted"
    " WHERE epoch_id = :epoch_id AND seq = :seq"
)


class Touch(Protocol):
    """What telling a burst needs to know of a rating."""

    @property
    def boot_id(self) -> int: ...
    @property
    def monotonic_ms(self) -> int: ...
    @property
    def happened_at(self) -> int | None: ...
    @property
    def clock(self) -> int: ...


def is_burst(before: Touch, after: Touch, gap_ms: int) -> bool:
    """Whether `after` follows `before` too closely to be another citizen's word.

    Within a boot its own clock says so; across boots only two exact times do: bounded ones are midpoints of hours.
    """
    if before.boot_id == after.boot_id:
        return 0 <= after.monotonic_ms - before.monotonic_ms < gap_ms
    if before.clock != Clock.EXACT or after.clock != Clock.EXACT:
        return False
    assert before.happened_at is not None and after.happened_at is not None  # noqa: PT018
    return 0 <= after.happened_at - before.happened_at < gap_ms
