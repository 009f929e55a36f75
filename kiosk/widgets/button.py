"""A big button: an icon, a word, or both."""

from kivy.properties import BooleanProperty, NumericProperty, OptionProperty, StringProperty

from kiosk.widgets import palette
from kiosk.widgets.touch import Touchable

LOOKS: dict[str, tuple[palette.Colour, palette.Colour, palette.Colour, palette.Colour]] = {
    "primary": (palette.TEAL, palette.TEAL_PRESSED, palette.WHITE, palette.TEAL),
    "plain": (palette.CARD, palette.TEAL_PALE, palette.TEAL, palette.TEAL_EDGE),
    "quiet": (palette.SAND, palette.SAND_PRESSED, palette.INK, palette.SAND),
    "alarm": (palette.CARD, palette.RED_PALE, palette.RED, palette.RED),
}
"""Ground, ground under a finger, ink, edge."""


class BigButton(Touchable):
    """look: `primary` for the way on, `plain` for the others, `quiet` for what few need, `alarm` for what hurts.

    wanted: false where it is of no use; then it is neither seen nor touched, and a foot leaves no room for it.
    """

    text = StringProperty("")
    icon = StringProperty("")
    most = NumericProperty(6)
    look = OptionProperty("plain", options=list(LOOKS))
    wanted = BooleanProperty(True)

    def ground(self, look: str, pressed: bool) -> palette.Colour:
        """The colour of the button itself."""
        return LOOKS[look][1 if pressed else 0]

    def ink(self, look: str) -> palette.Colour:
        """The colour of its word and icon."""
        return LOOKS[look][2]

    def edge(self, look: str) -> palette.Colour:
        """The colour of its outline."""
        return LOOKS[look][3]
