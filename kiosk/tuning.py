"""How loud and how bright this device is: set by staff at the glass, kept on the device, told to no server."""

from dataclasses import dataclass, replace

STEP = 10
QUIETEST, LOUDEST = 0, 100
DARKEST, BRIGHTEST = 10, 100
"""Percent. The darkest picture can still be seen, so that staff find the button that makes it brighter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """volume: percent, 0 is mute. brightness: percent of the panel's light.

    reads_aloud: each screen of a visit speaks by itself, not only when it is asked to.
    """

    volume: int = 70
    brightness: int = 100
    reads_aloud: bool = False

    @property
    def gain(self) -> float:
        """What samples are multiplied by: squared, because an ear hears half the amplitude as much more than half."""
        return (min(max(self.volume, QUIETEST), LOUDEST) / LOUDEST) ** 2


def louder(tuning: Tuning, by: int) -> Tuning:
    """One step louder, or (negative) softer; it stays between mute and the most."""
    return replace(tuning, volume=min(max(tuning.volume + by, QUIETEST), LOUDEST))


def brighter(tuning: Tuning, by: int) -> Tuning:
    """One step brighter, or (negative) darker; it stays between the darkest and the brightest."""
    return replace(tuning, brightness=min(max(tuning.brightness + by, DARKEST), BRIGHTEST))
