"""What a kiosk knows and shows at one moment: frozen values that `kiosk.flow` turns into one another."""

from dataclasses import dataclass
from enum import StrEnum

from survey.rating import Dossier
from survey.setup import Setup


class Screen(StrEnum):
    """What is on the glass."""

    PAIRING = "pairing"
    IDLE = "idle"
    CHOOSE = "choose"
    RATE = "rate"
    REASONS = "reasons"
    COMMENT = "comment"
    THANKS = "thanks"
    ASLEEP = "asleep"
    RESTING = "resting"
    STAFF = "staff"
    HOME = "home"
    SERVICE = "service"
    HANDOVER = "handover"
    SCAN = "scan"


IN_VISIT = frozenset({Screen.SCAN, Screen.CHOOSE, Screen.SERVICE, Screen.RATE, Screen.REASONS, Screen.COMMENT})
"""Screens of a visit that is not finished: the idle time-out leaves them."""

OF_NOBODY = frozenset({Screen.PAIRING, Screen.IDLE, Screen.ASLEEP, Screen.HOME})
"""Screens that belong to no visit: `start` makes them, and new terms change them at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the device knows outside of a visit: the setup, who is on duty, whether it is open.

    able: whether the store can keep a rating now; a kiosk that cannot rests instead of asking.
    source: `kiosk`, `home` or `observer`, as ratings made now will say.
    """

    setup: Setup | None = None
    on_duty: tuple[str, ...] = ()
    is_open: bool = True
    source: str = "kiosk"
    able: bool = True

    @property
    def at_home(self) -> bool:
        """Whether the kiosk is a tablet that an officer carries on home visits."""
        return self.source == "home"

    @property
    def everybody(self) -> tuple[str, ...]:
        """All officers of the setup, in its order."""
        return tuple(officer.id for officer in self.setup.officers) if self.setup else ()

    @property
    def choices(self) -> tuple[str, ...]:
        """Whom to choose from at the start: those on duty, else everybody; on a home visit always everybody."""
        return self.everybody if self.at_home or not self.on_duty else self.on_duty

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages to switch between, the usual one first."""
        return self.setup.languages if self.setup else ("vi", "en")

    def knows_officer(self, officer_id: str | None) -> bool:
        """Whether the setup has this officer."""
        return officer_id in self.everybody

    def knows_service(self, service_id: str | None) -> bool:
        """Whether the setup has this service."""
        return self.setup is not None and any(s.id == service_id for s in self.setup.services)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What an officer set before the tablet was handed over on a home visit."""

    officer_id: str
    service_id: str | None = None
    dossier: Dossier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A citizen at the kiosk. shown_at, touched_at, finished_at: monotonic seconds.

    shown_at: when this screen came; touched_at: the last sign of life; finished_at: when the last visit ended.
    rating_id: the open rating; finished_id: the closed one whose receipt is shown at thanks.
    prepared: on a home visit, what the officer set; while it is None the tablet is in the officer's hands.
    terms stand still during a visit, so that no question changes under a finger; next_terms came meanwhile.
    """

    screen: Screen
    terms: Terms
    next_terms: Terms | None = None
    language: str = "vi"
    shown_at: float
    touched_at: float
    finished_at: float | None = None
    choices: tuple[str, ...] = ()
    prepared: Prepared | None = None
    officer_id: str | None = None
    service_id: str | None = None
    dossier: Dossier | None = None
    rating_id: str | None = None
    finished_id: str | None = None
    level: int | None = None
    reasons: tuple[str, ...] = ()
    comment: str | None = None

    @property
    def newest_terms(self) -> Terms:
        """The terms for whatever comes after this visit."""
        return self.next_terms or self.terms
