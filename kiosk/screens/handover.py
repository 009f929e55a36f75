"""On a home visit the officer hands the tablet over: who is rated, for what, and one button."""

from kivy.properties import StringProperty

from kiosk.events import BackTouched, Touched
from kiosk.screens.base import Page, officer_in
from kiosk.visit import Visit
from survey.ticket import shown_code


class HandoverPage(Page):
    """Stays until the citizen touches the button, or the officer chooses anew."""

    officer_name = StringProperty("")
    officer_title = StringProperty("")
    officer_photo = StringProperty("")
    about = StringProperty("")

    def fill(self, visit: Visit) -> None:
        """What the officer set."""
        setup, prepared = visit.terms.setup, visit.prepared
        officer = officer_in(setup, prepared.officer_id) if prepared else None
        if setup is None or prepared is None or officer is None:
            return
        self.officer_name, self.officer_title = officer.name, officer.title
        self.officer_photo = self.app.photo_of(officer.id)
        service = next((s for s in setup.services if s.id == prepared.service_id), None)
        parts = [self.words(service.name)] if service else []
        if prepared.dossier and prepared.dossier.code:
            parts.append(self.say("Hồ sơ {code}", code=shown_code(prepared.dossier.code)))
        self.about = " · ".join(parts)

    def begin(self) -> None:
        """The citizen is ready."""
        self.app.host.tell(Touched)

    def back(self) -> None:
        """The officer chooses anew."""
        self.app.host.tell(BackTouched)
