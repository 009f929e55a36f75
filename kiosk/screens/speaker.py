"""Lets the screens speak: at the speaker button's touch, and by themselves where staff switched that on."""

from collections.abc import Callable

from kiosk.screens.prompts import prompt, sounds_folder, sounds_of
from kiosk.tuning import Tuning
from kiosk.visit import IN_VISIT, Screen, Visit
from kiosk.widgets.language import say
from kiosk.widgets.voice import Voice

BAD_CODE = "bad-code.ogg"
TRIED_OUT = "Ai vừa phục vụ Ông/Bà?"


class Speaker:
    """tuning: how loud this device is, asked anew each time."""

    def __init__(self, voice: Voice, tuning: Callable[[], Tuning]) -> None:
        self._voice = voice
        self._tuning = tuning
        self._shown: tuple[Screen, str] | None = None

    @property
    def is_able(self) -> bool:
        """Whether anything can be heard: there is a loudspeaker, and staff have not muted it."""
        return self._voice.able and self._tuning().volume > 0

    @property
    def has_device(self) -> bool:
        """Whether there is a loudspeaker."""
        return self._voice.able

    @property
    def is_reading(self) -> bool:
        """Whether a sentence is being said; the soft sound is none."""
        return self._voice.playing is not None and self._voice.playing.name != BAD_CODE

    def try_out(self, language: str) -> None:
        """For staff: so loud is it."""
        self._voice.say(sounds_of((say(TRIED_OUT, language),), language), self._tuning().gain)

    def read(self, visit: Visit) -> None:
        """Say what this screen asks, from the beginning."""
        self._voice.say(sounds_of(prompt(visit), visit.language), self._tuning().gain)

    def show(self, visit: Visit) -> None:
        """A page is shown. What the page or the language before it was saying ends; the same page goes on."""
        shown = (visit.screen, visit.language)
        if shown == self._shown:
            return
        self._shown = shown
        self._voice.stop()
        # Not on idle: a machine that talks to an empty hall all day is switched off by the first clerk.
        if self._tuning().reads_aloud and (visit.screen in IN_VISIT or visit.screen is Screen.THANKS):
            self.read(visit)

    def refuse(self) -> None:
        """The soft sound for a code that means nothing here."""
        self._voice.say((sounds_folder() / BAD_CODE,), self._tuning().gain)
