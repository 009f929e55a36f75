"""What letters say and how they stand on paper, what is refused of what was entered, and the terms of new dates."""

import io
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.casework.workdays import public_calendar
from sync_server.correspondence import entered, making, template
from sync_server.correspondence.entered import Known
from sync_server.correspondence.kinds import BY_KEY, KINDS, LETTERS_MAX, PAPERS
from sync_server.correspondence.rules import Extension, letter_rules, parse
from sync_server.correspondence.wording import Sender, context
from sync_server.flagging.errors import BadRule
from sync_server.reporting import paper
from sync_server.reporting.rules import report_rules
from tests.sync_server.reporting.builders import text_of

GOLDEN = Path(__file__).parent / "golden"
DAY = date(2026, 11, 17).toordinal()
PATTERN = r"[A-Z]\d{2}(\.[0-9A-Z]{1,3}){0,3}-\d{6}-\d{4,6}"


def sender(kind: str, **changes: Any) -> Sender:
    given_ = {
        "unit": "Xã Mộc Bắc",
        "letterhead": report_rules().letterhead_at("commune", DAY),
        "code": letter_rules().code_at(kind, DAY),
        "signer": "Nguyễn Văn Thành",
        "is_deputy": False,
        "hotline": "0226 3 830 000",
        "day": DAY,
    }
    return Sender(**{**given_, **changes})


def example(kind: str, **changes: str) -> Mapping[str, str]:
    return {**entered.example(BY_KEY[kind], DAY, public_calendar()), **changes}


def made(kind: str, *, number: int | None = 7, letters: int = 1, **changes: Any) -> bytes:
    values = context(BY_KEY[kind], example(kind), sender(kind, **changes), number)
    shipped = making.shipped_template(BY_KEY[kind].paper)
    return making.docx(BY_KEY[kind], [values] * letters, shipped, author="UBND")


def known(today: int = DAY, **changes: Any) -> Known:
    given_ = {"calendar": public_calendar(), "extension": Extension(effective="2025-07-01"), "pattern": PATTERN}
    return Known(today=today, founded={1}, **{**given_, **changes})


def codes(kind: str, known_: Known | None = None, **changes: str) -> list[tuple[str, str]]:
    found = entered.faults(BY_KEY[kind], [(2, example(kind, **changes))], known_ or known())
    return [(fault.column, fault.code) for fault in found]


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_says_what_it_should(kind: str) -> None:
    """After a change that is meant: NUCUOI_GOLDEN=write, then read the difference as the one who signs."""
    text = "\n".join(text_of(made(kind, is_deputy=kind == "thanks"))) + "\n"
    file = GOLDEN / f"{kind}.txt"
    if os.environ.get("NUCUOI_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAPERS)
def test_a_shipped_template_is_what_its_maker_makes_and_has_a_frame(name: str) -> None:
    shipped = making.shipped_template(name)
    assert text_of(shipped) == text_of(paper.bytes_of(template.build(name), title="", author=""))
    section = Document(io.BytesIO(shipped)).sections[0]
    frame = section._sectPr.find(qn("w:pgBorders"))
    assert {side.get(qn("w:color")) for side in frame} == {template.LOOKS[name].colour}
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


def test_a_mourning_letter_is_black_all_over() -> None:
    document = Document(io.BytesIO(made("condolence")))
    runs = [run for paragraph in document.paragraphs for run in paragraph.runs]
    assert {str(run.font.color.rgb) for run in runs if run.font.color.rgb is not None} == {"000000"}


def test_letters_of_a_list_stand_on_pages_of_their_own_in_the_same_frame() -> None:
    document = Document(io.BytesIO(made("late", letters=3)))
    assert len(document.sections) == 3
    assert all(section._sectPr.find(qn("w:pgBorders")) is not None for section in document.sections)
    assert made("late", letters=3) == made("late", letters=3)


def test_what_a_file_says_of_itself_names_nobody_it_goes_to() -> None:
    about = Document(io.BytesIO(made("thanks", letters=2))).core_properties
    assert (about.title, about.author, about.comments) == ("Thư cảm ơn", "UBND", "")


@pytest.mark.parametrize(
    ("due", "new", "found"),
    [
        ("18/11/2026", "19/11/2026", []),  # a day before it is due
        ("17/11/2026", "19/11/2026", [("due", "past_term")]),  # on the day itself
        ("18/11/2026", "18/11/2026", [("new", "not_later")]),
        ("18/11/2026", "21/11/2026", [("new", "day_off")]),  # a Saturday
        ("18/11/2026", "24/11/2026", [("new", "day_off")]),  # Ngày Văn hóa Việt Nam, a day off since 2026
        ("03/02/2027", "08/02/2027", [("new", "day_off")]),  # Tết Đinh Mùi is on 6 February 2027
    ],
)
def test_the_terms_of_a_new_date(due: str, new: str, found: list[tuple[str, str]]) -> None:
    assert codes("late", due=due, new=new) == found


def test_a_dossier_due_on_a_day_off_is_due_on_the_next_working_day() -> None:
    saturday = date(2026, 11, 28)
    assert codes("late", known(saturday.toordinal()), due=str(saturday), new="2026-12-01") == []
    assert codes("late", known(saturday.toordinal()), due=str(saturday), new="2026-11-30") == [("new", "not_later")]


def test_a_dossier_that_got_its_new_date_gets_no_other() -> None:
    assert codes("late", known(extended={example("late")["code"]})) == [("code", "extended")]
    row = example("late")
    found = entered.faults(BY_KEY["late"], [(2, row), (3, row)], known())
    assert [(fault.row, fault.code) for fault in found] == [(3, "twice")]


def test_who_died_did_so_before_today_and_which_case_it_was_must_be_known() -> None:
    assert codes("condolence", died="18/11/2026") == [("died", "to_come")]
    assert codes("condolence", died="") == []
    assert codes("case", case="2") == [("case", "not_founded")]
    assert codes("case", case="²") == [("case", "not_founded")]


def test_lists_that_are_empty_or_too_long_are_refused() -> None:
    row = example("thanks")
    assert [one.code for one in entered.faults(BY_KEY["thanks"], [], known())] == ["none"]
    many = [(number, row) for number in range(2, LETTERS_MAX + 3)]
    assert [one.code for one in entered.faults(BY_KEY["thanks"], many, known())] == ["too_many"]


@settings(max_examples=50, deadline=None)
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_whatever_is_entered_is_a_letter_or_faults_that_repeat_none_of_it(kind: str, data: st.DataObject) -> None:
    which = BY_KEY[kind]
    cells = [data.draw(st.one_of(st.text(max_size=30), st.just(example(kind)[each.key]))) for each in which.entries]
    rows = entered.rows_of(which, [tuple(cells)])
    found = entered.faults(which, rows, known())
    assert all(fault.value == "" for fault in found)
    if not found:
        values = context(which, rows[0][1], sender(kind), 1)
        assert rows[0][1]["name"] in values["to"]
        assert making.docx(which, [values], making.shipped_template(which.paper), author="")


def test_faults_of_the_rules_are_all_named() -> None:
    assert letter_rules().extension_at(DAY).source
    with pytest.raises(BadRule) as caught:
        parse(
            {
                "extension": [{"effective": "soon", "at_most": 0}],
                "letter": [{"kind": "love", "effective": "2021-01-04"}],
            }
        )
    assert [word for word in ("at_most", "effective") if word in str(caught.value)] == ["at_most", "effective"]
    with pytest.raises(BadRule, match="no letter of kind 'thanks'"):
        parse({}).code_at("thanks", DAY)
