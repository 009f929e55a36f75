"""Several officers are on duty, or it was not this one: whom does the citizen mean?"""

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.events import BackTouched, KeyTouched, OfficerChosen
from kiosk.screens.base import Page, officer_in
from kiosk.visit import Visit
from kiosk.widgets.touch import Touchable
from survey.setup import Officer

A_PAGE = 4
A_ROW = 3


class OfficerCard(Touchable):
    """An officer to be chosen. tall: the picture above the name, for a few."""

    officer_id = StringProperty("")
    name = StringProperty("")
    title = StringProperty("")
    photo = StringProperty("")
    tall = BooleanProperty(False)

    def on_tap(self) -> None:
        """This one."""
        App.get_running_app().host.tell(OfficerChosen, self.officer_id)


class ChoosePage(Page):
    """Four cards at a time; arrows lead to the others, so that nothing scrolls.

    by_officer: the tablet is in the hands of an officer on a home visit, who names himself or herself.
    """

    leaf = NumericProperty(0)
    leaves = NumericProperty(1)
    by_officer = BooleanProperty(False)

    def fill(self, visit: Visit) -> None:
        """The officers to choose from, from the first on."""
        self.by_officer = visit.terms.at_home and visit.prepared is None
        self.leaves = max(1, -(-len(visit.choices) // A_PAGE))
        self.leaf = min(self.leaf, self.leaves - 1)
        self._deal()

    def leave(self) -> None:
        """The next citizen begins with the first cards."""
        super().leave()
        self.leaf = 0

    def turn(self, by: int) -> None:
        """Show the cards after, or before; round at the ends."""
        self.leaf = (self.leaf + by) % self.leaves
        self._deal()
        self.app.host.tell(KeyTouched)

    def back(self) -> None:
        """Not now."""
        self.app.host.tell(BackTouched)

    def _deal(self) -> None:
        if self.visit is None:
            return
        shown = self.visit.choices[self.leaf * A_PAGE : (self.leaf + 1) * A_PAGE]
        grid = self.ids.grid
        wanted = [(o.id, o.name, o.title, self.app.photo_of(o.id)) for o in map(self._officer, shown) if o is not None]
        few = self.leaves == 1 and len(wanted) <= A_ROW
        tall = few and not self.app.portrait
        if [(tall, *w) for w in wanted] == [
            (c.tall, c.officer_id, c.name, c.title, c.photo) for c in reversed(grid.children)
        ]:
            return
        grid.clear_widgets()
        grid.columns = 1 if self.app.portrait else len(wanted) if few else 2
        for officer_id, name, title, photo in wanted:
            target = f"officer_{officer_id}"
            grid.add_widget(
                OfficerCard(officer_id=officer_id, name=name, title=title, photo=photo, tall=tall, target=target)
            )

    def _officer(self, officer_id: str) -> Officer | None:
        return officer_in(self.visit.terms.setup, officer_id)
