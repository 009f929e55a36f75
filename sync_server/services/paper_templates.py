"""Templates of papers that units bring themselves. The newest of a unit counts; old ones are kept."""

from sqlalchemy.orm import Session

from sync_server.errors import Refused
from sync_server.models.report import PaperTemplate
from sync_server.services import audit

NAME_MAX = 200


def bring(
    session: Session, unit_id: int, paper: str, *, file_name: str, content: bytes | None, by: int, now: int
) -> None:
    """Let a unit, and those below it that have none, use this template from now on; None: the shipped one again.

    Whether the template can be filled is for the caller to try first. Raises `Refused` for an empty file.
    """
    if content is not None and not content:
        raise Refused("Tệp mẫu trống. Xin chọn lại tệp .docx.")
    session.add(
        PaperTemplate(
            unit_id=unit_id, paper=paper, file_name=file_name[:NAME_MAX], content=content, made_at=now, made_by=by
        )
    )
    act = "template brought" if content is not None else "template withdrawn"
    audit.note(session, staff_id=by, act=act, subject=f"u{unit_id}", detail={"paper": paper}, now=now)
