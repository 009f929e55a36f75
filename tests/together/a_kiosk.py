"""A real kiosk without its window: the real store, client and sync over a real server, tapped by the test."""

import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

from kiosk.client import Client, Patience
from kiosk.clock import Clock, device_clock
from kiosk.errors import KioskError
from kiosk.store import Identity, Store, open_store
from kiosk.sync import Sync
from survey import wire
from survey.rating import Dossier, Rating
from survey.wire import Status
from sync_server import ids
from tests.builders import HANOI
from tests.sync_server.builders import make_kiosk
from tests.together.a_town import Town

PATIENCE = Patience(connect_s=2, read_s=2, whole_s=4)


class TestedKiosk:
    """One enrolled kiosk with a store on disk. address: where its client goes, which may be a faulty network.

    folder: may hold a store already. clock: this machine's, when left out.
    """

    __test__ = False

    def __init__(
        self,
        town: Town,
        address: str,
        folder: Path | None = None,
        *,
        patience: Patience = PATIENCE,
        clock: Clock | None = None,
    ) -> None:
        self.town = town
        self.folder = folder or Path(tempfile.mkdtemp(prefix="nucuoi-kiosk-"))
        self.row, key = make_kiosk(town.office, counter=town.counter)
        self.clock = clock or device_clock(HANOI)
        self.store: Store = open_store(self.folder)
        self.store.enrol(
            Identity(
                url=address,
                kiosk_id=ids.write_id(ids.KIOSK, self.row.id),
                key=key,
                carry_key="",
                unit_id=ids.write_id(ids.UNIT, town.unit.id),
                counter_id=ids.write_id(ids.COUNTER, town.counter.id),
            )
        )
        self.tapped: list[str] = []
        self._sync = Sync(
            lambda: self.store,
            lambda identity: Client(identity.url, key=identity.key, patience=patience),
            self.clock,
            state=lambda of: Status(app_version="test", clock="sure"),
        )

    def tap(self, level: int = 5, *, dossier: str | None = None, reasons: Sequence[str] = ()) -> str:
        """One citizen's visit, kept and closed; the rating's id."""
        rating = Rating(
            id=str(uuid.uuid4()),
            officer_id=ids.write_id(ids.OFFICER, self.town.officers[0].id),
            counter_id=ids.write_id(ids.COUNTER, self.town.counter.id),
            survey_id=ids.write_id(ids.SURVEY, self.town.survey.id),
            scale=self.town.survey.scale,
            level=level,
            reasons=tuple(reasons),
            dossier=Dossier(code=dossier) if dossier else None,
            tapped_at=wire.write_time(self.clock.now()),
            boot_id=self.clock.boot_id,
            monotonic_ms=self.clock.monotonic_ms(),
        )
        self.store.open_rating(rating)
        self.store.close_rating(rating.id)
        self.tapped.append(rating.id)
        return rating.id

    def try_to_send(self) -> KioskError | None:
        """One round of the sync; the error with which it failed."""
        try:
            self._sync.round()
        except KioskError as error:
            return error
        return None
