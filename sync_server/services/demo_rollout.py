"""How far the demo's communes are in bringing the model in: most are through, a few wait for something."""

from datetime import date, datetime, time
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.models.organisation import Unit
from sync_server.models.people import Staff
from sync_server.office import Office
from sync_server.queries.rollout import TRACKED
from sync_server.rollout import Stage, Task, shipped_tasks, tasks_at
from sync_server.services import rollout

EARLIER_DAYS = 420
"""So much before the others the first two communes began: of the plan's, they ran the model a year ahead."""
LAGGING = {5: 3, 9: 1, 12: 2}
"""The number of a commune → how many of its last tasks are open."""


def fill(session: Session, office: Office, first_day: date, rng: Random) -> None:
    """Let each commune begin on `first_day` and report until today. Numbers of people are made up."""
    today = office.day(office.now())
    by = session.scalar(select(Staff.id).where(Staff.role == "town_staff").order_by(Staff.id).limit(1))
    communes = session.scalars(select(Unit.id).where(Unit.kind.in_(TRACKED), Unit.is_demo).order_by(Unit.id))
    tasks = tasks_at(shipped_tasks(), today)
    for number, unit_id in enumerate(communes):
        start = first_day.toordinal() - (EARLIER_DAYS if number < 2 else 0)
        rollout.begin(session, unit_id, day=start, made_by=by, now=_evening(office, start))
        open_tasks = LAGGING.get(number, 0)
        for task in tasks[: len(tasks) - open_tasks]:
            _report(session, office, unit_id, task, start + rng.randint(task.due_days // 2, task.due_days), rng, by)
        if open_tasks > 1:
            last = tasks[-open_tasks]
            rollout.report(
                session, unit_id, last.id, Stage.DOING,
                day=today, today=today, note="Đang chờ kinh phí.", made_by=by, now=office.now(),
            )  # fmt: skip


def _report(
    session: Session, office: Office, unit_id: int, task: Task, day: int, rng: Random, made_by: int | None
) -> None:
    today = office.day(office.now())
    if day > today:
        return
    people = rng.randint(18, 26) if task.counted else None
    rollout.report(
        session, unit_id, task.id, Stage.DONE,
        day=day, today=today, present=people, total=people, made_by=made_by, now=_evening(office, day),
    )  # fmt: skip


def _evening(office: Office, day: int) -> int:
    return int(datetime.combine(date.fromordinal(day), time(17), office.zone).timestamp()) * 1000
