"""For staff: a PIN, then how the kiosk is and what can be done about it."""

from typing import Any

from kivy.clock import Clock
from kivy.properties import NumericProperty, StringProperty

from kiosk.events import KeyTouched, StaffLeft
from kiosk.screens.base import Page
from kiosk.screens.staff_views import DutyView, MapView, PanelView, ParkedView, PinView, StaffView
from kiosk.screens.tuning_view import TuningView
from kiosk.visit import Visit

REFRESH_S = 2.0
VIEWS: dict[str, type[StaffView]] = {
    "pin": PinView,
    "panel": PanelView,
    "parked": ParkedView,
    "duty": DutyView,
    "tuning": TuningView,
    "map": MapView,
}


class StaffPage(Page):
    """view: which of `VIEWS` is seen. The PIN comes first, except on a kiosk that has no server yet."""

    view = StringProperty("")
    leaf = NumericProperty(0)
    leaves = NumericProperty(1)

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self._clock: Any = None
        self._shown: StaffView | None = None
        self.wrong_pin = False

    def fill(self, visit: Visit) -> None:
        """The PIN at first; what is open stays open while only the language changes."""
        if self._shown is None:
            self.open("pin" if visit.newest_terms.setup is not None else "panel")
        self._refresh()
        if self._clock is None:
            self._clock = Clock.schedule_interval(lambda _: self._refresh(), REFRESH_S)

    def leave(self) -> None:
        """The next one needs the PIN again, and finds no digit of it."""
        super().leave()
        self.ids.place.clear_widgets()
        self._shown, self.view, self.wrong_pin = None, "", False
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def open(self, view: str) -> None:
        """Show this view instead."""
        if self._shown is not None:
            self.alive()
        self.leaf, self.view = 0, view
        self._shown = VIEWS[view](page=self)
        self.ids.place.clear_widgets()
        self.ids.place.add_widget(self._shown)
        self._refresh()
        self.app.changed()

    def close(self) -> None:
        """From a view back to the panel, from the panel back to the citizens."""
        if self.view in ("parked", "duty", "tuning", "map"):
            self.open("panel")
        else:
            self.app.host.tell(StaffLeft)

    def alive(self) -> None:
        """Somebody is here."""
        self.app.host.tell(KeyTouched)

    def digit(self) -> None:
        """A digit was typed: the last try is forgotten."""
        self.wrong_pin = False
        self.alive()

    def answered(self, right: bool) -> None:
        """What became of a PIN."""
        self.wrong_pin = not right
        if self.visit is None:
            return
        if right:
            self.open("panel")
        else:
            self._refresh()

    def turn(self, by: int) -> None:
        """The cards or lines after, or before."""
        self.leaf = (self.leaf + by) % max(1, self.leaves)
        self._refresh()
        self.alive()

    def send_now(self) -> None:
        """Send what waits."""
        self.app.staff.send_now()
        self.alive()

    def copy(self) -> None:
        """Copy what waits to a stick."""
        self.app.staff.copy_to_stick()
        self.alive()

    def change_place(self) -> None:
        """From the counter to home visits, and back."""
        if self.visit is not None and self.app.staff.serve_at_home(not self.visit.newest_terms.at_home):
            self.app.host.refresh()
            self._refresh()
        self.alive()

    def _refresh(self) -> None:
        if self.visit is None or self._shown is None:
            return
        self._shown.language = self.language
        self._shown.refresh()
        self.leaves = self._shown.leaves
