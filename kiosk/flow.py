"""The citizen's way through a visit, as pure functions over frozen values.

`advance(visit, event)` says what is shown next; `deeds(before, after)` says what must be durable before it is
shown. An event that is out of place changes nothing, so that a double touch is harmless. A visit lives in memory
only; what it leaves behind is its rating.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from survey.questionnaire import Reason
from survey.rating import Dossier
from survey.setup import Behaviour, Setup
from survey.ticket import Badge, DossierCode, Enrolment, Scan, Ticket

STAFF_TIMEOUT_S = 60.0


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


IN_VISIT = frozenset({Screen.CHOOSE, Screen.RATE, Screen.REASONS, Screen.COMMENT})
"""Screens that the idle time-out leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the device knows outside of a visit: the setup, who is on duty, whether it is open."""

    setup: Setup | None = None
    on_duty: tuple[str, ...] = ()
    is_open: bool = True
    source: str = "kiosk"

    @property
    def choices(self) -> tuple[str, ...]:
        """Whom to choose from at the start: those on duty, else everybody; on a home visit always everybody."""
        everybody = tuple(officer.id for officer in self.setup.officers) if self.setup else ()
        return everybody if self.source == "home" or not self.on_duty else self.on_duty

    def knows_officer(self, officer_id: str | None) -> bool:
        """Whether the setup has this officer."""
        return self.setup is not None and any(o.id == officer_id for o in self.setup.officers)

    def knows_service(self, service_id: str | None) -> bool:
        """Whether the setup has this service."""
        return self.setup is not None and any(s.id == service_id for s in self.setup.services)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A citizen at the kiosk. shown_at, touched_at, finished_at: monotonic seconds.

    shown_at: when this screen came; touched_at: the last sign of life; finished_at: when the last visit ended.
    rating_id: the open rating; finished_id: the closed one whose receipt is shown at thanks.
    """

    screen: Screen
    terms: Terms
    language: str = "vi"
    shown_at: float
    touched_at: float
    finished_at: float | None = None
    choices: tuple[str, ...] = ()
    officer_id: str | None = None
    service_id: str | None = None
    dossier: Dossier | None = None
    rating_id: str | None = None
    finished_id: str | None = None
    level: int | None = None
    reasons: tuple[str, ...] = ()
    comment: str | None = None


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
    officer_id: str


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
    pass


@dataclass(frozen=True, slots=True)
class MisclickTouched(Touch):
    """«Bấm nhầm»: back to the faces within the first seconds. The level stands until another is chosen."""


@dataclass(frozen=True, slots=True)
class WrongOfficerTouched(Touch):
    """«Không phải cán bộ này»."""


@dataclass(frozen=True, slots=True)
class LanguageTouched(Touch):
    language: str


@dataclass(frozen=True, slots=True)
class KeyTouched(Touch):
    """A sign of life that changes nothing else (a letter of a comment, a digit of a PIN)."""


@dataclass(frozen=True, slots=True)
class Scanned(Event):
    scan: Scan


@dataclass(frozen=True, slots=True)
class StaffAsked(Event):
    """A corner was pressed for three seconds."""


@dataclass(frozen=True, slots=True)
class StaffLeft(Event):
    pass


@dataclass(frozen=True, slots=True)
class TermsChanged(Event):
    terms: Terms


@dataclass(frozen=True, slots=True)
class ClockTicked(Event):
    pass


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """Any exception: rest for a while."""


# --- deeds -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRating:
    """Keep a new rating, durably, before anything else is shown."""

    rating_id: str
    officer_id: str
    service_id: str | None
    dossier: Dossier | None
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


# --- the walk ----------------------------------------------------------------------------------------------------


def start(terms: Terms, at: float, finished_at: float | None = None) -> Visit:
    """The screen of nobody: pairing, asleep or idle, with no trace of an earlier visit."""
    screen = Screen.PAIRING if terms.setup is None else Screen.IDLE if terms.is_open else Screen.ASLEEP
    languages = terms.setup.languages if terms.setup else ("vi",)
    return Visit(screen=screen, terms=terms, language=languages[0], shown_at=at, touched_at=at, finished_at=finished_at)


def advance(visit: Visit, event: Event) -> Visit:
    """What is shown after `event`. The same visit comes back when the event is out of place."""
    if isinstance(event, Touch):
        if event.at - visit.shown_at < _behaviour(visit).deaf_ms / 1000:
            return visit
        after = _touched(visit, event)
        return after if after.screen is not visit.screen else replace(after, touched_at=event.at)
    match event:
        case Scanned(at, scan):
            return _scanned(visit, scan, at)
        case ClockTicked(at):
            return _ticked(visit, at)
        case TermsChanged(at, terms):
            return _terms_changed(visit, terms, at)
        case StaffAsked(at) if visit.screen not in (Screen.STAFF, Screen.RESTING):
            return _show(start(visit.terms, at, _finish(visit, at)), Screen.STAFF, at)
        case StaffLeft(at) if visit.screen is Screen.STAFF:
            return start(visit.terms, at)
        case Failed(at):
            return _show(start(visit.terms, at, visit.finished_at), Screen.RESTING, at)
    return visit


