"""What every screen has: a visit to show, a language, and a foot with the language switch."""

from typing import Any

from kivy.app import App
from kivy.properties import ListProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.events import LanguageTouched
from kiosk.visit import Visit
from kiosk.widgets.button import BigButton
from kiosk.widgets.language import name_of, next_language, say
from survey.questionnaire import Words, words_in
from survey.setup import Officer, Setup


class Page(FloatLayout):
    """A screen. It is made once and shown many times: `show` must set all that an earlier visit may have left."""

    language = StringProperty("vi")
    languages = ListProperty(["vi", "en"])
    visit = ObjectProperty(None, allownone=True)

    def show(self, visit: Visit) -> None:
        """Show this visit, and nothing of any other."""
        self.visit = visit
        self.languages = list(visit.terms.languages)
        self.language = visit.language
        self.fill(visit)

    def fill(self, visit: Visit) -> None:
        """Set what is this screen's own. Called at each showing, also when only the language changed."""

    def leave(self) -> None:
        """The screen goes away: forget the citizen."""
        self.visit = None

    def say(self, sentence: str, **values: object) -> str:
        """The sentence in the language of this screen."""
        return say(sentence, self.language, **values)

    def words(self, words: Words) -> str:
        """A text of the setup in the language of this screen."""
        return words_in(words, self.language)

    @property
    def app(self) -> Any:
        """The running kiosk."""
        return App.get_running_app()


class LanguageSwitch(BigButton):
    """Says the language that it leads to, in that language. Gone when there is only one."""

    language = StringProperty("vi")
    languages = ListProperty(["vi", "en"])

    def label(self, language: str, languages: list[str]) -> str:
        """The name of the next language."""
        return name_of(next_language(language, tuple(languages)))

    def on_tap(self) -> None:
        """Ask for the next language."""
        following = next_language(self.language, tuple(self.languages))
        App.get_running_app().host.tell(LanguageTouched, following)


class SpeakerButton(BigButton):
    """Says aloud what this screen asks; a second touch begins anew. Gone on a device that makes no sound."""

    def on_tap(self) -> None:
        """Speak."""
        App.get_running_app().listen()


def officer_in(setup: Setup | None, officer_id: str | None) -> Officer | None:
    """The officer of the setup with this id, or None."""
    officers = setup.officers if setup else ()
    return next((officer for officer in officers if officer.id == officer_id), None)
