"""The documents of the store: what they say, as values. `kiosk.store` keeps them."""

from dataclasses import dataclass

from survey.rating import Rating
from survey.setup import Setup
from survey.wire import Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who this kiosk is to its server. key and carry_key are secrets: never shown, never logged."""

    url: str
    kiosk_id: str
    key: str
    carry_key: str
    unit_id: str
    counter_id: str | None = None

    def __repr__(self) -> str:
        return f"Identity({self.kiosk_id} at {self.url})"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSetup:
    """The last good setup and its ETag."""

    etag: str | None
    setup: Setup


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The last good answer. last_sent_at: when ratings were last settled; server_total: its count of ours."""

    last_met_at: str
    last_sent_at: str | None = None
    server_total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An officer's badge was scanned: he has this kiosk's counter since then (ISO 8601 with offset)."""

    officer_id: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPlace:
    """Staff chose at the glass where this kiosk serves. told: what the settings and the server said at that time."""

    at_home: bool
    told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A rating that the server refused or found in conflict; code as in docs/wire.md."""

    rating: Rating
    verdict: str
    code: str | None
    parked_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCopy:
    """A rating that the server has, without its dossier. digest: of the whole rating, as its chain knows it."""

    rating: Rating
    digest: str
    settled_at: str
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the ledger stands, and what the server of this enrolment should have counted for it.

    since: the ledger's seq when this kiosk was enrolled; stored: how many ratings the server acknowledged since then
    as this kiosk's; unsure: how many from before that it had already, maybe as those of the kiosk that this one was.
    """

    seq: int = 0
    digest: str = ""
    since: int = 0
    stored: int = 0
    unsure: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """The last meeting with the server in each of the latest boots, the oldest first."""

    anchors: tuple[Anchor, ...] = ()
