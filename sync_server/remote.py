"""Settings that staff give to kiosks from afar, and how far they may go."""

from collections.abc import Mapping
from typing import Any

BOUNDS: Mapping[str, tuple[int, int]] = {
    "idle_timeout_s": (10, 300),
    "idle_warning_s": (3, 60),
    "thanks_s": (2, 60),
    "misclick_s": (0, 30),
    "resting_s": (3, 120),
    "deaf_ms": (100, 2000),
    "visit_gap_s": (0, 120),
    "sent_copies_days": (1, 365),
}
"""The least and the most of each number of `survey.setup.Behaviour`: beyond, a kiosk could not be used."""


def faults_in(settings: Mapping[str, Any]) -> list[str]:
    """Numbers out of bounds, one sentence each."""
    return [
        f"settings.{name}: must be from {least} to {most}, not {settings[name]}"
        for name, (least, most) in BOUNDS.items()
        if isinstance(settings.get(name), int) and not least <= settings[name] <= most
    ]
