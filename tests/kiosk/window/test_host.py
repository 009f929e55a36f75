"""The host leads visits between a desk and a glass; here both are fakes, and no window is open."""

import uuid
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kiosk.app import BAD_SCAN, ENROLLED, Host
from kiosk.errors import EnrolmentFailed, StoreError
from kiosk.events import CloseRating, OpenRating, ReasonTouched, ReviseRating, Sent, TakeDuty, Touched
from kiosk.visit import Screen, Terms, Visit
from survey.ticket import Badge, DossierCode, Enrolment, Scan
from tests.kiosk.window.sample_setup import sample_setup

SCANS: dict[str, Scan] = {
    "slip": DossierCode(dossier_code="H42.12-210301-0007"),
    "badge": Badge(token="t", officer_id="of-2"),
    "strange badge": Badge(token="t", officer_id="nobody"),
    "join": Enrolment(url="http://server", code="GOOD"),
    "join wrongly": Enrolment(url="http://server", code="BAD"),
}


class FakeDesk:
    """Keeps deeds in a list; breaks on the deeds that it is told to."""

    def __init__(self, terms: Terms) -> None:
        self.told = terms
        self.deeds: list[Any] = []
        self.breaks_on: tuple[type, ...] = ()
        self.listeners: list[Callable[[], None]] = []

    def terms(self) -> Terms:
        return self.told

    def perform(self, deed: Any) -> None:
        if isinstance(deed, self.breaks_on):
            raise StoreError("the disk is full")
        self.deeds.append(deed)

    def enrol(self, url: str, code: str) -> None:
        if code != "GOOD":
            raise EnrolmentFailed("wrong code", {"vi": "Mã sai", "en": "Wrong code"})
        self.told = Terms(setup=sample_setup(), on_duty=("of-1",))

    def read_scan(self, text: str) -> Scan:
        return SCANS[text]

    def photo(self, officer_id: str) -> Path | None:
        return None

    def listen(self, callback: Callable[[], None]) -> None:
        self.listeners.append(callback)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the host must not ask the desk for {name}")


class FakeGlass:
    """Remembers what it was asked to show; does at once what is for soon."""

    def __init__(self) -> None:
        self.shown: list[Visit] = []
        self.notices: list[str] = []
        self.wake: float | None = None
        self.breaks_on: Screen | None = None

    def show(self, visit: Visit, time_left_s: float | None) -> None:
        if visit.screen is self.breaks_on:
            self.breaks_on = None
            raise RuntimeError("a page is broken")
        self.shown.append(visit)

    def notice(self, sentence: str) -> None:
        self.notices.append(sentence)

    def wake_in(self, seconds: float | None) -> None:
        self.wake = seconds

    def soon(self, call: Callable[[], None]) -> None:
        call()

    @property
    def screen(self) -> Screen:
        return self.shown[-1].screen


def a_kiosk(terms: Terms | None = None) -> SimpleNamespace:
    """A host with its fakes; `k.now` is the clock, advanced by hand."""
    kiosk = SimpleNamespace(now=100.0, desk=FakeDesk(terms or Terms(setup=sample_setup(), on_duty=("of-1",))))
    kiosk.glass = FakeGlass()
    kiosk.host = Host(
        kiosk.desk,
        kiosk.glass,
        monotonic=lambda: kiosk.now,
        new_id=lambda: uuid.UUID(int=7),
        beside=lambda work: work(),
    )
    kiosk.host.open()
    kiosk.now += 1
    return kiosk


def later(kiosk: SimpleNamespace, act: Callable[[], None], seconds: float = 1.0) -> None:
    act()
    kiosk.now += seconds


def test_a_face_is_with_the_desk_before_the_next_screen_is_shown() -> None:
    kiosk = a_kiosk()
    later(kiosk, lambda: kiosk.host.tell(Touched))
    shown = len(kiosk.glass.shown)
    kiosk.desk.perform = lambda deed: (kiosk.desk.deeds.append(deed), kiosk.glass.notices.append(str(shown)))  # type: ignore[method-assign]
    kiosk.host.rate(2)
    assert isinstance(kiosk.desk.deeds[0], OpenRating)
    assert kiosk.glass.screen is Screen.REASONS
    assert kiosk.glass.notices == [str(shown)]


