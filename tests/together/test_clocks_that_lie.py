"""Whatever a kiosk's wall clock says, the server knows when each citizen tapped, or says that it does not.

The real desk, store and sync over clocks set by hand; the real intake and its database, called in this process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.config import KioskSettings
from kiosk.desk import Desk
from kiosk.events import CloseRating
from survey import wire
from survey.setup import Counter, Setup
from survey.wire import Batch, Enrolled, Reply
from sync_server.config import ServerSettings
from sync_server.models.rating import Clock
from sync_server.office import Office, open_office
from sync_server.services.migration import migrate
from sync_server.services.reception import receive
from tests.builders import HANOI, START
from tests.kiosk.builders import a_setup, a_tap
from tests.kiosk.fakes import CARRY_KEY, HandClock
from tests.sync_server.conftest import SetClock
from tests.sync_server.intake.conftest import Desk as Rows
from tests.sync_server.intake.conftest import make_desk
from tests.together.a_town import SECRET, sqlite_url

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86_400, 365 * 86_400
WITHOUT_BATTERY = datetime(1970, 1, 1, 7, 0, 12, tzinfo=HANOI)


class InProcess:
    """The server as a kiosk's client shows it, without a network between."""

    def __init__(self, office: Office, rows: Rows) -> None:
        self.office, self.rows = office, rows

    def __call__(self, *_: object) -> "InProcess":
        return self

    def enrol(self, code: str, device: Any) -> Enrolled:
        rows = self.rows
        return Enrolled(
            kiosk_id=f"k{rows.kiosk_id}",
            key=rows.key,
            carry_key=CARRY_KEY,
            unit_id=f"u{rows.unit_id}",
            counter_id=f"c{rows.counter_id}",
        )

    def setup(self, etag: str | None) -> tuple[Setup, str | None] | None:
        here = Counter(id=f"c{self.rows.counter_id}", name="Quầy số 1")
        return None if etag else (a_setup(duty=(), counter=here), '"1"')

    def send(self, batch: Batch) -> Reply:
        body, now = wire.to_json(batch), self.office.now()
        reply = receive(self.office, self.rows.kiosk_id, body, now=now, touched=lambda officers, day: None)
        return wire.read_reply(msgspec.json.encode(reply), batch.ratings)

    def photo(self, path: str) -> bytes:
        raise AssertionError(path)

    def close(self) -> None:
        pass


class World:
    """True time, which the server keeps, and a kiosk that thinks what its clock says."""

    def __init__(self, folder: Path) -> None:
        self.truth = SetClock()
        office = open_office(ServerSettings(database=sqlite_url(folder), secret=SECRET), now=self.truth)
        migrate(office.database)
        self.office, self.rows = office, make_desk(office)
        self.hand = HandClock(wall=datetime.fromtimestamp(START / 1000, HANOI))
        self.folder, self.tapped = folder, list[int]()
        self.switch_on()
        self.desk.enrol("https://one-stop.test", "CODE")

    def switch_on(self) -> None:
        server = InProcess(self.office, self.rows)
        settings = KioskSettings(data_dir=self.folder / "kiosk")
        self.desk = Desk(settings, clock=self.hand.clock, connect=server, beside=lambda work: work())
        self.desk.open()

    def later(self, seconds: float) -> None:
        self.truth.advance(ms=round(seconds * 1000))
        self.hand.tick(seconds)

    def ntp(self, seconds: float) -> None:
        """The wall clock is set by so much; no time passes."""
        self.hand.wall += timedelta(seconds=seconds)

    def open(self) -> None:
        rows, number = self.rows, len(self.tapped) + 1
        ids = {"officer_id": f"o{rows.officer_id}", "survey_id": f"q{rows.survey_id}"}
        self.desk.perform(a_tap(number, service_id=f"s{rows.service_id}", **ids))
        self.tapped.append(self.truth.at)

    def close(self) -> None:
        self.desk.perform(CloseRating(rating_id=a_tap(len(self.tapped)).rating_id))

    def visit(self) -> None:
        self.open()
        self.later(7)
        self.close()

    def reboot(self, off_s: float = 40, wall: datetime | None = None) -> None:
        """The plug is pulled; so much later it starts, and shows `wall` when it has no battery."""
        self.desk.stop()
        self.later(off_s)
        self.hand.boot_id, self.hand.ms = f"{self.hand.boot_id}+", 9_000
        self.hand.wall = wall or self.hand.wall
        self.switch_on()

    def meet(self) -> None:
        """One round of the sync."""
        self.desk._sync.turn()
        assert (self.desk.status().trouble, self.desk.status().parked) == (None, ())

    def end(self) -> None:
        self.desk.stop()
        self.office.database.dispose()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.end()


