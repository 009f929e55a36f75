"""A QR code as a texture of single dots, enlarged without blur."""

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle, SmoothRoundedRectangle
from kivy.graphics.texture import Texture
from kivy.properties import StringProperty
from kivy.uix.widget import Widget

from kiosk.widgets import palette

_BORDER = 3


def dots(text: str) -> tuple[int, bytes]:
    """The side of the code and its dots row by row, one byte each: 0 black, 255 white."""
    import qrcode  # seldom needed before the first thanks, and slow to load

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=_BORDER)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    return len(matrix), bytes(0 if dark else 255 for row in matrix for dark in row)


class QrCode(Widget):
    """The code of `content` on a white card; nothing while it is empty."""

    content = StringProperty("")

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        redraw = Clock.create_trigger(self._redraw, -1)
        for name in ("pos", "size", "content"):
            self.fbind(name, redraw)

    def _redraw(self, *_: object) -> None:
        self.canvas.clear()
        if not self.content:
            return
        count, grey = dots(self.content)
        texture = Texture.create(size=(count, count), colorfmt="luminance")
        texture.mag_filter = texture.min_filter = "nearest"
        texture.blit_buffer(grey, colorfmt="luminance", bufferfmt="ubyte")
        texture.flip_vertical()
        side = min(self.size) // count * count or min(self.size)
        at = (int(self.center_x - side / 2), int(self.center_y - side / 2))
        with self.canvas:
            Color(*palette.CARD)
            SmoothRoundedRectangle(pos=self.pos, size=self.size, radius=[min(self.size) * 0.06])
            Color(1, 1, 1, 1)
            Rectangle(texture=texture, pos=at, size=(side, side))
