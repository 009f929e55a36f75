"""The panel's light, where the system gives it as a file: /sys/class/backlight/*, a Raspberry Pi's touch display.

A panel on HDMI has none; there the display's own buttons set its light. Android keeps its light to itself.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

from kiosk.tuning import BRIGHTEST, DARKEST

LOG = logging.getLogger(__name__)

FOLDER = Path("/sys/class/backlight")


class Backlight:
    """All panels of the device, set alike. folder: another one in tests."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    @property
    def is_there(self) -> bool:
        """Whether a panel's light may be set. Not on HDMI, and not without the rule of config/raspberry-pi."""
        return any(True for _ in self._panels())

    def shine(self, percent: int) -> None:
        """Set the light, never below `kiosk.tuning.DARKEST`. A panel that refuses is logged and passed over."""
        percent = min(max(percent, DARKEST), BRIGHTEST)
        for panel, most in self._panels():
            # At least 1: a panel of few steps must not go out.
            wanted = max(1, round(most * percent / BRIGHTEST))
            try:
                (panel / "brightness").write_text(f"{wanted}\n", encoding="ascii")
            except OSError as error:
                LOG.warning("the light of %s was not set to %d: %s", panel.name, wanted, error.strerror)

    def _panels(self) -> Iterator[tuple[Path, int]]:
        """The folder of each panel that may be set, and the number of its brightest light."""
        try:
            panels = sorted(self._folder.iterdir())
        except OSError:
            return
        for panel in panels:
            try:
                most = int((panel / "max_brightness").read_text(encoding="ascii"))
                # Opened as `shine` will: only that tells whether we may. Nothing is written or cut off by it.
                (panel / "brightness").open("r+", encoding="ascii").close()
            except (OSError, ValueError):
                continue
            if most > 0:
                yield panel, most
