"""Surveys that are being written, until they are published. Each function is called within one transaction."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from sync_server.errors import NotFound, Refused
from sync_server.models.organisation import SurveyVersion
from sync_server.models.survey import SurveyDraft
from sync_server.services import observers, surveys

NAME_MAX = 120


def begin(session: Session, *, name: str, based_on_id: int, made_by: int | None, now: int) -> SurveyDraft:
    """A draft that begins as a copy of a published version. Raises `NotFound`, or `Refused` without a name."""
    version = session.get(SurveyVersion, based_on_id)
    if version is None:
        raise NotFound(f"there is no survey {based_on_id}")
    draft = SurveyDraft(
        name=_named(name), content=dict(version.content), based_on_id=based_on_id, made_by=made_by, changed_at=now
    )
    session.add(draft)
    session.flush()
    return draft


def amend(
    session: Session,
    draft_id: int,
    *,
    name: str,
    content: Mapping[str, Any],
    folder: Path,
    now: int,
    by: int | None = None,
) -> SurveyDraft:
    """Save a draft. Raises `NotFound` when it is published or dropped, `BadDocument` with all faults of the content.

    What an observer began is changed, published and dropped by observers alone (`NotYours`); by: the account.
    """
    draft = _open(session, draft_id, by)
    draft.content = surveys.checked(content, folder=folder)
    draft.name, draft.changed_at = _named(name), now
    return draft


def publish(session: Session, draft_id: int, *, folder: Path, by: int | None, now: int) -> SurveyVersion:
    """Make a version of a draft, which is then closed for good. It is asked nowhere before it is assigned.

    Raises `NotFound`, `BadDocument`, or `Refused` when it says the same as the version that it began as.
    """
    draft = _open(session, draft_id, by)
    before = session.get(SurveyVersion, draft.based_on_id) if draft.based_on_id else None
    if before is not None and surveys.checked(before.content, folder=folder) == draft.content:
        raise Refused(f"the draft {draft.name} says the same as version {before.id}; change something or drop it")
    version = surveys.publish(session, draft.content, folder=folder, now=now)
    draft.version_id, draft.published_by, draft.changed_at = version.id, by, now
    return version


def drop(session: Session, draft_id: int, *, now: int, by: int | None = None) -> None:
    """Give a draft up. Raises `NotFound` when it is published or dropped already."""
    _open(session, draft_id, by).dropped_at = now


def _open(session: Session, draft_id: int, by: int | None) -> SurveyDraft:
    draft = session.get(SurveyDraft, draft_id)
    if draft is None or draft.version_id is not None or draft.dropped_at is not None:
        raise NotFound(f"there is no draft {draft_id}; it may have been published or dropped")
    is_theirs = observers.is_observer(session, draft.made_by)
    observers.must_be_theirs(session, by, is_theirs=is_theirs, what=f"the draft {draft.name}")
    return draft


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > NAME_MAX:
        raise Refused(f"a survey needs a name of at most {NAME_MAX} letters")
    return plain
