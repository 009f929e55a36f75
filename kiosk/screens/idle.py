"""Nobody is here: who we are, what we promise, who is on duty, and «Chạm để đánh giá»."""

from typing import Any

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.events import CameraTouched, Touched
from kiosk.screens.base import Page, officer_in
from kiosk.visit import Visit

TURN_S = 20.0
FADE_S = 0.25
MOST_OFFICERS = 2


class OfficerLine(FloatLayout):
    """A small picture, a name, a title."""

    name = StringProperty("")
    title = StringProperty("")
    photo = StringProperty("")


class OnDuty(BoxLayout):
    """Those on duty, at most two by name: a long name needs its two lines."""


class SloganCard(FloatLayout):
    """A title and its lines; another one in turn every `TURN_S`."""

    title = StringProperty("")
    lines = ListProperty([])
    ink = NumericProperty(1)


class IdlePage(Page):
    """Anywhere on it leads on, except the language switch."""

    unit = StringProperty("")
    counter = StringProperty("")
    hotline = StringProperty("")
    observer = StringProperty("")
    officer_name = StringProperty("")
    officer_title = StringProperty("")
    officer_photo = StringProperty("")
    duty_count = NumericProperty(0)
    others = StringProperty("")
    demo = BooleanProperty(False)

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self._turns: list[tuple[str, list[str]]] = []
        self._turn = 0
        self._clock: Any = None

    def fill(self, visit: Visit) -> None:
        """The unit, those on duty, and the slogans from where they were."""
        setup = visit.terms.setup
        if setup is None:
            return
        self.unit = setup.unit.name
        self.counter = setup.counter.name if setup.counter else ""
        self.hotline = setup.hotline
        self.demo = setup.demo
        self.observer = setup.behaviour.observer
        self._fill_officers(visit)
        turns = [(slogan.title, list(slogan.lines)) for slogan in setup.slogans]
        turns += [("", [self.words(message)]) for message in setup.idle_messages]
        if turns != self._turns:
            self._turns, self._turn = turns, 0
            self._show_turn()
        if self._clock is None and len(turns) > 1:
            self._clock = Clock.schedule_interval(self._next_turn, TURN_S)

    def leave(self) -> None:
        """Stop turning: what is not seen costs nothing."""
        super().leave()
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def on_touch_down(self, touch: Any) -> bool:
        """A touch that no button takes is the page's own."""
        if super().on_touch_down(touch) or touch.is_mouse_scrolling:
            return True
        touch.grab(self)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """A touch anywhere begins a visit."""
        if touch.grab_current is not self:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        if self.visit is not None:
            self.app.host.tell(Touched)
        return True

    def touched(self) -> None:
        """The big button was."""
        self.app.host.tell(Touched)

    def scan(self) -> None:
        """«Quét mã»."""
        self.app.host.tell(CameraTouched)

    def _fill_officers(self, visit: Visit) -> None:
        officers = [o for o in (officer_in(visit.terms.setup, i) for i in visit.terms.on_duty) if o is not None]
        self.duty_count = len(officers)
        first = officers[0] if len(officers) == 1 else None
        self.officer_name = first.name if first else ""
        self.officer_title = first.title if first else ""
        self.officer_photo = self.app.photo_of(first.id) if first else ""
        rows = self.ids.rows
        rows.clear_widgets()
        if len(officers) > 1:
            for officer in officers[:MOST_OFFICERS]:
                photo = self.app.photo_of(officer.id)
                rows.add_widget(OfficerLine(name=officer.name, title=officer.title, photo=photo))
        hidden = len(officers) - MOST_OFFICERS
        self.others = self.say("và {count} cán bộ khác", count=hidden) if hidden > 0 else ""

    def _next_turn(self, _: float) -> None:
        self._turn = (self._turn + 1) % len(self._turns)
        card = self.ids.slogan
        fade = Animation(ink=0, duration=FADE_S / 2)
        fade.bind(on_complete=self._turned)
        fade.start(card)

    def _turned(self, *_: object) -> None:
        self._show_turn()
        Animation(ink=1, duration=FADE_S / 2).start(self.ids.slogan)

    def _show_turn(self) -> None:
        card = self.ids.slogan
        card.title, card.lines = self._turns[self._turn] if self._turns else ("", [])
