"""«Previous» and «next» for cards that do not fit at once: nothing scrolls."""

from kivy.properties import NumericProperty
from kivy.uix.boxlayout import BoxLayout


class Turner(BoxLayout):
    """Dispatches `on_turn` with -1 or 1. Gone while there is only one leaf."""

    leaf = NumericProperty(0)
    leaves = NumericProperty(1)
    __events__ = ("on_turn",)

    def on_turn(self, by: int) -> None:
        """Turn the leaf."""
