"""A counter with its officer and an enrolled kiosk, and what tests of intake ask of the database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from survey import wire
from survey.rating import Rating as Said
from survey.wire import Batch, Reply
from sync_server.models.kiosk import Kiosk
from sync_server.models.rating import Rating, SetAside, Tally
from sync_server.office import Office
from sync_server.services.canonical import milliseconds
from sync_server.services.reception import receive
from tests.builders import a_rating
from tests.sync_server import builders


@dataclass
class Desk:
    """A counter where one officer does one service, with a kiosk. `judged` notes whom intake wants judged."""

    office: Office
    unit_id: int
    counter_id: int
    officer_id: int
    service_id: int
    survey_id: int
    kiosk_id: int
    key: str
    judged: list[int] = field(default_factory=list)

    def rating(self, **changes: Any) -> Said:
        """A rating of this officer at this counter."""
        given = {
            "officer_id": f"o{self.officer_id}",
            "counter_id": f"c{self.counter_id}",
            "service_id": f"s{self.service_id}",
            "survey_id": f"q{self.survey_id}",
        }
        return a_rating(**{**given, **changes})

    def send(self, batch: Batch, *, kiosk_id: int | None = None, at: int | None = None, carried: bool = False) -> Reply:
        """Send a batch as the kiosk does; it comes `at`, when it says by itself; the reply as the kiosk reads it."""
        at = milliseconds(datetime.fromisoformat(batch.sent_at)) if at is None else at
        return self.send_body(wire.to_json(batch), batch.ratings, kiosk_id=kiosk_id, at=at, carried=carried)

    def send_body(
        self,
        body: bytes,
        ratings: Sequence[Said] = (),
        *,
        kiosk_id: int | None = None,
        at: int | None = None,
        carried: bool = False,
    ) -> Reply:
        reply = receive(
            self.office,
            kiosk_id or self.kiosk_id,
            body,
            now=self.office.now() if at is None else at,
            touched=lambda officers, day: self.judged.extend(sorted(officers)),
            carried=carried,
        )
        encoded = msgspec.json.encode(reply)
        return wire.read_reply(encoded, ratings) if ratings else reply  # type: ignore[return-value]

    def ratings(self) -> list[Rating]:
        """All stored ratings, in order of epoch and seq."""
        with self.office.database.read() as session:
            return list(session.scalars(select(Rating).order_by(Rating.epoch_id, Rating.seq)))

    def counted(self) -> list[int]:
        """Of all stored ratings in order of epoch and seq: whether they count."""
        return [rating.counted for rating in self.ratings()]

    def set_aside(self) -> list[SetAside]:
        """All that was set aside, in order."""
        with self.office.database.read() as session:
            return list(session.scalars(select(SetAside).order_by(SetAside.id)))

    def tallied(self) -> int:
        """How many ratings the tallies hold."""
        with self.office.database.read() as session:
            total = Tally.n1 + Tally.n2 + Tally.n3 + Tally.n4 + Tally.n5
            return int(session.scalar(select(func.coalesce(func.sum(total), 0))) or 0)

    def stored_total(self, kiosk_id: int | None = None) -> int:
        """The count that the server keeps for the kiosk."""
        with self.office.database.read() as session:
            return session.get_one(Kiosk, kiosk_id or self.kiosk_id).stored_total


def make_desk(office: Office) -> Desk:
    """A desk with rows of its own."""
    counter = builders.make_counter(office)
    service = builders.make_service(office)
    officer = builders.make_officer(office, counter=counter, services=(service,))
    survey = builders.make_survey(office)
    kiosk, key = builders.make_kiosk(office, counter=counter)
    return Desk(office, counter.unit_id, counter.id, officer.id, service.id, survey.id, kiosk.id, key)


@pytest.fixture
def desk(office: Office) -> Desk:
    """A desk, on both databases."""
    return make_desk(office)
