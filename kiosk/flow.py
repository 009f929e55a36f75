"""The citizen's way through a visit, as pure functions over frozen values.

`advance(visit, event)` says what is shown next; `deeds(before, after, event)` says what must be durable before it
is shown. An event that is out of place changes nothing, so that a double touch is harmless. A visit lives in
memory only; what it leaves behind is its rating.
"""

from dataclasses import replace

from kiosk import home_visit
from kiosk.events import (
    BackTouched,
    CameraTouched,
    ClockTicked,
    CloseRating,
    Deed,
    Enrol,
    Event,
    FaceTouched,
    Failed,
    HomeVisitBegun,
    KeyTouched,
    LanguageTouched,
    MisclickTouched,
    OfficerChosen,
    OpenRating,
    ReasonTouched,
    ReviseRating,
    Scanned,
    Sent,
    ServiceChosen,
    Skipped,
    StaffAsked,
    StaffLeft,
    TakeDuty,
    TermsChanged,
    Touch,
    Touched,
    WrongOfficerTouched,
)
from kiosk.steps import behaviour_of, choose, end, hand_over, meet, show, start
from kiosk.visit import IN_VISIT, OF_NOBODY, Screen, Terms, Visit
from survey.questionnaire import Reason
from survey.rating import Dossier
from survey.ticket import Badge, DossierCode, Enrolment, Scan

__all__ = [
    "IN_VISIT",
    "STAFF_TIMEOUT_S",
    "BackTouched",
    "CameraTouched",
    "ClockTicked",
    "CloseRating",
    "Deed",
    "Enrol",
    "Event",
    "FaceTouched",
    "Failed",
    "HomeVisitBegun",
    "KeyTouched",
    "LanguageTouched",
    "MisclickTouched",
    "OfficerChosen",
    "OpenRating",
    "ReasonTouched",
    "ReviseRating",
    "Scanned",
    "Screen",
    "Sent",
    "ServiceChosen",
    "Skipped",
    "StaffAsked",
    "StaffLeft",
    "TakeDuty",
    "Terms",
    "TermsChanged",
    "Touch",
    "Touched",
    "Visit",
    "WrongOfficerTouched",
    "advance",
    "deeds",
    "may_misclick",
    "reasons_for",
    "start",
    "time_left",
    "welcomes",
]

STAFF_TIMEOUT_S = 60.0


def advance(visit: Visit, event: Event) -> Visit:
    """What is shown after `event`. The same visit comes back when the event is out of place."""
    if isinstance(event, Touch):
        if event.at - visit.shown_at < behaviour_of(visit).deaf_ms / 1000:
            return visit
        prepared = home_visit.touched(visit, event) if visit.terms.at_home else None
        after = prepared or _touched(visit, event)
        return after if after.screen is not visit.screen else replace(after, touched_at=event.at)
    match event:
        case Scanned(at, scan):
            return _scanned(visit, scan, at)
        case ClockTicked(at):
            left = time_left(visit, at)
            return _left_alone(visit, at) if left is not None and left <= 0 else visit
        case TermsChanged(at, terms):
            return _terms_changed(visit, terms, at)
        case StaffAsked(at) if visit.screen not in (Screen.STAFF, Screen.RESTING):
            return show(end(visit, at), Screen.STAFF, at)
        case StaffLeft(at) if visit.screen is Screen.STAFF:
            return end(visit, at)
        case Failed(at):
            return show(end(visit, at), Screen.RESTING, at)
    return visit


def deeds(before: Visit, after: Visit, event: Event) -> tuple[Deed, ...]:
    """What must be done, in this order and durably, before `after` may be shown.

    A rating that is left behind is closed by the same step that leaves it, so that each is closed exactly once.
    """
    todo: list[Deed] = []
    was, now = before.rating_id, after.rating_id
    if was is not None and was != now:
        if after.finished_id == was and _said(after) != _said(before):
            todo.append(_revise(after, was))
        todo.append(CloseRating(rating_id=was))
    if now is not None and now != was:
        todo.append(_open(after, now))
    elif now is not None and _said(after) != _said(before):
        todo.append(_revise(after, now))
    elif was is None and after.finished_id is not None and before.finished_id is None:
        # Nothing more is asked: the face itself led to thanks.
        todo += [_open(after, after.finished_id), CloseRating(rating_id=after.finished_id)]
    if isinstance(event, Scanned) and welcomes(before, event.scan):
        if isinstance(event.scan, Badge) and not before.newest_terms.at_home:
            todo.append(TakeDuty(officer_id=event.scan.officer_id))
        if isinstance(event.scan, Enrolment):
            todo.append(Enrol(url=event.scan.url, code=event.scan.code))
    return tuple(todo)


