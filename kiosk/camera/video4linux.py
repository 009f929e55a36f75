"""A USB camera, as Linux gives it: /dev/video*, by the calls of <linux/videodev2.h>. No package is needed for it.

The numbers are those of the kernel's interface on 64 bit (the only one we support). A Raspberry Pi has many nodes in
/dev/video* that are no cameras (its codecs, its own camera port, which wants libcamera); so a camera is looked for
among those of the driver `uvcvideo`, unless the settings name a node.
"""

import errno
import fcntl
import logging
import mmap
import os
import select
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kiosk.camera.frame import LUMINANCE, Frame, frame_of
from kiosk.errors import CameraAway

LOG = logging.getLogger(__name__)

WIDTH, HEIGHT = 1280, 720
"""Asked for; the driver answers with the nearest it has."""
WAIT_S = 1.0
DRIVER = b"uvcvideo"
BUFFERS = 3

QUERYCAP, S_FMT, REQBUFS, QUERYBUF = 0x80685600, 0xC0D05605, 0xC0145608, 0xC0585609
QBUF, DQBUF, STREAMON, STREAMOFF = 0xC058560F, 0xC0585611, 0x40045612, 0x40045613
CAPTURE, MAPPED, ANY_FIELD = 1, 1, 0
CAN_CAPTURE, CAN_STREAM = 0x00000001, 0x04000000

_CAPABILITY = struct.Struct("16s32s32sIII12x")  # driver, card, bus, version, all its nodes can, this node can
_FORMAT = struct.Struct("I4xII4sIII176x")  # type; width, height, FourCC, field, bytes a line, bytes a picture
_REQUEST = struct.Struct("IIIIB3x")  # count, type, memory, capabilities, flags
_BUFFER = struct.Struct("IIIII4x16s16xIIQIIi4x")  # index, type, used, flags, field, …, sequence, memory, offset, length

Ioctl = Callable[[int, int, bytearray], Any]


def _ioctl(number: int, request: int, given: bytearray) -> Any:
    return fcntl.ioctl(number, request, given, True)


class VideoCamera:
    """The first USB camera there is, or the one that is named.

    node: `auto`, `off`, or a path as `/dev/video0`. folder, ioctl, mapping: others in tests.
    """

    def __init__(
        self,
        node: str = "auto",
        *,
        folder: Path = Path("/dev"),
        ioctl: Ioctl = _ioctl,
        mapping: Callable[..., Any] = mmap.mmap,
    ) -> None:
        self._node, self._folder, self._ioctl, self._mapping = node, folder, ioctl, mapping
        self._asked: dict[tuple[str, int], bool] = {}

    @property
    def is_there(self) -> bool:
        """Whether a camera is plugged in. A node is asked once; then only the list of nodes is read."""
        return self._find() is not None

    def open(self) -> "VideoStream":
        """Begin to take pictures. Raises `CameraAway` when there is none, or another program has it."""
        node = self._find()
        if node is None:
            raise CameraAway("there is no camera; plug a USB camera in, or name it in kiosk.toml")
        try:
            number = os.open(node, os.O_RDWR | os.O_NONBLOCK)
        except OSError as error:
            raise CameraAway(f"{node} cannot be opened ({error.strerror}); is another program using it?") from error
        return VideoStream(number, str(node), self._ioctl, self._mapping)

    def _find(self) -> Path | None:
        if self._node == "off":
            return None
        nodes = [Path(self._node)] if self._node != "auto" else sorted(self._folder.glob("video[0-9]*"))
        return next((node for node in nodes if self._is_camera(node)), None)

    def _is_camera(self, node: Path) -> bool:
        try:
            key = (str(node), node.stat().st_ctime_ns)
        except OSError:
            return False
        if key not in self._asked:
            self._asked[key] = self._ask(node)
        return self._asked[key]

    def _ask(self, node: Path) -> bool:
        given = bytearray(_CAPABILITY.size)
        try:
            number = os.open(node, os.O_RDWR | os.O_NONBLOCK)
        except OSError as error:
            LOG.info("%s cannot be asked what it is: %s", node, error.strerror)
            return False
        try:
            self._ioctl(number, QUERYCAP, given)
        except OSError:
            return False
        finally:
            os.close(number)
        driver, *_, can = _CAPABILITY.unpack(given)
        wanted = self._node != "auto" or driver.rstrip(b"\0") == DRIVER
        return wanted and bool(can & CAN_CAPTURE) and bool(can & CAN_STREAM)


