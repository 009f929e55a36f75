"""Staff's view of sound and light."""

from dataclasses import replace

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.screens.staff_views import StaffView
from kiosk.tuning import STEP, Tuning, brighter, louder


class Stepper(FloatLayout):
    """Less, how much, more. name: what the two buttons are called in tests and diagnostics."""

    name = StringProperty("")
    text = StringProperty("")
    icon = StringProperty("")
    __events__ = ("on_step",)

    def on_step(self, by: int) -> None:
        """One of the two was touched: -1 or 1."""


class TuningView(StaffView):
    """Each step is kept and heard, or seen, at once."""

    volume = NumericProperty(0)
    brightness = NumericProperty(100)
    reads_aloud = BooleanProperty(False)
    has_sound = BooleanProperty(True)
    has_light = BooleanProperty(True)

    def refresh(self) -> None:
        """How it is set now."""
        app = self.page.app
        tuning = app.staff.tuning()
        self.volume, self.brightness, self.reads_aloud = tuning.volume, tuning.brightness, tuning.reads_aloud
        self.has_sound, self.has_light = app.speaker.has_device, app.staff.can_dim

    def step_volume(self, by: int) -> None:
        """Louder or softer, and a sentence to hear how loud that is."""
        self._set(louder(self._now(), by * STEP))
        self.page.app.speaker.try_out(self.language)

    def mute(self) -> None:
        """No sound at all, or as loud as usual again."""
        self._set(replace(self._now(), volume=Tuning().volume if self._now().volume == 0 else 0))

    def step_brightness(self, by: int) -> None:
        """Brighter or darker."""
        self._set(brighter(self._now(), by * STEP))

    def switch_reading(self) -> None:
        """Each screen of a visit speaks by itself, or only when it is asked to."""
        self._set(replace(self._now(), reads_aloud=not self._now().reads_aloud))

    def _now(self) -> Tuning:
        tuning: Tuning = self.page.app.staff.tuning()
        return tuning

    def _set(self, tuning: Tuning) -> None:
        self.page.alive()
        self.page.app.staff.tune(tuning)
        self.refresh()
        self.page.app.changed()
