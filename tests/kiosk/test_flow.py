"""Walks through a visit, written as tables: what is shown after each event, and what was to be done for it."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from kiosk.flow import (
    BackTouched,
    CameraTouched,
    ClockTicked,
    CloseRating,
    Deed,
    Enrol,
    Event,
    FaceTouched,
    Failed,
    KeyTouched,
    LanguageTouched,
    MisclickTouched,
    OfficerChosen,
    OpenRating,
    ReasonTouched,
    ReviseRating,
    Scanned,
    Screen,
    Sent,
    Skipped,
    StaffAsked,
    StaffLeft,
    TakeDuty,
    Terms,
    TermsChanged,
    Touched,
    Visit,
    WrongOfficerTouched,
    advance,
    deeds,
    may_misclick,
    start,
    time_left,
    welcomes,
)
from survey.rating import Dossier
from survey.setup import Behaviour
from survey.ticket import Badge, DossierCode, Enrolment
from tests.kiosk.builders import HOA, LAN, NAM, a_setup, a_survey, a_ticket

ONE = Terms(setup=a_setup(), on_duty=(HOA,))
TWO = Terms(setup=a_setup(), on_duty=(HOA, NAM))
NOBODY_ON_DUTY = Terms(setup=a_setup())
COMMENT = Terms(setup=a_setup(survey=a_survey(ask_comment=True)), on_duty=(HOA,))
SHORT = Terms(setup=a_setup(survey=a_survey(ask_reasons_when_satisfied=False)), on_duty=(HOA,))

NOBODY, CHOICE, FACES = Screen.IDLE, Screen.CHOOSE, Screen.RATE
REASONS, COMMENTS, THANKS = Screen.REASONS, Screen.COMMENT, Screen.THANKS


def walk(visit: Visit, events: Iterable[Event]) -> tuple[Visit, list[Deed]]:
    """The visit after the events, and all that had to be done on the way."""
    done: list[Deed] = []
    for event in events:
        after = advance(visit, event)
        done += deeds(visit, after, event)
        visit = after
    return visit, done


def kinds(done: Iterable[Deed]) -> list[str]:
    return [type(deed).__name__ for deed in done]


WALKS = {
    "satisfied, a reason, sent": (
        ONE,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 5, "a"), REASONS, ["OpenRating"]),
            (ReasonTouched(3, "quick"), REASONS, ["ReviseRating"]),
            (Sent(4), THANKS, ["CloseRating"]),
            (ClockTicked(10), NOBODY, []),
        ],
    ),
    "one of several is chosen": (
        TWO,
        [
            (Touched(1), CHOICE, []),
            (OfficerChosen(2, NAM), FACES, []),
            (FaceTouched(3, 4, "a"), REASONS, ["OpenRating"]),
        ],
    ),
    "somebody who is not there cannot be chosen": (
        TWO,
        [(Touched(1), CHOICE, []), (OfficerChosen(2, LAN), CHOICE, [])],
    ),
    "nobody on duty: everybody may be chosen": (
        NOBODY_ON_DUTY,
        [(Touched(1), CHOICE, []), (OfficerChosen(2, LAN), FACES, [])],
    ),
    "reasons are skipped": (
        ONE,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 1, "a"), REASONS, ["OpenRating"]),
            (ReasonTouched(3, "slow"), REASONS, ["ReviseRating"]),
            (Skipped(4), THANKS, ["ReviseRating", "CloseRating"]),
        ],
    ),
    "a face leads straight to thanks": (
        SHORT,
        [(Touched(1), FACES, []), (FaceTouched(2, 5, "a"), THANKS, ["OpenRating", "CloseRating"])],
    ),
    "bad, then misclick, then good without reasons": (
        SHORT,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 1, "a"), REASONS, ["OpenRating"]),
            (MisclickTouched(3), FACES, []),
            (FaceTouched(4, 5, "b"), THANKS, ["ReviseRating", "CloseRating"]),
        ],
    ),
    "misclick, then back": (
        ONE,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 1, "a"), REASONS, ["OpenRating"]),
            (MisclickTouched(3), FACES, []),
            (BackTouched(4), NOBODY, ["CloseRating"]),
            (ClockTicked(60), NOBODY, []),
        ],
    ),
    "misclick, then the same face again": (
        ONE,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 1, "a"), REASONS, ["OpenRating"]),
            (MisclickTouched(3), FACES, []),
            (FaceTouched(4, 1, "b"), REASONS, []),
            (Sent(5), THANKS, ["CloseRating"]),
        ],
    ),
    "misclick, then a wrong-officer touch that comes too late": (
        ONE,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 1, "a"), REASONS, ["OpenRating"]),
            (MisclickTouched(3), FACES, []),
            (WrongOfficerTouched(4), FACES, []),
        ],
    ),
    "misclick after its five seconds": (
        ONE,
        [(Touched(1), FACES, []), (FaceTouched(2, 1, "a"), REASONS, ["OpenRating"]), (MisclickTouched(8), REASONS, [])],
    ),
    "a comment": (
        COMMENT,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 2, "a"), REASONS, ["OpenRating"]),
            (Sent(3), COMMENTS, []),
            (KeyTouched(4), COMMENTS, []),
            (Sent(5, "Chờ lâu"), THANKS, ["ReviseRating", "CloseRating"]),
        ],
    ),
    "walks away after the face": (
        ONE,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 1, "a"), REASONS, ["OpenRating"]),
            (ClockTicked(31.9), REASONS, []),
            (ClockTicked(32), NOBODY, ["CloseRating"]),
        ],
    ),
    "walks away before the face": (ONE, [(Touched(1), FACES, []), (ClockTicked(31), NOBODY, [])]),
    "a double touch of a face": (
        ONE,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 1, "a"), REASONS, ["OpenRating"]),
            (FaceTouched(2.01, 1, "b"), REASONS, []),
        ],
    ),
    "a touch in the deaf time": (ONE, [(Touched(1), FACES, []), (FaceTouched(1.39, 1, "a"), FACES, [])]),
    "a scan while a rating is open": (
        ONE,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 1, "a"), REASONS, ["OpenRating"]),
            (Scanned(3, a_ticket()), FACES, ["CloseRating"]),
            (FaceTouched(4, 5, "b"), REASONS, ["OpenRating"]),
        ],
    ),
    "a scan at thanks": (
        ONE,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 5, "a"), REASONS, ["OpenRating"]),
            (Sent(3), THANKS, ["CloseRating"]),
            (Scanned(4, a_ticket()), FACES, []),
        ],
    ),
    "staff are asked for in the middle of a visit": (
        ONE,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 5, "a"), REASONS, ["OpenRating"]),
            (StaffAsked(3), Screen.STAFF, ["CloseRating"]),
            (StaffLeft(4), NOBODY, []),
        ],
    ),
    "a fault in the middle of a visit": (
        ONE,
        [
            (Touched(1), FACES, []),
            (FaceTouched(2, 5, "a"), REASONS, ["OpenRating"]),
            (Failed(3), Screen.RESTING, ["CloseRating"]),
            (Touched(4), Screen.RESTING, []),
            (ClockTicked(13), NOBODY, []),
        ],
    ),
    "a badge in the middle of a visit": (
        ONE,
        [(Touched(1), FACES, []), (Scanned(2, Badge(token="t", officer_id=NAM)), FACES, ["TakeDuty"])],
    ),
    "a stranger's badge": (ONE, [(Scanned(2, Badge(token="t", officer_id="x")), NOBODY, [])]),
    "an enrolment where it has no place": (ONE, [(Scanned(2, Enrolment(url="https://a", code="b")), NOBODY, [])]),
    "pairing": (Terms(), [(Scanned(1, Enrolment(url="https://a", code="b")), Screen.PAIRING, ["Enrol"])]),
    "a dossier before pairing": (Terms(), [(Scanned(1, a_ticket()), Screen.PAIRING, [])]),
    "a slip before the camera": (
        ONE,
        [
            (CameraTouched(1), Screen.SCAN, []),
            (Scanned(2, a_ticket()), FACES, []),
            (FaceTouched(3, 5, "a"), REASONS, ["OpenRating"]),
            (CameraTouched(4), REASONS, []),
        ],
    ),
    "the camera is not wanted after all": (ONE, [(CameraTouched(1), Screen.SCAN, []), (BackTouched(2), NOBODY, [])]),
    "nobody holds anything before the camera": (
        ONE,
        [(CameraTouched(1), Screen.SCAN, []), (ClockTicked(30), Screen.SCAN, []), (ClockTicked(31), NOBODY, [])],
    ),
    "a badge before the camera": (
        ONE,
        [(CameraTouched(1), Screen.SCAN, []), (Scanned(2, Badge(token="t", officer_id=NAM)), NOBODY, ["TakeDuty"])],
    ),
    "an enrolment before the camera": (
        Terms(),
        [
            (CameraTouched(1), Screen.SCAN, []),
            (Scanned(2, a_ticket()), Screen.SCAN, []),
            (Scanned(3, Enrolment(url="https://a", code="b")), Screen.PAIRING, ["Enrol"]),
        ],
    ),
    "an enrolment before the camera of a kiosk that has its server": (
        ONE,
        [(CameraTouched(1), Screen.SCAN, []), (Scanned(2, Enrolment(url="https://a", code="b")), Screen.SCAN, [])],
    ),
    "no camera in the middle of a visit or asleep": (
        replace(ONE, is_open=False),
        [(CameraTouched(1), Screen.ASLEEP, []), (TermsChanged(2, ONE), NOBODY, [])],
    ),
    "closing time": (
        ONE,
        [(TermsChanged(1, replace(ONE, is_open=False)), Screen.ASLEEP, []), (Touched(2), Screen.ASLEEP, [])],
    ),
    "the store is ill": (
        ONE,
        [
            (TermsChanged(1, replace(ONE, able=False)), Screen.RESTING, []),
            (ClockTicked(12), Screen.RESTING, []),
            (TermsChanged(13, ONE), Screen.RESTING, []),
            (ClockTicked(23), NOBODY, []),
        ],
    ),
}


@pytest.mark.parametrize("name", WALKS)
def test_walk(name: str) -> None:
    terms, steps = WALKS[name]
    visit = start(terms, 0.0)
    for event, screen, wanted in steps:
        after = advance(visit, event)
        assert (after.screen, kinds(deeds(visit, after, event))) == (screen, wanted), event
        visit = after


def test_a_rating_says_who_what_and_under_which_survey() -> None:
    scan = Scanned(1, a_ticket(7, service_id="copies"))
    _, done = walk(start(ONE, 0), [scan, FaceTouched(2, 2, "a"), ReasonTouched(3, "slow"), Sent(4)])
    assert done == [
        OpenRating(
            rating_id="a",
            officer_id=HOA,
            service_id="copies",
            dossier=Dossier(code="H42.12-210301-0007", ticket="token-7.sig"),
            survey_id="survey-1",
            scale="hl5",
            level=2,
            language="vi",
            source="kiosk",
        ),
        ReviseRating(rating_id="a", level=2, reasons=("slow",), comment=None),
        CloseRating(rating_id="a"),
    ]


def test_a_plain_dossier_code_is_for_the_officer_on_duty() -> None:
    visit, _ = walk(start(ONE, 0), [Scanned(1, DossierCode(dossier_code="H42-210301-0001"))])
    assert (visit.screen, visit.officer_id, visit.dossier) == (FACES, HOA, Dossier(code="H42-210301-0001"))


def test_a_ticket_of_an_unknown_officer_and_service_asks_whom() -> None:
    visit, _ = walk(start(TWO, 0), [Scanned(1, a_ticket(officer_id="gone", service_id="gone"))])
    assert (visit.screen, visit.officer_id, visit.service_id) == (CHOICE, None, None)


def test_a_reason_that_is_not_asked_for_this_level_changes_nothing() -> None:
    visit, _ = walk(start(ONE, 0), [Touched(1), FaceTouched(2, 5, "a")])
    after = advance(visit, ReasonTouched(3, "rude"))
    assert after.reasons == ()


def test_a_reason_touched_twice_is_off_again() -> None:
    visit, _ = walk(start(ONE, 0), [Touched(1), FaceTouched(2, 1, "a"), ReasonTouched(3, "slow")])
    assert visit.reasons == ("slow",)
    assert advance(visit, ReasonTouched(4, "slow")).reasons == ()


def test_another_face_after_misclick_forgets_the_reasons_of_the_first() -> None:
    events = [Touched(1), FaceTouched(2, 1, "a"), ReasonTouched(3, "slow"), MisclickTouched(4), FaceTouched(5, 5, "b")]
    visit, done = walk(start(ONE, 0), events)
    assert (visit.rating_id, visit.reasons) == ("a", ())
    assert done[-1] == ReviseRating(rating_id="a", level=5, reasons=(), comment=None)


def test_two_visits_without_a_scan_need_a_gap_but_a_scan_does_not() -> None:
    events = [Touched(1), FaceTouched(2, 5, "a"), Sent(3), Touched(4)]
    visit, _ = walk(start(ONE, 0), events)
    assert advance(visit, Touched(7.9)) == replace(visit, touched_at=7.9)
    assert advance(visit, Touched(8)).screen is FACES
    assert advance(visit, Scanned(5, a_ticket())).screen is FACES


def test_new_terms_wait_for_the_end_of_a_visit_and_then_are_there() -> None:
    newer = Terms(setup=a_setup(scale="hl3"), on_duty=(NAM,))
    visit, done = walk(start(ONE, 0), [Touched(1), TermsChanged(2, newer), FaceTouched(3, 5, "a")])
    assert visit.terms is ONE
    assert isinstance(done[0], OpenRating)
    assert done[0].scale == "hl5"
    for end in (ClockTicked(40), StaffAsked(4), Failed(4)):
        assert advance(visit, end).terms is newer
        assert advance(visit, end).next_terms is None
    thanked, _ = walk(visit, [Sent(4)])
    assert advance(thanked, Touched(5)).terms is newer
    assert advance(visit, Scanned(4, a_ticket(officer_id=None))).officer_id == NAM


def test_closing_time_in_the_middle_of_a_visit_waits_for_its_end() -> None:
    visit, _ = walk(start(ONE, 0), [Touched(1), TermsChanged(2, replace(ONE, is_open=False))])
    assert visit.screen is FACES
    assert advance(visit, BackTouched(3)).screen is Screen.ASLEEP


def test_the_language_of_an_earlier_citizen_does_not_reach_the_next() -> None:
    english = LanguageTouched(0.5, "en")
    assert walk(start(ONE, 0), [english, Scanned(1, a_ticket())])[0].language == "en"
    assert walk(start(ONE, 0), [english, Touched(1), Scanned(2, a_ticket())])[0].language == "vi"
    assert walk(start(ONE, 0), [english, Touched(1), ClockTicked(40)])[0].language == "vi"
    idle, _ = walk(start(ONE, 0), [english])
    assert time_left(idle, 10.5) == pytest.approx(20)
    assert advance(idle, ClockTicked(30.5)).language == "vi"
    assert time_left(start(ONE, 0), 10) is None


def test_the_language_chosen_before_the_camera_is_the_visits() -> None:
    events = [LanguageTouched(1, "en"), CameraTouched(2), Scanned(3, a_ticket())]
    assert walk(start(ONE, 0), events)[0].language == "en"
    visit, _ = walk(start(ONE, 0), [CameraTouched(1), LanguageTouched(2, "en"), Scanned(3, a_ticket())])
    assert (visit.screen, visit.language) == (FACES, "en")


def test_an_unknown_language_changes_nothing() -> None:
    assert walk(start(ONE, 0), [LanguageTouched(1, "fr")])[0].language == "vi"


def test_a_scan_with_nobody_to_rate_is_not_welcome_and_leaves_no_dossier_behind() -> None:
    empty = start(Terms(setup=a_setup(officers=(), duty=())), 0)
    assert not welcomes(empty, a_ticket())
    assert advance(empty, Scanned(1, a_ticket())) is empty
    assert advance(empty, Touched(1)).screen is NOBODY


def test_time_left_follows_the_behaviour_of_the_setup() -> None:
    terms = Terms(setup=a_setup(behaviour=Behaviour(idle_timeout_s=20, thanks_s=3, misclick_s=2)), on_duty=(HOA,))
    visit, _ = walk(start(terms, 0), [Touched(1)])
    assert time_left(visit, 11) == pytest.approx(10)
    visit, _ = walk(visit, [FaceTouched(2, 1, "a")])
    assert may_misclick(visit, 4)
    assert not may_misclick(visit, 4.1)
    visit, _ = walk(visit, [Sent(5)])
    assert time_left(visit, 6) == pytest.approx(2)


def test_staff_leave_after_a_minute_without_a_touch() -> None:
    visit, _ = walk(start(ONE, 0), [StaffAsked(1), KeyTouched(50), ClockTicked(109)])
    assert visit.screen is Screen.STAFF
    assert advance(visit, ClockTicked(110)).screen is NOBODY


def test_a_badge_takes_duty_and_an_enrolment_enrols() -> None:
    _, done = walk(start(ONE, 0), [Scanned(1, Badge(token="t", officer_id=LAN))])
    assert done == [TakeDuty(officer_id=LAN)]
    _, done = walk(start(ONE, 0), [StaffAsked(1), Scanned(2, Enrolment(url="https://a", code="b"))])
    assert done == [Enrol(url="https://a", code="b")]
