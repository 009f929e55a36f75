"""How the server is, in numbers for a machine that watches it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sync_server.ids import KIOSK, write_id
from sync_server.models.followup import Signal
from sync_server.models.kiosk import Kiosk
from sync_server.models.rating import SetAside


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskState:
    """A kiosk in service. silent_s: seconds since it was last heard; waiting, parked: as it said then."""

    id: str
    silent_s: float
    waiting: int
    parked: int
    stored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """set_aside: ratings refused or in conflict, by verdict and code. officers: how many are in each state."""

    kiosks: tuple[KioskState, ...]
    set_aside: Mapping[tuple[str, str], int]
    officers: Mapping[str, int]


def server_state(session: Session, *, now: int) -> ServerState:
    """The state now (milliseconds). Reads no ratings: as quick with ten million of them."""
    kiosks = session.execute(
        select(Kiosk.id, Kiosk.last_contact_at, Kiosk.enrolled_at, Kiosk.status, Kiosk.stored_total)
        .where(Kiosk.retired_at.is_(None))
        .order_by(Kiosk.id)
    )
    aside = session.execute(
        select(SetAside.verdict, SetAside.code, func.count()).group_by(SetAside.verdict, SetAside.code)
    )
    officers = session.execute(select(Signal.state, func.count()).group_by(Signal.state))
    return ServerState(
        kiosks=tuple(
            KioskState(
                id=write_id(KIOSK, number),
                silent_s=max(0, now - (heard_at or enrolled_at)) / 1000,
                waiting=int(status.get("waiting", 0)),
                parked=int(status.get("parked", 0)),
                stored=stored,
            )
            for number, heard_at, enrolled_at, status, stored in kiosks
        ),
        set_aside={(verdict, code): count for verdict, code, count in aside},
        officers={row[0]: row[1] for row in officers},
    )
