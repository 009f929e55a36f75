"""On a home visit, nobody's screen: the tablet goes back to the officer, who begins the next visit by a long press."""

from kivy.properties import BooleanProperty, StringProperty

from kiosk.events import HomeVisitBegun
from kiosk.screens.base import Page
from kiosk.visit import Visit

TOO_SHORT = "Xin cán bộ nhấn giữ nút trong hai giây."


class HomePage(Page):
    """A citizen's touch does nothing here: only who holds the button goes on."""

    unit = StringProperty("")
    demo = BooleanProperty(False)

    def fill(self, visit: Visit) -> None:
        """The unit whose tablet this is."""
        setup = visit.terms.setup
        self.unit = setup.unit.name if setup else ""
        self.demo = setup.demo if setup else False

    def begin(self) -> None:
        """The officer has the tablet."""
        self.app.host.tell(HomeVisitBegun)

    def too_short(self) -> None:
        """Somebody only tapped."""
        self.app.notice(TOO_SHORT)
