"""The window: shows what the host says, and tells it what fingers and scanners do."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk import kv
from kiosk.app import BAD_SCAN, DeskLike, Host, in_thread
from kiosk.camera.watch import Camera
from kiosk.errors import NoDisplay
from kiosk.events import KeyTouched, StaffAsked
from kiosk.flow import may_misclick
from kiosk.scanner import Wedge
from kiosk.screens.asleep import AsleepPage
from kiosk.screens.base import Page
from kiosk.screens.choose import ChoosePage
from kiosk.screens.comment import CommentPage
from kiosk.screens.handover import HandoverPage
from kiosk.screens.home import HomePage
from kiosk.screens.idle import IdlePage
from kiosk.screens.layout_report import LayoutReport
from kiosk.screens.pairing import PairingPage
from kiosk.screens.rate import RatePage
from kiosk.screens.reasons import ReasonsPage
from kiosk.screens.resting import RestingPage
from kiosk.screens.scan import ScanPage
from kiosk.screens.service import ServicePage
from kiosk.screens.speaker import Speaker
from kiosk.screens.staff import StaffPage
from kiosk.screens.thanks import ThanksPage
from kiosk.staff import Staff
from kiosk.visit import IN_VISIT, OF_NOBODY, Screen, Visit
from kiosk.watchdog import watchdog
from kiosk.widgets import palette
from kiosk.widgets.corner import Corner
from kiosk.widgets.idle_bar import IdleBar
from kiosk.widgets.language import say
from kiosk.widgets.measure import Measure
from kiosk.widgets.touch import forget_presses
from kiosk.widgets.voice import Voice, has_device
from survey.setup import Behaviour

LOG = logging.getLogger(__name__)

TRANSITION_S = 0.2
ENTER_KEYS = (13, 271)
NOTICE_S = 3.5
LAYOUT_VARIABLE = "NUCUOI_KIOSK_LAYOUT"
"""A diagnostic hook: names a file in which the window writes where everything is, after each change."""

PAGES: dict[Screen, type[Page]] = {
    Screen.PAIRING: PairingPage,
    Screen.IDLE: IdlePage,
    Screen.CHOOSE: ChoosePage,
    Screen.RATE: RatePage,
    Screen.REASONS: ReasonsPage,
    Screen.COMMENT: CommentPage,
    Screen.THANKS: ThanksPage,
    Screen.ASLEEP: AsleepPage,
    Screen.STAFF: StaffPage,
    Screen.SCAN: ScanPage,
    Screen.RESTING: RestingPage,
    Screen.HOME: HomePage,
    Screen.SERVICE: ServicePage,
    Screen.HANDOVER: HandoverPage,
}

BEFOREHAND = (Screen.RATE, Screen.REASONS, Screen.THANKS, Screen.CHOOSE)
"""Made one by one while nobody is here, so that the first citizen need not wait for them."""
PREPARE_S = 0.5
SHORT_TOLD = 0.03
"""Panels called 10.1 inch differ by so much."""


class Notice(FloatLayout):
    """One soft line that goes by itself."""

    text = StringProperty("")


class Stage(FloatLayout):
    """One page at a time, the idle bar above it, a soft line over both."""


class KioskApp(App):
    """mm: pixels of a reference millimetre. portrait: the window stands upright. speaking: a screen is being read."""

    title = "Nụ Cười"
    use_kivy_settings = False
    mm = NumericProperty(5.9)
    portrait = BooleanProperty(False)
    can_speak = BooleanProperty(False)
    can_scan = BooleanProperty(False)
    speaking = BooleanProperty(False)

    def __init__(
        self,
        desk: DeskLike,
        settings: kv.WindowSettings,
        window: Any,
        camera: Camera | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._monotonic = monotonic
        self.camera = camera
        self._desk = desk
        self._settings = settings
        self._window = window
        self._pages: dict[Screen, Page] = {}
        self._shown: Screen | None = None
        self._wake: Any = None
        self._calm: Any = None
        self._wedge = Wedge()
        self.host = Host(desk, self, monotonic=monotonic)
        self._watchdog = watchdog()
        self._corner = Corner(lambda: self.host.tell(StaffAsked))
        self.staff = Staff(
            desk,
            tell_how=self.tell_how,
            soon=self.soon,
            beside=in_thread,
            monotonic=monotonic,
            language=lambda: self.host.visit.language,
        )
        self._voice = Voice(able=has_device(), on_change=self._voice_changed)
        self.speaker = Speaker(self._voice, desk.tuning)
        self.stage = Stage()
        path = os.environ.get(LAYOUT_VARIABLE)
        self._report = LayoutReport(Path(path), self.stage, window, lambda: self._voice.playing) if path else None

    # --- Kivy's own hooks

    def build(self) -> Stage:
        """The stage, before anything is on it."""
        self._measure()
        return self.stage

    def on_start(self) -> None:
        """Follow the window's size, and open."""
        self._window.bind(
            size=self._measure,
            on_touch_down=self._finger_down,
            on_touch_up=lambda *_: self._corner.touch_up(),
            on_key_down=self._key_pressed,
            on_request_close=self._may_close,
        )
        self.host.open()
        self._prepare()
        self._watchdog.watch(Clock.schedule_interval)

    def on_stop(self) -> None:
        """The end that was asked for is no freeze."""
        self._watchdog.stopping()

    def open_settings(self, *_: object) -> bool:
        """F1 shows no panel: a citizen is no administrator."""
        return False

    # --- what the host asks (`kiosk.app.Glass`)

    def show(self, visit: Visit, time_left_s: float | None) -> None:
        """Show the visit's page; a new one fades in, and no finger from the old one counts on it."""
        page = self._page(visit.screen)
        fresh = visit.screen is not self._shown
        if fresh:
            forget_presses()
            for other in list(self.stage.ids.place.children):
                Animation.cancel_all(other, "opacity")
                self.stage.ids.place.remove_widget(other)
                other.leave()
            self._say_nothing()
        page.show(visit)
        if fresh:
            # The first screen of all fades in from nothing: it might as well be there.
            page.opacity = 1 if self._shown is None else 0
            self.stage.ids.place.add_widget(page)
            Animation(opacity=1, duration=TRANSITION_S).start(page)
            self._shown = visit.screen
        behaviour = visit.terms.setup.behaviour if visit.terms.setup else Behaviour()
        warning = behaviour.thanks_s if visit.screen is Screen.THANKS else behaviour.idle_warning_s
        bar: IdleBar = self.stage.ids.idle_bar
        bar.watch(time_left_s if visit.screen in IN_VISIT or visit.screen is Screen.THANKS else None, warning)
        self._set_pace(visit.screen)
        self.can_speak = self.speaker.is_able
        self.can_scan = self.camera is not None and self.camera.is_there
        self.speaker.show(visit)
        self.changed()

    def notice(self, sentence: str) -> None:
        """Say one line for some seconds; a code that means nothing is heard, too, softly."""
        if sentence == BAD_SCAN:
            self.speaker.refuse()
        self.tell_how(sentence)

    def tell_how(self, sentence: str, **values: object) -> None:
        """Say one line with values in it for some seconds."""
        note: Notice = self.stage.ids.notice
        Animation.cancel_all(note, "opacity")
        note.text = say(sentence, self.host.visit.language, **values)
        note.opacity = 1
        (Animation(duration=NOTICE_S) + Animation(opacity=0, duration=TRANSITION_S)).start(note)
        self.changed()

    def wake_in(self, seconds: float | None) -> None:
        """One call of the host's clock, never a polling one: an idle kiosk must stay cool."""
        if self._wake is not None:
            self._wake.cancel()
        self._wake = None if seconds is None else Clock.schedule_once(lambda _: self.host.tick(), seconds)

    def soon(self, call: Callable[[], None]) -> None:
        """From any thread, into this one."""
        Clock.schedule_once(lambda _: call(), 0)

    # --- what pages ask

    def photo_of(self, officer_id: str) -> str:
        """Path of the officer's photo, '' for none or when photos are switched off."""
        setup = self.host.visit.terms.setup
        if setup is None or not setup.behaviour.show_photos:
            return ""
        path = self._desk.photo(officer_id)
        return str(path) if path else ""

    def receipt_link(self, code: str) -> str:
        """What the receipt's QR holds: the server's page for it, or the code itself."""
        server = getattr(self._desk, "server_url", None)
        return f"{server.rstrip('/')}/n/{code}" if server else code

    def listen(self) -> None:
        """The speaker button was touched: read the screen aloud. A touch in the deaf time is none."""
        before = self.host.visit
        self.host.tell(KeyTouched)
        if self.host.visit is not before:
            self.speaker.read(self.host.visit)

    def seconds_left_to_misclick(self, visit: Visit) -> float:
        """How long «Bấm nhầm» is still there."""
        now = self._monotonic()
        setup = visit.terms.setup
        return visit.shown_at + setup.behaviour.misclick_s - now if setup and may_misclick(visit, now) else 0.0

    def wall_clock(self) -> datetime:
        """The time of day, as right as the desk knows it."""
        return self._desk.now()

    def leave_kiosk(self) -> None:
        """Staff, or systemd, end the program: once this frame is done. `stop` would take the app away from rules that
        are still to be read in it."""
        EventLoop.quit = True

    # --- inside

    def _page(self, screen: Screen) -> Page:
        if screen not in self._pages:
            self._pages[screen] = PAGES[screen]()
        return self._pages[screen]

    def _prepare(self) -> None:
        """Make one more page of a visit, if nobody is here now, and come back for the next."""
        left = [screen for screen in BEFOREHAND if screen not in self._pages]
        if left and self.host.visit.screen in OF_NOBODY and self.host.visit.terms.setup is not None:
            self._page(left.pop(0))
        if left:
            Clock.schedule_once(lambda _: self._prepare(), PREPARE_S)

    def _measure(self, *_: object) -> None:
        measure = Measure(self._window.width, self._window.height)
        self.mm, self.portrait = measure.mm, measure.portrait
        short = measure.shortfall(self._settings.screen_diagonal_inch)
        if self._settings.fullscreen and short > SHORT_TOLD:
            LOG.warning("on this panel targets are %d %% smaller than promised; see nucuoi-kiosk doctor", 100 * short)
        if self._shown is not None:
            self._page(self._shown).show(self.host.visit)
        self.changed()

    def _set_pace(self, screen: Screen) -> None:
        """Look for touches 60 times a second during a visit, 15 times when nobody is here."""
        if self._calm is not None:
            self._calm.cancel()
            self._calm = None
        if screen in OF_NOBODY or screen is Screen.RESTING:
            self._calm = Clock.schedule_once(lambda _: setattr(Clock, "_max_fps", kv.IDLE_FPS), 2 * TRANSITION_S)
        else:
            Clock._max_fps = kv.BUSY_FPS

    def _key_pressed(self, _: Any, key: int, scancode: int, text: str | None, modifiers: list[str]) -> bool:
        """A key of a scanner, or of a keyboard somebody plugged in: no key does anything by itself."""
        self._hurry()
        typed = "\r" if key in ENTER_KEYS else text or ""
        line = self._wedge.key(typed, time.monotonic(), scancode=scancode, shift="shift" in modifiers)
        if line is not None:
            self.host.scan(line)
        return True

    def _finger_down(self, _: Any, touch: Any) -> None:
        self._hurry()
        self._corner.touch_down(self._window.size, self.mm, touch.pos)

    def _hurry(self) -> None:
        Clock._max_fps = kv.BUSY_FPS
        self._set_pace(self.host.visit.screen)

    def _may_close(self, *_: object, **__: object) -> bool:
        return self._settings.fullscreen

    def _voice_changed(self) -> None:
        self.speaking = self.speaker.is_reading
        self.can_speak = self.speaker.is_able
        self.changed()

    def _say_nothing(self) -> None:
        note: Notice = self.stage.ids.notice
        Animation.cancel_all(note, "opacity")
        note.opacity, note.text = 0, ""

    def changed(self) -> None:
        """Something moved on the glass that the host does not know of: the layout report does."""
        if self._report is not None and self._shown is not None:
            self._report.after_change(self._shown.value, self.mm)


def open_window(desk: DeskLike, settings: kv.WindowSettings, camera: Camera | None = None) -> int:
    """Load the rules, run the window until it is closed or the program is told to end."""
    # This import is what opens the window.
    from kivy.core.window import Window

    if Window is None:
        raise NoDisplay("no screen to open a window on; start from a desktop, or set DISPLAY")
    kv.load_rules()
    Window.clearcolor = palette.PAPER
    app = KioskApp(desk, settings, Window, camera)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: app.leave_kiosk())
    app.run()
    return 0
