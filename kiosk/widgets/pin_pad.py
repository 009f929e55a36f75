"""Ten digits, a step back and a way on, as large as fingers."""

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.widgets.button import BigButton
from kiosk.widgets.grid import Grid

_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "erase", "0", "enter")
_KEYS_WIDE = ("1", "2", "3", "4", "5", "erase", "6", "7", "8", "9", "0", "enter")


class PinPad(BoxLayout):
    """Dispatches `on_enter` with the digits and forgets them. upright: four rows of three keys, not two of six."""

    pin = StringProperty("")
    longest = NumericProperty(12)
    upright = BooleanProperty(False)
    __events__ = ("on_enter", "on_digit")

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        lay = Clock.create_trigger(self._lay, -1)
        self.fbind("upright", lay)
        lay()

    def on_enter(self, pin: str) -> None:
        """The way on was touched."""

    def on_digit(self) -> None:
        """A sign of life."""

    def _lay(self, *_: object) -> None:
        grid: Grid = self.ids.grid
        grid.clear_widgets()
        grid.columns = 3 if self.upright else 6
        for value in _KEYS if self.upright else _KEYS_WIDE:
            button = BigButton(target=f"pin_{value}", most=9)
            button.text = value if value.isdigit() else ""
            button.icon = {"erase": "erase", "enter": "check"}.get(value, "")
            button.look = {"erase": "quiet", "enter": "primary"}.get(value, "plain")
            button.bind(on_tap=lambda _, value=value: self._struck(value))
            grid.add_widget(button)

    def forget(self) -> None:
        """No digit stays."""
        self.pin = ""

    def _struck(self, value: str) -> None:
        if value == "enter":
            pin, self.pin = self.pin, ""
            self.dispatch("on_enter", pin)
            return
        self.pin = self.pin[:-1] if value == "erase" else (self.pin + value)[: int(self.longest)]
        self.dispatch("on_digit")
