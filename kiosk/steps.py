"""The steps that a visit is made of: to a screen, to the choice of an officer, to nobody's screen. Pure functions."""

from dataclasses import replace

from kiosk.visit import Prepared, Screen, Terms, Visit
from survey.setup import Behaviour


def start(terms: Terms, at: float, finished_at: float | None = None) -> Visit:
    """The screen of nobody, with no trace of an earlier visit: pairing, asleep, idle or home; resting when not able.

    A tablet on a home visit knows no opening hours.
    """
    if not terms.able:
        screen = Screen.RESTING
    elif terms.setup is None:
        screen = Screen.PAIRING
    elif terms.at_home:
        screen = Screen.HOME
    else:
        screen = Screen.IDLE if terms.is_open else Screen.ASLEEP
    language = terms.languages[0]
    return Visit(screen=screen, terms=terms, language=language, shown_at=at, touched_at=at, finished_at=finished_at)


def show(visit: Visit, screen: Screen, at: float) -> Visit:
    """The same visit on another screen."""
    return replace(visit, screen=screen, shown_at=at, touched_at=at)


def choose(visit: Visit, choices: tuple[str, ...], at: float) -> Visit:
    """To the choice of one of these officers."""
    return show(replace(visit, choices=choices, officer_id=None), Screen.CHOOSE, at)


def meet(visit: Visit, officer_id: str | None, at: float) -> Visit:
    """To the faces when it is clear who is rated, otherwise to the choice; nowhere when there is nobody to rate."""
    choices = visit.terms.choices
    if officer_id is None and len(choices) == 1:
        officer_id = choices[0]
    if officer_id is None:
        return choose(visit, choices, at) if choices else visit
    return show(replace(visit, officer_id=officer_id), Screen.RATE, at)


def hand_over(visit: Visit, prepared: Prepared, at: float) -> Visit:
    """To the screen with which an officer hands the tablet to a citizen, with no trace of an earlier visit."""
    fresh = start(visit.newest_terms, at, visit.finished_at)
    if fresh.screen is not Screen.HOME or not fresh.terms.knows_officer(prepared.officer_id):
        return fresh
    if not fresh.terms.knows_service(prepared.service_id):
        prepared = replace(prepared, service_id=None)
    return replace(fresh, screen=Screen.HANDOVER, prepared=prepared)


def end(visit: Visit, at: float) -> Visit:
    """Nobody's screen under the newest terms. Only when the last rated visit ended is remembered, for the gap.

    On a home visit that nobody has rated yet, the screen with which the tablet was handed over: a citizen who
    thought for long begins again without the officer's help.
    """
    if visit.prepared is not None and visit.rating_id is None and visit.finished_id is None:
        return hand_over(visit, visit.prepared, at)
    return start(visit.newest_terms, at, at if visit.rating_id is not None else visit.finished_at)


def behaviour_of(visit: Visit) -> Behaviour:
    """The time-outs and guards of this visit."""
    return visit.terms.setup.behaviour if visit.terms.setup else Behaviour()
