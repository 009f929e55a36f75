"""What a kiosk shows and how it behaves: the document of GET /api/v1/setup. The kiosk keeps the last good one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from survey.questionnaire import Reason, Scale, Survey, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The unit whose kiosk this is."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A desk where citizens are served."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """The named person who is rated. photo: path on the server, or null. services: declared for this counter."""

    id: str
    name: str
    title: str
    photo: str | None = None
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Which officer sits at which counter; ISO 8601 times with offset, `until` null while it lasts."""

    counter_id: str
    officer_id: str
    since: str
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """An administrative procedure, in a field."""

    id: str
    name: Words
    field: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Slogan:
    """«5 biết», «3 thể hiện»: a title and its lines, quoted exactly."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Time-outs and guards of a kiosk, each ending in its unit.

    opening_hours: weekday (`mon` … `sun`) → spans `HH:MM-HH:MM` of local time; no weekday at all means always open.
    home_visits: a tablet that officers carry to citizens; it knows no opening hours and no duty.
    observer: on a kiosk that observers enrolled, what their round is called; its ratings are of the source `observer`.
    """

    idle_timeout_s: int = 30
    idle_warning_s: int = 10
    thanks_s: int = 5
    misclick_s: int = 5
    resting_s: int = 10
    deaf_ms: int = 400
    visit_gap_s: int = 5
    sent_copies_days: int = 30
    opening_hours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    show_photos: bool = True
    home_visits: bool = False
    observer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """All that a kiosk needs to work for ever without a network.

    counter is null for a kiosk that serves a whole unit. officers are those of the unit; duty says who sits where.
    staff_pin: `pbkdf2_sha256$ITERATIONS$SALT$HASH` (hex), or null while none is set.
    """

    version: int = 1
    unit: Unit
    counter: Counter | None = None
    hotline: str = ""
    languages: tuple[str, ...] = ("vi", "en")
    officers: tuple[Officer, ...] = ()
    duty: tuple[Duty, ...] = ()
    services: tuple[Service, ...] = ()
    survey: Survey
    scale: Scale
    reasons: tuple[Reason, ...] = ()
    slogans: tuple[Slogan, ...] = ()
    idle_messages: tuple[Words, ...] = ()
    dossier_pattern: str
    behaviour: Behaviour = Behaviour()
    staff_pin: str | None = None
    demo: bool = False
