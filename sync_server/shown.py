"""The texts that a unit or a kiosk shows instead of those of the unit above: languages, slogans, idle messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from survey import codec
from survey.errors import BadDocument
from survey.questionnaire import Words
from survey.setup import Slogan

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
"""What a kiosk can be told to speak; another is one more catalogue (docs/kiosk-screens.md)."""
SLOGANS_MAX, LINES_MAX, LINE_LENGTH_MAX = 6, 6, 90
MESSAGES_MAX, MESSAGE_LENGTH_MAX = 6, 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What `Unit.shown` and `Kiosk.shown` hold. Null: as the unit above has it."""

    hotline: str | None = None
    languages: tuple[str, ...] | None = None
    slogans: tuple[Slogan, ...] | None = None
    idle_messages: tuple[Words, ...] | None = None


def read_shown(plain: Mapping[str, Any]) -> Shown:
    """What a row holds. Raises `BadDocument` with all faults: an unknown language, too many lines or too long ones."""
    found = codec.decode(Shown, dict(plain), at="shown", strict=True)
    faults = []
    if found.languages is not None and (
        "vi" not in found.languages
        or not set(found.languages) <= LANGUAGES.keys()
        or len(set(found.languages)) < len(found.languages)
    ):
        faults.append(f"shown.languages: must be 'vi' and others of {', '.join(LANGUAGES)}, each once")
    for slogan in found.slogans or ():
        if not slogan.title.strip() or not 1 <= len(slogan.lines) <= LINES_MAX:
            faults.append(f"shown.slogans: {slogan.title!r} needs a title and 1 to {LINES_MAX} lines")
        if any(len(line) > LINE_LENGTH_MAX for line in (slogan.title, *slogan.lines)):
            faults.append(f"shown.slogans: {slogan.title!r} has a line of more than {LINE_LENGTH_MAX} letters")
    for message in found.idle_messages or ():
        if not message.get("vi") or any(len(words) > MESSAGE_LENGTH_MAX for words in message.values()):
            faults.append(f"shown.idle_messages: each needs words in 'vi', at most {MESSAGE_LENGTH_MAX} letters")
    if len(found.slogans or ()) > SLOGANS_MAX or len(found.idle_messages or ()) > MESSAGES_MAX:
        faults.append(f"shown: at most {SLOGANS_MAX} slogans and {MESSAGES_MAX} idle messages are shown")
    if faults:
        raise BadDocument(faults)
    return found


def merged(line: Iterable[Mapping[str, Any]]) -> Shown:
    """The nearest word on each thing. line: what a kiosk holds, then its unit, the unit above, and so on."""
    found = [codec.decode(Shown, dict(plain), at="shown") for plain in line]

    def nearest(name: str) -> Any:
        return next((value for each in found if (value := getattr(each, name)) is not None), None)

    return Shown(
        hotline=nearest("hotline"),
        languages=nearest("languages"),
        slogans=nearest("slogans"),
        idle_messages=nearest("idle_messages"),
    )