def welcomes(visit: Visit, scan: Scan) -> bool:
    """Whether a scan means anything here; otherwise the kiosk says «Mã không hợp lệ», softly."""
    terms = visit.newest_terms
    if isinstance(scan, Enrolment):
        return visit.screen in (Screen.PAIRING, Screen.STAFF) or (visit.screen is Screen.SCAN and terms.setup is None)
    if isinstance(scan, Badge):
        has_place = home_visit.takes_badges(visit) if terms.at_home else True
        return has_place and terms.knows_officer(scan.officer_id)
    somebody_to_rate = bool(terms.everybody) and terms.able
    return somebody_to_rate and visit.screen not in (Screen.RESTING, Screen.STAFF, Screen.ASLEEP)


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
    """Seconds until this screen leaves by itself, None for one that stays.

    Idle, asleep and home stay, unless somebody chose another language and went away: then it is the usual one again.
    """
    behaviour = behaviour_of(visit)
    match visit.screen:
        case Screen.THANKS:
            return visit.shown_at + behaviour.thanks_s - at
        case Screen.RESTING:
            return visit.shown_at + behaviour.resting_s - at
        case Screen.STAFF:
            return visit.touched_at + STAFF_TIMEOUT_S - at
        case Screen.HANDOVER:
            return visit.touched_at + home_visit.HANDOVER_TIMEOUT_S - at
        case Screen.IDLE | Screen.ASLEEP | Screen.HOME if visit.language != visit.terms.languages[0]:
            return visit.touched_at + behaviour.idle_timeout_s - at
        case screen if screen in IN_VISIT:
            return visit.touched_at + behaviour.idle_timeout_s - at
    return None


def may_misclick(visit: Visit, at: float) -> bool:
    """Whether «Bấm nhầm» still leads back to the faces."""
    return visit.screen is Screen.REASONS and at - visit.shown_at <= behaviour_of(visit).misclick_s


def _touched(visit: Visit, event: Touch) -> Visit:
    """What a touch does on this screen, past the deaf time."""
    at = event.at
    match visit.screen, event:
        case Screen.IDLE, Touched():
            gap = behaviour_of(visit).visit_gap_s
            if visit.finished_at is not None and at - visit.finished_at < gap:
                return visit
            return meet(visit, None, at)
        case Screen.IDLE | Screen.PAIRING, CameraTouched():
            return show(visit, Screen.SCAN, at)
        case Screen.SCAN, BackTouched():
            return end(visit, at)
        case Screen.CHOOSE, OfficerChosen(_, officer_id) if officer_id in visit.choices:
            return show(replace(visit, officer_id=officer_id), Screen.RATE, at)
        case Screen.CHOOSE, BackTouched():
            return end(visit, at)
        case Screen.RATE, FaceTouched(_, level, rating_id) if _knows_level(visit, level):
            return _rated(replace(visit, level=level, reasons=(), rating_id=visit.rating_id or rating_id), at)
        case Screen.RATE, WrongOfficerTouched() if visit.rating_id is None:
            return choose(visit, visit.terms.everybody, at)
        case Screen.RATE, BackTouched() if visit.rating_id is None and visit.choices:
            return choose(visit, visit.choices, at)
        case Screen.RATE, BackTouched():
            return end(visit, at)
        case Screen.REASONS, ReasonTouched(_, code) if any(r.code == code for r in reasons_for(visit)):
            kept = tuple(c for c in visit.reasons if c != code)
            return replace(visit, reasons=kept if code in visit.reasons else (*kept, code))
        case Screen.REASONS, Sent():
            return _after_reasons(visit, at)
        case Screen.REASONS, Skipped():
            return _after_reasons(replace(visit, reasons=()), at)
        case Screen.REASONS, MisclickTouched() if may_misclick(visit, at):
            return show(visit, Screen.RATE, at)
        case Screen.COMMENT, Sent(_, comment):
            return _thank(replace(visit, comment=comment or None), at)
        case Screen.COMMENT, Skipped():
            return _thank(visit, at)
        case Screen.THANKS, Touched():
            return end(visit, at)
        case screen, LanguageTouched(_, language) if screen is not Screen.RESTING:
            return replace(visit, language=language) if language in visit.terms.languages else visit
    return visit


