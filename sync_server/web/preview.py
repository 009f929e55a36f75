"""A survey as the kiosk will show it: the same words, faces and colours, at the proportions of its screen.

The kiosk's own screens need its window, and the server never imports the kiosk; the words of its buttons come from its
own catalogue, and the drawings are held against its own by a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel.messages.pofile import read_po
from flask import render_template
from flask_babel import gettext

from survey import resources
from survey.questionnaire import Reason, Survey, Words, read_reasons, words_in
from sync_server.rulebook import rulebook
from sync_server.web import qr
from sync_server.web.slips import address

NARROW, LONG = 44, 70
"""Letters of a question above which it is drawn smaller, as the kiosk fits its texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What is asked after one answer: its face and words, and the reasons offered."""

    is_bad: bool
    face: str
    words: Words
    reasons: tuple[Reason, ...]


def parts(survey: Survey, language: str) -> Mapping[str, Any]:
    """What the template `surveys/_screens.html` needs to draw a survey's screens."""
    scale = rulebook().scales[survey.scale]
    known = read_reasons(resources.config() / "reasons.toml")
    asked = [known[code] for code in survey.reasons]
    question = words_in(survey.question, language)
    sides = []
    for is_bad, level in ((True, scale.levels[0]), (False, scale.levels[-1])):
        after = "dissatisfied" if is_bad else "satisfied"
        reasons = tuple(each for each in asked if after in each.after)
        if reasons and (is_bad or survey.ask_reasons_when_satisfied):
            sides.append(Side(is_bad=is_bad, face=level.face, words=level.words, reasons=reasons))
    return {
        "survey": survey,
        "levels": tuple(reversed(scale.levels)),
        "sides": sides,
        "question": question,
        "question_size": "long" if len(question) > LONG else "medium" if len(question) > NARROW else "short",
        "shown_in": language,
        "words": lambda words: words_in(words, language),
        "say": lambda sentence: say(sentence, language),
    }


def screens(survey: Survey, language: str, **given: Any) -> str:
    """The page of previews."""
    example = qr.svg(f"{address()}/n/3402RAMQ", gettext("Ví dụ về mã biên nhận"))
    return render_template("surveys/preview.html", **parts(survey, language), example_qr=example, **given)


def say(sentence: str, language: str) -> str:
    """A sentence of the kiosk in a language; in Vietnamese where its catalogue has none."""
    return _catalogue(language).get(sentence, sentence)


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    file = resources.assets() / "locale" / language / "LC_MESSAGES" / "kiosk.po"
    if not file.is_file():
        return {}
    with file.open("rb") as stream:
        return {str(each.id): str(each.string) for each in read_po(stream) if each.id and each.string}
