"""What the interface can rely on: the desk over a real store, with a server in memory."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.config import KioskSettings
from kiosk.desk import Desk
from kiosk.errors import EnrolmentFailed, ServerAway, StoreBusy, StoreError
from kiosk.events import CloseRating, ReviseRating, TakeDuty
from survey.errors import BadScan
from survey.setup import Behaviour, Officer
from survey.ticket import DossierCode
from tests.kiosk.builders import HOA, LAN, a_setup, a_tap, an_id
from tests.kiosk.fakes import FakeServer, HandClock
from tests.kiosk.frail_disk import FrailDisk


class Counter:
    """A kiosk that stands on a counter: its desk, clock, server and disk."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.hand, self.server, self.disk = HandClock(), FakeServer(), FrailDisk()
        self.beside: Callable[[Callable[[], None]], None] = lambda work: work()
        self.desk = self.make()

    def make(self) -> Desk:
        settings = KioskSettings(data_dir=self.directory)
        desk = Desk(
            settings,
            clock=self.hand.clock,
            connect=self.server,
            disk=self.disk,
            chance=lambda: 0.5,
            beside=lambda work: self.beside(work),
        )
        desk.open()
        return desk

    def restart(self) -> None:
        self.desk.stop()
        self.desk = self.make()

    def enrol(self) -> None:
        self.desk.enrol("https://one-stop.test/", "CODE")

    def tap(self, number: int, **changes: object) -> str:
        tap = a_tap(number, **changes)
        self.desk.perform(tap)
        return tap.rating_id

    def whole_visit(self, number: int, **changes: object) -> None:
        self.desk.perform(CloseRating(rating_id=self.tap(number, **changes)))

    def sync(self) -> None:
        self.desk._sync.turn()


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path / "data")
    yield counter
    counter.desk.stop()


def test_before_pairing_there_is_no_setup_and_codes_go_by_the_shipped_pattern(counter: Counter) -> None:
    assert counter.desk.terms().setup is None
    assert counter.desk.read_scan("H29.147-260406-9248") == DossierCode(dossier_code="H29.147-260406-9248")
    with pytest.raises(BadScan):
        counter.desk.read_scan("1.011442.000.00.00.H38")
    assert not counter.desk.status().paired


def test_after_enrolment_the_setup_is_there_at_once(counter: Counter) -> None:
    heard: list[int] = []
    counter.desk.listen(lambda: heard.append(1))
    counter.enrol()
    assert counter.desk.terms().on_duty == (HOA,)
    assert counter.desk.server_url == "https://one-stop.test"
    assert heard
    counter.restart()
    assert counter.desk.terms().setup == a_setup()


def test_a_wrong_code_says_so_in_vietnamese_and_changes_nothing(counter: Counter) -> None:
    with pytest.raises(EnrolmentFailed) as failure:
        counter.desk.enrol("https://one-stop.test", "OTHER")
    assert failure.value.words["vi"] == "Mã không đúng"
    assert not counter.desk.status().paired


def test_a_code_is_not_spent_when_its_answer_could_not_be_kept(counter: Counter) -> None:
    counter.disk.full = True
    counter.server.faults = [AssertionError("the server was asked")]
    with pytest.raises(StoreError):
        counter.enrol()


def test_a_visit_reaches_the_server_with_all_that_was_said(counter: Counter) -> None:
    counter.enrol()
    rating_id = counter.tap(1, level=2)
    counter.desk.perform(ReviseRating(rating_id=rating_id, level=1, reasons=("slow",), comment="Chờ lâu"))
    counter.sync()
    assert counter.server.kept == {}, "an open rating is not sent"
    counter.desk.perform(CloseRating(rating_id=rating_id))
    assert counter.desk.status().waiting == 1
    counter.sync()
    rating = counter.server.kept[rating_id]
    assert (rating.level, rating.reasons, rating.comment, rating.seq, rating.prev) == (1, ("slow",), "Chờ lâu", 1, "")
    assert (rating.counter_id, rating.boot_id, rating.tapped_at) == (
        "counter-1",
        "boot-1",
        "2021-03-01T08:00:00.000+07:00",
    )
    assert counter.desk.status().waiting == 0
    assert counter.desk.status().last_sent_at == counter.server.now


