"""The observers' sealed months: a chain that shows whatever was altered, on both databases and from a file alone."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, text, update

from survey.rating import SOURCES
from sync_server import sealed_months
from sync_server.commands import seals as command
from sync_server.models.kiosk import Boot, Epoch
from sync_server.models.months import DetachedMonth
from sync_server.models.rating import Rating
from sync_server.models.seal import SealedMonth
from sync_server.office import Office
from sync_server.sealed_months import Counted, Seal, chain_faults, from_file, make, public_key, to_file
from sync_server.services import sealing_months
from tests.sync_server import builders
from tests.sync_server.conftest import SetClock

KEY = bytes(range(32))
DAY_MS = 86_400_000


def three() -> list[Seal]:
    """A chain of three months."""
    seals: list[Seal] = []
    for number in (1, 2, 3):
        counted = [Counted(month=f"2026-0{number}", survey=1, levels=(0, 1, 2, 3, number), digest="ab")]
        seals.append(
            make(
                KEY, number=number, month=f"2026-0{number}", until_at=number, counted=counted,
                units={"Xã Mộc Bắc": [0, 1, 2, 3, number]}, before=seals[-1] if seals else None,
            )
        )  # fmt: skip
    return seals


def test_a_chain_as_it_was_signed_has_no_fault_also_from_its_file() -> None:
    key, seals = from_file(to_file(three(), public_key(KEY)))
    assert key == public_key(KEY)
    assert chain_faults(seals, key) == []


@given(st.integers(0, 2), st.data())
def test_any_changed_byte_shows(place: int, data: st.DataObject) -> None:
    seals = three()
    content = bytearray(seals[place].content)
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    seals[place] = replace(seals[place], content=bytes(content))
    assert chain_faults(seals, public_key(KEY))


def test_a_month_that_was_taken_out_or_swapped_or_signed_by_another_shows() -> None:
    one, two, last = three()
    assert chain_faults([one, last], public_key(KEY))
    assert chain_faults([two, last], public_key(KEY))
    assert chain_faults([two, one, last], public_key(KEY))
    assert chain_faults([one, two, last], public_key(bytes(32)))
    assert chain_faults([one], "no key")


def test_a_file_that_is_none_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (("empty", b""), ("other", b'{"seals": [{}]}'), ("list", b"[]")):
        (tmp_path / name).write_bytes(content)
        assert command._run_file(tmp_path / name, None) == 1
        assert "no file of sealed months" in capsys.readouterr().out
    good = tmp_path / "good"
    good.write_bytes(to_file(three(), public_key(KEY)))
    assert command._run_file(good, public_key(KEY)) == 0
    assert command._run_file(good, public_key(bytes(32))) == 1


class Observers:
    """Ratings of observers that arrive at the server, one by one."""

    def __init__(self, office: Office, clock: SetClock) -> None:
        self.office, self.clock, self.seq = office, clock, 0
        counter = builders.make_counter(office)
        self.officer = builders.make_officer(office, counter=counter)
        self.survey = builders.make_survey(office)
        kiosk, _ = builders.make_kiosk(office, counter=counter)
        with office.database.write() as writing:
            epoch, boot = Epoch(kiosk_id=kiosk.id, begun_at=office.now()), Boot(kiosk_id=kiosk.id, boot_id="b" * 32)
            writing.add_all((epoch, boot))
            writing.flush()
            self.epoch, self.boot = epoch.id, boot.id

    def say(self, level: int, *, day: int | None = None, source: str = "observer") -> None:
        """A rating that arrives now; day: on which it was tapped."""
        self.seq += 1
        tapped_at = self.clock.at if day is None else self.office.moment(day)
        with self.office.database.write() as writing:
            writing.execute(
                insert(Rating).values(
                    epoch_id=self.epoch, seq=self.seq, id=self.seq.to_bytes(16, "big"), officer_id=self.officer.id,
                    survey_id=self.survey.id, level=level, reasons=0, language="vi", source=SOURCES.index(source),
                    boot_id=self.boot, monotonic_ms=0, tapped_at=tapped_at, tapped_offset_min=420,
                    received_at=self.clock.at, happened_at=tapped_at, clock=0,
                    day=self.office.day(tapped_at), counted=0, digest=bytes(32),
                )
            )  # fmt: skip
        self.clock.advance(s=1)

    def seal(self) -> Seal | None:
        """What the night does."""
        with self.office.database.write() as writing:
            return sealing_months.seal_due(writing, self.office, now=self.clock())

    def faults(self) -> list[str]:
        """What verification finds."""
        with self.office.database.read() as reading:
            return sealing_months.verify(reading, self.office)

    def to(self, day: date) -> None:
        """Let the calendar come to the noon of a day."""
        self.clock.at = self.office.moment(day.toordinal()) + DAY_MS // 2


@pytest.fixture
def observers(office: Office, clock: SetClock) -> Observers:
    return Observers(office, clock)


def test_months_are_sealed_once_after_their_days_of_grace(observers: Observers) -> None:
    observers.to(date(2026, 3, 20))
    assert observers.seal() is None  # nobody asked yet
    observers.say(5)
    observers.say(2, source="kiosk")
    observers.to(date(2026, 4, 2))
    assert observers.seal() is None  # February was over before they began, March has its days of grace
    observers.say(3)
    observers.to(date(2026, 4, 3))
    seal = observers.seal()
    assert seal is not None
    assert seal.said["month"] == "2026-03"
    assert [(one["month"], one["levels"]) for one in seal.said["counted"]] == [("2026-03", [0, 0, 0, 0, 1])]
    assert observers.seal() is None
    observers.to(date(2026, 5, 3))
    seal = observers.seal()
    assert seal is not None
    assert [(one["month"], one["levels"]) for one in seal.said["counted"]] == [("2026-04", [0, 0, 1, 0, 0])]
    assert observers.faults() == []


def test_what_comes_late_is_in_the_next_seal_as_late(observers: Observers) -> None:
    march = date(2026, 3, 20)
    observers.to(march)
    observers.say(5)
    observers.to(date(2026, 4, 3))
    observers.seal()
    observers.say(1, day=march.toordinal())
    observers.to(date(2026, 4, 20))
    observers.say(4)
    observers.to(date(2026, 5, 4))
    seal = observers.seal()
    assert seal is not None
    assert [(one["month"], one["levels"]) for one in seal.said["counted"]] == [
        ("2026-03", [1, 0, 0, 0, 0]),
        ("2026-04", [0, 0, 0, 1, 0]),
    ]
    assert observers.faults() == []


def test_a_month_without_ratings_is_sealed_as_such(observers: Observers) -> None:
    observers.to(date(2026, 3, 20))
    observers.say(5)
    for month in (4, 5):
        observers.to(date(2026, month, 5))
        seal = observers.seal()
        assert seal is not None
    assert seal.said["counted"] == []
    assert seal.said["number"] == 2


ALTERATIONS = {
    "a level": update(Rating).where(Rating.seq == 1).values(level=5),
    "an officer's rating moved": update(Rating).where(Rating.seq == 1).values(reasons=3),
    "a rating gone": delete(Rating).where(Rating.seq == 2),
    "a day": update(Rating).where(Rating.seq == 2).values(tapped_at=0),
    "a seal's content": update(SealedMonth).where(SealedMonth.number == 1).values(content=b"{}"),
    "a seal's end": update(SealedMonth).where(SealedMonth.number == 1).values(until_at=5),
    "a seal gone": delete(SealedMonth).where(SealedMonth.number == 1),
}


@pytest.mark.parametrize("what", ALTERATIONS)
def test_whatever_is_altered_in_the_database_is_found_and_named(observers: Observers, what: str) -> None:
    observers.to(date(2026, 3, 20))
    for level in (1, 2, 5):
        observers.say(level)
    observers.to(date(2026, 4, 5))
    observers.seal()
    observers.to(date(2026, 5, 5))
    observers.seal()
    assert observers.faults() == []
    with observers.office.database.write() as writing:
        if observers.office.database.engine.dialect.name == "postgresql":
            writing.execute(text("SET session_replication_role = replica"))  # as somebody who owns the database would
        writing.execute(ALTERATIONS[what])
    found = observers.faults()
    assert found
    assert "seal" in found[0]


def test_a_clock_that_becomes_known_after_the_seal_is_no_alteration(observers: Observers) -> None:
    observers.to(date(2026, 3, 20))
    observers.say(1)
    observers.say(4, day=date(2020, 1, 1).toordinal())  # a clock that was never set: the month in which it came counts
    with observers.office.database.write() as writing:
        writing.execute(update(Rating).where(Rating.seq == 2).values(day=None, happened_at=None, clock=2))
    observers.to(date(2026, 4, 5))
    seal = observers.seal()
    assert seal is not None
    assert [(one["month"], one["levels"]) for one in seal.said["counted"]] == [("2026-03", [1, 0, 0, 1, 0])]
    known = date(2026, 2, 27).toordinal()
    with observers.office.database.write() as writing:
        moved = {"day": known, "happened_at": observers.office.moment(known), "clock": 0}
        writing.execute(update(Rating).where(Rating.seq == 2).values(**moved))
    assert observers.faults() == []


def test_a_month_that_was_detached_is_no_alteration(observers: Observers) -> None:
    observers.to(date(2026, 3, 20))
    observers.say(1)
    observers.to(date(2026, 4, 5))
    observers.seal()
    observers.say(2)
    observers.to(date(2026, 5, 5))
    observers.seal()
    first, until = (observers.office.moment(date(2026, month, 1).toordinal()) for month in (3, 4))
    with observers.office.database.write() as writing:
        if observers.office.database.engine.dialect.name == "postgresql":
            writing.execute(text("SET session_replication_role = replica"))
        writing.execute(delete(Rating))
        writing.add(DetachedMonth(month="2026-03", first_at=first, until_at=until, ratings=1, detached_at=until))
    assert [fault.split(" (")[0] for fault in observers.faults()] == ["seal 2"]


def test_a_rating_that_was_slipped_in_with_an_old_time_of_receipt_is_found(observers: Observers) -> None:
    observers.to(date(2026, 3, 20))
    observers.say(1)
    observers.to(date(2026, 4, 5))
    observers.seal()
    later = observers.clock.at
    observers.clock.at = observers.office.moment((date(2026, 3, 20) + timedelta(days=1)).toordinal())
    observers.say(5)
    observers.clock.at = later
    assert "[1, 0, 0, 0, 0], now [1, 0, 0, 0, 1]" in observers.faults()[0]


def test_the_content_of_a_seal_names_no_officer(observers: Observers) -> None:
    observers.to(date(2026, 3, 20))
    observers.say(1)
    observers.to(date(2026, 4, 5))
    seal = observers.seal()
    assert seal is not None
    assert set(json.loads(seal.content)) == {
        "version", "number", "month", "received_until", "counted", "units", "before",
    }  # fmt: skip
    assert observers.officer.name not in seal.content.decode()
    assert sealed_months.PURPOSE == "observers' months"
