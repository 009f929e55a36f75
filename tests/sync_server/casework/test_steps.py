"""No state without its person and note, no way around verification, two people for «không có cơ sở»."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sync_server.casework import record, steps
from sync_server.casework.steps import Case, Finding, Measure, State, WrongStep

OFFICER, HEAD, INSPECTOR, SECOND = 1, 2, 3, 4

WALK = [
    (steps.TakeUp(by=HEAD, note="mời giải trình", released="Xin giải trình.", due=10), State.EXPLANATION),
    (steps.Explain(by=OFFICER, note="hôm đó mất mạng", due=20), State.VERIFICATION),
    (steps.Verify(by=INSPECTOR, note="đã hỏi 3 người", finding=Finding.PARTLY, due=30), State.MEASURE),
    (steps.Decide(by=HEAD, note="tập huấn giao tiếp", measure=Measure.TRAINING, due=35), State.TELLING),
    (steps.Tell(by=HEAD, note="đã niêm yết", on_board=True, public="Đã thêm một quầy."), State.CLOSING),
    (steps.Close(by=HEAD, note="xong"), State.CLOSED),
]


def test_a_case_walks_from_opening_to_its_end() -> None:
    case = Case(officer_staff=frozenset({OFFICER}))
    for act, state in WALK:
        case = steps.take(case, act)
        assert case.state is state
    assert (case.finding, case.measure, case.told_on_board) == (Finding.PARTLY, Measure.TRAINING, True)


@pytest.mark.parametrize("skipped", range(len(WALK) - 1))
def test_no_step_can_be_left_out(skipped: int) -> None:
    case = steps.replay(Case(officer_staff=frozenset({OFFICER})), [act for act, _ in WALK[:skipped]])
    with pytest.raises(WrongStep):
        steps.take(case, WALK[skipped + 1][0])


@pytest.mark.parametrize("note", ["", "  \n"])
def test_each_step_needs_a_note(note: str) -> None:
    with pytest.raises(WrongStep, match="ghi chú"):
        steps.take(Case(officer_staff=frozenset({OFFICER})), steps.TakeUp(by=HEAD, note=note))


def _verifying() -> Case:
    return steps.replay(Case(officer_staff=frozenset({OFFICER})), [act for act, _ in WALK[:2]])


def test_nobody_explains_for_the_officer() -> None:
    case = steps.take(Case(officer_staff=frozenset({OFFICER})), WALK[0][0])
    with pytest.raises(WrongStep, match="Chỉ người được đánh giá"):
        steps.take(case, steps.Explain(by=HEAD, note="thay mặt"))


def test_the_officer_does_not_verify_the_own_case() -> None:
    with pytest.raises(WrongStep, match="không tự xử lý"):
        steps.take(_verifying(), steps.Verify(by=OFFICER, note="không sai", finding=Finding.UNTRUE))


def test_silence_counts_only_after_the_due_day() -> None:
    case = steps.take(Case(officer_staff=frozenset({OFFICER})), WALK[0][0])
    with pytest.raises(WrongStep, match="hết hạn"):
        steps.take(case, steps.NoExplanation(by=HEAD, note="không trả lời", today=10))
    late = steps.NoExplanation(by=HEAD, note="không trả lời", today=11)
    assert steps.take(case, late).state is State.VERIFICATION


def test_a_complaint_about_money_is_verified_before_the_officer_hears_of_it() -> None:
    case = steps.take(
        Case(officer_staff=frozenset({OFFICER})),
        steps.TakeUp(by=INSPECTOR, note="thanh tra thụ lý", officer_hears=False),
    )
    assert case.state is State.VERIFICATION
    assert not case.officer_hears


def test_two_people_close_a_case_as_unfounded() -> None:
    found = steps.take(_verifying(), steps.Verify(by=INSPECTOR, note="không đúng", finding=Finding.UNTRUE))
    proposed = steps.take(found, steps.ProposeUnfounded(by=HEAD, note="không có cơ sở"))
    with pytest.raises(WrongStep, match="thứ hai"):
        steps.take(proposed, steps.AgreeUnfounded(by=HEAD, note="đồng ý"))
    with pytest.raises(WrongStep, match="không tự xử lý"):
        steps.take(proposed, steps.AgreeUnfounded(by=OFFICER, note="đồng ý"))
    assert steps.take(proposed, steps.AgreeUnfounded(by=SECOND, note="đồng ý")).state is State.TELLING


def test_a_case_that_was_found_true_cannot_be_closed_as_unfounded() -> None:
    found = steps.take(_verifying(), steps.Verify(by=INSPECTOR, note="đúng", finding=Finding.TRUE))
    with pytest.raises(WrongStep, match="không đúng"):
        steps.take(found, steps.ProposeUnfounded(by=HEAD, note="thôi"))


def test_one_person_does_not_close_a_case_as_unfounded_by_taking_no_measure() -> None:
    found = steps.take(_verifying(), steps.Verify(by=INSPECTOR, note="không đúng", finding=Finding.UNTRUE))
    with pytest.raises(WrongStep, match="hai người"):
        steps.take(found, steps.Decide(by=HEAD, note="không cần làm gì", measure=Measure.NONE))


@pytest.mark.parametrize("finding", [Finding.TRUE, Finding.PARTLY])
def test_nothing_is_found_against_an_officer_who_was_not_heard(finding: Finding) -> None:
    taken_up = steps.TakeUp(by=INSPECTOR, note="chưa báo cán bộ", officer_hears=False)
    case = steps.take(Case(officer_staff=frozenset({OFFICER})), taken_up)
    with pytest.raises(WrongStep, match="chưa được giải trình"):
        steps.take(case, steps.Verify(by=INSPECTOR, note="có thật", finding=finding))
    asked = steps.take(case, steps.AskOfficer(by=INSPECTOR, note="hỏi cán bộ", released="Xin giải trình.", due=10))
    assert (asked.state, asked.officer_hears) == (State.EXPLANATION, True)
    heard = steps.take(asked, steps.Explain(by=OFFICER, note="không có việc đó"))
    assert steps.take(heard, steps.Verify(by=INSPECTOR, note="có thật", finding=finding)).finding is finding


def test_after_reopening_the_officer_is_heard_about_the_new_facts() -> None:
    closed = steps.replay(Case(officer_staff=frozenset({OFFICER})), [act for act, _ in WALK])
    again = steps.take(closed, steps.Reopen(by=INSPECTOR, note="có thêm nhân chứng"))
    assert (again.state, again.reopened) == (State.VERIFICATION, 1)
    with pytest.raises(WrongStep, match="chưa được giải trình"):
        steps.take(again, steps.Verify(by=INSPECTOR, note="đúng", finding=Finding.TRUE))


def test_the_officer_is_not_asked_without_being_told_what_about() -> None:
    with pytest.raises(WrongStep, match="nội dung gửi cán bộ"):
        steps.take(Case(), steps.TakeUp(by=HEAD, note="mời giải trình", released=" "))


def test_a_complaint_that_proved_nothing_stays_unknown_to_the_officer() -> None:
    case = steps.take(Case(), steps.TakeUp(by=INSPECTOR, note="chưa báo cán bộ", officer_hears=False))
    found = steps.take(case, steps.Verify(by=INSPECTOR, note="bấm thử", finding=Finding.UNTRUE))
    assert not found.officer_hears


def test_a_case_is_read_again_as_it_was_when_the_officer_has_another_account_since() -> None:
    acts = [act for act, _ in WALK]
    before = steps.replay(Case(officer_staff=frozenset({OFFICER})), acts)
    after = steps.replay(Case(officer_staff=frozenset({INSPECTOR})), acts)
    assert (after.state, after.finding, after.verified_by) == (before.state, before.finding, before.verified_by)


people = st.sampled_from([OFFICER, HEAD, INSPECTOR, SECOND])
notes = st.sampled_from(["", "ghi chú"])
acts = st.one_of(
    st.builds(steps.TakeUp, by=people, note=notes, released=notes, officer_hears=st.booleans()),
    st.builds(steps.AskOfficer, by=people, note=notes, released=notes),
    st.builds(steps.Explain, by=people, note=notes),
    st.builds(steps.NoExplanation, by=people, note=notes, today=st.integers(0, 20)),
    st.builds(steps.Verify, by=people, note=notes, finding=st.sampled_from(Finding)),
    st.builds(steps.Decide, by=people, note=notes, measure=st.sampled_from(Measure)),
    st.builds(steps.Tell, by=people, note=notes, by_receipt=st.booleans(), on_board=st.booleans(), public=notes),
    st.builds(steps.Close, by=people, note=notes),
    st.builds(steps.ProposeUnfounded, by=people, note=notes),
    st.builds(steps.AgreeUnfounded, by=people, note=notes),
    st.builds(steps.DisagreeUnfounded, by=people, note=notes),
    st.builds(steps.Reopen, by=people, note=notes),
)


class AnyActs(RuleBasedStateMachine):
    """People try whatever they like, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.case = Case(officer_staff=frozenset({OFFICER}))
        self.done: list[steps.Act] = []

    @rule(act=acts)
    def somebody_tries(self, act: steps.Act) -> None:
        try:
            self.case = steps.take(self.case, act)
        except WrongStep:
            return
        self.done.append(act)

    @invariant()
    def nothing_is_decided_told_or_closed_without_verification_by_somebody_else(self) -> None:
        if self.case.state in (State.MEASURE, State.TELLING, State.CLOSING, State.UNFOUNDED, State.CLOSED):
            assert self.case.finding is not None
            assert self.case.verified_by not in (None, OFFICER)

    @invariant()
    def nobody_is_found_to_have_done_wrong_without_having_been_heard(self) -> None:
        if self.case.finding in (Finding.TRUE, Finding.PARTLY):
            assert self.case.was_heard

    @invariant()
    def two_people_stand_behind_no_measure_for_an_untrue_complaint(self) -> None:
        if self.case.finding is Finding.UNTRUE and self.case.measure is Measure.NONE:
            agreed = [act.by for act in self.done if isinstance(act, steps.AgreeUnfounded)]
            assert agreed
            assert agreed[-1] != self.case.proposed_by

    @invariant()
    def the_officer_only_explains(self) -> None:
        assert all(isinstance(act, steps.Explain) for act in self.done if act.by == OFFICER)

    @invariant()
    def each_act_that_counted_has_a_note(self) -> None:
        assert all(act.note.strip() for act in self.done)

    @invariant()
    def a_case_is_what_its_acts_made_of_it(self) -> None:
        assert steps.replay(Case(officer_staff=frozenset({OFFICER})), self.done) == self.case


AnyActs.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnyActs = AnyActs.TestCase


@pytest.mark.parametrize("act", [act for act, _ in WALK], ids=lambda act: type(act).__name__)
def test_an_act_is_read_back_as_it_was_written(act: steps.Act) -> None:
    assert record.read_act(*record.write_act(act)) == act


def test_each_kind_of_act_has_a_name_in_the_record() -> None:
    acts = {value for value in vars(steps).values() if isinstance(value, type) and issubclass(value, steps.Act)}
    assert set(record.KINDS.values()) == acts - {steps.Act, steps.Releasing}


def test_each_act_is_possible_in_some_state() -> None:
    assert {kind for kinds in steps.POSSIBLE.values() for kind in kinds} == set(record.KINDS.values())
