"""First start: how this kiosk joins its server, by a scan or by typing address and code."""

from kivy.app import App
from kivy.properties import OptionProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.events import CameraTouched
from kiosk.screens.base import Page
from kiosk.visit import Visit
from kiosk.widgets.touch import Touchable

ADDRESS_START = "https://"
ADDRESS_LIMIT, CODE_LIMIT = 100, 16


class Field(Touchable):
    """A line to type into; the chosen one takes the letters."""

    label = StringProperty("")
    text = StringProperty("")
    state = OptionProperty("rest", options=["rest", "chosen"])


class Steps(FloatLayout):
    """What to do."""

    language = StringProperty("vi")


class Typing(FloatLayout):
    """The two fields and a keyboard."""

    language = StringProperty("vi")
    address = StringProperty(ADDRESS_START)
    code = StringProperty("")
    chosen = OptionProperty("code", options=["address", "code"])

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        for name in ("address", "code", "chosen"):
            self.fbind(name, lambda *_: App.get_running_app().changed())

    def letter(self, letter: str) -> None:
        """Codes are written in capitals, addresses in small letters."""
        if self.chosen == "code":
            self.code = (self.code + letter.upper())[:CODE_LIMIT]
        else:
            self.address = (self.address + letter)[:ADDRESS_LIMIT]

    def erase(self) -> None:
        """The last letter goes."""
        if self.chosen == "code":
            self.code = self.code[:-1]
        else:
            self.address = self.address[:-1]


class PairingPage(Page):
    """view: the steps, or the fields to type into."""

    view = OptionProperty("steps", options=["steps", "typing"])

    def fill(self, visit: Visit) -> None:
        """What is open stays open while the language changes."""
        if not self.ids.place.children:
            self.open("steps")
        self.ids.place.children[0].language = self.language

    def leave(self) -> None:
        """A code that was typed does not stay."""
        super().leave()
        self.ids.place.clear_widgets()

    def open(self, view: str) -> None:
        """Show the steps or the fields."""
        self.view = view
        self.ids.place.clear_widgets()
        panel = Steps() if view == "steps" else Typing(chosen="address")
        panel.language = self.language
        self.ids.place.add_widget(panel)
        self.app.changed()

    def scan(self) -> None:
        """«Quét mã»."""
        self.app.host.tell(CameraTouched)

    def go_on(self) -> None:
        """To the fields, or, from there, to the server that was typed."""
        panel = self.ids.place.children[0]
        if isinstance(panel, Typing):
            self.app.host.enrol(panel.address.strip(), panel.code.strip())
        else:
            self.open("typing")
