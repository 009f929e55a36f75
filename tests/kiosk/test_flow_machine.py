"""Whatever is touched, scanned or breaks, in whatever order: what must hold after each event."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk import flow
from kiosk.visit import IN_VISIT, OF_NOBODY, Screen, Terms, Visit
from survey.rating import Dossier
from survey.ticket import Badge, DossierCode, Enrolment, Ticket
from tests.kiosk.builders import HOA, LAN, NAM, a_setup, a_survey, a_ticket, an_id

ALL_TERMS = [
    Terms(),
    Terms(setup=a_setup(), on_duty=(HOA,)),
    Terms(setup=a_setup(), on_duty=(HOA, NAM)),
    Terms(setup=a_setup(languages=("vi",)), on_duty=(LAN,), is_open=False),
    Terms(setup=a_setup(scale="hl3"), on_duty=(LAN,)),
    Terms(setup=a_setup(survey=a_survey(ask_comment=True)), on_duty=(HOA,)),
    Terms(setup=a_setup(survey=a_survey(ask_reasons_when_satisfied=False)), source="home"),
    Terms(setup=a_setup(services=()), on_duty=(HOA,), is_open=False, source="home"),
    Terms(setup=a_setup(officers=(), duty=())),
    Terms(setup=a_setup(), on_duty=(HOA,), able=False),
]
SCANS = [
    a_ticket(1),
    a_ticket(2, officer_id=None),
    a_ticket(3, officer_id="gone"),
    DossierCode(dossier_code="H42-210301-0009"),
    Badge(token="t", officer_id=NAM),
    Enrolment(url="https://a", code="b"),
]
PLAIN = [
    flow.Touched,
    flow.Sent,
    flow.Skipped,
    flow.BackTouched,
    flow.CameraTouched,
    flow.MisclickTouched,
    flow.WrongOfficerTouched,
    flow.HomeVisitBegun,
    flow.ServiceChosen,
    flow.KeyTouched,
    flow.StaffAsked,
    flow.StaffLeft,
    flow.ClockTicked,
    flow.Failed,
]
CLEAN = {
    "officer_id": None,
    "service_id": None,
    "dossier": None,
    "rating_id": None,
    "finished_id": None,
    "level": None,
    "reasons": (),
    "comment": None,
    "choices": (),
    "next_terms": None,
}


class Kiosk(RuleBasedStateMachine):
    """Throws events at one visit and keeps its own account of which rating is open."""

    visit: Visit

    @initialize(terms=st.sampled_from(ALL_TERMS))
    def power_on(self, terms: Terms) -> None:
        self.visit = flow.start(terms, 0.0)
        self.now = 0.0
        self.made = 0
        self.open: str | None = None
        self.closed: set[str] = set()

    def happen(self, event: flow.Event) -> None:
        before = self.visit
        after = flow.advance(before, event)
        done = flow.deeds(before, after, event)
        assert flow.advance(before, event) == after
        for deed in done:
            self.account(deed)
        if after is before:
            # Only what leads out of the kiosk (a badge, an enrolment) is done without a change.
            assert all(isinstance(deed, (flow.TakeDuty, flow.Enrol)) for deed in done)
        if before.newest_terms.at_home:
            assert not any(isinstance(deed, flow.TakeDuty) for deed in done), "nobody sits at a counter"
        if after.screen in OF_NOBODY or after.screen in (Screen.STAFF, Screen.RESTING, Screen.HANDOVER):
            assert {name: getattr(after, name) for name in CLEAN} == CLEAN
        is_badge = isinstance(event, flow.Scanned) and isinstance(event.scan, Badge)
        if isinstance(event, flow.Scanned) and not is_badge and after.screen in IN_VISIT and after is not before:
            self.began_anew(before, after, event)
        self.visit = after

    def account(self, deed: flow.Deed) -> None:
        match deed:
            case flow.OpenRating():
                assert self.open is None, "a second rating was opened before the first was closed"
                assert deed.rating_id not in self.closed
                self.open = deed.rating_id
            case flow.ReviseRating():
                assert deed.rating_id == self.open
            case flow.CloseRating():
                assert deed.rating_id == self.open
                self.closed.add(deed.rating_id)
                self.open = None

    def began_anew(self, before: Visit, after: Visit, event: flow.Scanned) -> None:
        assert isinstance(event.scan, (Ticket, DossierCode))
        ticket = event.scan.token if isinstance(event.scan, Ticket) else None
        assert after.dossier == Dossier(code=event.scan.dossier_code, ticket=ticket)
        left_over = {"level", "reasons", "comment", "rating_id", "finished_id", "next_terms"}
        assert {name: getattr(after, name) for name in left_over} == {name: CLEAN[name] for name in left_over}
        assert before.screen is Screen.IDLE or after.language == after.terms.languages[0]
        assert after.terms is before.newest_terms

    @rule(kind=st.sampled_from(PLAIN), pause=st.sampled_from([0.0, 0.5, 0.5, 0.5, 6.0, 31.0]))
    def something(self, kind: type[flow.Event], pause: float) -> None:
        self.now += pause
        self.happen(kind(self.now))

    @rule(level=st.integers(0, 6))
    def face(self, level: int) -> None:
        self.now += 0.5
        self.made += 1
        self.happen(flow.FaceTouched(self.now, level, an_id(self.made)))

    @rule(level=st.sampled_from([1, 3]))
    def whole_visit_until_reasons(self, level: int) -> None:
        """Long walks are rare by chance alone."""
        for event in (
            flow.Touched(self.now + 6),
            flow.HomeVisitBegun(self.now + 6),
            flow.OfficerChosen(self.now + 7, HOA),
            flow.ServiceChosen(self.now + 8),
        ):
            self.happen(event)
        self.now += 9
        self.happen(flow.Touched(self.now))
        self.now += 1
        self.face(level)

    @rule(code=st.sampled_from(["slow", "quick", "unknown"]))
    def reason(self, code: str) -> None:
        self.now += 0.5
        self.happen(flow.ReasonTouched(self.now, code))

    @rule(officer=st.sampled_from([HOA, NAM, "gone"]))
    def choose(self, officer: str) -> None:
        self.now += 0.5
        self.happen(flow.OfficerChosen(self.now, officer))

    @rule(language=st.sampled_from(["vi", "en", "fr"]))
    def language(self, language: str) -> None:
        self.now += 0.5
        self.happen(flow.LanguageTouched(self.now, language))

    @rule(comment=st.sampled_from([None, "", "Chờ lâu"]))
    def send(self, comment: str | None) -> None:
        self.now += 0.5
        self.happen(flow.Sent(self.now, comment))

    @rule(scan=st.sampled_from(SCANS))
    def scan(self, scan: flow.Scanned) -> None:
        self.now += 0.1
        self.happen(flow.Scanned(self.now, scan))  # type: ignore[arg-type]

    @rule(terms=st.sampled_from(ALL_TERMS))
    def terms(self, terms: Terms) -> None:
        self.happen(flow.TermsChanged(self.now, terms))

    @rule(event=st.sampled_from([flow.Touched, flow.Sent, flow.BackTouched, flow.Skipped]))
    def a_touch_in_the_deaf_time_changes_nothing(self, event: type[flow.Touch]) -> None:
        assert flow.advance(self.visit, event(self.visit.shown_at + 0.1)) is self.visit

    @invariant()
    def the_open_rating_is_the_one_of_the_visit(self) -> None:
        if hasattr(self, "visit"):
            assert self.visit.rating_id == self.open

    @invariant()
    def somebody_is_rated_where_faces_are_shown(self) -> None:
        if hasattr(self, "visit") and self.visit.screen in (Screen.RATE, Screen.REASONS, Screen.COMMENT):
            assert self.visit.terms.knows_officer(self.visit.officer_id)

    @invariant()
    def every_screen_of_a_visit_is_left_by_itself(self) -> None:
        if hasattr(self, "visit") and self.visit.screen not in OF_NOBODY:
            left = flow.time_left(self.visit, self.now)
            assert left is not None
            gone = flow.advance(self.visit, flow.ClockTicked(self.now + left))
            usual = {"shown_at": 0.0, "touched_at": 0.0, "finished_at": None}
            fresh = flow.start(self.visit.newest_terms, 0.0)
            if gone.screen is Screen.HANDOVER:
                assert self.visit.rating_id is None
                fresh = replace(fresh, screen=Screen.HANDOVER, prepared=gone.prepared)
            assert replace(gone, **usual) == replace(fresh, **usual)


TestKiosk = Kiosk.TestCase
TestKiosk.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
