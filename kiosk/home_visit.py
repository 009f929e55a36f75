"""A home visit: an officer sets who and what is rated, hands the tablet over, and gets it back. Pure functions.

Home → (held) → choose → service → handover → (a citizen's touch) → the faces, as at a counter → thanks → home.
"""

from dataclasses import replace

from kiosk.events import BackTouched, HomeVisitBegun, OfficerChosen, ServiceChosen, Touch, Touched
from kiosk.steps import choose, end, hand_over, show, start
from kiosk.visit import Prepared, Screen, Visit
from survey.rating import Dossier
from survey.ticket import Badge, DossierCode, Ticket

HANDOVER_TIMEOUT_S = 900.0
"""A tablet that was prepared and then forgotten must not wait for the next hand that finds it."""


def touched(visit: Visit, event: Touch) -> Visit | None:
    """What a touch does where a home visit differs from a counter; None where it does not."""
    at = event.at
    match visit.screen, event:
        case Screen.HOME, HomeVisitBegun():
            return _whose(visit, at)
        case Screen.CHOOSE, OfficerChosen(_, officer_id) if visit.prepared is None and officer_id in visit.choices:
            return _what(visit, officer_id, at)
        case Screen.SERVICE, ServiceChosen(_, service_id) if service_id is None or _knows(visit, service_id):
            return _ready(visit, service_id, at)
        case Screen.SERVICE, BackTouched():
            return _whose(visit, at) if len(visit.terms.everybody) > 1 else end(visit, at)
        case Screen.HANDOVER, Touched() if visit.prepared is not None:
            given = visit.prepared
            begun = replace(visit, officer_id=given.officer_id, service_id=given.service_id, dossier=given.dossier)
            return show(begun, Screen.RATE, at)
        case Screen.HANDOVER, BackTouched():
            return start(visit.newest_terms, at, visit.finished_at)
    return None


def takes_badges(visit: Visit) -> bool:
    """Whether a badge says who makes this visit: only while the tablet is in the officer's hands."""
    in_hand = visit.screen in (Screen.CHOOSE, Screen.SERVICE) and visit.prepared is None
    return in_hand or visit.screen in (Screen.HOME, Screen.HANDOVER)


def scanned(visit: Visit, scan: Badge | Ticket | DossierCode, at: float) -> Visit:
    """A badge says who; a slip or a dossier code says for what. The tablet is in the officer's hands again."""
    fresh = start(visit.newest_terms, at, at if visit.rating_id is not None else visit.finished_at)
    if isinstance(scan, Badge):
        return _what(fresh, scan.officer_id, at)
    token = scan.token if isinstance(scan, Ticket) else None
    dossier = Dossier(code=scan.dossier_code, ticket=token)
    officer_id, service_id = visit.prepared.officer_id if visit.prepared else visit.officer_id, None
    if isinstance(scan, Ticket):
        service_id = scan.service_id if fresh.terms.knows_service(scan.service_id) else None
        officer_id = officer_id or scan.officer_id
    fresh = replace(fresh, dossier=dossier, service_id=service_id)
    if officer_id is None or not fresh.terms.knows_officer(officer_id):
        return _whose(fresh, at)
    return _what(fresh, officer_id, at)


def _whose(visit: Visit, at: float) -> Visit:
    """Who makes the visit? No question where there is only one officer, and nowhere without any."""
    everybody = visit.terms.everybody
    if len(everybody) == 1:
        return _what(visit, everybody[0], at)
    return choose(visit, everybody, at) if everybody else visit


def _what(visit: Visit, officer_id: str, at: float) -> Visit:
    """For what? No question where a slip has said it, or where the setup has no services."""
    visit = replace(visit, officer_id=officer_id)
    services = visit.terms.setup.services if visit.terms.setup else ()
    if visit.service_id is not None or not services:
        return _ready(visit, visit.service_id, at)
    return show(visit, Screen.SERVICE, at)


def _ready(visit: Visit, service_id: str | None, at: float) -> Visit:
    """Handed over in the language that the officer set for the citizen."""
    assert visit.officer_id is not None
    prepared = Prepared(officer_id=visit.officer_id, service_id=service_id, dossier=visit.dossier)
    ready = hand_over(visit, prepared, at)
    return replace(ready, language=visit.language) if visit.language in ready.terms.languages else ready


def _knows(visit: Visit, service_id: str) -> bool:
    return visit.terms.knows_service(service_id)
