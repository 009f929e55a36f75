"""What units report of bringing the model in, and how the town reminds them."""

from sqlalchemy.orm import Session

from sync_server.errors import NotFound, Refused
from sync_server.models.organisation import Unit
from sync_server.models.rollout import RolloutReminder, RolloutReport, RolloutStart
from sync_server.queries import rollout as queries
from sync_server.rollout import Stage, Task, faults, shipped_tasks, tasks_at

WORDS_MAX = 2000


def begin(session: Session, unit_id: int, *, day: int, made_by: int | None, now: int) -> None:
    """Say on which day (ordinal) a unit begins, from which its tasks are due. Said again, the newer one counts."""
    _must_be_tracked(session, unit_id)
    session.add(RolloutStart(unit_id=unit_id, day=day, made_at=now, made_by=made_by))


def report(
    session: Session,
    unit_id: int,
    task_id: str,
    stage: Stage,
    *,
    day: int,
    today: int,
    present: int | None = None,
    total: int | None = None,
    note: str = "",
    made_by: int | None,
    now: int,
) -> None:
    """Add what a unit says of a task; what it said before stays readable. day, today: ordinals.

    Raises `NotFound` for a unit or task that is none, `Refused` with all faults of `sync_server.rollout.faults`.
    """
    _must_be_tracked(session, unit_id)
    task = _task(task_id, today)
    note = note.strip()[:WORDS_MAX]
    found = faults(task, stage, day=day, present=present, total=total, note=note, today=today)
    if found:
        raise Refused(f"{task_id}: " + "; ".join(found))
    session.add(
        RolloutReport(
            unit_id=unit_id,
            task=task_id,
            stage=stage.value,
            day=day,
            present=present,
            total=total,
            note=note,
            made_at=now,
            made_by=made_by,
        )
    )


def remind(session: Session, unit_id: int, *, words: str, today: int, sent_by: int | None, now: int) -> tuple[str, ...]:
    """Remind a unit of the tasks that are late today; their ids. Its head sees the words on the first page.

    Raises `Refused` when nothing is late or there are no words.
    """
    _must_be_tracked(session, unit_id)
    late = tuple(standing.task.id for standing in queries.progress_of(session, unit_id, today=today).late)
    if not late:
        raise Refused(f"unit {unit_id} is late with nothing; there is nothing to remind of")
    if not words.strip():
        raise Refused("a reminder needs words")
    session.add(
        RolloutReminder(
            unit_id=unit_id, tasks=" ".join(late), words=words.strip()[:WORDS_MAX], sent_at=now, sent_by=sent_by
        )
    )
    return late


def _task(task_id: str, day: int) -> Task:
    for task in tasks_at(shipped_tasks(), day):
        if task.id == task_id:
            return task
    raise NotFound(f"there is no task {task_id!r} in config/rollout.toml")


def _must_be_tracked(session: Session, unit_id: int) -> None:
    unit = session.get(Unit, unit_id)
    if unit is None or unit.kind not in queries.TRACKED:
        raise NotFound(f"there is no commune or ward {unit_id}")