def test_a_power_cut_after_the_face_leaves_a_whole_rating(counter: Counter) -> None:
    counter.enrol()
    rating_id = counter.tap(1, level=2)
    counter.restart()
    assert counter.desk.status().waiting == 1
    counter.sync()
    assert counter.server.kept[rating_id].level == 2


def test_a_refused_rating_is_parked_and_named_to_staff(counter: Counter) -> None:
    counter.enrol()
    counter.server.refuse = {LAN}
    counter.whole_visit(1, officer_id=LAN)
    counter.whole_visit(2)
    counter.sync()
    (parked,) = counter.desk.status().parked
    assert (parked.id, parked.code, parked.officer_name) == (an_id(1), "unknown_officer", "Lê Thị Lan")
    assert list(counter.server.kept) == [an_id(2)]


def test_no_server_is_no_fault_but_its_reason_is_told(counter: Counter) -> None:
    counter.enrol()
    counter.sync()
    counter.server.faults = [ServerAway("gone", {"vi": "Mất mạng", "en": "No network"})]
    counter.sync()
    assert (counter.desk.status().fault, counter.desk.status().trouble) == (None, "Mất mạng")
    counter.sync()
    assert counter.desk.status().trouble is None


def test_a_full_disk_rests_the_kiosk_and_space_wakes_it(counter: Counter) -> None:
    counter.enrol()
    counter.disk.full = True
    with pytest.raises(StoreError):
        counter.tap(1)
    assert not counter.desk.terms().able
    assert "đầy" in (counter.desk.status().fault or "")
    counter.hand.tick(3)
    assert not counter.desk.terms().able
    counter.disk.full = False
    counter.hand.tick(3)
    assert counter.desk.terms().able
    assert counter.desk.status().fault is None
    counter.restart()
    assert counter.desk.status().waiting == 0, "what was not acknowledged does not count"


