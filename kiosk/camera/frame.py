"""One picture of a camera, as grey as a code reader wants it. Pure: bytes in, values out."""

from dataclasses import dataclass

_FIRST_BYTE_OF_TWO, _SECOND_BYTE_OF_TWO, _PLANE = (0, 2), (1, 2), (0, 1)
LUMINANCE = {
    b"YUYV": _FIRST_BYTE_OF_TWO,
    b"UYVY": _SECOND_BYTE_OF_TWO,
    b"GREY": _PLANE,
    b"NV12": _PLANE,
    b"YU12": _PLANE,
}
"""Formats that hold the brightness of each pixel as a byte: where the first is, and how far it is to the next.

YUYV is what every UVC camera can; MJPG would want a decoder for JPEG on each frame.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Rows from the top, each of `width` bytes: 0 is black, 255 white."""

    width: int
    height: int
    luminance: bytes

    def __post_init__(self) -> None:
        if len(self.luminance) != self.width * self.height or not self.luminance:
            raise ValueError(f"a frame of {self.width} × {self.height} cannot have {len(self.luminance)} bytes")


def frame_of(raw: bytes, kind: bytes, width: int, height: int, stride: int) -> Frame:
    """The brightness of a picture as the driver gives it.

    kind: its FourCC, one of `LUMINANCE`; stride: bytes from one row to the next, at least a row's own. Raises
    `ValueError` for a picture that was cut off (a USB camera that was pulled out, say).
    """
    begin, step = LUMINANCE[kind]
    row = width * step
    if stride < row or len(raw) < stride * (height - 1) + row:
        raise ValueError(f"a picture of {width} × {height} in {kind.decode()} came with {len(raw)} bytes only")
    if stride == row:
        return Frame(width=width, height=height, luminance=raw[begin : row * height : step])
    rows = (raw[at + begin : at + row : step] for at in range(0, stride * height, stride))
    return Frame(width=width, height=height, luminance=b"".join(rows))
