"""The officer's picture: the photo in a circle, or the initials where there is none."""

import zlib
from typing import Any

from kivy.clock import Clock
from kivy.core.image import Image
from kivy.core.text import Label as Typesetter
from kivy.graphics import Color, Rectangle, SmoothEllipse
from kivy.logger import Logger
from kivy.properties import StringProperty
from kivy.uix.widget import Widget

from kiosk.widgets import palette


def initials(name: str) -> str:
    """Family name and given name, as Vietnamese names are ordered: «Nguyễn Văn An» → «NA»."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def square(width: float, height: float) -> tuple[float, float, float]:
    """The square of a picture to show, as x, y and side, y counted from below: the middle of a wide one, the upper
    part of an upright one, where the face is."""
    side = min(width, height)
    return (width - side) / 2, height - side, side


class Avatar(Widget):
    """A circle as large as fits. photo: path of an image file, or '' for the initials of `name`."""

    name = StringProperty("")
    photo = StringProperty("")

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        redraw = Clock.create_trigger(self._redraw, -1)
        for name in ("pos", "size", "name", "photo"):
            self.fbind(name, redraw)
        redraw()

    def _redraw(self, *_: object) -> None:
        self.canvas.clear()
        side = min(self.size)
        if side <= 1 or not self.name:
            return
        at = (self.center_x - side / 2, self.center_y - side / 2)
        picture = self._picture()
        with self.canvas:
            if picture is not None:
                Color(1, 1, 1, 1)
                SmoothEllipse(texture=picture, pos=at, size=(side, side), segments=120)
                return
            Color(*palette.AVATARS[zlib.crc32(self.name.encode()) % len(palette.AVATARS)])
            SmoothEllipse(pos=at, size=(side, side), segments=120)
            setter = Typesetter(text=initials(self.name), font_size=side * 0.38, bold=True)
            setter.refresh()
            Color(*palette.WHITE)
            size = setter.texture.size
            Rectangle(
                texture=setter.texture,
                pos=(self.center_x - size[0] / 2, self.center_y - size[1] / 2),
                size=size,
            )

    def _picture(self) -> Any:
        if not self.photo:
            return None
        try:
            whole = Image(self.photo, mipmap=True).texture
            x, y, side = square(*whole.size)
            return whole.get_region(x, y, side, side)
        except Exception as error:  # a damaged photo must not take the screen down: the initials will do
            Logger.warning("kiosk: the photo %s cannot be shown (%s); the initials stand in", self.photo, error)
            return None
