"""Erase what may be kept no longer: citizens' comments and dossier codes. The ratings stay, their chain verifies.

(Source: Law 91/2025/QH15 on personal data, purpose and time of keeping; the times are settings.)
"""

from dataclasses import dataclass

from sqlalchemy import delete, exists
from sqlalchemy.orm import Session

from sync_server.models.rating import DossierLink, Rating, RatingComment
from sync_server.services import opinions

DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Erased:
    """How many were erased."""

    comments: int
    dossier_links: int
    opinions: int = 0


def erase_old(session: Session, *, now: int, comments_days: int, dossier_links_days: int) -> Erased:
    """Erase comments, also in the inbox, and dossier codes that came longer ago than that. Safe to repeat."""
    return Erased(
        comments=_erase(session, RatingComment, now - comments_days * DAY_MS),
        opinions=opinions.erase_old(session, now=now, days=comments_days),
        dossier_links=_erase(session, DossierLink, now - dossier_links_days * DAY_MS),
    )


def _erase(session: Session, kind: type[RatingComment] | type[DossierLink], before: int) -> int:
    old = exists().where(Rating.epoch_id == kind.epoch_id, Rating.seq == kind.seq, Rating.received_at < before)
    return int(session.execute(delete(kind).where(old)).rowcount)  # type: ignore[attr-defined]  # a deletion has it
