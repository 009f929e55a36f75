"""Plays sounds through Kivy, one after the other. A device without a loudspeaker is no fault: it stays silent.

The audio device is opened at the first sound and not before, so that a kiosk nobody listens to pays nothing for it.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kivy.utils import platform

LOG = logging.getLogger(__name__)

CARDS = Path("/proc/asound/cards")


def has_device(environ: Mapping[str, str] = os.environ, cards: Path = CARDS) -> bool:
    """Whether there is something to play on, told without opening it. A driver named by hand is taken at its word."""
    if environ.get("SDL_AUDIODRIVER") or platform == "android":
        return True
    try:
        return " [" in cards.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def load_sound(file: Path) -> Any:
    """Kivy's sound of this file, None when there is no device or no way to play it."""
    # This import is what chooses the provider; loading opens the device.
    from kivy.core.audio import SoundLoader

    sound = SoundLoader.load(str(file))
    # Without a device SDL still gives a sound, of no length, that never plays.
    return sound if sound is not None and sound.length > 0 else None


class Voice:
    """Says a list of files. All methods belong to the window's thread.

    load: a file's sound, or None. on_change: something began or ended.
    """

    def __init__(
        self,
        load: Callable[[Path], Any] = load_sound,
        *,
        able: bool = True,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._load = load
        self._on_change = on_change
        self._waiting: list[Path] = []
        self._sound: Any = None
        self._gain = 1.0
        self.able = able
        """False from the start on a device without sound, and after the first sound that could not be opened."""
        self.playing: Path | None = None

    def say(self, files: Sequence[Path], gain: float) -> None:
        """Begin with the first file, whatever was said before; gain: 0 (mute: nothing is opened) to 1."""
        self.stop()
        if self.able and gain > 0:
            self._waiting, self._gain = list(files), gain
            self._next()

    def stop(self) -> None:
        """Silence, at once."""
        was, self._waiting = self.playing, []
        self._release()
        if was is not None:
            self._on_change()

    def _next(self, *_: object) -> None:
        self._release()
        if self._waiting:
            file = self._waiting.pop(0)
            try:
                self._sound = self._load(file)
            except Exception:
                LOG.exception("%s cannot be played", file)
            if self._sound is None:
                LOG.warning("no sound comes out of this device (%s); it stays silent until it is started anew", file)
                self.able, self._waiting = False, []
            else:
                self.playing = file
                self._sound.volume = self._gain
                self._sound.bind(on_stop=self._next)
                self._sound.play()
        self._on_change()

    def _release(self) -> None:
        sound, self._sound, self.playing = self._sound, None, None
        if sound is not None:
            # First deaf, then silent: our own stop is not the end of a file.
            sound.unbind(on_stop=self._next)
            sound.stop()
            sound.unload()
