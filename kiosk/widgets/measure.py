"""How large things are: every size on the glass is counted in millimetres of the reference screen.

The reference is a 10.1-inch panel, 217 × 130–136 mm. A window of any other size is the same drawing, larger or
smaller, so that nothing is cut; on a panel smaller than the reference the touch targets become smaller than
docs/kiosk-screens.md asks, which `shortfall` tells.

Heights of text are those of a line as the eye sees it, from the top of Ệ to the bottom of y: 1.27 of the font
size in the font we ship. The smallest text is therefore 6 / 1.27 = 4.73 mm of font size.
"""

import math
from dataclasses import dataclass

REFERENCE_DIAGONAL_INCH = 10.1
LINE_HEIGHT = 1.27
LEAST_TEXT_MM = 6.0 / LINE_HEIGHT
TARGET_MM = 20.0
FACE_MM = 30.0
GAP_MM = 8.0

_LONG_MM, _SHORT_LANDSCAPE_MM, _SHORT_PORTRAIT_MM = 217.4, 129.5, 135.9


@dataclass(frozen=True, slots=True)
class Measure:
    """A window in pixels and what a reference millimetre is on it."""

    width: float
    height: float

    @property
    def portrait(self) -> bool:
        """Whether the window stands upright."""
        return self.height > self.width

    @property
    def mm(self) -> float:
        """Pixels of one reference millimetre, never below 1 so that a window being made cannot divide by nothing."""
        if self.portrait:
            return max(1.0, min(self.width / _SHORT_PORTRAIT_MM, self.height / _LONG_MM))
        return max(1.0, min(self.width / _LONG_MM, self.height / _SHORT_LANDSCAPE_MM))

    def real_mm(self, diagonal_inch: float) -> float:
        """Pixels of a true millimetre on a panel of this diagonal that shows the window full screen."""
        return math.hypot(self.width, self.height) / (diagonal_inch * 25.4)

    def shortfall(self, diagonal_inch: float) -> float:
        """How much smaller than promised a target is: 0.0 when it is not, 0.3 when 20 mm became 14."""
        return max(0.0, 1.0 - self.mm / self.real_mm(diagonal_inch))
