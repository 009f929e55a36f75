"""A look through the camera: newest pictures, each code once, an end that nothing outlives. No thread, no clock."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from kiosk.camera.frame import Frame
from kiosk.camera.watch import LOOKS_A_SECOND, REPEAT_S, Codes, Watch
from kiosk.errors import CameraAway


def a_frame(grey: int) -> Frame:
    return Frame(width=1, height=1, luminance=bytes([grey]))


class FakeCamera:
    """Gives its pictures one by one and then does `at_end`; a picture may be an exception to raise."""

    is_there = True

    def __init__(self, *pictures: Frame | Exception | None) -> None:
        self.pictures = list(pictures)
        self.at_end: Callable[[], None] = lambda: None
        self.closed = 0

    def open(self) -> "FakeCamera":
        return self

    def newest(self) -> Frame | None:
        picture = self.pictures.pop(0)
        if not self.pictures:
            self.at_end()
        if isinstance(picture, Exception):
            raise picture
        return picture

    def close(self) -> None:
        self.closed += 1


def look(camera: FakeCamera, codes: dict[int, Codes], seconds_each: float = 1.0) -> SimpleNamespace:
    """Look until the pictures are at their end. codes: what each grey holds."""
    told = SimpleNamespace(frames=[], codes=[], away=0, now=0.0)

    def read(frame: Frame) -> Codes:
        told.now += seconds_each
        return codes.get(frame.luminance[0], ())

    def away() -> None:
        told.away += 1

    watch = Watch(
        camera,
        read,
        on_frame=lambda frame: told.frames.append(frame.luminance[0]),
        on_codes=told.codes.append,
        on_away=away,
        monotonic=lambda: told.now,
        beside=lambda work: work(),
    )
    camera.at_end = watch.stop
    told.watch = watch
    watch.start()
    return told


def test_each_picture_is_shown_and_its_codes_told() -> None:
    camera = FakeCamera(a_frame(1), None, a_frame(2), a_frame(3), None)
    told = look(camera, {2: ("slip",)})
    assert told.frames == [1, 2, 3]
    assert told.codes == [("slip",)]
    assert camera.closed == 1
    assert told.away == 0


def test_a_paper_that_stays_is_told_once_in_some_seconds_and_another_at_once() -> None:
    pictures = [a_frame(1)] * int(REPEAT_S) + [a_frame(1), a_frame(2), a_frame(1), None]
    told = look(FakeCamera(*pictures), {1: ("one",), 2: ("two",)})
    assert told.codes == [("one",), ("one",), ("two",), ("one",)]


def test_after_the_end_nothing_is_shown_and_nothing_told() -> None:
    camera = FakeCamera(a_frame(1))
    told = look(camera, {1: ("slip",)})
    assert told.frames == []
    assert told.codes == []
    assert camera.closed == 1


@pytest.mark.parametrize("fault", [CameraAway("pulled out"), RuntimeError("a fault of ours")])
def test_a_camera_that_fails_is_told_once_and_given_back(fault: Exception) -> None:
    camera = FakeCamera(a_frame(1), fault, a_frame(2), a_frame(3))
    told = look(camera, {})
    assert told.away == 1
    assert told.frames == [1]
    assert camera.closed == 1


def test_a_watch_that_was_ended_before_it_began_opens_nothing() -> None:
    later: list[Callable[[], None]] = []
    camera = FakeCamera()
    watch = Watch(
        camera, lambda _: (), on_frame=print, on_codes=print, on_away=print, monotonic=lambda: 0.0, beside=later.append
    )
    watch.start()
    watch.stop()
    later[0]()
    assert camera.closed == 0


def test_a_look_that_is_quick_waits_before_the_next() -> None:
    waits = []
    camera = FakeCamera(a_frame(1), a_frame(2), None)
    later: list[Callable[[], None]] = []
    watch = Watch(
        camera, lambda _: (), on_frame=print, on_codes=print, on_away=print, monotonic=lambda: 0.0, beside=later.append
    )
    camera.at_end = watch.stop
    watch.start()
    ended = watch._ended
    watch._ended = SimpleNamespace(  # type: ignore[assignment]
        is_set=ended.is_set, set=ended.set, wait=lambda seconds: waits.append(seconds)
    )
    camera.at_end = ended.set
    later[0]()
    assert waits == [1 / LOOKS_A_SECOND] * 3
