"""In which unit a rating was given: that of its desk, or of its kiosk where that stood when the rating came."""

from typing import Any

from sqlalchemy import func, select

from sync_server.models.history import KioskMove
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter
from sync_server.models.rating import Rating


def unit_of_rating() -> Any:
    """The expression, for a statement that joins `Rating` with its `Kiosk` and, outer, its `Counter`.

    A kiosk that moved since (a unit merged, say) does not take along what it brought before.
    """
    stood = (
        select(KioskMove.from_unit_id)
        .where(KioskMove.kiosk_id == Kiosk.id, KioskMove.moved_at >= Rating.received_at)
        .order_by(KioskMove.moved_at, KioskMove.id)
        .limit(1)
        .correlate(Kiosk, Rating)
        .scalar_subquery()
    )
    return func.coalesce(Counter.unit_id, stood, Kiosk.unit_id)
