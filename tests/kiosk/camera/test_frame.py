"""Pictures as drivers give them become rows of brightness, and nothing else becomes a frame."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.camera.frame import LUMINANCE, Frame, frame_of

ROWS = ((1, 2, 3, 4), (5, 6, 7, 8))
GREY = bytes(range(1, 9))


def raw(kind: bytes, padding: int) -> bytes:
    """The picture of `ROWS` in this kind, each row followed by so many bytes of rubbish."""
    begin, step = LUMINANCE[kind]
    lines = []
    for row in ROWS:
        line = bytearray(b"\xee" * (len(row) * step))
        line[begin::step] = bytes(row)
        lines.append(bytes(line) + b"\xdd" * padding)
    colours = b"\xcc" * (len(GREY) // 2) if kind in (b"NV12", b"YU12") else b""
    return b"".join(lines) + colours


@pytest.mark.parametrize("kind", LUMINANCE)
@pytest.mark.parametrize("padding", [0, 6])
def test_the_brightness_is_taken_out_of_each_kind(kind: bytes, padding: int) -> None:
    stride = 4 * LUMINANCE[kind][1] + padding
    assert frame_of(raw(kind, padding), kind, 4, 2, stride) == Frame(width=4, height=2, luminance=GREY)


@pytest.mark.parametrize("kind", LUMINANCE)
def test_a_picture_that_was_cut_off_is_refused(kind: bytes) -> None:
    whole = raw(kind, 0)[: 8 * LUMINANCE[kind][1]]
    with pytest.raises(ValueError, match="came with"):
        frame_of(whole[:-1], kind, 4, 2, 4 * LUMINANCE[kind][1])


@settings(max_examples=50)
@given(
    st.binary(max_size=60), st.sampled_from(list(LUMINANCE)), st.integers(1, 8), st.integers(1, 8), st.integers(0, 40)
)
def test_any_bytes_make_a_whole_frame_or_none(given: bytes, kind: bytes, width: int, height: int, stride: int) -> None:
    try:
        frame = frame_of(given, kind, width, height, stride)
    except ValueError:
        return
    assert len(frame.luminance) == width * height


def test_a_frame_has_as_many_bytes_as_pixels() -> None:
    with pytest.raises(ValueError, match="3 × 2"):
        Frame(width=3, height=2, luminance=b"12345")
    with pytest.raises(ValueError, match="0 × 0"):
        Frame(width=0, height=0, luminance=b"")
