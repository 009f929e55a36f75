"""Which codes are read in a frame: those of slips, badges and receipts, and no others."""

import json

import pytest
import qrcode
import zxingcpp
from PIL import Image

from kiosk.camera.decoder import is_installed, read_codes
from kiosk.camera.frame import Frame
from tests.kiosk.builders import PATTERN

CODE = "H42.12-210301-0007"


def frame(picture: Image.Image) -> Frame:
    grey = picture.convert("L")
    return Frame(width=grey.width, height=grey.height, luminance=grey.tobytes())


def a_qr(text: str) -> Image.Image:
    return qrcode.make(text).get_image()


def barcode(text: str, kind: str) -> Image.Image:
    """A code of another kind, as zxing-cpp writes it."""
    made = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(kind))
    drawn = Image.fromarray(made.to_image(scale=4, add_quiet_zones=True))
    ground = Image.new("L", (drawn.width + 80, max(drawn.height, 120) + 80), 255)
    ground.paste(drawn, (40, 40))
    return ground


def test_the_extra_is_there_in_tests() -> None:
    assert is_installed()


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        "https://nucuoi.example.vn/b/eyJvIjoibzEifQ.c2lnbmF0dXJl",
        json.dumps({"nucuoi": 1, "url": "https://nucuoi.example.vn", "code": "7K2P-94QD"}),
        "Đánh giá «Xin cảm ơn»",
    ],
)
def test_a_qr_is_read_letter_by_letter(text: str) -> None:
    assert read_codes(frame(a_qr(text))) == (text,)


@pytest.mark.parametrize("kind", ["Code128", "Code39", "DataMatrix", "PDF417", "Aztec"])
def test_a_receipt_of_another_office_may_have_a_code_of_another_kind(kind: str) -> None:
    assert read_codes(frame(barcode(CODE, kind))) == (CODE,)


def test_a_thing_from_a_shop_is_no_paper_of_ours() -> None:
    assert read_codes(frame(barcode("8934563138165", "EAN13"))) == ()


def test_all_codes_of_a_paper_are_told() -> None:
    paper = Image.new("L", (900, 450), 255)
    paper.paste(a_qr("one of theirs").resize((350, 350)), (40, 40))
    paper.paste(a_qr(CODE).resize((350, 350)), (480, 40))
    assert sorted(read_codes(frame(paper))) == [CODE, "one of theirs"]


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_empty_frame_has_no_code(grey: int) -> None:
    assert read_codes(Frame(width=64, height=48, luminance=bytes([grey]) * (64 * 48))) == ()


def test_the_pattern_of_the_tests_fits_the_code() -> None:
    import re

    assert re.fullmatch(PATTERN, CODE)
