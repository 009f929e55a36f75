"""The pages in English: every sentence has one, with the same placeholders."""

import html
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from survey import resources
from tests.sync_server.web.conftest import Town

ROOT = Path(__file__).resolve().parents[3]
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """The English catalogue as committed."""
    with (resources.assets() / "locale" / "en" / "LC_MESSAGES" / "server.po").open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    """Every Vietnamese sentence of the server's code and templates."""
    found = extract_from_dir(
        ROOT / "sync_server", method_map=[("**.py", "python"), ("templates/**.html", "jinja2")], keywords=KEYWORDS
    )
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def _key(message_id: str | tuple[str, ...] | list[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def test_every_sentence_has_its_english(catalogue: Catalog, sentences: set[str]) -> None:
    known = {_key(message.id) for message in catalogue if message.id and message.string}
    assert len(sentences) > 500
    assert sorted(sentences - known) == [], "add these to assets/locale/en/LC_MESSAGES/server.po"


def test_no_english_is_left_over(catalogue: Catalog, sentences: set[str]) -> None:
    assert sorted({_key(message.id) for message in catalogue if message.id} - sentences) == []


def test_placeholders_are_the_same_in_both_languages(catalogue: Catalog) -> None:
    wrong = []
    for message in catalogue:
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        for text in texts:
            if message.id and set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(_key(message.id))):
                wrong.append(_key(message.id))
    assert wrong == []


def test_no_sentence_is_marked_as_doubtful(catalogue: Catalog) -> None:
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_pages_change_to_english_by_the_switch(town: Town) -> None:
    compiled = resources.assets() / "locale" / "en" / "LC_MESSAGES" / "server.mo"
    assert compiled.exists(), "the catalogues are not compiled: run `make setup`"
    person = town.as_("town_staff")
    assert "Việc đang chờ" in html.unescape(person.get("/").text)
    person.send("/language", language="en", next="/")
    text = html.unescape(person.get("/").text)
    assert "What waits" in text
    assert "Việc đang chờ" not in text
    person.send("/language", language="vi", next="/")
    assert "Việc đang chờ" in html.unescape(person.get("/").text)


def test_a_slip_is_vietnamese_whatever_language_the_clerk_reads(town: Town) -> None:
    person = town.as_("clerk")
    person.send("/language", language="en", next="/")
    form = {"code": "H42.12-260302-0007", "officer": town.officer.id, "service": 0, "paper": "80"}
    slip = html.unescape(person.send("/slips", **form).text).partition("<article")[2].partition("</article>")[0]
    assert "PHIẾU ĐÁNH GIÁ" in slip
    assert "Mời Ông/Bà" in slip
    assert "Please scan" in slip
