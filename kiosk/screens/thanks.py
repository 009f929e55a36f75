"""«Xin cảm ơn Ông/Bà», and a code that proves counting and tells neither level nor officer."""

from typing import Any

from kivy.properties import StringProperty

from kiosk.events import Touched
from kiosk.screens.base import Page
from kiosk.visit import Visit
from survey.rating import receipt_code


class ThanksPage(Page):
    """Leaves by itself, or at a touch anywhere."""

    code = StringProperty("")
    link = StringProperty("")

    def fill(self, visit: Visit) -> None:
        """The receipt of the rating that was just closed."""
        self.code = receipt_code(visit.finished_id) if visit.finished_id else ""
        self.link = self.app.receipt_link(self.code) if self.code else ""

    def leave(self) -> None:
        """The code belongs to the one who leaves."""
        super().leave()
        self.code = self.link = ""

    def on_touch_down(self, touch: Any) -> bool:
        """A touch that no button takes is the page's own."""
        if super().on_touch_down(touch) or touch.is_mouse_scrolling:
            return True
        touch.grab(self)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Enough read."""
        if touch.grab_current is not self:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        if self.visit is not None:
            self.app.host.tell(Touched)
        return True
