"""A USB camera as the kernel's interface describes it, played by a fake that checks each call."""

import errno
import os
import struct
from pathlib import Path

import pytest

from kiosk.camera import video4linux as v4l2
from kiosk.camera.frame import Frame
from kiosk.camera.video4linux import VideoCamera
from kiosk.errors import CameraAway

WIDTH, HEIGHT = 4, 2


class Kernel:
    """Answers `ioctl` for one camera with pictures of 4 × 2; `filled` are the buffers it has filled, in order."""

    def __init__(self, driver: bytes = b"uvcvideo", kind: bytes = b"YUYV", can: int = 0x04200001) -> None:
        self.driver, self.kind, self.can = driver, kind, can
        self.step = 2 if kind in (b"YUYV", b"UYVY") else 1
        self.memory = [bytearray(WIDTH * HEIGHT * self.step) for _ in range(3)]
        self.queued: list[int] = []
        self.filled: list[int] = []
        self.streaming = False
        self.gone = False
        self.fails: dict[int, int] = {}
        self.unmapped = 0

    def take(self, grey: int) -> None:
        """The chip takes a picture into the next free buffer."""
        index = self.queued.pop(0)
        self.memory[index][:] = bytes([grey, 128][: self.step]) * (WIDTH * HEIGHT)
        self.filled.append(index)

    def ioctl(self, number: int, request: int, given: bytearray) -> int:
        os.fstat(number)  # the file must be open
        if self.gone:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        if request in self.fails:
            raise OSError(self.fails[request], os.strerror(self.fails[request]))
        getattr(self, f"_{request:x}")(given)
        return 0

    def _80685600(self, given: bytearray) -> None:  # VIDIOC_QUERYCAP
        assert len(given) == 104
        struct.pack_into("16s", given, 0, self.driver)
        struct.pack_into("II", given, 84, 0x84A00001, self.can)

    def _c0d05605(self, given: bytearray) -> None:  # VIDIOC_S_FMT
        assert len(given) == 208
        assert struct.unpack_from("I", given, 0) == (1,)
        struct.pack_into("II4s", given, 8, WIDTH, HEIGHT, self.kind)
        struct.pack_into("II", given, 24, WIDTH * self.step, WIDTH * HEIGHT * self.step)

    def _c0145608(self, given: bytearray) -> None:  # VIDIOC_REQBUFS
        assert struct.unpack_from("III", given, 0) == (3, 1, 1)
        assert len(given) == 20

    def _c0585609(self, given: bytearray) -> None:  # VIDIOC_QUERYBUF
        (index,) = self._buffer(given)
        struct.pack_into("I", given, 64, 4096 * index)
        struct.pack_into("I", given, 72, len(self.memory[index]))

    def _c058560f(self, given: bytearray) -> None:  # VIDIOC_QBUF
        (index,) = self._buffer(given)
        assert index not in self.queued
        self.queued.append(index)

    def _c0585611(self, given: bytearray) -> None:  # VIDIOC_DQBUF
        self._buffer(given)
        if not self.filled:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        index = self.filled.pop(0)
        struct.pack_into("I", given, 0, index)
        struct.pack_into("I", given, 8, len(self.memory[index]))

    def _40045612(self, given: bytearray) -> None:  # VIDIOC_STREAMON
        assert given == struct.pack("I", 1)
        self.streaming = True

    def _40045613(self, given: bytearray) -> None:  # VIDIOC_STREAMOFF
        self.streaming = False

    def _buffer(self, given: bytearray) -> tuple[int]:
        assert len(given) == 88
        index, kind = struct.unpack_from("II", given, 0)
        assert (kind, *struct.unpack_from("I", given, 60)) == (1, 1)
        return (index,)

    def map(self, number: int, length: int, *, offset: int) -> "Mapped":
        return Mapped(self, self.memory[offset // 4096], length)


class Mapped:
    """A buffer as the kernel shares it."""

    def __init__(self, kernel: Kernel, memory: bytearray, length: int) -> None:
        assert length == len(memory)
        self.kernel, self.memory = kernel, memory

    def __getitem__(self, part: slice) -> bytes:
        return bytes(self.memory[part])

    def close(self) -> None:
        self.kernel.unmapped += 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A /dev with one node, always readable, as select wants it."""
    (tmp_path / "video0").write_bytes(b"")
    (tmp_path / "video-not").write_bytes(b"")
    return tmp_path


def a_camera(kernel: Kernel, folder: Path, node: str = "auto") -> VideoCamera:
    return VideoCamera(node, folder=folder, ioctl=kernel.ioctl, mapping=kernel.map)


def test_the_numbers_of_the_calls_are_the_sizes_of_their_structures() -> None:
    def sized(request: int) -> int:
        return request >> 16 & 0x3FFF

    assert sized(v4l2.QUERYCAP) == v4l2._CAPABILITY.size == 104
    assert sized(v4l2.S_FMT) == v4l2._FORMAT.size == 208
    assert sized(v4l2.REQBUFS) == v4l2._REQUEST.size == 20
    assert {sized(request) for request in (v4l2.QUERYBUF, v4l2.QBUF, v4l2.DQBUF)} == {v4l2._BUFFER.size} == {88}
    assert sized(v4l2.STREAMON) == sized(v4l2.STREAMOFF) == 4


@pytest.mark.parametrize("kind", [b"YUYV", b"GREY", b"NV12"])
def test_the_newest_picture_is_given_and_older_ones_go_back_unread(folder: Path, kind: bytes) -> None:
    kernel = Kernel(kind=kind)
    camera = a_camera(kernel, folder)
    assert camera.is_there
    stream = camera.open()
    assert kernel.streaming
    assert stream.newest() is None
    kernel.take(10)
    kernel.take(20)
    assert stream.newest() == Frame(width=WIDTH, height=HEIGHT, luminance=bytes([20]) * 8)
    assert sorted(kernel.queued) == [0, 1, 2]
    kernel.take(30)
    newest = stream.newest()
    assert newest is not None
    assert newest.luminance[0] == 30
    stream.close()
    assert not kernel.streaming
    assert kernel.unmapped == 3


@pytest.mark.parametrize(
    ("driver", "can"),
    [(b"bcm2835-codec", 0x04200001), (b"rp1-cfe", 0x04200001), (b"uvcvideo", 0x04A00000), (b"uvcvideo", 0x00200001)],
)
def test_what_is_no_usb_camera_is_passed_over(folder: Path, driver: bytes, can: int) -> None:
    camera = a_camera(Kernel(driver=driver, can=can), folder)
    assert not camera.is_there
    with pytest.raises(CameraAway, match=r"kiosk\.toml"):
        camera.open()


def test_a_node_that_is_named_is_taken_whatever_drives_it_and_off_is_off(folder: Path) -> None:
    kernel = Kernel(driver=b"v4l2 loopback")
    assert a_camera(kernel, folder, str(folder / "video0")).is_there
    assert not a_camera(kernel, folder, str(folder / "video7")).is_there
    assert not a_camera(Kernel(), folder, "off").is_there
    assert not a_camera(Kernel(), folder / "no such folder").is_there


def test_a_node_is_asked_once_and_anew_when_it_is_plugged_in_again(folder: Path) -> None:
    kernel = Kernel(driver=b"something else")
    camera = a_camera(kernel, folder)
    assert not camera.is_there
    kernel.driver = b"uvcvideo"
    assert not camera.is_there, "the same node was asked again"
    (folder / "video0").rename(folder / "video1")
    assert camera.is_there
    (folder / "video1").unlink()
    assert not camera.is_there


def test_a_camera_that_is_pulled_out_is_told_of(folder: Path) -> None:
    kernel = Kernel()
    stream = a_camera(kernel, folder).open()
    kernel.gone = True
    with pytest.raises(CameraAway, match="is gone"):
        stream.newest()
    stream.close()
    assert kernel.unmapped == 3


@pytest.mark.parametrize("request_number", [v4l2.S_FMT, v4l2.REQBUFS, v4l2.QUERYBUF, v4l2.QBUF, v4l2.STREAMON])
def test_a_camera_that_another_program_has_is_told_of_and_left_alone(folder: Path, request_number: int) -> None:
    kernel = Kernel()
    kernel.fails = {request_number: errno.EBUSY}
    files = len(os.listdir("/proc/self/fd"))
    with pytest.raises(CameraAway, match="takes no pictures"):
        a_camera(kernel, folder).open()
    assert len(os.listdir("/proc/self/fd")) == files


def test_a_camera_that_has_only_jpeg_is_told_of(folder: Path) -> None:
    with pytest.raises(CameraAway, match="no pictures of a kind"):
        a_camera(Kernel(kind=b"MJPG"), folder).open()
