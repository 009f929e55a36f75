"""The words on the glass, in the language that the citizen chose.

The Vietnamese sentence is the key, so that a missing catalogue still shows the right words. Another language is
one more file `assets/locale/LANGUAGE/LC_MESSAGES/kiosk.po`. The catalogues are read as they are written: a kiosk
has no tool to compile them, and a hundred sentences need none.
"""

import ast
import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from survey import resources

LOG = logging.getLogger(__name__)

NAMES = {"vi": "Tiếng Việt", "en": "English"}
"""Each language in its own words; one that is missing here is shown by its code."""


def catalogue_file(language: str) -> Path:
    """Where the sentences of a language are kept."""
    return resources.assets() / "locale" / language / "LC_MESSAGES" / "kiosk.po"


def read_catalogue(file: Path) -> dict[str, str]:
    """The sentences of a gettext `.po` file: key → translation; those not yet translated are left out.

    Plurals and contexts are not used by the kiosk and not read. Raises `OSError`, `ValueError` for a broken line.
    """
    found: dict[str, str] = {}
    entry = {"msgid": "", "msgstr": ""}
    part = ""
    for line in [*file.read_text(encoding="utf-8").splitlines(), 'msgid ""']:
        word, _, quoted = line.strip().partition(" ")
        if word in entry:
            if word == "msgid":
                found[entry["msgid"]] = entry["msgstr"]
                entry = {"msgid": "", "msgstr": ""}
            part = word
        elif line.startswith('"') and part:
            quoted = line.strip()
        else:
            continue
        try:
            entry[part] += ast.literal_eval(quoted)
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"{file.name}: {line!r} is no quoted sentence; close its quotation marks") from error
    return {key: words for key, words in found.items() if key and words}


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    file = catalogue_file(language)
    try:
        return read_catalogue(file)
    except (OSError, ValueError) as error:
        LOG.warning("no words in '%s' (%s); the kiosk says them in Vietnamese", language, error)
        return {}


def say(sentence: str, language: str, **values: object) -> str:
    """The sentence in `language`, `{places}` filled from `values`; Vietnamese where the catalogue has none."""
    words = _catalogue(language).get(sentence, sentence)
    return words.format(**values) if values else words


def next_language(language: str, languages: tuple[str, ...]) -> str:
    """The language that the switch leads to: the one after, and from the last to the first."""
    return languages[(languages.index(language) + 1) % len(languages)] if language in languages else languages[0]


def name_of(language: str) -> str:
    """What the switch says: «Tiếng Việt», «English»."""
    return NAMES.get(language, language.upper())
