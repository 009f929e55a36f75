"""Publish surveys. A published version never changes: there is no statement here that updates one."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import codec
from survey.errors import BadDocument
from survey.questionnaire import Survey, read_reasons, read_scales
from sync_server.models.organisation import SurveyVersion


def read_survey(file: Path) -> dict[str, Any]:
    """The content of a survey file. Raises `BadDocument` when it is no TOML; `publish` checks the rest."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadDocument([f"{file.name}: is not valid TOML: {error}"]) from error


def publish(session: Session, content: Mapping[str, Any], *, folder: Path, now: int) -> SurveyVersion:
    """Publish a new version, which is in force from now on.

    content: a `survey.questionnaire.Survey` without its id. folder: where scales.toml and reasons.toml are.
    Raises `BadDocument` with all faults.
    """
    survey = codec.decode(Survey, {**content, "id": ""}, at="survey", strict=True)
    faults = []
    scales = read_scales(folder / "scales.toml")
    if survey.scale not in scales:
        faults.append(f"survey.scale: '{survey.scale}' is not in scales.toml; known: {', '.join(scales)}")
    known = read_reasons(folder / "reasons.toml")
    faults += [f"survey.reasons: '{code}' is not in reasons.toml" for code in survey.reasons if code not in known]
    if "vi" not in survey.question:
        faults.append("survey.question: has no words in Vietnamese ('vi')")
    if faults:
        raise BadDocument(faults)
    plain = codec.encode(survey)
    del plain["id"]
    version = SurveyVersion(scale=survey.scale, content=plain, published_at=now)
    session.add(version)
    session.flush()
    return version


def publish_first(session: Session, *, folder: Path, now: int) -> bool:
    """Publish the shipped default unless any survey was published before; whether it did. Safe to repeat."""
    if session.scalar(select(func.count()).select_from(SurveyVersion)):
        return False
    publish(session, read_survey(folder / "surveys" / "default.toml"), folder=folder, now=now)
    return True
