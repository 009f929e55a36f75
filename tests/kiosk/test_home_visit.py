"""A home visit: the officer sets who and what, hands the tablet over, and gets it back."""

from dataclasses import replace

import pytest

from kiosk.flow import (
    BackTouched,
    ClockTicked,
    CloseRating,
    FaceTouched,
    HomeVisitBegun,
    LanguageTouched,
    OfficerChosen,
    OpenRating,
    Scanned,
    Screen,
    ServiceChosen,
    Skipped,
    StaffAsked,
    StaffLeft,
    Terms,
    TermsChanged,
    Touched,
    Visit,
    WrongOfficerTouched,
    start,
    time_left,
    welcomes,
)
from kiosk.home_visit import HANDOVER_TIMEOUT_S
from kiosk.kept import ChosenPlace
from kiosk.place import source_now, told_place
from kiosk.visit import Prepared
from survey.rating import Dossier
from survey.setup import Behaviour
from survey.ticket import Badge, DossierCode
from tests.kiosk.builders import HOA, LAN, NAM, a_setup, a_ticket
from tests.kiosk.test_flow import walk

AWAY = Terms(setup=a_setup(), on_duty=(HOA,), is_open=False, source="home")
PREPARED = [HomeVisitBegun(1), OfficerChosen(2, NAM), ServiceChosen(3, "copies")]


def handed_over(terms: Terms = AWAY) -> Visit:
    return walk(start(terms, 0), PREPARED)[0]


def test_the_officer_is_chosen_first_and_then_the_service_and_duty_does_not_matter() -> None:
    visit = start(AWAY, 0)
    assert visit.screen is Screen.HOME
    visit, _ = walk(visit, PREPARED[:1])
    assert (visit.screen, visit.choices) == (Screen.CHOOSE, (HOA, NAM, LAN))
    visit, _ = walk(visit, PREPARED[1:2])
    assert visit.screen is Screen.SERVICE
    visit, _ = walk(visit, PREPARED[2:])
    assert (visit.screen, visit.prepared) == (Screen.HANDOVER, Prepared(officer_id=NAM, service_id="copies"))


def test_a_plain_touch_does_not_begin_a_home_visit() -> None:
    visit = start(AWAY, 0)
    assert walk(visit, [Touched(1)])[0].screen is Screen.HOME


def test_the_citizen_rates_and_the_tablet_goes_back_to_the_officer() -> None:
    visit, done = walk(handed_over(), [Touched(4), FaceTouched(5, 5, "a"), Skipped(6)])
    assert visit.screen is Screen.THANKS
    assert isinstance(done[0], OpenRating)
    assert (done[0].source, done[0].officer_id, done[0].service_id) == ("home", NAM, "copies")
    assert done[1:] == [CloseRating(rating_id="a")]
    visit, _ = walk(visit, [Touched(7)])
    assert (visit.screen, visit.prepared, visit.officer_id) == (Screen.HOME, None, None)


def test_a_citizen_who_thought_for_too_long_begins_again_without_the_officer() -> None:
    thinking, _ = walk(handed_over(), [Touched(4)])
    visit, done = walk(thinking, [ClockTicked(40)])
    assert (visit.screen, visit.prepared, done) == (Screen.HANDOVER, Prepared(officer_id=NAM, service_id="copies"), [])
    assert walk(thinking, [BackTouched(5)])[0].screen is Screen.HANDOVER


def test_a_face_counts_though_the_citizen_touches_nothing_more() -> None:
    visit, done = walk(handed_over(), [Touched(4), FaceTouched(5, 1, "a"), ClockTicked(40)])
    assert visit.screen is Screen.HOME
    assert done[-1] == CloseRating(rating_id="a")


def test_the_citizen_may_say_that_it_was_another_officer() -> None:
    visit, _ = walk(handed_over(), [Touched(4), WrongOfficerTouched(5)])
    assert visit.screen is Screen.CHOOSE
    assert walk(visit, [BackTouched(6)])[0].screen is Screen.HANDOVER
    visit, _ = walk(visit, [OfficerChosen(6, LAN)])
    assert (visit.screen, visit.officer_id, visit.service_id) == (Screen.RATE, LAN, "copies")


def test_the_officer_may_go_back_step_by_step_and_give_up() -> None:
    visit, _ = walk(start(AWAY, 0), [*PREPARED[:2], BackTouched(3)])
    assert visit.screen is Screen.CHOOSE
    assert walk(visit, [BackTouched(4)])[0].screen is Screen.HOME
    assert walk(handed_over(), [BackTouched(4)])[0] == replace(start(AWAY, 4), finished_at=None)


