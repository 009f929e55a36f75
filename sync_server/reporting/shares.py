"""Shares and their differences with intervals, and how a Vietnamese report writes them."""

import math
from enum import Enum

from sync_server.flagging.explain import decimal
from sync_server.flagging.intervals import wilson


class Change(Enum):
    """What two shares say of each other: the interval of their difference decides, never the difference alone."""

    UP = "up"
    DOWN = "down"
    UNCLEAR = "unclear"


def difference(k: int, n: int, k_before: int, n_before: int) -> tuple[float, float, float]:
    """k/n − k_before/n_before with its 95 % interval, in percentage points.

    Newcombe's hybrid of Wilson's score intervals (Statistics in Medicine 17, 1998, 873–890, method 10). Both n ≥ 1.
    """
    p, q = k / n, k_before / n_before
    low, high = wilson(k, n)
    low_before, high_before = wilson(k_before, n_before)
    below = math.hypot(p - low, high_before - q)
    above = math.hypot(high - p, q - low_before)
    return 100 * (p - q), 100 * (p - q - below), 100 * (p - q + above)


def change(low: float, high: float) -> Change:
    """What an interval of a difference says, as it is printed: one that reads «0,0» is not told from nothing."""
    return Change.UP if round(low, 1) > 0 else Change.DOWN if round(high, 1) < 0 else Change.UNCLEAR


def number(n: int) -> str:
    """«12.345»."""
    return decimal(n, "vi", 0)


def percent(k: int, n: int) -> str:
    """«97,3%»; «100%» and «0%» only where it is all and none."""
    share = 100 * k / n
    if k in (0, n):
        return f"{share:.0f}%"
    return f"{decimal(min(max(share, 0.1), 99.9), 'vi')}%"


def interval(k: int, n: int) -> str:
    """«95,1–98,6%»: Wilson's 95 % interval of k in n."""
    low, high = wilson(k, n)
    return f"{decimal(100 * low, 'vi')}–{decimal(100 * high, 'vi')}%"


def points(value: float) -> str:
    """«1,2» or «−0,3»: percentage points, with a true minus."""
    text = decimal(abs(value), "vi")
    return f"−{text}" if value < 0 and text != "0,0" else text
