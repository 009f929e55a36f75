"""Our own keyboard: Vietnamese letters and tones, capitals and digits. It remembers nothing."""

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, OptionProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.widgets.touch import Touchable

REPEAT_AFTER_S = 0.5
REPEAT_EVERY_S = 0.09

TONE_KEYS = {"acute": "á", "grave": "à", "hook": "ả", "tilde": "ã", "dot": "ạ"}
"""A tone's key shows it on an a."""

_TONES = ("acute", "grave", "hook", "tilde", "dot")
LAYOUTS: dict[tuple[str, bool], tuple[tuple[str, ...], ...]] = {
    ("letters", False): (
        (*"qwertyuiop", "erase"),
        (*"asdfghjklăâ",),
        (*"zxcvbnmđêôơ",),
        ("capital", *_TONES, "ư", ",", ".", "?", "digits"),
    ),
    ("letters", True): (
        (*"qwertyuiop",),
        (*"asdfghjkl", "erase"),
        (*"zxcvbnm", ",", ".", "?"),
        (*"ăâđêôơư", "capital", "digits"),
        _TONES,
    ),
    ("digits", False): (
        (*"1234567890", "erase"),
        (*"-/:;()&@\"'",),
        (*"+=%*#_,.?!",),
        ("letters",),
    ),
    ("digits", True): ((*"1234567890",), (*"-/:;()&@", "erase"), (*"+=%*#_", ",", ".", "?"), ("letters",)),
    ("code", False): ((*"1234567890", "erase"), (*"qwertyuiop", ":"), (*"asdfghjkl", "/", "."), (*"zxcvbnm", "-", "_")),
    ("code", True): ((*"1234567890",), (*"qwertyuiop",), (*"asdfghjkl", "erase"), (*"zxcvbnm", ":"), (*"/.-_",)),
}
"""Rows of keys, by the kind of text and whether the screen is upright. `code` is for addresses and enrolment codes."""


class Key(Touchable):
    """value: what it means; shown: what is written on it. One that repeats acts at the touch, not at the release."""

    value = StringProperty("")
    shown = StringProperty("")
    icon = StringProperty("")
    look = OptionProperty("letter", options=["letter", "tone", "work"])
    repeats = BooleanProperty(False)

    def __init__(self, **given: object) -> None:
        self.register_event_type("on_strike")
        super().__init__(**given)
        self._again: Any = None

    def on_strike(self) -> None:
        """The key was struck."""

    def on_tap(self) -> None:
        """A key that does not repeat is struck by its release."""
        if not self.repeats:
            self.dispatch("on_strike")

    def went_down(self) -> None:
        """A key that repeats is struck at once, and again while it is held."""
        if self.repeats:
            self.dispatch("on_strike")
            self._again = Clock.schedule_once(self._repeat, REPEAT_AFTER_S)

    def went_up(self) -> None:
        """No more."""
        if self._again is not None:
            self._again.cancel()
            self._again = None

    def _repeat(self, _: float) -> None:
        self.dispatch("on_strike")
        self._again = Clock.schedule_once(self._repeat, REPEAT_EVERY_S)


class Keyboard(Widget):
    """Dispatches `on_letter`, `on_tone` and `on_erase`. kind: `letters` or `code`; upright: five rows for ten keys."""

    kind = OptionProperty("letters", options=["letters", "digits", "code"])
    upright = BooleanProperty(False)
    capital = BooleanProperty(False)
    gap_mm = NumericProperty(1.6)
    mm = NumericProperty(1)
    __events__ = ("on_letter", "on_tone", "on_erase")

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self._lay_soon = Clock.create_trigger(self._lay, -1)
        self._place_soon = Clock.create_trigger(self._place, -1)
        self._laid: tuple[Any, ...] = ()
        for name in ("kind", "upright"):
            self.fbind(name, self._lay_soon)
        for name in ("pos", "size", "mm"):
            self.fbind(name, self._place_soon)
        self.fbind("capital", self._write)
        self._lay_soon()

    def on_letter(self, letter: str) -> None:
        """A letter was struck."""

    def on_tone(self, tone: str) -> None:
        """A tone was struck."""

    def on_erase(self) -> None:
        """The last letter should go."""

    def _lay(self, *_: object) -> None:
        wanted = (self.kind, self.upright)
        if self._laid == wanted:
            return
        self._laid = wanted
        self.clear_widgets()
        for row in LAYOUTS[wanted]:
            for value in row:
                key = Key(value=value, target=f"key_{value}")
                key.repeats = value == "erase"
                key.look = "tone" if value in TONE_KEYS else "work" if len(value) > 1 else "letter"
                key.icon = "erase" if value == "erase" else ""
                key.bind(on_strike=self._struck)
                self.add_widget(key)
        self._write()
        self._place()

    def _write(self, *_: object) -> None:
        special = {**TONE_KEYS, "capital": "Aa", "digits": "123", "letters": "abc", "erase": ""}
        for key in self.children:
            letter = key.value.upper() if self.capital and len(key.value) == 1 else key.value
            key.shown = special.get(key.value, letter)
            if key.value == "capital":
                key.look = "tone" if self.capital else "work"

    def _place(self, *_: object) -> None:
        keys = list(reversed(self.children))
        rows = LAYOUTS[(self.kind, self.upright)]
        if len(keys) != sum(map(len, rows)) or self.width <= 1:
            return
        gap = self.gap_mm * self.mm
        columns = max(map(len, rows))
        high = (self.height - gap * (len(rows) - 1)) / len(rows)
        for index, row in enumerate(rows):
            wide = (self.width - gap * (columns - 1)) / columns
            if len(row) <= columns / 2:
                wide = min(2 * wide + gap, (self.width - gap * (len(row) - 1)) / len(row))
            left = self.center_x - (wide * len(row) + gap * (len(row) - 1)) / 2
            for column in range(len(row)):
                key = keys.pop(0)
                key.size = wide, high
                key.pos = left + column * (wide + gap), self.top - (index + 1) * high - index * gap

    def _struck(self, key: Key) -> None:
        if key.value in TONE_KEYS:
            self.dispatch("on_tone", key.value)
        elif key.value == "erase":
            self.dispatch("on_erase")
        elif key.value == "capital":
            self.capital = not self.capital
        elif key.value in ("digits", "letters"):
            self.kind = key.value
        else:
            self.dispatch("on_letter", key.shown)
