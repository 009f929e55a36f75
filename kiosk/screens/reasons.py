"""Why? Chips that can be switched on and off; the face is already kept."""

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.events import MisclickTouched, ReasonTouched, Sent, Skipped
from kiosk.flow import reasons_for
from kiosk.screens.base import Page
from kiosk.visit import Visit
from kiosk.widgets.chip import Chip


class ReasonsPage(Page):
    """May be left with or without a reason; within the first seconds also by «Bấm nhầm»."""

    question = StringProperty("")
    face = StringProperty("neutral")
    word = StringProperty("")
    chosen = NumericProperty(0)
    may_misclick = BooleanProperty(False)

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self._too_late: Any = None

    def fill(self, visit: Visit) -> None:
        """The chosen face, the chips of its side, and which of them are on."""
        setup = visit.terms.setup
        if setup is None or visit.level is None:
            return
        level = setup.scale.levels[visit.level - 1]
        self.face, self.word = level.face, self.words(level.words)
        bad = visit.level in setup.scale.not_satisfied
        self.question = self.say("Điều gì chưa tốt?" if bad else "Điều gì làm Ông/Bà hài lòng?")
        self.chosen = len(visit.reasons)
        self._fill_chips(visit)
        self._watch_misclick(self.app.seconds_left_to_misclick(visit))

    def leave(self) -> None:
        """Forget what was chosen, also in what is drawn."""
        super().leave()
        self._watch_misclick(0)
        for chip in self.ids.grid.children:
            chip.chosen = False

    def send(self) -> None:
        """«Gửi»."""
        self.app.host.tell(Sent)

    def skip(self) -> None:
        """«Bỏ qua»."""
        self.app.host.tell(Skipped)

    def misclick(self) -> None:
        """«Bấm nhầm»: back to the faces."""
        self.app.host.tell(MisclickTouched)

    def _fill_chips(self, visit: Visit) -> None:
        reasons = reasons_for(visit)
        grid = self.ids.grid
        chips = list(reversed(grid.children))
        if [chip.target for chip in chips] != [f"reason_{reason.code}" for reason in reasons]:
            grid.clear_widgets()
            chips = []
            for reason in reasons:
                chip = Chip(target=f"reason_{reason.code}", icon=reason.icon)
                chip.bind(on_tap=lambda _, code=reason.code: self.app.host.tell(ReasonTouched, code))
                chips.append(chip)
                grid.add_widget(chip)
        few = len(reasons) <= 4
        grid.columns = (1 if few else 2) if self.app.portrait else (2 if few else 4)
        for chip, reason in zip(chips, reasons, strict=True):
            chip.word = self.words(reason.words)
            chip.chosen = reason.code in visit.reasons

    def _watch_misclick(self, seconds: float) -> None:
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None
        self.may_misclick = seconds > 0
        if seconds > 0:
            self._too_late = Clock.schedule_once(lambda _: setattr(self, "may_misclick", False), seconds)
