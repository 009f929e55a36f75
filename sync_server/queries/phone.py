"""What the citizen's own phone shows: the question of a slip, and what became of a receipt."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from survey import resources
from survey.questionnaire import Reason, Scale, Survey, read_reasons
from survey.rating import receipt_ids
from sync_server.errors import NotFound
from sync_server.models.organisation import Officer, Service, Unit
from sync_server.models.rating import Counted, Rating
from sync_server.queries.surveys import survey_in_force
from sync_server.queries.units import line_of
from sync_server.rulebook import rulebook
from sync_server.seals import Seals, dossier_mac


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of whom. is_answered: this dossier was rated before, here or at a kiosk."""

    survey: Survey
    scale: Scale
    reasons: Sequence[Reason]
    officer: str
    title: str
    unit_id: int
    unit: str
    hotline: str
    service: str | None
    service_en: str | None
    is_answered: bool

    def reasons_after(self, *, dissatisfied: bool) -> list[Reason]:
        """The reasons that are offered after such a level."""
        if not dissatisfied and not self.survey.ask_reasons_when_satisfied:
            return []
        after = "dissatisfied" if dissatisfied else "satisfied"
        return [reason for reason in self.reasons if after in reason.after]


def question(
    session: Session, seals: Seals, *, dossier_code: str, officer_id: int, service_id: int | None, day: int
) -> Question:
    """The question of a slip, as it is asked on a day.

    Raises `NotFound` when nobody knows its officer, or no survey is published.
    """
    row = session.execute(
        select(Officer.name, Officer.title, Unit.id, Unit.name.label("unit"), Unit.hotline, Unit.key_sealed)
        .join(Unit, Unit.id == Officer.unit_id)
        .where(Officer.id == officer_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no officer {officer_id}")
    survey = survey_in_force(session, line_of(session, row.id), day)
    known = read_reasons(resources.config() / "reasons.toml")
    mac = dossier_mac(seals.open(row.key_sealed), dossier_code)
    service = session.get(Service, service_id) if service_id else None
    return Question(
        survey=survey,
        scale=rulebook().scales[survey.scale],
        reasons=[known[code] for code in survey.reasons],
        officer=row.name,
        title=row.title,
        unit_id=row.id,
        unit=row.unit,
        hotline=row.hotline,
        service=service.name if service else None,
        service_en=service.name_en if service else None,
        is_answered=_is_named(session, mac),
    )


def _is_named(session: Session, mac: bytes) -> bool:
    """Whether a rating of this dossier is stored: the one that counts has an index of its own."""
    named, counts = Rating.dossier_mac == mac, Rating.counted == Counted.YES
    return bool(session.scalar(select(or_(exists().where(named, counts), exists().where(named, ~counts)))))


def receipt(session: Session, code: str) -> Counted | None:
    """Whether the rating with this receipt code is counted, and if not, why; None when none has arrived.

    Two ratings may share a code (one pair in a million ratings); the better news is told. Level, officer and time
    stay untold.
    """
    span = receipt_ids(code)
    if span is None:
        return None
    found = session.scalars(select(Rating.counted).where(Rating.id.between(*span))).all()
    return Counted(min(found)) if found else None
