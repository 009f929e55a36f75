"""The question and its faces, about one named officer."""

from kivy.properties import BooleanProperty, StringProperty

from kiosk.events import BackTouched, WrongOfficerTouched
from kiosk.screens.base import Page, officer_in
from kiosk.visit import Visit
from kiosk.widgets.face import FaceCard
from survey.ticket import shown_code

A_ROW_UPRIGHT = 3


class RatePage(Page):
    """The best face first, at the left or above; the order never changes."""

    officer_name = StringProperty("")
    officer_title = StringProperty("")
    officer_photo = StringProperty("")
    about = StringProperty("")
    question = StringProperty("")
    may_change_officer = BooleanProperty(True)

    def fill(self, visit: Visit) -> None:
        """The officer, what it was about, and the faces; the chosen one marked after a «Bấm nhầm»."""
        setup = visit.terms.setup
        officer = officer_in(setup, visit.officer_id)
        if setup is None or officer is None:
            return
        self.officer_name, self.officer_title = officer.name, officer.title
        self.officer_photo = self.app.photo_of(officer.id)
        self.question = self.words(setup.survey.question)
        self.may_change_officer = visit.rating_id is None
        service = next((s for s in setup.services if s.id == visit.service_id), None)
        parts = [self.words(service.name)] if service else []
        if visit.dossier and visit.dossier.code:
            parts.append(self.say("Hồ sơ {code}", code=shown_code(visit.dossier.code)))
        self.about = " · ".join(parts)
        self._fill_faces(visit)

    def wrong_officer(self) -> None:
        """«Không phải cán bộ này»."""
        self.app.host.tell(WrongOfficerTouched)

    def back(self) -> None:
        """Not now."""
        self.app.host.tell(BackTouched)

    def _fill_faces(self, visit: Visit) -> None:
        assert visit.terms.setup is not None
        levels = tuple(reversed(visit.terms.setup.scale.levels))
        grid = self.ids.grid
        cards = list(reversed(grid.children))
        if [card.target for card in cards] != [f"face_{level.level}" for level in levels]:
            grid.clear_widgets()
            cards = []
            for level in levels:
                card = FaceCard(target=f"face_{level.level}")
                card.bind(on_tap=lambda _, chosen=level.level: self.app.host.rate(chosen))
                cards.append(card)
                grid.add_widget(card)
        upright = 2 if len(levels) == 4 else A_ROW_UPRIGHT
        grid.columns = upright if self.app.portrait else len(levels)
        for card, level in zip(cards, levels, strict=True):
            card.kind = level.face
            card.word = self.words(level.words)
            card.chosen = visit.level == level.level
