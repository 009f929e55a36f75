"""On a home visit the officer says what was done: the services of the setup, their own first."""

from kivy.properties import NumericProperty

from kiosk.events import BackTouched, KeyTouched, ServiceChosen
from kiosk.screens.base import Page, officer_in
from kiosk.visit import Visit
from kiosk.widgets.button import BigButton
from survey.setup import Service, Setup

A_PAGE = 3
"""Beside «Việc khác», which stands on every leaf."""


class ServiceCard(BigButton):
    """A service to be chosen."""


def in_order(setup: Setup, officer_id: str | None) -> tuple[Service, ...]:
    """The services of the setup: those of this officer first, as declared; then the others, as they stand."""
    officer = officer_in(setup, officer_id)
    own = officer.services if officer else ()
    place = {service_id: number for number, service_id in enumerate(own)}
    return tuple(sorted(setup.services, key=lambda service: place.get(service.id, len(own))))


class ServicePage(Page):
    """Four cards at a time; arrows lead to the others, so that nothing scrolls."""

    leaf = NumericProperty(0)
    leaves = NumericProperty(1)

    def fill(self, visit: Visit) -> None:
        """The cards of this leaf."""
        setup = visit.terms.setup
        services = in_order(setup, visit.officer_id) if setup else ()
        self.leaves = max(1, -(-len(services) // A_PAGE))
        self.leaf = min(self.leaf, self.leaves - 1)
        grid = self.ids.grid
        grid.clear_widgets()
        grid.columns = 1 if self.app.portrait else 2
        for service in services[self.leaf * A_PAGE : (self.leaf + 1) * A_PAGE]:
            self._add(f"service_{service.id}", self.words(service.name), service.id)
        self._add("service_other", self.say("Việc khác"), None)

    def leave(self) -> None:
        """The next visit begins with the first cards."""
        super().leave()
        self.ids.grid.clear_widgets()
        self.leaf = 0

    def turn(self, by: int) -> None:
        """Show the cards after, or before; round at the ends."""
        self.leaf = (self.leaf + by) % self.leaves
        if self.visit is not None:
            self.fill(self.visit)
        self.app.host.tell(KeyTouched)

    def back(self) -> None:
        """Another officer after all."""
        self.app.host.tell(BackTouched)

    def _add(self, target: str, text: str, service_id: str | None) -> None:
        card = ServiceCard(target=target, text=text, look="quiet" if service_id is None else "plain")
        card.bind(on_tap=lambda _: self.app.host.tell(ServiceChosen, service_id))
        self.ids.grid.add_widget(card)
