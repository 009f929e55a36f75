"""Many senders at the same moment: replays overlap, kiosks name the same dossiers, and all comes out exact."""

import random
import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from sqlalchemy import func, select

from survey.rating import Dossier
from survey.rating import Rating as Said
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter
from sync_server.models.rating import Counted, Rating
from sync_server.office import Office
from sync_server.services.check import check
from tests.builders import START, a_batch, chain
from tests.sync_server import builders
from tests.sync_server.conftest import WITH_MONTHS
from tests.sync_server.intake.conftest import Desk, make_desk

pytestmark = pytest.mark.parametrize("database_url", WITH_MONTHS, indirect=True)

SENDERS, KIOSKS, RATINGS = 16, 4, 60
MINUTE = 60_000
END = START + 24 * 60 * MINUTE


def test_sixteen_senders_with_overlapping_replays_end_exact(office: Office) -> None:
    desk = make_desk(office)
    ledgers = {kiosk_id: _ledger(desk, number) for number, kiosk_id in enumerate(_kiosks(desk))}
    senders = [partial(_send_often, desk, ledgers, random.Random(sender)) for sender in range(SENDERS)]
    faults = at_once(senders)
    assert faults == []
    for kiosk_id, ratings in ledgers.items():  # what no sender happened to send
        desk.send(a_batch(*ratings, at=END), kiosk_id=kiosk_id)
    total = KIOSKS * RATINGS
    with office.database.read() as session:
        assert check(session, zone=office.zone) == []
        assert session.scalar(select(func.count()).select_from(Rating)) == total
        assert list(session.scalars(select(Kiosk.stored_total).order_by(Kiosk.id))) == [RATINGS] * KIOSKS
    # A third of the ratings name one of 20 dossiers that all kiosks share.
    assert desk.tallied() == total * 2 // 3 + 20
    assert sum(counted == Counted.DOSSIER_REPEATED for counted in desk.counted()) == total // 3 - 20


def test_one_batch_sent_by_all_at_once_is_stored_once(office: Office) -> None:
    desk = make_desk(office)
    batch = a_batch(*_ledger(desk, 0), at=END)
    verdicts: list[str] = []

    def send() -> None:
        verdicts.extend(receipt.verdict for receipt in desk.send(batch).receipts)

    assert at_once([send] * SENDERS) == []
    assert sorted(verdicts) == ["duplicate"] * RATINGS * (SENDERS - 1) + ["stored"] * RATINGS
    assert desk.stored_total() == RATINGS


def at_once(acts: Sequence[Callable[[], None]]) -> list[BaseException]:
    """Do all acts in threads that begin together; what they raised."""
    faults: list[BaseException] = []
    begin = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        try:
            begin.wait(30)
            act()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return faults


def _kiosks(desk: Desk) -> list[int]:
    with desk.office.database.read() as session:
        counter = session.get_one(Counter, desk.counter_id)
    others = [builders.make_kiosk(desk.office, counter=counter)[0].id for _ in range(KIOSKS - 1)]
    return [desk.kiosk_id, *others]


def _ledger(desk: Desk, number: int) -> tuple[Said, ...]:
    return chain(
        *(
            desk.rating(
                at=START + seq * MINUTE + number,
                level=1 + seq % 5,
                dossier=Dossier(code=f"H42.12-210301-{seq // 3:04}") if seq % 3 == 0 else None,
            )
            for seq in range(RATINGS)
        )
    )


def _send_often(desk: Desk, ledgers: dict[int, tuple[Said, ...]], chance: random.Random) -> None:
    for _ in range(6):
        kiosk_id = chance.choice(list(ledgers))
        first = chance.randrange(RATINGS)
        part = ledgers[kiosk_id][first : first + chance.randrange(1, 25)]
        verdicts = {receipt.verdict for receipt in desk.send(a_batch(*part, at=END), kiosk_id=kiosk_id).receipts}
        assert verdicts <= {"stored", "duplicate"}
