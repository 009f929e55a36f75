"""What a commune does to bring the model in (`[[task]]` blocks of `config/rollout.toml`), and how far it is."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache

from survey import resources
from survey.errors import BadDocument
from sync_server.flagging.rules import parse_blocks

LANGUAGES = ("vi", "en")


class Stage(StrEnum):
    """How far a unit says that it is with a task."""

    DOING = "doing"
    DONE = "done"
    NOT_NEEDED = "not_needed"  # with the reason in the note


class Fault(StrEnum):
    """What is wrong with a report."""

    DONE_LATER = "done on a day that is not yet; report it as under way"
    NO_REASON = "not needed without a reason; write why in the note"
    HALF_A_COUNT = "how many took part without of how many; give both or neither"
    MORE_THAN_ALL = "more took part than there are; the first number must be within the second"
    NOT_ALL = "done only when all took part; report it as under way until then"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task of the plan. due_days: after the unit's first day. counted: done when all took part (n of n)."""

    id: str
    effective: str
    source: str
    due_days: int
    words: Mapping[str, str]
    about: Mapping[str, str] = field(default_factory=dict)
    counted: bool = False

    def __post_init__(self) -> None:
        faults = []
        try:
            date.fromisoformat(self.effective)
        except ValueError:
            faults.append(f"effective: must be a date like 2026-01-05, not '{self.effective}'")
        if self.due_days < 0:
            faults.append(f"due_days: must be 0 or more, not {self.due_days}")
        faults += [f"words.{code}: is missing" for code in LANGUAGES if not self.words.get(code)]
        if faults:
            raise BadDocument(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a unit said of a task last. day: ordinal of the day on which it was done, or will be."""

    task: str
    stage: Stage
    day: int
    present: int | None = None
    total: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A task of a unit today. due: ordinal of its day; null while the unit has no first day."""

    task: Task
    due: int | None
    report: Report | None
    is_late: bool

    @property
    def is_done(self) -> bool:
        return self.report is not None and self.report.stage is not Stage.DOING


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """All tasks of a unit, in the order of the plan. started: ordinal of the unit's first day."""

    started: int | None
    standings: tuple[Standing, ...]

    @property
    def done(self) -> int:
        return sum(standing.is_done for standing in self.standings)

    @property
    def late(self) -> tuple[Standing, ...]:
        return tuple(standing for standing in self.standings if standing.is_late)


def tasks_at(tasks: Sequence[Task], day: int) -> tuple[Task, ...]:
    """The tasks in force on a day (`date.toordinal()`): of each id the newest block that had begun, in the file's
    order."""
    newest: dict[str, Task] = {}
    for task in tasks:
        begun = date.fromisoformat(task.effective).toordinal() <= day
        if begun and (task.id not in newest or newest[task.id].effective <= task.effective):
            newest[task.id] = task  # a later block keeps the place of the first
    return tuple(newest.values())


def progress(tasks: Sequence[Task], started: int | None, reports: Iterable[Report], *, today: int) -> Progress:
    """How far a unit is today. reports: the newest of each task counts, in the order in which they were made."""
    newest = {report.task: report for report in reports}
    return Progress(
        started=started,
        standings=tuple(_standing(task, started, newest.get(task.id), today) for task in tasks_at(tasks, today)),
    )


def faults(
    task: Task, stage: Stage, *, day: int, present: int | None, total: int | None, note: str, today: int
) -> list[Fault]:
    """Why a report says more than can be true; empty when nothing is wrong."""
    found = []
    if stage is Stage.DONE and day > today:
        found.append(Fault.DONE_LATER)
    if stage is Stage.NOT_NEEDED and not note.strip():
        found.append(Fault.NO_REASON)
    if (present is None) is not (total is None):
        found.append(Fault.HALF_A_COUNT)
    elif present is not None and total is not None and not (0 <= present <= total and total >= 1):
        found.append(Fault.MORE_THAN_ALL)
    elif task.counted and stage is Stage.DONE and (present is None or present != total):
        found.append(Fault.NOT_ALL)
    return found


@cache
def shipped_tasks() -> tuple[Task, ...]:
    """The shipped tasks, read once in the life of the program. Raises `BadRule` with all faults."""
    document = tomllib.loads((resources.config() / "rollout.toml").read_text(encoding="utf-8"))
    return tuple(parse_blocks(Task, document, "task", at="rollout.toml"))


def _standing(task: Task, started: int | None, report: Report | None, today: int) -> Standing:
    due = None if started is None else started + task.due_days
    is_open = report is None or report.stage is Stage.DOING
    return Standing(task=task, due=due, report=report, is_late=is_open and due is not None and due < today)
