"""The demo's register of letters: what a commune would have sent in the past weeks. Nobody they went to is made up."""

import uuid
from datetime import date, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.casework.workdays import public_calendar
from sync_server.correspondence import entered
from sync_server.correspondence.kinds import BY_KEY
from sync_server.models.organisation import Unit
from sync_server.models.people import Staff
from sync_server.office import Office
from sync_server.queries.rollout import TRACKED
from sync_server.services import letters
from sync_server.services.letters import Asked, Writer

WEEKS = 10
AFTERNOON_MS = 15 * 3_600_000
KINDS = ("thanks", "late", "congratulation", "late", "condolence")
SIGNERS = ("Nguyễn Văn Thành", "Trần Thị Minh Nguyệt", "Phạm Quốc Hưng")
"""Made-up names of heads, as in the demo's reports."""


def fill(session: Session, office: Office, last_day: date, rng: Random) -> int:
    """Number some letters of each commune on working days of the weeks before `last_day`; one in fifteen is cancelled.
    Returns how many."""
    done = 0
    communes = session.scalars(select(Unit.id).where(Unit.kind.in_(TRACKED), Unit.is_demo).order_by(Unit.id)).all()
    by = session.scalar(select(Staff.id).where(Staff.role == "town_staff").order_by(Staff.id).limit(1))
    for place, unit_id in enumerate(communes):
        writer = Writer(staff_id=by, role="town_staff", units=frozenset({unit_id}))
        for week in range(WEEKS, 0, -rng.randint(2, 4)):
            day = public_calendar().after(last_day - timedelta(weeks=week), 1)
            kind = BY_KEY[rng.choice(KINDS)]
            row = dict(entered.example(kind, day.toordinal(), public_calendar()))
            if "code" in row:
                row["code"] = f"H42.{unit_id:02d}-{day:%y%m%d}-{1000 + week}"
            asked = Asked(
                unit_id=unit_id,
                kind=kind.key,
                signer=SIGNERS[place % len(SIGNERS)],
                is_deputy=rng.random() < 0.2,
                batch=uuid.UUID(int=rng.getrandbits(128)).hex,
                rows=entered.rows_of(kind, [tuple(row[entry.key] for entry in kind.entries)]),
            )
            now = office.moment(day.toordinal()) + AFTERNOON_MS
            entry = letters.take(session, office, writer, asked, now=now)[0]
            done += 1
            if done % 15 == 0:
                letters.cancel(session, writer, entry.id, "misprint", now=now + 60_000)
    return done
