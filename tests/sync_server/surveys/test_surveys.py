"""Surveys from a draft to a kiosk: written, published for good, assigned to units by days."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from survey import codec, resources
from survey.errors import BadDocument
from survey.questionnaire import Survey
from sync_server.errors import NotFound, Refused
from sync_server.models.organisation import SurveyVersion, Unit
from sync_server.office import Office
from sync_server.queries import setup
from sync_server.queries import surveys as queries
from sync_server.queries.kiosks import KnownKiosk
from sync_server.queries.setup import Moment
from sync_server.queries.units import line_of
from sync_server.services import assignments, drafts, surveys
from sync_server.survey_changes import changes
from tests.sync_server import builders

FOLDER = resources.config()
CONTENT = surveys.read_survey(FOLDER / "surveys" / "default.toml")


def published(office: Office, name: str = "Mới", **changes_: Any) -> int:
    """A version made from a draft."""
    with office.database.write() as writing:
        draft = drafts.begin(writing, name=name, based_on_id=1, made_by=None, now=1)
        content = {**draft.content, "ask_comment": True, **changes_}
        drafts.amend(writing, draft.id, name=name, content=content, folder=FOLDER, now=2)
        return drafts.publish(writing, draft.id, folder=FOLDER, by=None, now=3).id


def asked(office: Office, unit: Unit, day: int) -> str:
    """The survey in force."""
    with office.database.read() as reading:
        return queries.survey_in_force(reading, line_of(reading, unit.id), day).id


def assign(office: Office, unit: Unit, survey: int, first: int, until: int | None, today: int = 0) -> int:
    """Assign a survey."""
    with office.database.write() as writing:
        return assignments.assign(
            writing,
            unit_id=unit.id,
            survey_id=survey,
            first_day=first,
            until_day=until,
            today=today,
            made_by=None,
            now=1,
        ).id


def test_the_nearest_assignment_of_the_day_decides_and_what_is_published_waits_for_one(office: Office) -> None:
    builders.make_survey(office)
    town = builders.make_unit(office, kind="town")
    commune = builders.make_unit(office, parent_id=town.id)
    desk = builders.make_unit(office, parent_id=commune.id, kind="office")
    first, second = published(office), published(office, scale="hl3")
    assert asked(office, desk, 5) == "q1"
    assign(office, town, first, 10, None)
    assign(office, commune, second, 20, 30)
    assert [asked(office, desk, day) for day in (9, 10, 20, 29, 30)] == ["q1", "q2", "q3", "q3", "q2"]
    assert [asked(office, town, day) for day in (9, 10, 20)] == ["q1", "q2", "q2"]
    assign(office, commune, 1, 25, 27)
    assert [asked(office, desk, day) for day in (24, 25, 26, 27)] == ["q3", "q1", "q1", "q3"]
    with office.database.read() as reading:
        parents = {unit.id: unit.parent_id for unit in (town, commune, desk)}
        for day in (9, 10, 20, 25, 27, 30):
            expected = {unit.id: int(asked(office, unit, day)[1:]) for unit in (town, commune, desk)}
            assert queries.in_force(reading, parents, day) == expected


def test_a_kiosks_setup_asks_what_its_unit_was_assigned(office: Office) -> None:
    builders.make_survey(office)
    unit = builders.make_unit(office)
    row, _ = builders.make_kiosk(office, unit)
    survey = published(office, scale="hl4", question={"vi": "Câu hỏi khác?"})
    today = office.day(office.now())
    assign(office, unit, survey, today + 1, None, today)
    known = KnownKiosk(id=row.id, name=row.name, unit_id=unit.id, counter_id=None, carry_key_sealed=b"")
    with office.database.read() as reading:
        shown = [
            setup.setup_of(reading, known, Moment(at=office.now(), day=day, zone=office.zone), FOLDER)
            for day in (today, today + 1)
        ]
    assert [(each.survey.id, each.scale.id) for each in shown] == [("q1", "hl5"), (f"q{survey}", "hl4")]
    assert shown[1].survey.question == {"vi": "Câu hỏi khác?"}


def test_past_days_cannot_be_assigned_and_what_runs_ends_tomorrow(sqlite_office: Office) -> None:
    office = sqlite_office
    builders.make_survey(office)
    unit, survey = builders.make_unit(office), published(office)
    with pytest.raises(Refused, match="past days"):
        assign(office, unit, survey, 9, None, today=10)
    with pytest.raises(Refused, match="before the first"):
        assign(office, unit, survey, 12, 12, today=10)
    with pytest.raises(NotFound):
        assign(office, unit, 99, 12, None, today=10)
    running, coming = assign(office, unit, survey, 10, None, today=10), assign(office, unit, survey, 40, None, today=10)
    for _ in range(2):
        with office.database.write() as writing:
            assignments.end(writing, running, today=20)
    with office.database.write() as writing:
        assert assignments.end(writing, coming, today=20)
    assert [asked(office, unit, day) for day in (10, 20, 21, 40)] == ["q2", "q2", "q1", "q1"]


def test_neither_the_server_nor_the_database_changes_a_published_survey(office: Office) -> None:
    builders.make_survey(office)
    with pytest.raises(TypeError, match="survey version 1 is published"), office.database.write() as writing:
        writing.get_one(SurveyVersion, 1).scale = "hl3"
    for statement in (update(SurveyVersion).values(scale="hl3"), delete(SurveyVersion)):
        with pytest.raises(DBAPIError, match="never changes"), office.database.write() as writing:
            writing.execute(statement)
    with office.database.read() as reading:
        assert reading.execute(text("SELECT scale FROM survey_version")).scalars().all() == ["hl5"]


def test_a_draft_is_closed_by_publishing_and_by_dropping(office: Office) -> None:
    builders.make_survey(office)
    with office.database.write() as writing:
        first = drafts.begin(writing, name=" Một  bản ", based_on_id=1, made_by=None, now=1).id
        second = drafts.begin(writing, name="Hai", based_on_id=1, made_by=None, now=1).id
        with pytest.raises(Refused, match="says the same"):
            drafts.publish(writing, first, folder=FOLDER, by=None, now=2)
        content = {**CONTENT, "scale": "hl3"}
        drafts.amend(writing, first, name="Một", content=content, folder=FOLDER, now=2)
        drafts.publish(writing, first, folder=FOLDER, by=None, now=3)
        drafts.drop(writing, second, now=3)
        for number in (first, second):
            with pytest.raises(NotFound):
                drafts.amend(writing, number, name="X", content=content, folder=FOLDER, now=4)
            with pytest.raises(NotFound):
                drafts.publish(writing, number, folder=FOLDER, by=None, now=4)
    with office.database.read() as reading:
        assert queries.drafts(reading) == []
        assert [(each.id, each.name, each.survey.scale, each.is_shipped) for each in queries.versions(reading)] == [
            (2, "Một", "hl3", False),
            (1, "", "hl5", True),
        ]


BAD: tuple[tuple[dict[str, Any], str], ...] = (
    ({"scale": "hl9"}, "hl9"),
    ({"question": {"en": "How?"}}, "Vietnamese"),
    ({"question": {"vi": "x" * 121}}, "at most 120"),
    ({"reasons": ["slow", "slow"]}, "twice"),
    ({"reasons": ["noise"]}, "noise"),
    (
        {"reasons": [*CONTENT["reasons"], "many_agencies"]},
        "9 after 'dissatisfied'",
    ),
)


@pytest.mark.parametrize(("change", "says"), BAD)
def test_a_draft_that_no_kiosk_could_show_is_refused(sqlite_office: Office, change: dict[str, Any], says: str) -> None:
    builders.make_survey(sqlite_office)
    with sqlite_office.database.write() as writing:
        draft = drafts.begin(writing, name="Mới", based_on_id=1, made_by=None, now=1)
        with pytest.raises(BadDocument, match=says):
            drafts.amend(writing, draft.id, name="Mới", content={**CONTENT, **change}, folder=FOLDER, now=2)


CODES = ("slow", "rude", "quick", "clear", "other")
contents = st.fixed_dictionaries(
    {
        "scale": st.sampled_from(["hl3", "hl4", "hl5"]),
        "question": st.fixed_dictionaries({"vi": st.sampled_from(["A?", "B?"])}, optional={"en": st.just("C?")}),
        "reasons": st.lists(st.sampled_from(CODES), unique=True),
        "ask_comment": st.booleans(),
        "ask_reasons_when_satisfied": st.booleans(),
    }
)


@given(contents, contents)
@settings(max_examples=50)
def test_two_surveys_differ_exactly_when_a_difference_is_shown(one: dict[str, Any], other: dict[str, Any]) -> None:
    before, after = (codec.decode(Survey, {**each, "id": ""}) for each in (one, other))
    found = changes(before, after)
    assert bool(found) == (before != after)
    gone = {each.before for each in found if each.part == "reason_gone"}
    added = {each.after for each in found if each.part == "reason_added"}
    assert (set(before.reasons) - gone) | added == set(after.reasons)
