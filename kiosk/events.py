"""What happens to a visit (events) and what must be done before its next screen is shown (deeds): plain values."""

from dataclasses import dataclass

from kiosk.visit import Terms
from survey.rating import Dossier
from survey.ticket import Scan

# --- events: `at` is monotonic seconds ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened at a moment."""

    at: float


class Touch(Event):
    """A citizen's touch: ignored in the deaf time after a screen change."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Touched(Touch):
    """The screen was touched anywhere (idle, thanks)."""


@dataclass(frozen=True, slots=True)
class OfficerChosen(Touch):
    """An officer's card was touched."""

    officer_id: str


@dataclass(frozen=True, slots=True)
class HomeVisitBegun(Touch):
    """An officer, about to be rated at a citizen's home, held the button of the home screen long enough."""


@dataclass(frozen=True, slots=True)
class ServiceChosen(Touch):
    """On a home visit: what was done there; None for what is not on the list."""

    service_id: str | None = None


@dataclass(frozen=True, slots=True)
class FaceTouched(Touch):
    """A face was touched. rating_id: a fresh UUID, used when this visit has no rating yet."""

    level: int
    rating_id: str


@dataclass(frozen=True, slots=True)
class ReasonTouched(Touch):
    """A reason's chip was switched on or off."""

    code: str


@dataclass(frozen=True, slots=True)
class Sent(Touch):
    """«Gửi»: go on with what was chosen; on the comment screen with this text."""

    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped(Touch):
    """«Bỏ qua»."""


@dataclass(frozen=True, slots=True)
class BackTouched(Touch):
    """«Quay lại»."""


@dataclass(frozen=True, slots=True)
class MisclickTouched(Touch):
    """«Bấm nhầm»: back to the faces within the first seconds. The level stands until another is chosen."""


@dataclass(frozen=True, slots=True)
class WrongOfficerTouched(Touch):
    """«Không phải cán bộ này»."""


@dataclass(frozen=True, slots=True)
class LanguageTouched(Touch):
    """Another language was chosen."""

    language: str


@dataclass(frozen=True, slots=True)
class CameraTouched(Touch):
    """«Quét mã»: the camera is asked for, to read a code with."""


@dataclass(frozen=True, slots=True)
class KeyTouched(Touch):
    """A sign of life that changes nothing else (a letter of a comment, a digit of a PIN)."""


@dataclass(frozen=True, slots=True)
class Scanned(Event):
    """The scanner read something that has a meaning."""

    scan: Scan


@dataclass(frozen=True, slots=True)
class StaffAsked(Event):
    """A corner was pressed for three seconds."""


@dataclass(frozen=True, slots=True)
class StaffLeft(Event):
    """Staff are done."""


@dataclass(frozen=True, slots=True)
class TermsChanged(Event):
    """The setup, the duty, the opening or the state of the store changed."""

    terms: Terms


@dataclass(frozen=True, slots=True)
class ClockTicked(Event):
    """Time passed."""


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """Any exception: rest for a while."""


# --- deeds -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRating:
    """Keep a new rating, durably, before anything else is shown.

    survey_id and scale are those that the citizen saw, even if another setup has arrived meanwhile.
    """

    rating_id: str
    officer_id: str
    service_id: str | None
    dossier: Dossier | None
    survey_id: str
    scale: str
    level: int
    language: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseRating:
    """Complete or change the open rating."""

    rating_id: str
    level: int
    reasons: tuple[str, ...]
    comment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRating:
    """The open rating is finished; from now on it may be sent."""

    rating_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDuty:
    """This officer takes the counter (a badge was scanned)."""

    officer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrol:
    """Join the server that the scanned code names."""

    url: str
    code: str


Deed = OpenRating | ReviseRating | CloseRating | TakeDuty | Enrol
