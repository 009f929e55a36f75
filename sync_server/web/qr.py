"""QR codes as inline SVG: one black path, sharp at any size and on any printer."""

from itertools import groupby

import qrcode
from markupsafe import Markup, escape

QUIET = 4
"""Modules of white around the code, which scanners need."""


def svg(text: str, label: str) -> Markup:
    """The code for `text` (error correction M) as `<svg class="qr">`; label: what a screen reader says of it."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    size = len(rows) + 2 * QUIET
    path = "".join(_runs(row, y + QUIET) for y, row in enumerate(rows))
    return Markup(
        f'<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="{escape(label)}" '
        f'shape-rendering="crispEdges" xmlns="http://www.w3.org/2000/svg">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )


def _runs(row: list[bool], y: int) -> str:
    x, drawn = QUIET, ""
    for is_dark, run in groupby(row):
        width = len(list(run))
        if is_dark:
            drawn += f"M{x} {y}h{width}v1h-{width}z"
        x += width
    return drawn