def _scanned(visit: Visit, scan: Scan, at: float) -> Visit:
    """A scan starts a fresh visit for its dossier, whatever was on the screen.

    Only idle's language, and the camera's screen's, is carried along: there, the one who switched it is the one who
    now holds the slip. On any later screen it may have been the citizen before, who left without finishing.
    """
    if not welcomes(visit, scan):
        return visit
    if isinstance(scan, Enrolment):
        return _scanned_for_staff(visit, at)
    if visit.newest_terms.at_home:
        return home_visit.scanned(visit, scan, at)
    if isinstance(scan, Badge):
        return _scanned_for_staff(visit, at)
    fresh = end(visit, at)
    if visit.screen in (Screen.IDLE, Screen.SCAN) and visit.language in fresh.terms.languages:
        fresh = replace(fresh, language=visit.language)
    if isinstance(scan, DossierCode):
        return meet(replace(fresh, dossier=Dossier(code=scan.dossier_code)), None, at)
    service = scan.service_id if fresh.terms.knows_service(scan.service_id) else None
    officer = scan.officer_id if fresh.terms.knows_officer(scan.officer_id) else None
    dossier = Dossier(code=scan.dossier_code, ticket=scan.token)
    return meet(replace(fresh, dossier=dossier, service_id=service), officer, at)


def _scanned_for_staff(visit: Visit, at: float) -> Visit:
    """A badge or an enrolment is a deed and changes no screen, but the camera's, which has done its work."""
    return end(visit, at) if visit.screen is Screen.SCAN else visit


def _rated(visit: Visit, at: float) -> Visit:
    return show(visit, Screen.REASONS, at) if reasons_for(visit) else _after_reasons(visit, at)


def _after_reasons(visit: Visit, at: float) -> Visit:
    setup = visit.terms.setup
    if setup is not None and setup.survey.ask_comment:
        return show(visit, Screen.COMMENT, at)
    return _thank(visit, at)


def _thank(visit: Visit, at: float) -> Visit:
    closed = replace(visit, finished_id=visit.rating_id, rating_id=None, finished_at=at)
    return show(closed, Screen.THANKS, at)


def _left_alone(visit: Visit, at: float) -> Visit:
    """A prepared tablet that nobody took is not prepared for ever."""
    return start(visit.newest_terms, at, visit.finished_at) if visit.screen is Screen.HANDOVER else end(visit, at)


def _terms_changed(visit: Visit, terms: Terms, at: float) -> Visit:
    """New terms reach a visit only when it is over, so that no question changes under a finger.

    A screen of nobody is shown anew only when it would become another one.
    """
    if visit.screen in IN_VISIT or visit.screen is Screen.THANKS:
        return replace(visit, next_terms=terms)
    if visit.screen is Screen.HANDOVER and visit.prepared is not None:
        anew = hand_over(replace(visit, terms=terms), visit.prepared, at)
        stays = anew.screen is visit.screen and visit.language in terms.languages
        return replace(visit, terms=terms, prepared=anew.prepared) if stays else anew
    if visit.screen not in OF_NOBODY:
        return replace(visit, terms=terms)
    fresh = start(terms, at, visit.finished_at)
    same = fresh.screen is visit.screen and visit.language in terms.languages
    return replace(visit, terms=terms) if same else fresh


def _knows_level(visit: Visit, level: int) -> bool:
    return visit.terms.setup is not None and visit.terms.setup.scale.knows(level)


def _said(visit: Visit) -> tuple[object, ...]:
    return visit.level, visit.reasons, visit.comment


def _open(visit: Visit, rating_id: str) -> OpenRating:
    setup = visit.terms.setup
    assert setup is not None
    assert visit.officer_id is not None
    assert visit.level is not None
    return OpenRating(
        rating_id=rating_id,
        officer_id=visit.officer_id,
        service_id=visit.service_id,
        dossier=visit.dossier,
        survey_id=setup.survey.id,
        scale=setup.scale.id,
        level=visit.level,
        language=visit.language,
        source=visit.terms.source,
    )


def _revise(visit: Visit, rating_id: str) -> ReviseRating:
    assert visit.level is not None
    return ReviseRating(rating_id=rating_id, level=visit.level, reasons=visit.reasons, comment=visit.comment)
