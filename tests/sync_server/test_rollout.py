"""How far a unit is in bringing the model in: the pure part, and the shipped tasks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.errors import BadDocument
from sync_server.rollout import Fault, Report, Stage, Task, faults, progress, shipped_tasks, tasks_at

START = date(2021, 1, 4).toordinal()
TODAY = date(2021, 2, 1).toordinal()
PLAN = Task(id="plan", effective="2021-01-01", source="x", due_days=15, words={"vi": "Kế hoạch", "en": "Plan"})
ALL_COME = Task(
    id="conference", effective="2021-01-01", source="x", due_days=31, counted=True, words={"vi": "Họp", "en": "Meet"}
)


def said(stage: Stage, task: Task = PLAN, day: int = TODAY) -> Report:
    return Report(task=task.id, stage=stage, day=day)


def test_a_task_is_late_after_its_day_until_it_is_done() -> None:
    on_the_day = progress([PLAN], START, [], today=START + 15)
    after = progress([PLAN], START, [], today=START + 16)
    done = progress([PLAN], START, [said(Stage.DOING), said(Stage.DONE)], today=START + 16)
    assert [len(p.late) for p in (on_the_day, after, done)] == [0, 1, 0]
    assert done.done == 1


def test_under_way_after_its_day_is_late() -> None:
    assert progress([PLAN], START, [said(Stage.DOING)], today=TODAY).late[0].task is PLAN


def test_a_unit_without_a_first_day_is_late_with_nothing() -> None:
    found = progress(shipped_tasks(), None, [], today=TODAY)
    assert not found.late
    assert all(standing.due is None for standing in found.standings)


def test_the_newest_report_counts_also_when_it_takes_back() -> None:
    assert progress([PLAN], START, [said(Stage.DONE), said(Stage.DOING)], today=TODAY).done == 0


def test_a_later_block_replaces_a_task_from_its_day_on_and_keeps_its_place() -> None:
    newer = Task(id="plan", effective="2021-03-01", source="y", due_days=5, words=PLAN.words)
    tasks = [PLAN, ALL_COME, newer]
    assert tasks_at(tasks, TODAY) == (PLAN, ALL_COME)
    assert tasks_at(tasks, date(2021, 3, 1).toordinal()) == (newer, ALL_COME)


@pytest.mark.parametrize(
    ("task", "stage", "given_", "fault"),
    [
        (PLAN, Stage.DONE, {"day": TODAY + 1}, Fault.DONE_LATER),
        (PLAN, Stage.NOT_NEEDED, {"note": "  "}, Fault.NO_REASON),
        (ALL_COME, Stage.DONE, {"present": 19, "total": 20}, Fault.NOT_ALL),
        (ALL_COME, Stage.DONE, {}, Fault.NOT_ALL),
        (ALL_COME, Stage.DOING, {"present": 21, "total": 20}, Fault.MORE_THAN_ALL),
        (ALL_COME, Stage.DOING, {"present": 3}, Fault.HALF_A_COUNT),
        (ALL_COME, Stage.DONE, {"present": 20, "total": 20}, None),
        (ALL_COME, Stage.DOING, {"present": 0, "total": 20}, None),
        (PLAN, Stage.DOING, {"day": TODAY + 30}, None),
        (PLAN, Stage.NOT_NEEDED, {"note": "Đã có từ năm 2019."}, None),
    ],
)
def test_a_report_says_no_more_than_can_be_true(task: Task, stage: Stage, given_: dict, fault: Fault | None) -> None:
    said = {"day": TODAY, "present": None, "total": None, "note": "", "today": TODAY, **given_}
    assert faults(task, stage, **said) == ([fault] if fault else [])


@given(st.lists(st.tuples(st.sampled_from([PLAN, ALL_COME]), st.sampled_from(Stage)), max_size=12))
def test_done_and_late_never_overlap_and_nothing_else_is_counted(made: list[tuple[Task, Stage]]) -> None:
    found = progress([PLAN, ALL_COME], START, [said(stage, task) for task, stage in made], today=TODAY)
    assert len(found.standings) == 2
    assert found.done + len(found.late) <= 2
    assert not any(standing.is_done and standing.is_late for standing in found.standings)


def test_the_shipped_tasks_are_those_of_the_plan_each_with_source_and_both_languages() -> None:
    tasks = tasks_at(shipped_tasks(), date(2026, 1, 1).toordinal())
    assert {"plan", "conference", "baseline", "posted", "slogans", "reception"} <= {task.id for task in tasks}
    assert len({task.id for task in tasks}) == len(tasks)
    assert all(task.source and task.words["en"] and task.about["en"] for task in tasks)
    first_report = next(task for task in tasks if task.id == "first_report")
    assert date.fromordinal(date(2021, 1, 1).toordinal() + first_report.due_days) == date(2021, 3, 31)


def test_a_task_without_words_says_which_language_lacks() -> None:
    with pytest.raises(BadDocument, match=r"words\.en: is missing"):
        Task(id="x", effective="2021-01-01", source="", due_days=1, words={"vi": "Có"})
