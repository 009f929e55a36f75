"""Open survey rounds and set their ends. Each function is called within one transaction.

What has begun keeps its unit, kind and first day, and what is over keeps its last day: ratings are counted by them.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.errors import NotFound, Refused
from sync_server.models.organisation import Unit
from sync_server.models.people import Staff
from sync_server.models.survey import ROUND_KINDS, SurveyRound
from sync_server.rounds import LAST_DAY, OBSERVER
from sync_server.services.observers import must_be_theirs

NAME_MAX = 120


class RoundsOverlap(Refused):
    """Another round of the same unit has some of these days: a rating would belong to two."""


def open_round(
    session: Session,
    *,
    unit_id: int,
    kind: str,
    name: str,
    owner_id: int | None,
    first_day: int,
    until_day: int | None,
    made_by: int | None,
    now: int,
) -> SurveyRound:
    """A round of a unit and those below. Raises `NotFound`, `RoundsOverlap` or `Refused`.

    It may lie in the past: a baseline may be taken before anybody tells the server. A round of the kind `observer` is
    opened by an observer, and no other one is (`NotYours`).
    """
    must_be_theirs(session, made_by, is_theirs=kind == OBSERVER, what=f"a round of the kind {kind!r}")
    if session.get(Unit, unit_id) is None:
        raise NotFound(f"there is no unit {unit_id}")
    if kind not in ROUND_KINDS:
        raise Refused(f"{kind!r} is no kind of round; take one of {', '.join(ROUND_KINDS)}")
    made = SurveyRound(
        unit_id=unit_id,
        kind=kind,
        name=_named(name),
        owner_id=_owner(session, owner_id),
        first_day=first_day,
        until_day=until_day,
        made_by=made_by,
        made_at=now,
    )
    _must_fit(session, made)
    session.add(made)
    session.flush()
    return made


def amend_round(
    session: Session,
    round_id: int,
    *,
    name: str,
    owner_id: int | None,
    first_day: int,
    until_day: int | None,
    today: int,
    by: int | None = None,
) -> SurveyRound:
    """Change a round's name and owner, and those of its days that are still to come. Raises as `open_round`.

    by: the account that does; observers' rounds are changed and ended by observers alone (`NotYours`).
    """
    found = session.get(SurveyRound, round_id)
    if found is None:
        raise NotFound(f"there is no round {round_id}")
    must_be_theirs(session, by, is_theirs=found.kind == OBSERVER, what=f"the round {found.name}")
    if first_day != found.first_day and min(first_day, found.first_day) <= today:
        raise Refused("the round has begun, or would have; its first day stays")
    if until_day != found.until_day:
        is_over = found.until_day is not None and found.until_day <= today
        if is_over or (until_day is not None and until_day <= today):
            raise Refused("days that are past stay in the round or out of it; end it today or later")
    found.name, found.owner_id = _named(name), _owner(session, owner_id)
    found.first_day, found.until_day = first_day, until_day
    _must_fit(session, found)
    return found


def _must_fit(session: Session, wanted: SurveyRound) -> None:
    first, until = wanted.first_day, LAST_DAY if wanted.until_day is None else wanted.until_day
    if until <= first:
        raise Refused("the last day lies before the first")
    with session.no_autoflush:
        others = session.scalars(select(SurveyRound).where(SurveyRound.unit_id == wanted.unit_id)).all()
    for other in others:
        if other is wanted or (other.kind == OBSERVER) != (wanted.kind == OBSERVER):
            continue
        if first < (LAST_DAY if other.until_day is None else other.until_day) and other.first_day < until:
            raise RoundsOverlap(f"the round {other.name} of the same unit has some of these days")


def _owner(session: Session, owner_id: int | None) -> int | None:
    if owner_id is not None and session.get(Staff, owner_id) is None:
        raise NotFound(f"there is no account {owner_id}")
    return owner_id


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > NAME_MAX:
        raise Refused(f"a round needs a name of at most {NAME_MAX} letters")
    return plain
