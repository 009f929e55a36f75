"""A small town in a database on disk, and a kiosk that speaks for it over HTTP with times in the past."""

import itertools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import requests

from survey import wire
from survey.rating import Dossier, Rating, digest
from survey.wire import Reply
from sync_server import ids
from sync_server.config import ServerSettings
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter, Officer, Service, SurveyVersion, Unit
from sync_server.office import Office, open_office
from sync_server.services.migration import migrate
from tests.builders import HANOI, chain, written
from tests.sync_server.builders import (
    bearer,
    make_counter,
    make_kiosk,
    make_officer,
    make_service,
    make_survey,
    make_unit,
)

SECRET = "the secret of a small town, long enough to derive keys from"


@dataclass(frozen=True, kw_only=True)
class Town:
    """One commune with one counter, one service and its officers; the first of them is on duty."""

    office: Office
    unit: Unit
    counter: Counter
    service: Service
    survey: SurveyVersion
    officers: tuple[Officer, ...]


def found_town(url: str, *, officers: int = 5) -> Town:
    """Make the tables and the town. The office's clock is the real one."""
    office = open_office(ServerSettings(database=url, secret=SECRET))
    migrate(office.database)
    survey = make_survey(office)
    unit = make_unit(office, name="UBND phường Hòa Mạc", kind="ward", hotline="0226 3 830 123")
    service, counter = make_service(office), make_counter(office, unit)
    names = ("Nguyễn Thị Hạnh", "Trần Văn Minh", "Lê Thị Thu Hà", "Phạm Quang Huy", "Đỗ Thị Mai", "Vũ Đức Long")
    people = tuple(
        make_officer(office, unit, counter=counter if i == 0 else None, services=(service,), name=names[i % len(names)])
        for i in range(officers)
    )
    return Town(office=office, unit=unit, counter=counter, service=service, survey=survey, officers=people)


class HttpKiosk:
    """A kiosk of this test's own that sends what it is given. It has been up for months, so that its own monotonic
    clock tells the server when each rating was."""

    def __init__(self, town: Town, address: str, *, name: str = "Máy thử") -> None:
        self._town, self._address = town, address
        kiosk, self._key = make_kiosk(town.office, counter=town.counter, name=name)
        self.kiosk: Kiosk = kiosk
        self._booted = town.office.now() - 400 * 86_400_000
        self._boot = f"boot-{uuid.uuid4()}"
        self._seq, self._prev = 1, ""
        self._numbers = itertools.count(kiosk.id * 100_000)

    def rating(self, officer: Officer, level: int, at: datetime) -> Rating:
        """A rating with a dossier of its own, tapped `at`."""
        ms = int(at.timestamp() * 1000)
        return Rating(
            id=str(uuid.uuid4()),
            officer_id=ids.write_id(ids.OFFICER, officer.id),
            counter_id=ids.write_id(ids.COUNTER, self._town.counter.id),
            service_id=ids.write_id(ids.SERVICE, self._town.service.id),
            survey_id=ids.write_id(ids.SURVEY, self._town.survey.id),
            scale=self._town.survey.scale,
            level=level,
            dossier=Dossier(code=f"H42.12-{at:%y%m%d}-{next(self._numbers):06}"),
            tapped_at=written(ms),
            boot_id=self._boot,
            monotonic_ms=ms - self._booted,
        )

    def send(self, ratings: Iterable[Rating]) -> list[Reply]:
        """Send in order of time, in batches of at most 500; the replies."""
        placed = chain(*sorted(ratings, key=lambda each: each.monotonic_ms), seq=self._seq, prev=self._prev)
        replies = []
        for start in range(0, len(placed), wire.MAX_RATINGS):
            replies.append(self._post(placed[start : start + wire.MAX_RATINGS]))
        if placed:
            self._seq, self._prev = placed[-1].seq + 1, digest(placed[-1])
        return replies

    def _post(self, ratings: tuple[Rating, ...]) -> Reply:
        now = self._town.office.now()
        batch = wire.Batch(sent_at=written(now), boot_id=self._boot, monotonic_ms=now - self._booted, ratings=ratings)
        answer = requests.post(
            f"{self._address}/api/v1/batches",
            data=wire.pack(batch),
            headers={**bearer(self._key), "Content-Type": "application/json", "Content-Encoding": "gzip"},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        return wire.read_reply(answer.content, ratings)


def working_days_before(today: date, count: int) -> list[date]:
    """The last `count` weekdays before `today`, in order."""
    days: list[date] = []
    while len(days) < count:
        today -= timedelta(days=1)
        if today.weekday() < 5:
            days.append(today)
    return days[::-1]


def at_work(day: date, minute: int) -> datetime:
    """A moment in the morning of a working day, `minute` minutes after eight."""
    return datetime.combine(day, time(8), HANOI) + timedelta(minutes=minute)


def sqlite_url(folder: Path) -> str:
    """A database in a folder of the test's."""
    return f"sqlite:///{folder / 'town.db'}"
