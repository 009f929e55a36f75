"""What an officer may read of the own ratings and of the own case, and nothing else."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.casework import steps
from sync_server.casework.steps import Finding, Measure, State
from sync_server.casework.summaries import Counts, Summary
from sync_server.models.casework import CaseFile, OwnSummary
from sync_server.queries import case_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something that the officer may read, and on which moment (ms UTC) it was said; is_own: by the officer."""

    at: int
    text: str
    is_own: bool = False
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCase:
    """A case as its officer sees it: what was released, what the officer said, and how it ends. No citizen's word,
    no time of any rating, no note of those who look into it."""

    id: int
    state: State
    due_day: int | None
    acts: int
    said: tuple[Said, ...]
    finding: Finding | None
    measure: Measure | None
    closed_at: int | None


def summaries(session: Session, officer_id: int) -> list[Summary]:
    """All that an officer was shown of the own ratings, in order."""
    rows = session.scalars(select(OwnSummary).where(OwnSummary.officer_id == officer_id).order_by(OwnSummary.until_day))
    return [
        Summary(
            from_day=row.from_day,
            until_day=row.until_day,
            counts=Counts(satisfied=row.satisfied, neutral=row.neutral, dissatisfied=row.dissatisfied),
        )
        for row in rows
    ]


def cases(session: Session, officer_id: int) -> list[OwnCase]:
    """An officer's own cases, as far as the officer hears of them: those that wait for an explanation first, then the
    newest."""
    files = session.scalars(
        select(CaseFile)
        .where(CaseFile.officer_id == officer_id, CaseFile.officer_hears.is_(True))
        .order_by(CaseFile.id.desc())
    )
    found = [_own(session, file) for file in files]
    return sorted(found, key=lambda case: case.state is not State.EXPLANATION)


def _own(session: Session, file: CaseFile) -> OwnCase:
    case = case_state.replayed(session, file)
    said = []
    for done in case_state.done(session, file.id):
        if isinstance(done.act, steps.Explain):
            said.append(Said(at=done.at, text=done.act.note, is_own=True, attachments=done.act.attachments))
        elif isinstance(done.act, steps.Releasing) and done.act.released.strip():
            said.append(Said(at=done.at, text=done.act.released))
    return OwnCase(
        id=file.id,
        state=case.state,
        due_day=case.due,
        acts=file.acts,
        said=tuple(said),
        finding=case.finding,
        measure=case.measure,
        closed_at=file.closed_at,
    )