def deeds(before: Visit, after: Visit, event: Event) -> tuple[Deed, ...]:
    """What must be done, in this order and durably, before `after` may be shown."""
    todo: list[Deed] = []
    done = before.rating_id is not None and after.rating_id != before.rating_id
    if (
        before.rating_id is not None
        and done
        and after.finished_id == before.rating_id
        and _said(after) != _said(before)
    ):
        todo.append(_revise(after, before.rating_id))
    if done and before.rating_id is not None:
        todo.append(CloseRating(rating_id=before.rating_id))
    if after.rating_id is not None and after.rating_id != before.rating_id:
        todo.append(_open(after))
    elif after.rating_id is not None and _said(after) != _said(before):
        todo.append(_revise(after, after.rating_id))
    elif before.rating_id is None and after.finished_id is not None and before.finished_id is None:
        todo += [_open(after), CloseRating(rating_id=after.finished_id)]
    if isinstance(event, Scanned):
        if isinstance(event.scan, Badge) and before.terms.knows_officer(event.scan.officer_id):
            todo.append(TakeDuty(officer_id=event.scan.officer_id))
        if isinstance(event.scan, Enrolment) and before.screen in (Screen.PAIRING, Screen.STAFF):
            todo.append(Enrol(url=event.scan.url, code=event.scan.code))
    return tuple(todo)


def welcomes(visit: Visit, scan: Scan) -> bool:
    """Whether a scan means anything here; otherwise the kiosk says «Mã không hợp lệ», softly."""
    if isinstance(scan, Enrolment):
        return visit.screen in (Screen.PAIRING, Screen.STAFF)
    if isinstance(scan, Badge):
        return visit.terms.knows_officer(scan.officer_id)
    return visit.terms.setup is not None and visit.screen not in (Screen.RESTING, Screen.STAFF, Screen.ASLEEP)


def reasons_for(visit: Visit) -> tuple[Reason, ...]:
    """The chips to show after the chosen level, in the survey's order; empty when none are asked."""
    setup = visit.terms.setup
    if setup is None or visit.level is None:
        return ()
    after = "dissatisfied" if visit.level in setup.scale.not_satisfied else "satisfied"
    if after == "satisfied" and not setup.survey.ask_reasons_when_satisfied:
        return ()
    known = {reason.code: reason for reason in setup.reasons}
    asked = (known[code] for code in setup.survey.reasons if code in known)
    return tuple(reason for reason in asked if after in reason.after)


def time_left(visit: Visit, at: float) -> float | None:
    """Seconds until this screen leaves by itself, None for one that stays."""
    behaviour = _behaviour(visit)
    match visit.screen:
        case Screen.THANKS:
            return visit.shown_at + behaviour.thanks_s - at
        case Screen.RESTING:
            return visit.shown_at + behaviour.resting_s - at
        case Screen.STAFF:
            return visit.touched_at + STAFF_TIMEOUT_S - at
        case screen if screen in IN_VISIT:
            return visit.touched_at + behaviour.idle_timeout_s - at
    return None


def may_misclick(visit: Visit, at: float) -> bool:
    """Whether «Bấm nhầm» still leads back to the faces."""
    return visit.screen is Screen.REASONS and at - visit.shown_at <= _behaviour(visit).misclick_s


def _touched(visit: Visit, event: Touch) -> Visit:
    """What a touch does on this screen, past the deaf time."""
    at = event.at
    match visit.screen, event:
        case Screen.IDLE, Touched():
            gap = _behaviour(visit).visit_gap_s
            if visit.finished_at is not None and at - visit.finished_at < gap:
                return visit
            return _meet(visit, None, at)
        case Screen.CHOOSE, OfficerChosen(_, officer_id) if officer_id in visit.choices:
            return _show(replace(visit, officer_id=officer_id), Screen.RATE, at)
        case Screen.CHOOSE, BackTouched():
            return start(visit.terms, at, _finish(visit, at))
        case Screen.RATE, FaceTouched(_, level, rating_id) if _knows_level(visit, level):
            return _rated(replace(visit, level=level, reasons=(), rating_id=visit.rating_id or rating_id), at)
        case Screen.RATE, WrongOfficerTouched() if visit.rating_id is None:
            return _choose(visit, _everybody(visit), at)
        case Screen.RATE, BackTouched():
            return _back_from_rate(visit, at)
        case Screen.REASONS, ReasonTouched(_, code) if any(r.code == code for r in reasons_for(visit)):
            on = code not in visit.reasons
            kept = tuple(c for c in visit.reasons if c != code)
            return replace(visit, reasons=(*kept, code) if on else kept)
        case Screen.REASONS, Sent():
            return _after_reasons(visit, at)
        case Screen.REASONS, Skipped():
            return _after_reasons(replace(visit, reasons=()), at)
        case Screen.REASONS, MisclickTouched() if may_misclick(visit, at):
            return _show(visit, Screen.RATE, at)
        case Screen.COMMENT, Sent(_, comment):
            return _thank(replace(visit, comment=comment or None), at)
        case Screen.COMMENT, Skipped():
            return _thank(visit, at)
        case Screen.THANKS, Touched():
            return start(visit.terms, at, visit.finished_at)
        case screen, LanguageTouched(_, language) if screen is not Screen.RESTING:
            known = visit.terms.setup.languages if visit.terms.setup else ("vi", "en")
            return replace(visit, language=language) if language in known else visit
    return visit