@dataclass(frozen=True)
class Story:
    """acts: names of the world's methods with what they are given. clocks: of each rating, in order."""

    name: str
    acts: tuple[tuple[Any, ...], ...]
    clocks: tuple[Clock, ...]


E, B, U = Clock.EXACT, Clock.BOUNDED, Clock.UNKNOWN
OPEN, CLOSE, VISIT, MEET = ("open",), ("close",), ("visit",), ("meet",)
STORIES = (
    Story("a clock that is right", (VISIT, MEET), (E,)),
    Story("an hour ahead in the middle of a visit", (OPEN, ("ntp", HOUR), CLOSE, MEET), (E,)),
    Story("a day back in the middle of a visit", (OPEN, ("ntp", -DAY), ("later", 9), CLOSE, MEET), (E,)),
    Story(
        "back and forth between visits",
        (VISIT, ("ntp", -3 * HOUR), VISIT, ("ntp", 9 * DAY), VISIT, ("ntp", -9 * DAY), VISIT, MEET),
        (E, E, E, E),
    ),
    Story("a year ahead", (("ntp", YEAR), VISIT, ("later", HOUR), MEET), (E,)),
    Story("a year behind", (("ntp", -YEAR), VISIT, ("later", HOUR), MEET), (E,)),
    Story(
        "no battery, and NTP after the visit", (("reboot", 40, WITHOUT_BATTERY), VISIT, ("ntp", 50 * YEAR), MEET), (E,)
    ),
    Story(
        "a reboot in the middle of a visit, in a boot that had met the server",
        (MEET, ("later", HOUR), OPEN, ("reboot", 40, WITHOUT_BATTERY), VISIT, MEET),
        (E, E),
    ),
    Story(
        "a reboot in the middle of a visit, in a boot that never met it, between two that did",
        (VISIT, MEET, ("reboot", HOUR, WITHOUT_BATTERY), OPEN, ("ntp", YEAR), ("reboot", HOUR), VISIT, MEET),
        (E, B, E),
    ),
    Story(
        "three boots that never met it, between two that did",
        (VISIT, MEET, *(("reboot", HOUR, WITHOUT_BATTERY), VISIT) * 3, ("reboot", HOUR), VISIT, MEET),
        (E, B, B, B, E),
    ),
    Story(
        "a boot that never met it, days before the next",
        (VISIT, MEET, ("reboot", HOUR, WITHOUT_BATTERY), VISIT, ("reboot", 3 * DAY, WITHOUT_BATTERY), VISIT, MEET),
        (E, U, E),
    ),
    Story(
        "a boot that never met it, a year off, with nothing before it",
        (("ntp", YEAR), VISIT, ("reboot", HOUR), VISIT, MEET),
        (U, E),
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_server_knows_when_it_was_or_says_that_it_does_not(world: World, story: Story) -> None:
    for name, *given in story.acts:
        getattr(world, name)(*given)
    rows = world.rows.ratings()
    assert [row.seq for row in rows] == list(range(1, len(world.tapped) + 1)), "in the order in which they were tapped"
    assert [row.clock for row in rows] == list(story.clocks)
    assert world.desk.status().waiting == 0
    exact = [truth for truth, clock in zip(world.tapped, story.clocks, strict=True) if clock is E]
    for row, truth in zip(rows, world.tapped, strict=True):
        match row.clock:
            case Clock.EXACT:
                # An anchor of an earlier boot says the server's time in the reply's form; nothing else errs here.
                assert abs((row.happened_at or 0) - truth) <= 1000
            case Clock.BOUNDED:
                before = max(at for at in exact if at < truth)
                after = min(at for at in exact if at > truth)
                assert before < (row.happened_at or 0) < after
            case Clock.UNKNOWN:
                assert row.happened_at is None


def test_the_wall_clocks_own_word_is_kept_beside_the_truth(world: World) -> None:
    world.ntp(YEAR)
    world.visit()
    world.meet()
    (row,) = world.rows.ratings()
    assert (row.happened_at, row.tapped_at) == (START, START + YEAR * 1000)