class VideoStream:
    """A camera that takes pictures into memory that the kernel shares with us. number: its open file."""

    def __init__(self, number: int, name: str, ioctl: Ioctl, mapping: Callable[..., Any]) -> None:
        self._number, self._name, self._ioctl = number, name, ioctl
        self._maps: list[Any] = []
        try:
            self._kind, self._width, self._height, self._stride = self._choose_format()
            self._share_memory(mapping)
            for index in range(len(self._maps)):
                self._queue(index)
            self._call(STREAMON, bytearray(struct.pack("I", CAPTURE)))
        except OSError as error:
            self.close()
            raise CameraAway(f"{name} takes no pictures ({error.strerror}); try another camera") from error
        except CameraAway:
            self.close()
            raise

    def newest(self) -> Frame | None:
        """The newest picture, older ones given back unread; None when none came within a second."""
        readable, _, _ = select.select([self._number], [], [], WAIT_S)
        filled: list[tuple[int, int]] = []
        while readable and len(filled) < len(self._maps):
            given = bytearray(_BUFFER.pack(0, CAPTURE, 0, 0, 0, b"", 0, MAPPED, 0, 0, 0, 0))
            try:
                self._ioctl(self._number, DQBUF, given)
            except BlockingIOError:
                break
            except OSError as error:
                raise self._lost(error) from error
            index, _, used, *_ = _BUFFER.unpack(given)
            filled.append((index, used))
        try:
            return self._read(*filled[-1]) if filled else None
        finally:
            for index, _ in filled:
                self._queue(index)

    def close(self) -> None:
        """Stop, and give the memory and the file back."""
        try:
            self._ioctl(self._number, STREAMOFF, bytearray(struct.pack("I", CAPTURE)))
        except OSError as error:
            LOG.debug("%s did not stop: %s", self._name, error.strerror)
        for shared in self._maps:
            shared.close()
        self._maps = []
        os.close(self._number)

    def _choose_format(self) -> tuple[bytes, int, int, int]:
        kinds: Sequence[bytes] = tuple(LUMINANCE)
        for kind in kinds:
            given = bytearray(_FORMAT.pack(CAPTURE, WIDTH, HEIGHT, kind, ANY_FIELD, 0, 0))
            self._call(S_FMT, given)
            _, width, height, got, _, stride, _ = _FORMAT.unpack(given)
            # A driver that has not what was asked for answers with what it has.
            if got in LUMINANCE and width > 0 and height > 0:
                begin_and_step = LUMINANCE[got]
                return got, width, height, max(stride, width * begin_and_step[1])
        names = ", ".join(kind.decode() for kind in kinds)
        raise CameraAway(f"{self._name} has no pictures of a kind that we read ({names}); try another camera")

    def _share_memory(self, mapping: Callable[..., Any]) -> None:
        given = bytearray(_REQUEST.pack(BUFFERS, CAPTURE, MAPPED, 0, 0))
        self._call(REQBUFS, given)
        for index in range(_REQUEST.unpack(given)[0]):
            asked = bytearray(_BUFFER.pack(index, CAPTURE, 0, 0, 0, b"", 0, MAPPED, 0, 0, 0, 0))
            self._call(QUERYBUF, asked)
            *_, offset, length, _, _ = _BUFFER.unpack(asked)
            self._maps.append(mapping(self._number, length, offset=offset))

    def _queue(self, index: int) -> None:
        self._call(QBUF, bytearray(_BUFFER.pack(index, CAPTURE, 0, 0, 0, b"", 0, MAPPED, 0, 0, 0, 0)))

    def _read(self, index: int, used: int) -> Frame | None:
        try:
            return frame_of(self._maps[index][:used], self._kind, self._width, self._height, self._stride)
        except ValueError as error:
            LOG.info("%s: %s", self._name, error)  # one bad picture among many
            return None

    def _call(self, request: int, given: bytearray) -> None:
        try:
            self._ioctl(self._number, request, given)
        except OSError as error:
            if error.errno == errno.ENODEV:
                raise self._lost(error) from error
            raise

    def _lost(self, error: OSError) -> CameraAway:
        return CameraAway(f"{self._name} is gone ({error.strerror}); plug the camera in again")