def test_what_is_not_asked_is_not_shown() -> None:
    alone = a_setup(officers=a_setup().officers[:1])
    visit, _ = walk(start(replace(AWAY, setup=alone), 0), [HomeVisitBegun(1)])
    assert visit.screen is Screen.SERVICE
    assert walk(visit, [BackTouched(2)])[0].screen is Screen.HOME
    bare = replace(alone, services=())
    visit, _ = walk(start(replace(AWAY, setup=bare), 0), [HomeVisitBegun(1)])
    assert (visit.screen, visit.prepared) == (Screen.HANDOVER, Prepared(officer_id=HOA))


def test_the_language_that_the_officer_set_for_the_citizen_stays() -> None:
    visit, _ = walk(start(AWAY, 0), [*PREPARED[:2], LanguageTouched(2.5, "en"), PREPARED[2], Touched(4)])
    assert (visit.screen, visit.language) == (Screen.RATE, "en")


def test_a_prepared_tablet_is_not_prepared_for_ever() -> None:
    visit = handed_over()
    assert time_left(visit, 3) == HANDOVER_TIMEOUT_S
    assert walk(visit, [ClockTicked(3 + HANDOVER_TIMEOUT_S)])[0].screen is Screen.HOME


def test_a_badge_says_who_makes_the_visit_and_takes_no_counter() -> None:
    visit, done = walk(start(AWAY, 0), [Scanned(1, Badge(token="t", officer_id=LAN))])
    assert (visit.screen, visit.officer_id, done) == (Screen.SERVICE, LAN, [])
    rating, _ = walk(handed_over(), [Touched(4)])
    assert not welcomes(rating, Badge(token="t", officer_id=LAN))


def test_a_slip_brings_its_dossier_and_the_officer_who_was_set_stays() -> None:
    visit, _ = walk(handed_over(), [Scanned(4, a_ticket(7, officer_id=HOA, service_id="copies")), Touched(5)])
    assert (visit.screen, visit.officer_id, visit.service_id) == (Screen.RATE, NAM, "copies")
    assert visit.dossier == Dossier(code="H42.12-210301-0007", ticket="token-7.sig")


def test_a_code_on_the_home_screen_stays_with_the_visit_that_it_begins() -> None:
    begun = [Scanned(1, DossierCode(dossier_code="H42-1")), OfficerChosen(2, NAM), ServiceChosen(3), Touched(4)]
    visit, _ = walk(start(AWAY, 0), begun)
    assert (visit.screen, visit.officer_id, visit.dossier) == (Screen.RATE, NAM, Dossier(code="H42-1"))


def test_a_scan_closes_the_visit_before_and_leaves_the_tablet_prepared_for_the_next() -> None:
    visit, done = walk(handed_over(), [Touched(4), FaceTouched(5, 2, "a"), Scanned(6, DossierCode(dossier_code="H1"))])
    assert done[-1] == CloseRating(rating_id="a")
    assert visit.screen is Screen.SERVICE
    visit, _ = walk(visit, [ServiceChosen(7)])
    assert visit.prepared == Prepared(officer_id=NAM, dossier=Dossier(code="H1"))


@pytest.mark.parametrize(
    ("changes", "screen"),
    [
        ({"source": "kiosk", "is_open": True}, Screen.IDLE),
        ({"able": False}, Screen.RESTING),
        ({"setup": a_setup(officers=a_setup().officers[:1])}, Screen.HOME),
        ({"setup": a_setup(services=())}, Screen.HANDOVER),
    ],
)
def test_new_terms_change_a_prepared_tablet_only_where_they_must(changes: dict[str, object], screen: Screen) -> None:
    visit, _ = walk(handed_over(), [TermsChanged(4, replace(AWAY, **changes))])
    assert visit.screen is screen


def test_staff_who_look_in_leave_the_tablet_prepared() -> None:
    visit, _ = walk(handed_over(), [StaffAsked(4), StaffLeft(5)])
    assert (visit.screen, visit.prepared) == (Screen.HANDOVER, Prepared(officer_id=NAM, service_id="copies"))


def test_the_last_to_speak_says_where_a_kiosk_serves() -> None:
    here, away = a_setup(), a_setup(behaviour=Behaviour(home_visits=True))
    assert source_now("kiosk", None, None) == "kiosk"
    assert source_now("kiosk", away, None) == "home"
    assert source_now("home", here, None) == "home"
    chosen = ChosenPlace(at_home=True, told=told_place("kiosk", here))
    assert source_now("kiosk", here, chosen) == "home"
    back = ChosenPlace(at_home=False, told=told_place("kiosk", away))
    assert source_now("kiosk", away, back) == "kiosk"
    assert source_now("kiosk", here, back) == "kiosk"
    assert source_now("observer", away, chosen) == "observer"
    watched = a_setup(behaviour=Behaviour(observer="Giám sát quý IV"))
    assert source_now("kiosk", watched, chosen) == source_now("home", watched, None) == "observer"
