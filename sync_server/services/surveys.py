"""Publish surveys. A published version never changes: there is no statement here that updates one."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import codec
from survey.errors import BadDocument
from survey.questionnaire import Survey, read_reasons, read_scales
from sync_server.models.organisation import SurveyVersion

CHIPS_MAX = 8
"""Reasons that a kiosk's screen holds after one level (docs/kiosk-screens.md, reasons)."""
QUESTION_MAX = 120
"""Letters of a question that an old person still reads from where they stand."""


def read_survey(file: Path) -> dict[str, Any]:
    """The content of a survey file. Raises `BadDocument` when it is no TOML; `publish` checks the rest."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadDocument([f"{file.name}: is not valid TOML: {error}"]) from error


def checked(content: Mapping[str, Any], *, folder: Path) -> dict[str, Any]:
    """The content of a survey as it is stored: a `survey.questionnaire.Survey` without its id.

    folder: where scales.toml and reasons.toml are. Raises `BadDocument` with all faults.
    """
    survey = codec.decode(Survey, {**content, "id": ""}, at="survey", strict=True)
    faults = []
    scales = read_scales(folder / "scales.toml")
    if survey.scale not in scales:
        faults.append(f"survey.scale: '{survey.scale}' is not in scales.toml; known: {', '.join(scales)}")
    known = read_reasons(folder / "reasons.toml")
    faults += [f"survey.reasons: '{code}' is not in reasons.toml" for code in survey.reasons if code not in known]
    faults += [f"survey.reasons: '{code}' is there twice" for code in _twice(survey.reasons)]
    for after in ("dissatisfied", "satisfied"):
        offered = [code for code in survey.reasons if code in known and after in known[code].after]
        if len(offered) > CHIPS_MAX:
            faults.append(f"survey.reasons: {len(offered)} after '{after}', a kiosk's screen holds {CHIPS_MAX}")
    if not survey.question.get("vi", "").strip():
        faults.append("survey.question: has no words in Vietnamese ('vi')")
    faults += [
        f"survey.question: has {len(words)} letters in '{language}', at most {QUESTION_MAX} are legible"
        for language, words in survey.question.items()
        if len(words) > QUESTION_MAX
    ]
    if faults:
        raise BadDocument(faults)
    plain: dict[str, Any] = codec.encode(survey)
    del plain["id"]
    return plain


def publish(session: Session, content: Mapping[str, Any], *, folder: Path, now: int) -> SurveyVersion:
    """Publish a new version. Whether it is in force anywhere is for `queries.surveys.survey_in_force` to say.

    content and folder as for `checked`. Raises `BadDocument` with all faults.
    """
    plain = checked(content, folder=folder)
    version = SurveyVersion(scale=plain["scale"], content=plain, published_at=now)
    session.add(version)
    session.flush()
    return version


def publish_first(session: Session, *, folder: Path, now: int) -> bool:
    """Publish the shipped default unless any survey was published before; whether it did. Safe to repeat."""
    if session.scalar(select(func.count()).select_from(SurveyVersion)):
        return False
    publish(session, read_survey(folder / "surveys" / "default.toml"), folder=folder, now=now)
    return True


def _twice(codes: Iterable[str]) -> list[str]:
    return [code for code, times in Counter(codes).items() if times > 1]
