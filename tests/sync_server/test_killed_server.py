"""The server is killed (`kill -9`, with all its workers) while kiosks send, again and again.

Whoever got no reply sends the same batch again. At the end each acknowledged rating is there, once.
NUCUOI_SOAK=100 kills it 100 times on each database, and so does any larger number; without it a few times.
"""

import http.client
import json
import os
import random
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select

from survey.rating import Rating, digest
from survey.wire import Batch, pack
from sync_server.config import ServerSettings
from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.rating import Rating as Row
from sync_server.office import Office, now_ms, open_office
from tests.builders import a_batch, a_rating, chain
from tests.sync_server import builders
from tests.together.server_process import ServerProcess

ROUNDS = min(100, int(os.environ.get("NUCUOI_SOAK", "4")))
"""At most a hundred: each start of the server takes seconds, and senders lag behind ever more."""
SENDERS, BATCH = 4, 25
SECRET = "the secret of a server that is killed again and again"
CONFIRMED = {"stored", "duplicate"}


class Sender(threading.Thread):
    """A kiosk that sends batch after batch, each until it is answered. `confirmed`: ids that the server settled."""

    def __init__(self, server: ServerProcess, kiosk_id: int, key: str, ids: dict[str, Any]) -> None:
        super().__init__()
        self.kiosk_id, self.confirmed = kiosk_id, list[str]()
        self.stop = threading.Event()
        self.resent = 0
        self.fault: BaseException | None = None
        self._server, self._key, self._ids = server, key, ids

    def run(self) -> None:
        """Send until told to stop; what is under way then is still brought to its end."""
        last: Rating | None = None
        try:
            while not self.stop.is_set():
                now = now_ms()
                taps = (a_rating(at=now - 60_000 + number, **self._ids) for number in range(BATCH))
                ratings = chain(*taps, seq=last.seq + 1 if last else 1, prev=digest(last) if last else "")
                self._settle(a_batch(*ratings, at=now))
                last = ratings[-1]
        except BaseException as error:
            self.fault = error

    def _settle(self, batch: Batch) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            reply = self._post(batch)
            if reply is not None:
                assert {receipt["verdict"] for receipt in reply["receipts"]} <= CONFIRMED, reply
                self.confirmed += [receipt["id"] for receipt in reply["receipts"]]
                return
            self.resent += 1
            time.sleep(0.05)
        raise TimeoutError("a batch was not answered for two minutes")

    def _post(self, batch: Batch) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=30)
        headers = {
            **builders.bearer(self._key),
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        }
        try:
            connection.request("POST", "/api/v1/batches", pack(batch), headers)
            reply = connection.getresponse()
            body = reply.read()
        except (OSError, http.client.HTTPException):
            return None  # killed under our hands, or not up again yet
        finally:
            connection.close()
        assert reply.status in (200, 503), body
        return json.loads(body) if reply.status == 200 else None


def _senders(office: Office, server: ServerProcess) -> list[Sender]:
    made = []
    unit, survey = builders.make_unit(office), builders.make_survey(office)
    for _ in range(SENDERS):
        counter = builders.make_counter(office, unit)
        officer = builders.make_officer(office, counter=counter)
        kiosk, key = builders.make_kiosk(office, counter=counter)
        ids = {"officer_id": f"o{officer.id}", "counter_id": f"c{counter.id}", "survey_id": f"q{survey.id}"}
        made.append(Sender(server, kiosk.id, key, ids))
    return made


def test_a_server_killed_while_kiosks_send_keeps_each_acknowledged_rating_once(
    database_url: str, tmp_path: Path
) -> None:
    rng = random.Random(20261123)
    office = open_office(ServerSettings(database=database_url, secret=SECRET))
    server = ServerProcess(database_url, tmp_path, secret=SECRET, workers=2)
    senders = _senders(office, server)
    office.database.dispose()
    with server:
        for sender in senders:
            sender.start()
        for _ in range(ROUNDS):
            time.sleep(rng.uniform(0.05, 1.0))
            server.kill()
            server.start()
        time.sleep(0.5)
        for sender in senders:
            sender.stop.set()
        for sender in senders:
            sender.join(150)
        assert [sender.fault for sender in senders] == [None] * SENDERS
        assert sum(sender.resent for sender in senders) > 0
        server.stop()
    for sender in senders:
        with office.database.read() as session:
            rows = session.scalars(
                select(Row.id).join(Epoch, Epoch.id == Row.epoch_id).where(Epoch.kiosk_id == sender.kiosk_id)
            ).all()
            total = session.get_one(Kiosk, sender.kiosk_id).stored_total
        assert sorted(row.hex() for row in rows) == sorted(number.replace("-", "") for number in sender.confirmed)
        assert total == len(rows) > 0
    office.database.dispose()
    assert "everything agrees" in server.run("check")
