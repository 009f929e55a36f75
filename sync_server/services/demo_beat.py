"""Let the demo's made-up kiosks go on being heard of, so that none but the one meant to be silent looks silent."""

from datetime import datetime

from sqlalchemy import select

from survey import wire
from survey.wire import Batch
from sync_server import messages
from sync_server.demo.history import STATUS
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Unit
from sync_server.office import Office
from sync_server.services import arrivals, demo, intake
from sync_server.services.demo_town import KIOSK_NAME


def beat(office: Office, *, boot_id: str, monotonic_ms: int) -> int:
    """Take in a heartbeat of each made-up kiosk by the way that a real one goes; how many. Safe to repeat.

    boot_id: the same for as long as the demo runs, which began `monotonic_ms` ago. Nothing of a real unit is touched.
    """
    now = office.now()
    silent = demo.network().communes[demo.SILENT].name
    heartbeat = Batch(
        sent_at=wire.write_time(datetime.fromtimestamp(now / 1000, office.zone)),
        boot_id=boot_id,
        monotonic_ms=monotonic_ms,
        status=STATUS,
    )
    incoming = messages.read_batch(wire.to_json(heartbeat))
    with office.database.write() as session:
        kiosks = session.scalars(
            select(Kiosk.id)
            .join(Unit, Unit.id == Kiosk.unit_id)
            .where(Unit.is_demo, Unit.name != silent, Kiosk.name == KIOSK_NAME, Kiosk.retired_at.is_(None))
            .order_by(Kiosk.id)
        ).all()
        for kiosk_id in kiosks:
            intake.take(session, office, kiosk_id, incoming, arrivals.read(()), now=now, look_up=False)
    return len(kiosks)
