"""Prepares Kivy for a kiosk and loads the rules (`.kv`): the only place that configures it."""

import os
from collections.abc import MutableMapping
from importlib import import_module
from importlib import resources as installed
from pathlib import Path
from typing import Protocol

from survey import resources

FONT = "BeVietnamPro"
REFERENCE_SIZE = "1280x800"
IDLE_FPS = 15
BUSY_FPS = 60

_ENVIRONMENT = {
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONFIG": "1",
    "KIVY_NO_FILELOG": "1",
    "KIVY_NO_CONSOLELOG": "1",
    "KIVY_LOG_MODE": "PYTHON",
    # SDL would report each touch a second time, as a mouse.
    "SDL_TOUCH_MOUSE_EVENTS": "0",
    "SDL_MOUSE_TOUCH_EVENTS": "0",
    # Without this an input method may swallow or change what a scanner types.
    "SDL_IM_MODULE": "none",
    "XMODIFIERS": "@im=none",
}


class WindowSettings(Protocol):
    """What the window needs of the kiosk's settings."""

    @property
    def fullscreen(self) -> bool:
        """Whether the window fills the screen, with no cursor and no way out."""

    @property
    def window_size(self) -> str | None:
        """`WIDTHxHEIGHT` in pixels, of a window that is not full screen; None for the reference screen's."""

    @property
    def screen_diagonal_inch(self) -> float:
        """The panel's diagonal."""


def prepare(settings: WindowSettings, environ: MutableMapping[str, str] = os.environ) -> None:
    """Set what Kivy reads at its first import, and its configuration. Opens nothing. Twice does no harm."""
    for name, value in _ENVIRONMENT.items():
        environ.setdefault(name, value)
    from kivy.config import Config

    width, height = (int(part) for part in (settings.window_size or REFERENCE_SIZE).split("x"))
    for section, key, value in (
        ("graphics", "width", str(width)),
        ("graphics", "height", str(height)),
        ("graphics", "fullscreen", "auto" if settings.fullscreen else "0"),
        ("graphics", "resizable", "0" if settings.fullscreen else "1"),
        ("graphics", "show_cursor", "0" if settings.fullscreen else "1"),
        ("graphics", "allow_screensaver", "0"),
        # Every shape softens its own edges; smoothing the whole window costs 30 MB and half of each frame's time.
        ("graphics", "multisamples", "0"),
        ("graphics", "maxfps", str(BUSY_FPS)),
        ("kivy", "exit_on_escape", "0"),
        ("kivy", "pause_on_minimize", "0"),
        ("kivy", "log_level", "warning"),
        ("kivy", "desktop", "0"),
    ):
        Config.set(section, key, value)
    # One touch provider: SDL's own. A Raspberry Pi reports each touch once more through every other one.
    Config.remove_section("input")
    Config.add_section("input")
    Config.set("input", "mouse", "mouse,disable_multitouch")


def load_rules() -> None:
    """Register the font and load the theme and every widget's and screen's rules, in that order. Once a program."""
    from kivy.core.text import DEFAULT_FONT, LabelBase
    from kivy.lang import Builder

    regular, bold = (str(_font(f"{FONT}-{cut}.ttf")) for cut in ("Medium", "Bold"))
    LabelBase.register(DEFAULT_FONT, regular, fn_bold=bold)
    here = Path(__file__).resolve().parent
    for name in sorted(file.stem for file in (here / "widgets").glob("[a-z]*.py")):
        import_module(f"kiosk.widgets.{name}")  # a rule may name any widget: Kivy must know its class first
    for file in (
        resources.assets() / "theme.kv",
        *sorted((here / "widgets").glob("*.kv")),
        here / "screens" / "base.kv",
        *sorted(file for file in (here / "screens").glob("*.kv") if file.stem != "base"),
    ):
        if str(file) not in Builder.files:
            Builder.load_file(str(file), rulesonly=True)


def _font(name: str) -> Path:
    return Path(str(installed.files("fontpkg_be_vietnam_pro"))) / "files" / name
