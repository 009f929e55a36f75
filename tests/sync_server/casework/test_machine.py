"""Anybody tries anything with a case in the database: its columns are what its acts made, and no act ever changes."""

import shutil
import tempfile
import uuid
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from sync_server.casework import people, steps
from sync_server.casework.people import Person, Place
from sync_server.casework.steps import Act, Finding, Measure, State
from sync_server.config import ServerSettings
from sync_server.db import Database
from sync_server.errors import NotFound, Refused
from sync_server.models.casework import CaseAct, CaseFile
from sync_server.models.people import AuditEntry
from sync_server.office import Office
from sync_server.queries import case_state, own
from sync_server.seals import Seals
from sync_server.services import cases
from sync_server.services.case_opening import open_for_grave_reasons
from sync_server.services.migration import migrate
from tests.sync_server.casework.town import CaseTown, found_case_town
from tests.sync_server.conftest import SECRET, SetClock
from tests.sync_server.postgres import Cluster

RUDE, MONEY = 1 << 5, 1 << 6
names = st.sampled_from(["alice", "chi", "town_staff", "inspector", "second", "observer", "officer"])
notes = st.sampled_from(["ghi chú kín", "ghi chú kín", "ghi chú kín", " "])
released = st.sampled_from(["", "Xin giải trình.", "Xin giải trình."])
makers = st.one_of(
    st.builds(dict, kind=st.just(steps.TakeUp), released=released, officer_hears=st.booleans()),
    st.builds(dict, kind=st.just(steps.AskOfficer), released=released),
    st.builds(dict, kind=st.just(steps.Explain)),
    st.builds(dict, kind=st.just(steps.NoExplanation)),
    st.builds(dict, kind=st.just(steps.Verify), finding=st.sampled_from(Finding), released=released),
    st.builds(dict, kind=st.just(steps.Decide), measure=st.sampled_from(Measure), released=released),
    st.builds(dict, kind=st.just(steps.ProposeUnfounded)),
    st.builds(dict, kind=st.just(steps.AgreeUnfounded)),
    st.builds(dict, kind=st.just(steps.DisagreeUnfounded)),
    st.builds(dict, kind=st.just(steps.Tell), by_receipt=st.booleans(), on_board=st.booleans(), public=st.just("Sửa.")),
    st.builds(dict, kind=st.just(steps.Close)),
    st.builds(dict, kind=st.just(steps.Reopen)),
)


