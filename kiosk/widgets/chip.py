"""A reason that can be switched on and off."""

from kivy.properties import BooleanProperty, StringProperty

from kiosk.widgets.touch import Touchable


class Chip(Touchable):
    """chosen is shown by ground, edge and a tick in the corner, never by colour alone."""

    word = StringProperty("")
    icon = StringProperty("dots")
    chosen = BooleanProperty(False)
