"""Set what kiosks show and how they behave, for a unit or for one kiosk; they take it when they next ask.

Each function is called within one transaction and safe to repeat.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from survey.errors import BadDocument
from sync_server.errors import NotFound, NotYours, Refused
from sync_server.models.history import KioskMove
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter, Unit
from sync_server.queries.observers import SETTING, is_observers
from sync_server.services.observers import must_be_theirs
from sync_server.services.organisation import must_behave
from sync_server.shown import read_shown


def set_unit_shown(session: Session, unit_id: int, shown: Mapping[str, Any]) -> None:
    """Change the texts and languages of a unit's kiosks (`sync_server.shown.Shown`). Raises `Refused`."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound(f"there is no unit {unit_id}")
    unit.shown = _checked(shown)


def set_kiosk(
    session: Session, kiosk_id: int, *, settings: Mapping[str, Any], shown: Mapping[str, Any], by: int | None = None
) -> None:
    """Change what one kiosk shows and how it behaves, over what its unit has. Raises `Refused` with all faults.

    Opening hours are its unit's: ratings out of hours are told by them. An observers' kiosk is changed by observers
    alone, and no kiosk becomes theirs this way (`NotYours`); by: the account.
    """
    kiosk = session.get(Kiosk, kiosk_id)
    if kiosk is None:
        raise NotFound(f"there is no kiosk {kiosk_id}")
    must_be_theirs(session, by, is_theirs=is_observers(kiosk), what=f"the kiosk {kiosk.name}")
    if settings.get(SETTING) != kiosk.settings.get(SETTING):
        raise NotYours("a kiosk becomes the observers' by a code that an observer made; enrol it again")
    if "opening_hours" in settings:
        raise Refused("opening hours belong to the unit; set them there")
    must_behave(settings)
    kiosk.settings, kiosk.shown = dict(settings), _checked(shown)


def place_kiosk(
    session: Session, kiosk_id: int, *, name: str, counter_id: int | None, now: int, by: int | None = None
) -> bool:
    """Give a kiosk a name, and a counter of its unit (null: it serves the whole unit); whether it moved.

    Raises `NotFound`, or `Refused` for another unit's counter: to stand there it is enrolled there.
    """
    kiosk = session.get(Kiosk, kiosk_id)
    if kiosk is None:
        raise NotFound(f"there is no kiosk {kiosk_id}")
    must_be_theirs(session, by, is_theirs=is_observers(kiosk), what=f"the kiosk {kiosk.name}")
    counter = session.get(Counter, counter_id) if counter_id is not None else None
    if counter_id is not None and (counter is None or counter.unit_id != kiosk.unit_id):
        raise Refused(f"counter {counter_id} is not of unit {kiosk.unit_id}; enrol the kiosk in the other unit")
    if not name.strip():
        raise Refused("a kiosk needs a name, so that staff know which one it is")
    kiosk.name = name.strip()
    if kiosk.counter_id == counter_id:
        return False
    session.add(
        KioskMove(kiosk_id=kiosk.id, from_unit_id=kiosk.unit_id, from_counter_id=kiosk.counter_id, moved_at=now)
    )
    kiosk.counter_id = counter_id
    return True


def _checked(shown: Mapping[str, Any]) -> dict[str, Any]:
    try:
        read_shown(shown)
    except BadDocument as error:
        raise Refused(str(error)) from error
    return dict(shown)
