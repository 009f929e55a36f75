"""The primary's machine is lost in the middle of intake: three database nodes, two servers, real kiosks.

Patroni, etcd, HAProxy and PostgreSQL are Debian's, with the files of config/cluster. NUCUOI_SOAK=50 loses five
primaries, one after the other, any larger number up to twenty; without it one.
"""

import os
import random
import shutil
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from config.cluster.fill import DatabaseMachine
from config.cluster.loopback import LoopbackCluster, loopback_plan, missing
from kiosk.errors import KioskError
from sync_server.db import is_passing
from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.rating import Rating
from tests.together.a_kiosk import TestedKiosk
from tests.together.a_town import SECRET, Town, found_town

ROUNDS = min(20, max(1, int(os.environ.get("NUCUOI_SOAK", "10")) // 10))
KIOSKS = 3
WITHOUT_PRIMARY_S = 2.0
"""How long kiosks go on trying before they are held to see what is there: the lost primary's lock holds longer."""
CUT_OFF_S = 0.7
"""How long the primary is cut off from its standbys before it dies: what it acknowledged then would be lost."""

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300 + 120 * ROUNDS)]


class Tapping(threading.Thread):
    """A kiosk that is tapped and sends, all the time. `errors`: how sending failed, by the class's name."""

    def __init__(self, kiosk: TestedKiosk, seed: int) -> None:
        super().__init__(daemon=True)
        self.kiosk, self.errors = kiosk, set[str]()
        self.ending = threading.Event()
        self.fault: BaseException | None = None
        self._turn, self._chance = threading.Lock(), random.Random(seed)

    def run(self) -> None:
        """Until told to end."""
        try:
            while not self.ending.is_set():
                with self._turn:
                    self._once()
        except BaseException as error:
            self.fault = error

    def _once(self) -> None:
        has_dossier = self._chance.random() < 0.5
        self.kiosk.tap(self._chance.randint(1, 5), dossier=f"H42.12-{uuid.uuid4().hex[:12]}" if has_dossier else None)
        error: KioskError | None = self.kiosk.try_to_send()
        if error is not None:
            self.errors.add(type(error).__name__)
            self.ending.wait(0.1)

    def hold(self) -> None:
        """Wait until no request is under way, and let none begin."""
        self._turn.acquire()

    def go_on(self) -> None:
        """Tap and send again."""
        self._turn.release()

    @property
    def acknowledged(self) -> set[str]:
        """What the server said that it has: the oldest, for they go in order."""
        return set(self.kiosk.tapped[: len(self.kiosk.tapped) - self.kiosk.store.count_waiting()])


@pytest.fixture
def cluster() -> Iterator[LoopbackCluster]:
    """Three nodes and two servers. Skips only where Debian's packages are not installed at all."""
    if missing():
        pytest.skip(f"not installed: apt install {' '.join(missing())}")
    # Not under pytest's own folder: only we may enter that one, and PostgreSQL runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="nucuoi-cluster-"))
    folder.chmod(0o755)
    made = LoopbackCluster(folder, loopback_plan(folder, fsync=False), secret=SECRET, python=[sys.executable])
    try:
        made.start_database()
        yield made
    finally:
        made.stop(at_once=True)
        shutil.rmtree(folder, ignore_errors=True)


def _stored(town: Town, kiosk: TestedKiosk) -> list[str]:
    """What is stored of a kiosk, in order of its ledger. Asked again while there is no primary."""
    statement = (
        select(Rating.id)
        .join(Epoch, Epoch.id == Rating.epoch_id)
        .where(Epoch.kiosk_id == kiosk.row.id)
        .order_by(Epoch.id, Rating.seq)
    )
    deadline = time.monotonic() + 60
    while True:
        try:
            with town.office.database.read() as session:
                return [str(uuid.UUID(bytes=row)) for row in session.scalars(statement)]
        except Exception as error:
            if not is_passing(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _wait_for_more(tapping: list[Tapping], than: list[int]) -> None:
    """Wait until the server has acknowledged more of each kiosk."""
    deadline = time.monotonic() + 60
    while any(len(each.acknowledged) <= count for each, count in zip(tapping, than, strict=True)):
        assert [each.fault for each in tapping] == [None] * len(tapping)
        assert time.monotonic() < deadline, [each.errors for each in tapping]
        time.sleep(0.1)


def _send_all(kiosk: TestedKiosk) -> None:
    deadline = time.monotonic() + 60
    while kiosk.try_to_send() is not None and time.monotonic() < deadline:
        time.sleep(0.2)


def _lose_the_primary(cluster: LoopbackCluster, town: Town, tapping: list[Tapping]) -> DatabaseMachine:
    """Cut the primary off and kill it while all send. Once another is there, before anybody has sent again, it must
    have all that was acknowledged. Returns the one that was killed."""
    lost = cluster.wait_for_primary()
    cluster.cut_off(lost)
    time.sleep(CUT_OFF_S)
    cluster.kill(lost)
    time.sleep(WITHOUT_PRIMARY_S)
    for each in tapping:
        each.hold()
    acknowledged = [each.acknowledged for each in tapping]
    assert cluster.wait_for_primary() != lost
    for each, said in zip(tapping, acknowledged, strict=True):
        assert said <= set(_stored(town, each.kiosk))
        each.go_on()
    return lost


def test_a_primary_killed_in_the_middle_of_intake_loses_nothing_and_doubles_nothing(cluster: LoopbackCluster) -> None:
    town = found_town(cluster.url, officers=1)
    cluster.start_servers()
    tapping = [Tapping(TestedKiosk(town, cluster.address), seed) for seed in range(KIOSKS)]
    for each in tapping:
        each.start()
    for _ in range(ROUNDS):
        cluster.wait_for_synchronous()
        _wait_for_more(tapping, [len(each.acknowledged) for each in tapping])
        lost = _lose_the_primary(cluster, town, tapping)
        _wait_for_more(tapping, [len(each.acknowledged) for each in tapping])
        cluster.start(lost)
        cluster.wait_for_standby(lost)  # by pg_rewind: what it alone had written was never acknowledged
    for each in tapping:
        each.ending.set()
    for each in tapping:
        each.join(60)
        assert each.fault is None
        assert each.errors  # the outage was seen, and none of it stopped a kiosk
        _send_all(each.kiosk)
        assert (each.kiosk.store.count_waiting(), each.kiosk.store.count_parked()) == (0, 0)
        assert _stored(town, each.kiosk) == each.kiosk.tapped
        with town.office.database.read() as session:
            assert session.get_one(Kiosk, each.kiosk.row.id).stored_total == len(each.kiosk.tapped)
    town.office.database.dispose()
    assert "everything agrees" in cluster.command("check")
    cluster.stop_servers()
    assert _answered_by_the_balancer(cluster) == ("application/problem+json", "busy", "10")


def _answered_by_the_balancer(cluster: LoopbackCluster) -> tuple[str, str, str]:
    """What a kiosk gets when no server is there: media type, code, Retry-After."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = requests.get(f"{cluster.address}/api/v1/setup", timeout=30)
        if answer.status_code == 503 and answer.json()["detail"].startswith("no server"):
            return answer.headers["Content-Type"], answer.json()["code"], answer.headers["Retry-After"]
        time.sleep(0.2)
    raise AssertionError("the balancer still sends to servers that are no more")
