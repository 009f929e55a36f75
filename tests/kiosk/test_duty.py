"""Who is on duty, and whether it is open."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.duty import counter_of, is_open, on_duty
from survey.setup import Duty
from tests.kiosk.builders import HOA, LAN, MONDAY, NAM, a_setup


def duty(officer: str, since: str, until: str | None = None, counter: str = "counter-1") -> Duty:
    return Duty(counter_id=counter, officer_id=officer, since=since, until=until)


SHIFTS = (
    duty(HOA, "2021-03-01T07:30:00+07:00", "2021-03-01T11:30:00+07:00"),
    duty(LAN, "2021-03-01T11:30:00+07:00"),
    duty(NAM, "2021-01-01T00:00:00+07:00", counter="counter-2"),
    duty("left-the-house", "2021-01-01T00:00:00+07:00"),
    duty(NAM, "yesterday"),
    duty(NAM, "2021-01-01T00:00:00+07:00", "some day"),
)


@pytest.mark.parametrize(
    ("hour", "minute", "wanted"), [(7, 29, ()), (7, 30, (HOA,)), (11, 29, (HOA,)), (11, 30, (LAN,)), (23, 0, (LAN,))]
)
def test_the_one_who_sits_here_now(hour: int, minute: int, wanted: tuple[str, ...]) -> None:
    setup = a_setup(duty=SHIFTS)
    now = MONDAY.replace(hour=hour, minute=minute)
    assert on_duty(setup, now) == wanted
    assert on_duty(setup, now.astimezone(UTC)) == wanted


def test_a_kiosk_for_the_whole_unit_knows_all_counters_in_the_rosters_order() -> None:
    assert on_duty(a_setup(duty=SHIFTS, counter=None), MONDAY) == (HOA, NAM)


def test_a_badge_holds_until_the_evening_or_until_a_newer_duty() -> None:
    setup = a_setup(duty=SHIFTS)
    taken = (NAM, MONDAY)
    assert on_duty(setup, MONDAY.replace(hour=11), taken=taken) == (NAM,)
    assert on_duty(setup, MONDAY.replace(hour=12), taken=taken) == (LAN,)
    assert on_duty(setup, MONDAY + timedelta(days=1), taken=taken) == (LAN,)
    assert on_duty(setup, MONDAY - timedelta(minutes=1), taken=taken) == (HOA,)
    assert on_duty(setup, MONDAY, taken=("stranger", MONDAY)) == (HOA,)


def test_a_badge_scanned_late_in_the_evening_by_utc_is_of_the_same_local_day() -> None:
    since = MONDAY.replace(hour=6).astimezone(UTC)  # still Sunday in UTC
    assert on_duty(a_setup(duty=()), MONDAY.replace(hour=18), taken=(NAM, since)) == (NAM,)


def test_a_rating_belongs_to_the_kiosks_counter_or_to_where_the_officer_sits() -> None:
    assert counter_of(a_setup(duty=SHIFTS), NAM, MONDAY) == "counter-1"
    assert counter_of(a_setup(duty=SHIFTS, counter=None), NAM, MONDAY) == "counter-2"
    assert counter_of(a_setup(duty=SHIFTS, counter=None), LAN, MONDAY) is None


HOURS = {"mon": ("07:30-11:30", "13:30-17:00"), "tue": ("22:00-02:00",), "sun": ()}


@pytest.mark.parametrize(
    ("day", "clock", "wanted"),
    [
        (1, "07:29", False), (1, "07:30", True), (1, "11:30", False), (1, "16:59", True), (1, "17:00", False),
        (2, "21:59", False), (2, "23:00", True), (3, "01:59", True), (3, "02:00", False), (7, "09:00", False),
    ],
)  # fmt: skip
def test_opening_hours(day: int, clock: str, wanted: bool) -> None:
    assert is_open(HOURS, datetime.fromisoformat(f"2021-03-0{day}T{clock}:00+07:00")) is wanted


def test_no_hours_at_all_and_hours_that_nobody_can_read_mean_open() -> None:
    assert is_open({}, MONDAY)
    assert is_open({"mon": (), "tue": ()}, MONDAY)
    assert is_open({"mon": ("7h30 đến 11h30",)}, MONDAY)
    assert is_open({"mon": ("00:00-24:00",)}, MONDAY)