class AnybodyActs(RuleBasedStateMachine):
    """One case; seven people; days that pass. Subclasses say where the database is."""

    @staticmethod
    def new_url(folder: Path) -> str:
        """The URL of a database without any table."""
        return f"sqlite:///{folder / 'machine.db'}"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="nucuoi-cases-"))
        url = self.new_url(self.folder)
        database = Database(url)
        migrate(database)
        self.clock = SetClock()
        settings_ = ServerSettings(database=url, secret=SECRET)
        self.office = Office(settings=settings_, database=database, seals=Seals(SECRET), now=self.clock)
        self.town: CaseTown = found_case_town(self.office)
        self.people: dict[str, Person] = {name: self.town.person(name) for name in self.town.staff}
        self.rows: list[tuple[int, str, str]] = []
        self.done: list[tuple[str, Act]] = []

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.office.database.dispose()
        shutil.rmtree(self.folder)

    @initialize(bits=st.sampled_from([RUDE, RUDE, MONEY]))
    def a_complaint_arrives(self, bits: int) -> None:
        rating = (uuid.uuid4().bytes, self.town.officer.id, bits)
        with self.office.database.write() as session:
            (self.case_id,) = open_for_grave_reasons(session, [rating], self.town.today)
        self.inspectors_only = bits == MONEY

    @rule(name=names, note=notes, made=makers)
    def somebody_tries(self, name: str, note: str, made: dict) -> None:
        given = dict(made)
        kind = given.pop("kind")
        if kind is steps.NoExplanation:
            given["today"] = self.town.today.day
        self._try(name, kind(by=self.people[name].staff_id, note=note, **given))

    @rule(made=makers)
    def somebody_does_what_is_next(self, made: dict) -> None:
        """Most random tries are refused; this walks on, so that far states are reached too."""
        with self.office.database.read() as session:
            file = session.get_one(CaseFile, self.case_id)
            case = case_state.replayed(session, file)
        place = Place(officer_id=file.officer_id, unit_id=file.unit_id, inspectors_only=file.inspectors_only)
        for name, person in self.people.items():
            for kind in people.next_steps(person, place, case, self.town.today.day):
                given = {field: value for field, value in made.items() if field in kind.__dataclass_fields__}
                if kind is steps.Verify and "finding" not in given:
                    given["finding"] = Finding.PARTLY if case.was_heard else Finding.UNTRUE
                if kind is steps.Decide and "measure" not in given:
                    given["measure"] = Measure.TALK
                if kind is steps.NoExplanation:
                    given["today"] = self.town.today.day
                if self._try(name, kind(by=person.staff_id, note="ghi chú kín", **given)):
                    return

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        self.clock.advance(days=days)

    def _try(self, name: str, act: Act) -> bool:
        try:
            with self.office.database.write() as session:
                cases.handle(session, self.people[name], self.case_id, act, self.town.today)
        except (Refused, NotFound):
            return False
        self.done.append((name, act))
        return True

    @invariant()
    def acts_are_only_added_to_and_each_is_in_the_audit_log(self) -> None:
        with self.office.database.read() as session:
            rows = session.scalars(select(CaseAct).order_by(CaseAct.number)).all()
            now = [(row.number, row.kind, str(sorted(row.content.items()))) for row in rows]
            logged = session.scalars(select(AuditEntry.act).where(AuditEntry.act.like("case %"))).all()
        assert now[: len(self.rows)] == self.rows
        assert [number for number, _, _ in now] == list(range(1, len(self.done) + 1))
        assert sorted(logged) == sorted(["case opened", *(f"case {kind}" for _, kind, _ in now)])
        self.rows = now

    @invariant()
    def the_columns_are_what_the_acts_made(self) -> None:
        with self.office.database.read() as session:
            file = session.get_one(CaseFile, self.case_id)
            case = case_state.replayed(session, file)
        assert (file.state, file.due_day, file.officer_hears) == (case.state, case.due, case.officer_hears)
        assert (file.finding, file.measure, file.proposed_by) == (case.finding, case.measure, case.proposed_by)
        assert (file.told_by_receipt, file.told_on_board) == (case.told_by_receipt, case.told_on_board)
        assert (file.closed_at is not None) == (case.state is State.CLOSED) == (case.due is None)
        assert file.acts == len(self.done)

    @invariant()
    def the_officer_reads_what_was_released_and_nothing_else(self) -> None:
        with self.office.database.read() as session:
            found = own.cases(session, self.town.officer.id)
            file = session.get_one(CaseFile, self.case_id)
        assert len(found) == file.officer_hears
        said = [act.released for _, act in self.done if isinstance(act, steps.Releasing) and act.released]
        for case in found:
            assert [line.text for line in case.said if not line.is_own] == said
            assert all(line.is_own or "kín" not in line.text for line in case.said)

    @invariant()
    def only_those_act_who_may(self) -> None:
        roles = {name for name, act in self.done if not isinstance(act, steps.Explain)}
        assert roles <= (
            {"inspector", "second"} if self.inspectors_only else {"alice", "town_staff", "inspector", "second"}
        )
        assert {name for name, act in self.done if isinstance(act, steps.Explain)} <= {"officer"}
        verified = {name for name, act in self.done if isinstance(act, (steps.Verify, steps.AskOfficer, steps.Reopen))}
        assert "alice" not in verified


AnybodyActs.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestAnybodyActsOnSqlite = AnybodyActs.TestCase


@pytest.mark.postgres
def test_anybody_acts_on_postgresql(postgres: Cluster) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    class OnPostgres(AnybodyActs):
        @staticmethod
        def new_url(folder: Path) -> str:
            return postgres.create(f"machine_{uuid.uuid4().hex}")

    run_state_machine_as_test(OnPostgres, settings=settings(max_examples=6, stateful_step_count=20, deadline=None))
