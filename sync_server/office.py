"""What a request needs of the house: settings, database, seals, clock. Wired in `create_app` and in `cli`."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from sync_server.config import ServerSettings
from sync_server.db import Database
from sync_server.seals import Seals

KEY = "nucuoi"
"""Its place in `app.extensions`."""


def now_ms() -> int:
    """The server's own clock: milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, kw_only=True)
class Office:
    """The parts that services and queries are called with."""

    settings: ServerSettings
    database: Database
    seals: Seals
    now: Callable[[], int] = now_ms

    @property
    def zone(self) -> ZoneInfo:
        """The town's own time zone: days and opening hours are counted in it."""
        return ZoneInfo(self.settings.timezone)

    def day(self, at: int) -> int:
        """The town's calendar day (`date.toordinal()`) of a moment."""
        return datetime.fromtimestamp(at / 1000, self.zone).date().toordinal()

    def moment(self, day: int) -> int:
        """When a day of the town's calendar begins: milliseconds since 1970 UTC."""
        return int(datetime.combine(date.fromordinal(day), time_of_day(), self.zone).timestamp()) * 1000


def open_office(settings: ServerSettings, now: Callable[[], int] = now_ms) -> Office:
    """An office over the settings' database. `settings.secret` must be set (see `config.with_secret`)."""
    return Office(settings=settings, database=Database(settings.database), seals=Seals(settings.secret), now=now)
