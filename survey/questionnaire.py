"""What is asked: scales of faces, reasons and surveys. A published survey never changes."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from survey import codec
from survey.errors import BadDocument

Words = Mapping[str, str]
"""A text in each language: language code → words; `vi` is always there."""


def words_in(words: Words, language: str) -> str:
    """The words in `language`, in Vietnamese where that language has none."""
    return words.get(language) or words["vi"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One answer on a scale. `level` counts up from 1, the worst; `face` names the drawing (see `FACES`)."""

    level: int
    face: str
    words: Words


FACES = ("very_sad", "sad", "neutral", "happy", "very_happy")
"""The five drawings, from the worst to the best; a scale uses some of them, always in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Levels from the worst (1) to the best, and which of them are in the two bad sets of the flagging rule.

    dissatisfied: the narrow set (levels 1–2 of `hl5`); not_satisfied: the wide set (1–3 of `hl5`).
    """

    id: str
    levels: tuple[Level, ...]
    dissatisfied: tuple[int, ...]
    not_satisfied: tuple[int, ...]

    def __post_init__(self) -> None:
        faults = []
        if [item.level for item in self.levels] != list(range(1, len(self.levels) + 1)):
            faults.append(f"levels of scale '{self.id}': must count 1, 2, 3 … from the worst")
        faces = [item.face for item in self.levels]
        if any(face not in FACES for face in faces) or sorted(faces, key=FACES.index) != faces:
            faults.append(f"faces of scale '{self.id}': must be some of {', '.join(FACES)}, in this order")
        bad, wide, known = set(self.dissatisfied), set(self.not_satisfied), set(range(1, len(self.levels) + 1))
        if not bad <= wide <= known or wide == known or not bad:
            faults.append(
                f"bad sets of scale '{self.id}': dissatisfied must lie within not_satisfied, which must leave "
                "at least one level out"
            )
        if faults:
            raise BadDocument(faults)

    def knows(self, level: int) -> bool:
        """Whether `level` is one of this scale's."""
        return 1 <= level <= len(self.levels)

    def is_dissatisfied(self, level: int) -> bool:
        """Whether `level` is in the narrow bad set."""
        return level in self.dissatisfied


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why: a chip under «Điều gì chưa tốt?» or «Điều gì làm Ông/Bà hài lòng?».

    law: the letter of NĐ 118/2025/NĐ-CP Art 33(1) that it is counted under. bit: its place, for ever, in the
    server's storage. grave: opens a complaint case at once. after: `dissatisfied`, `satisfied` or both.
    """

    code: str
    bit: int
    law: str
    icon: str
    words: Words
    after: tuple[str, ...]
    grave: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A published question set: one level question, reasons after it, an optional comment."""

    id: str
    scale: str
    question: Words
    reasons: tuple[str, ...]
    ask_reasons_when_satisfied: bool = True
    ask_comment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _ScalesFile:
    scales: tuple[Scale, ...]
    effective: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReasonsFile:
    reasons: tuple[Reason, ...]
    effective: str = ""
    source: str = ""
    law: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_scales(file: Path) -> dict[str, Scale]:
    """The scales of `config/scales.toml`, by id. Raises `BadDocument` with all faults."""
    read = codec.decode(_ScalesFile, tomllib.loads(file.read_text(encoding="utf-8")), at=file.name, strict=True)
    return {scale.id: scale for scale in read.scales}


def read_reasons(file: Path) -> dict[str, Reason]:
    """The reasons of `config/reasons.toml`, by code. Raises `BadDocument` with all faults."""
    read = codec.decode(_ReasonsFile, tomllib.loads(file.read_text(encoding="utf-8")), at=file.name, strict=True)
    bits = [reason.bit for reason in read.reasons]
    if len(set(bits)) != len(bits) or any(not 0 <= bit < 31 for bit in bits):
        raise BadDocument([f"{file.name}: each reason needs a bit of its own from 0 to 30, not {bits}"])
    return {reason.code: reason for reason in read.reasons}


def read_law(file: Path) -> dict[str, Words]:
    """What the letters of the law that reasons count under are about: letter → words. Raises `BadDocument`."""
    return dict(codec.decode(_ReasonsFile, tomllib.loads(file.read_text(encoding="utf-8")), at=file.name).law)
