"""Whatever the network does: each rating arrives once, nothing is parked, and both sides count the same."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.rating import Rating
from sync_server.services import check
from tests.together.a_kiosk import TestedKiosk
from tests.together.a_town import SECRET, Town, found_town, sqlite_url
from tests.together.faulty_network import KINDS, Fault, FaultyNetwork
from tests.together.server_process import ServerProcess

ROUNDS = int(os.environ.get("NUCUOI_SOAK", "40"))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return found_town(sqlite_url(tmp_path_factory.mktemp("town")), officers=1)


@pytest.fixture(scope="module")
def server(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(town.office.settings.database, tmp_path_factory.mktemp("server"), secret=SECRET) as running:
        yield running


@pytest.fixture
def network(server: ServerProcess) -> Iterator[FaultyNetwork]:
    opened = FaultyNetwork("127.0.0.1", server.port)
    yield opened
    opened.close()


def assert_all_arrived_once(kiosk: TestedKiosk) -> None:
    """The server has exactly what was tapped, in one unbroken ledger, and its tallies, digests and totals agree with
    a recount; nothing waits or is parked."""
    assert kiosk.store.count_waiting() == 0
    assert kiosk.store.count_parked() == 0
    with kiosk.town.office.database.read() as session:
        rows = session.execute(
            select(Rating.seq, Rating.id)
            .join(Epoch, Epoch.id == Rating.epoch_id)
            .where(Epoch.kiosk_id == kiosk.row.id)
            .order_by(Rating.seq)
        ).all()
        total = session.get_one(Kiosk, kiosk.row.id).stored_total
    assert [str(uuid.UUID(bytes=row.id)) for row in rows] == kiosk.tapped
    assert [row.seq for row in rows] == list(range(1, len(kiosk.tapped) + 1))
    assert total == len(kiosk.tapped) == kiosk.store.stored_count()
    with kiosk.town.office.database.read() as session:
        assert check.check(session, zone=kiosk.town.office.zone) == []


faults = st.builds(Fault, st.sampled_from(KINDS), st.floats(0, 1))
turns = st.lists(st.tuples(st.integers(0, 12), st.lists(faults, max_size=3)), min_size=1, max_size=6)


@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns)
@example([(5, [Fault("reply_lost")]), (5, [Fault("reply_lost")]), (0, [Fault("duplicated")])])
@example([(3, [Fault("delayed")]), (3, [Fault("reset")]), (3, [Fault("html_200"), Fault("error_500")])])
def test_any_sequence_of_faults_ends_with_each_rating_there_once(
    town: Town, network: FaultyNetwork, happenings: list[tuple[int, list[Fault]]]
) -> None:
    kiosk = TestedKiosk(town, network.url)
    for taps, plan in happenings:
        for n in range(taps):
            kiosk.tap(1 + n % 5)
        network.plan.extend(plan)
        kiosk.try_to_send()
    network.plan.clear()
    network.settle()
    assert kiosk.try_to_send() is None
    assert_all_arrived_once(kiosk)


def test_a_request_cut_at_every_offset_is_sent_again_whole(town: Town, network: FaultyNetwork) -> None:
    kiosk = TestedKiosk(town, network.url)
    kiosk.tap()
    network.plan.append(Fault("refused"))
    assert kiosk.try_to_send() is not None
    length = network.longest
    assert length > 500
    for offset in range(0, length, 1 if "NUCUOI_SOAK" in os.environ else 37):
        network.plan.append(Fault("request_cut", at=offset))
        assert kiosk.try_to_send() is not None
        assert kiosk.store.count_waiting() == 1
    assert kiosk.try_to_send() is None
    assert_all_arrived_once(kiosk)


def test_a_reply_cut_at_every_offset_settles_nothing_twice(town: Town, network: FaultyNetwork) -> None:
    kiosk = TestedKiosk(town, network.url)
    for offset in range(0, 400, 1 if "NUCUOI_SOAK" in os.environ else 23):
        kiosk.tap()
        network.plan.append(Fault("reply_cut", at=offset))
        kiosk.try_to_send()
    assert kiosk.try_to_send() is None
    assert_all_arrived_once(kiosk)


@pytest.mark.parametrize("kind", ["html_200", "error_500", "refused", "reset"])
def test_a_network_that_answers_nonsense_costs_no_rating(town: Town, network: FaultyNetwork, kind: str) -> None:
    kiosk = TestedKiosk(town, network.url)
    for _ in range(3):
        kiosk.tap()
        network.plan.append(Fault(kind))
        assert kiosk.try_to_send() is not None
    assert kiosk.store.count_parked() == 0
    assert kiosk.store.count_waiting() == 3
    assert kiosk.try_to_send() is None
    assert_all_arrived_once(kiosk)


def test_a_month_offline_comes_home_in_order(town: Town, network: FaultyNetwork) -> None:
    kiosk = TestedKiosk(town, network.url)
    for _ in range(1_250):
        kiosk.tap()
    network.plan.extend([Fault("pass"), Fault("reply_lost")])
    assert kiosk.try_to_send() is not None
    assert kiosk.store.count_waiting() == 750  # the first five hundred are settled, the second batch is not
    assert kiosk.try_to_send() is None
    assert_all_arrived_once(kiosk)


def test_the_server_killed_between_commit_and_reply_doubles_nothing(town: Town, tmp_path: Path) -> None:
    with ServerProcess(town.office.settings.database, tmp_path, secret=SECRET) as own:
        network = FaultyNetwork("127.0.0.1", own.port)
        kiosk = TestedKiosk(town, network.url)
        for _ in range(5):
            kiosk.tap()
            network.plan.append(Fault("reply_lost"))
            kiosk.try_to_send()
            own.kill()
            kiosk.tap()
            assert kiosk.try_to_send() is not None
            own.start()
        assert kiosk.try_to_send() is None
        network.close()
    assert_all_arrived_once(kiosk)
