"""Finds the codes in a frame, with zxing-cpp: the extra `camera`. The only door to it."""

import importlib.util

from kiosk.camera.frame import Frame

FORMATS = ("QRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "Code39")
"""What slips and receipts of dossiers are printed with. Others (a product's EAN, ITF) are weakly checked: a pattern on
a shirt would be one."""


def is_installed() -> bool:
    """Whether the extra is there: `pip install 'nucuoi[camera]'`."""
    return importlib.util.find_spec("zxingcpp") is not None


def read_codes(frame: Frame) -> tuple[str, ...]:
    """The texts of all codes in the frame, none when there is none. Takes tens of milliseconds: not for the
    interface's thread."""
    # A kiosk without the extra runs as well, and one with it needs it on one screen only.
    import zxingcpp

    picture = memoryview(frame.luminance).cast("B", (frame.height, frame.width))
    formats = zxingcpp.BarcodeFormats([getattr(zxingcpp.BarcodeFormat, name) for name in FORMATS])
    found = zxingcpp.read_barcodes(picture, formats=formats, text_mode=zxingcpp.TextMode.Plain)
    return tuple(code.text for code in found if code.valid and code.text)
