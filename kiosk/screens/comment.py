"""If the survey asks: a few words of the citizen's own, on our own keyboard."""

from kivy.properties import StringProperty

from kiosk.events import KeyTouched, Sent, Skipped
from kiosk.screens.base import Page
from kiosk.spelling import erased, toned, typed
from kiosk.visit import Visit
from survey.rating import COMMENT_LIMIT

SHOWN = 150
"""Characters of a long comment that stay in sight: its end."""
_SENTENCE_ENDS = (". ", "? ", "! ")


class CommentPage(Page):
    """The text lives here and nowhere else until it is sent."""

    draft = StringProperty("")

    def fill(self, visit: Visit) -> None:
        """Nothing of the visit but its language: the text is the page's own."""
        self._capital()

    def leave(self) -> None:
        """No earlier citizen's words are ever seen by the next."""
        super().leave()
        self.draft = ""
        self.ids.keyboard.kind = "letters"

    def letter(self, letter: str) -> None:
        """A letter, digit, sign or space."""
        self._change(typed(self.draft, letter, COMMENT_LIMIT))

    def tone(self, tone: str) -> None:
        """A tone for the last syllable."""
        self._change(toned(self.draft, tone))

    def erase(self) -> None:
        """The last letter goes."""
        self._change(erased(self.draft))

    def send(self) -> None:
        """«Gửi»."""
        self.app.host.tell(Sent, self.draft.strip() or None)

    def skip(self) -> None:
        """«Bỏ qua»."""
        self.app.host.tell(Skipped)

    def shown(self, draft: str) -> str:
        """What stands in the field: the end of the text, and where the next letter comes."""
        tail = draft if len(draft) <= SHOWN else "…" + draft[-SHOWN:]
        return tail + "▏" if draft else ""

    def _change(self, draft: str) -> None:
        self.draft = draft
        self._capital()
        self.app.host.tell(KeyTouched)

    def _capital(self) -> None:
        self.ids.keyboard.capital = not self.draft or self.draft.endswith(_SENTENCE_ENDS)