def test_a_whole_visit_opens_revises_and_closes_one_rating() -> None:
    kiosk = a_kiosk()
    later(kiosk, lambda: kiosk.host.tell(Touched))
    later(kiosk, lambda: kiosk.host.rate(1))
    later(kiosk, lambda: kiosk.host.tell(ReasonTouched, "slow"))
    later(kiosk, lambda: kiosk.host.tell(Sent))
    assert [type(deed) for deed in kiosk.desk.deeds] == [OpenRating, ReviseRating, CloseRating]
    assert kiosk.glass.screen is Screen.THANKS


def test_a_rating_that_cannot_be_kept_is_not_acknowledged() -> None:
    kiosk = a_kiosk()
    kiosk.desk.breaks_on = (OpenRating,)
    later(kiosk, lambda: kiosk.host.tell(Touched))
    later(kiosk, lambda: kiosk.host.rate(1))
    assert kiosk.glass.screen is Screen.RESTING
    assert kiosk.desk.deeds == []
    kiosk.now += 60
    kiosk.host.tick()
    assert kiosk.glass.screen is Screen.IDLE


def test_a_broken_page_rests_and_closes_what_stands_open() -> None:
    kiosk = a_kiosk()
    later(kiosk, lambda: kiosk.host.tell(Touched))
    later(kiosk, lambda: kiosk.host.rate(1))
    kiosk.glass.breaks_on = Screen.THANKS
    later(kiosk, lambda: kiosk.host.tell(Sent))
    assert kiosk.glass.screen is Screen.RESTING
    assert [type(deed) for deed in kiosk.desk.deeds] == [OpenRating, CloseRating]


def test_even_a_close_that_fails_leads_to_resting() -> None:
    kiosk = a_kiosk()
    later(kiosk, lambda: kiosk.host.tell(Touched))
    later(kiosk, lambda: kiosk.host.rate(1))
    kiosk.desk.breaks_on = (CloseRating,)
    later(kiosk, lambda: kiosk.host.tell(Sent))
    assert kiosk.glass.screen is Screen.RESTING


def test_a_badge_takes_duty_although_the_screen_stays() -> None:
    kiosk = a_kiosk()
    kiosk.host.scan("badge")
    assert kiosk.desk.deeds == [TakeDuty(officer_id="of-2")]
    assert kiosk.glass.screen is Screen.IDLE


def test_an_enrolment_scan_joins_the_server_and_shows_idle() -> None:
    kiosk = a_kiosk(Terms())
    assert kiosk.glass.screen is Screen.PAIRING
    kiosk.host.scan("join wrongly")
    assert kiosk.glass.notices[-1] == "Mã sai"
    assert kiosk.glass.screen is Screen.PAIRING
    kiosk.host.scan("join")
    assert kiosk.glass.notices[-1] == ENROLLED
    assert kiosk.glass.screen is Screen.IDLE


def test_a_scan_that_means_nothing_here_is_a_soft_line() -> None:
    kiosk = a_kiosk()
    for text in ("strange badge", "join"):
        kiosk.host.scan(text)
    assert kiosk.glass.notices == [BAD_SCAN, BAD_SCAN]
    assert kiosk.desk.deeds == []


def test_nothing_wakes_an_idle_kiosk_and_one_call_leaves_a_visit() -> None:
    kiosk = a_kiosk()
    assert kiosk.glass.wake is None
    later(kiosk, lambda: kiosk.host.tell(Touched))
    assert kiosk.glass.wake is not None
    kiosk.now += kiosk.glass.wake
    kiosk.host.tick()
    assert kiosk.glass.screen is Screen.IDLE
    assert kiosk.glass.wake is None


def test_a_tick_that_comes_too_early_is_asked_for_again() -> None:
    kiosk = a_kiosk()
    later(kiosk, lambda: kiosk.host.tell(Touched))
    kiosk.glass.wake = None
    kiosk.host.tick()
    assert kiosk.glass.wake is not None
    assert kiosk.glass.screen is Screen.RATE


def test_new_terms_reach_the_glass_when_the_desk_tells() -> None:
    kiosk = a_kiosk()
    kiosk.desk.told = Terms(setup=sample_setup(), on_duty=("of-1",), is_open=False)
    kiosk.desk.listeners[0]()
    assert kiosk.glass.screen is Screen.ASLEEP
