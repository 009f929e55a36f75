"""The live picture of the camera, as a mirror shows it: a paper that is moved to the right goes to the right."""

from kivy.graphics.texture import Texture
from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.widget import Widget

from kiosk.camera.frame import Frame


class Viewfinder(Widget):
    """Shows one frame after the other, grey, as large as fits; an empty ground before the first.

    shape: width over height of the picture; wide, high: how large it is shown.
    """

    texture = ObjectProperty(None, allownone=True)
    shape = NumericProperty(4 / 3)
    wide = NumericProperty(1)
    high = NumericProperty(1)

    def see(self, frame: Frame) -> None:
        """Show this frame instead of the one before."""
        size = (frame.width, frame.height)
        texture = self.texture
        if texture is None or tuple(texture.size) != size:
            texture = Texture.create(size=size, colorfmt="luminance")
            texture.flip_vertical()  # the first row of a picture is its uppermost
            texture.flip_horizontal()  # as in a mirror
        texture.blit_buffer(frame.luminance, colorfmt="luminance", bufferfmt="ubyte")
        self.shape = frame.width / frame.height
        self.texture = texture
        self.canvas.ask_update()

    def forget(self) -> None:
        """Let the last picture go."""
        self.texture = None
