"""One dossier counts once, however many kiosks it was shown to."""

from pathlib import Path

from sqlalchemy import func, select

from sync_server.models.rating import Counted, Rating, Tally
from tests.together.a_kiosk import TestedKiosk
from tests.together.a_town import SECRET, found_town, sqlite_url
from tests.together.server_process import ServerProcess

DOSSIER = "H42.12-261123-0042"


def test_two_kiosks_that_were_both_offline_rate_the_same_dossier(tmp_path: Path) -> None:
    town = found_town(sqlite_url(tmp_path), officers=1)
    server = ServerProcess(town.office.settings.database, tmp_path, secret=SECRET)
    first, second = (TestedKiosk(town, server.address, tmp_path / name) for name in ("first", "second"))
    first.tap(1, dossier=DOSSIER)
    second.tap(5, dossier=DOSSIER)
    for kiosk in (first, second):
        assert kiosk.try_to_send() is not None  # the server is down: both are offline
    with server:
        assert second.try_to_send() is None  # the later word arrives first
        assert first.try_to_send() is None
    with town.office.database.read() as session:
        rows = session.execute(select(Rating.level, Rating.counted).order_by(Rating.happened_at)).all()
        tallied = session.execute(select(func.sum(Tally.n1), func.sum(Tally.n5))).one()
    assert [tuple(row) for row in rows] == [(1, Counted.YES), (5, Counted.DOSSIER_REPEATED)]
    assert tuple(tallied) == (1, 0)
    for kiosk in (first, second):
        assert (kiosk.store.count_waiting(), kiosk.store.count_parked()) == (0, 0)
