"""Say where a published survey is asked, and from when. Each function is called within one transaction.

Days that are past stay as they were: ratings given then name the survey that was asked.
"""

from sqlalchemy.orm import Session

from sync_server.errors import NotFound, Refused
from sync_server.models.organisation import SurveyVersion, Unit
from sync_server.models.survey import SurveyAssignment
from sync_server.services import observers


def assign(
    session: Session,
    *,
    unit_id: int,
    survey_id: int,
    first_day: int,
    until_day: int | None,
    today: int,
    made_by: int | None,
    now: int,
) -> SurveyAssignment:
    """Let a unit, and those below that have none of their own, ask a version from day to before day.

    It goes before what was assigned to the same unit earlier, for these days only. What an observer assigns is asked by
    observers' kiosks, and what others assign by all the others. Raises `NotFound` or `Refused`.
    """
    if session.get(Unit, unit_id) is None:
        raise NotFound(f"there is no unit {unit_id}")
    if session.get(SurveyVersion, survey_id) is None:
        raise NotFound(f"there is no survey {survey_id}")
    if first_day < today:
        raise Refused("what was asked on past days cannot be changed; begin today or later")
    if until_day is not None and until_day <= first_day:
        raise Refused("the last day lies before the first")
    made = SurveyAssignment(
        unit_id=unit_id, survey_id=survey_id, first_day=first_day, until_day=until_day, made_by=made_by, made_at=now
    )
    session.add(made)
    session.flush()
    return made


def end(session: Session, assignment_id: int, *, today: int, by: int | None = None) -> bool:
    """Ask it no longer from tomorrow on; what has not begun is taken back whole, and what began today ends at once.

    Returns whether anything was changed: one that is over stays as it is. Safe to repeat. Raises `NotFound`.
    What observers ask on their kiosks is ended by observers alone (`NotYours`); by: the account.
    """
    found = session.get(SurveyAssignment, assignment_id)
    if found is None:
        raise NotFound(f"there is no assignment {assignment_id}")
    is_theirs = observers.is_observer(session, found.made_by)
    observers.must_be_theirs(session, by, is_theirs=is_theirs, what=f"the assignment {assignment_id}")
    if found.first_day > today:
        session.delete(found)
        return True
    if found.until_day is not None and found.until_day <= today + 1:
        return False
    found.until_day = today + 1
    return True