def _scanned(visit: Visit, scan: Scan, at: float) -> Visit:
    """A scan starts a fresh visit for its dossier, whatever was on the screen."""
    if not welcomes(visit, scan) or isinstance(scan, (Badge, Enrolment)):
        return visit
    fresh = replace(start(visit.terms, at, visit.finished_at), language=visit.language)
    if isinstance(scan, DossierCode):
        return _meet(replace(fresh, dossier=Dossier(code=scan.dossier_code)), None, at)
    return _meet_ticket(fresh, scan, at)


def _meet_ticket(fresh: Visit, ticket: Ticket, at: float) -> Visit:
    service = ticket.service_id if fresh.terms.knows_service(ticket.service_id) else None
    dossier = Dossier(code=ticket.dossier_code, ticket=ticket.token)
    officer = ticket.officer_id if fresh.terms.knows_officer(ticket.officer_id) else None
    return _meet(replace(fresh, dossier=dossier, service_id=service), officer, at)


def _meet(visit: Visit, officer_id: str | None, at: float) -> Visit:
    """To the faces when it is clear who is rated, otherwise to the choice."""
    choices = visit.terms.choices
    if officer_id is None and len(choices) == 1:
        officer_id = choices[0]
    if officer_id is None:
        return _choose(visit, choices, at) if choices else visit
    return _show(replace(visit, officer_id=officer_id), Screen.RATE, at)


def _choose(visit: Visit, choices: tuple[str, ...], at: float) -> Visit:
    return _show(replace(visit, choices=choices, officer_id=None), Screen.CHOOSE, at)


def _back_from_rate(visit: Visit, at: float) -> Visit:
    if visit.rating_id is None and visit.choices:
        return _choose(visit, visit.choices, at)
    return start(visit.terms, at, _finish(visit, at))


def _rated(visit: Visit, at: float) -> Visit:
    return _show(visit, Screen.REASONS, at) if reasons_for(visit) else _after_reasons(visit, at)


def _after_reasons(visit: Visit, at: float) -> Visit:
    setup = visit.terms.setup
    if setup is not None and setup.survey.ask_comment:
        return _show(visit, Screen.COMMENT, at)
    return _thank(visit, at)


def _thank(visit: Visit, at: float) -> Visit:
    closed = replace(visit, finished_id=visit.rating_id, rating_id=None, finished_at=at)
    return _show(closed, Screen.THANKS, at)


def _ticked(visit: Visit, at: float) -> Visit:
    left = time_left(visit, at)
    if left is not None and left <= 0:
        return start(visit.terms, at, _finish(visit, at))
    return visit


def _terms_changed(visit: Visit, terms: Terms, at: float) -> Visit:
    """New terms reach a visit only when it is over, so that no question changes under a finger.

    A screen of nobody is shown anew only when it would become another one.
    """
    if visit.screen not in (Screen.PAIRING, Screen.IDLE, Screen.ASLEEP):
        return replace(visit, terms=replace(terms, setup=visit.terms.setup or terms.setup))
    fresh = start(terms, at, visit.finished_at)
    return replace(visit, terms=terms) if fresh.screen is visit.screen else fresh


def _show(visit: Visit, screen: Screen, at: float) -> Visit:
    return replace(visit, screen=screen, shown_at=at, touched_at=at)


def _finish(visit: Visit, at: float) -> float | None:
    """When the last visit ended: now, if this one leaves a rating behind."""
    return at if visit.rating_id is not None else visit.finished_at


def _everybody(visit: Visit) -> tuple[str, ...]:
    return tuple(officer.id for officer in visit.terms.setup.officers) if visit.terms.setup else ()


def _knows_level(visit: Visit, level: int) -> bool:
    return visit.terms.setup is not None and visit.terms.setup.scale.knows(level)


def _behaviour(visit: Visit) -> Behaviour:
    return visit.terms.setup.behaviour if visit.terms.setup else Behaviour()


def _said(visit: Visit) -> tuple[object, ...]:
    return visit.level, visit.reasons, visit.comment


def _open(visit: Visit) -> OpenRating:
    rating_id = visit.rating_id or visit.finished_id
    assert rating_id is not None
    assert visit.officer_id is not None
    assert visit.level is not None
    return OpenRating(
        rating_id=rating_id,
        officer_id=visit.officer_id,
        service_id=visit.service_id,
        dossier=visit.dossier,
        level=visit.level,
        language=visit.language,
        source=visit.terms.source,
    )


def _revise(visit: Visit, rating_id: str) -> ReviseRating:
    assert visit.level is not None
    return ReviseRating(rating_id=rating_id, level=visit.level, reasons=visit.reasons, comment=visit.comment)