def test_who_asks_never_waits_for_a_sick_disk_to_be_tried(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worn card may hold a write up for a minute; the window asks for terms at each turn of a visit meanwhile."""
    counter.enrol()
    counter.disk.full = True
    with pytest.raises(StoreError):
        counter.tap(1)
    counter.disk.full = False
    tried, mended, heard = threading.Event(), threading.Event(), threading.Event()
    write = counter.disk.write

    def hang(handle: int, data: bytes) -> int:
        tried.set()
        assert mended.wait(30)
        return write(handle, data)

    monkeypatch.setattr(counter.disk, "write", hang)
    looks: list[threading.Thread] = []

    def beside(work: Callable[[], None]) -> None:
        looks.append(threading.Thread(target=work, daemon=True))
        looks[-1].start()

    counter.beside = beside
    counter.desk.listen(heard.set)
    counter.hand.tick(3)
    heard.clear()
    assert not counter.desk.terms().able
    assert tried.wait(30)
    counter.hand.tick(3)
    assert not counter.desk.terms().able, "the answer comes while the disk still hangs"
    assert len(looks) == 1, "and nobody else is sent to hang there too"
    mended.set()
    looks[0].join(30)
    assert heard.is_set(), "the window is told that it may wake up"
    assert counter.desk.terms().able


def test_a_rating_whose_closing_failed_is_closed_when_the_disk_is_well(counter: Counter) -> None:
    counter.enrol()
    rating_id = counter.tap(1)
    counter.disk.full = True
    with pytest.raises(StoreError):
        counter.desk.perform(CloseRating(rating_id=rating_id))
    counter.disk.full = False
    counter.hand.tick(3)
    assert counter.desk.terms().able
    assert counter.desk.status().waiting == 1


def test_a_store_that_cannot_be_opened_rests_and_is_tried_again(tmp_path: Path) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("a file where the directory should be")
    counter = Counter(blocked)
    assert not counter.desk.terms().able
    assert counter.desk.status().fault
    blocked.unlink()
    counter.hand.tick(3)
    assert counter.desk.terms().able
    counter.desk.stop()


def test_a_second_kiosk_on_the_same_directory_is_refused(counter: Counter) -> None:
    with pytest.raises(StoreBusy, match=r"process \d+"):
        Counter(counter.directory)


def test_a_badge_takes_the_counter_for_the_day(counter: Counter) -> None:
    counter.enrol()
    counter.desk.perform(TakeDuty(officer_id=LAN))
    assert counter.desk.terms().on_duty == (LAN,)
    counter.restart()
    assert counter.desk.terms().on_duty == (LAN,)
    counter.hand.tick(24 * 3600)
    assert counter.desk.terms().on_duty == (HOA,)


def test_opening_hours_go_by_the_servers_time_when_the_devices_clock_is_wrong(counter: Counter) -> None:
    counter.server.setup_now = a_setup(behaviour=Behaviour(opening_hours={"mon": ("07:30-11:30",)}))
    counter.enrol()
    counter.hand.wall = counter.hand.wall.replace(year=2016)  # a Friday, with no hours
    assert not counter.desk.terms().is_open
    counter.sync()
    assert counter.desk.terms().is_open
    assert counter.desk.status().clock == "unsure"


def test_a_difference_to_the_servers_count_is_shown(counter: Counter) -> None:
    counter.enrol()
    counter.whole_visit(1)
    counter.server.surplus = -1
    counter.sync()
    assert counter.desk.status().difference == -1
    counter.server.surplus = 2
    counter.sync()
    assert counter.desk.status().difference == 2


def test_photos_are_kept_on_the_device_and_forgotten_with_the_officer(counter: Counter) -> None:
    officer = Officer(id=HOA, name="Nguyễn Thị Hòa", title="Công chức", photo="/photos/hoa.png")
    counter.server.photos = {"/photos/hoa.png": b"\x89PNG..."}
    counter.server.setup_now = a_setup(officers=(officer,))
    counter.enrol()
    assert counter.desk.photo(HOA) is None
    counter.sync()
    file = counter.desk.photo(HOA)
    assert file is not None
    assert file.read_bytes() == b"\x89PNG..."
    counter.server.setup_now, counter.server.etag = a_setup(), '"2"'
    counter.desk.send_now()
    counter.sync()
    assert not file.exists()


def test_settings_never_show_the_key(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    counter.enrol()
    counter.sync()
    assert "secret" not in caplog.text
    assert counter.desk._kept.now is not None
    assert "secret" not in repr(counter.desk._kept.now.identity())


def test_a_kiosk_on_home_visits_is_one_after_a_restart_and_names_no_counter(counter: Counter) -> None:
    counter.enrol()
    assert counter.desk.terms().source == "kiosk"
    counter.desk.serve_at_home(True)
    counter.restart()
    assert counter.desk.terms().source == "home"
    counter.whole_visit(1, source="home")
    counter.whole_visit(2)
    counter.sync()
    kept = counter.server.kept
    assert (kept[an_id(1)].source, kept[an_id(1)].counter_id) == ("home", None)
    assert (kept[an_id(2)].source, kept[an_id(2)].counter_id) == ("kiosk", "counter-1")


def test_the_server_may_send_a_kiosk_on_home_visits_and_call_it_back(counter: Counter) -> None:
    counter.enrol()
    for etag, home_visits, source in (('"2"', True, "home"), ('"3"', False, "kiosk")):
        counter.server.setup_now = a_setup(behaviour=Behaviour(home_visits=home_visits))
        counter.server.etag = etag
        counter.hand.tick(600)
        counter.sync()
        assert counter.desk.terms().source == source


def test_a_sick_disk_keeps_a_kiosk_where_it_is(counter: Counter) -> None:
    counter.enrol()
    counter.disk.syncs_left = 0
    with pytest.raises(StoreError):
        counter.desk.serve_at_home(True)
    counter.disk.syncs_left = None
    counter.restart()
    assert counter.desk.terms().source == "kiosk"
