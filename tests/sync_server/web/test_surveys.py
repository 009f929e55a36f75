"""The pages of surveys, where they are asked, rounds, and settings of kiosks from afar."""

import html
from typing import Any

import pytest
from sqlalchemy import select

from survey import resources
from survey.questionnaire import FACES, read_reasons
from sync_server.models.history import KioskMove
from sync_server.models.kiosk import Kiosk
from sync_server.models.people import AuditEntry
from sync_server.models.survey import SurveyAssignment, SurveyDraft, SurveyRound
from sync_server.shown import read_shown
from sync_server.web import preview
from sync_server.web.remote_forms import messages_as_text, messages_in, slogans_as_text, slogans_in
from tests.sync_server import builders
from tests.sync_server.web.conftest import Person, Town
from tests.sync_server.web.test_organisation import rows
from tests.together import drawings_as_svg

REASONS = read_reasons(resources.config() / "reasons.toml")


def form(**changes: object) -> dict[str, object]:
    """A valid form of a draft."""
    return {
        "name": "Khảo sát ba mức",
        "question_vi": "Ông/Bà thấy thế nào?",
        "question_en": "How was it?",
        "scale": "hl3",
        "reason": ["slow", "rude", "quick"],
        "place-rude": "1",
        "place-slow": "2",
        "ask_comment": "y",
        **changes,
    }


def begun(person: Person) -> str:
    """The address of a new draft."""
    answer = person.send("/surveys/drafts", name="Mới", based_on=1)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def published(person: Person) -> str:
    """Publish a draft; where the browser is sent."""
    draft = begun(person)
    person.send(draft, **form())
    return str(person.send(f"{draft}/publish").location)


def test_a_survey_goes_from_a_draft_to_a_kiosk(town: Town) -> None:
    staff = town.as_("town_staff")
    draft = begun(staff)
    assert staff.send(draft, **form()).location == f"{draft}/preview"
    shown = html.unescape(staff.get(f"{draft}/preview").text)
    assert "Ông/Bà thấy thế nào?" in shown
    assert "Ông/Bà muốn nói thêm điều gì?" in shown
    compared = html.unescape(staff.get(f"{draft}/publish").text)
    assert "Khác gì so với Bộ câu hỏi mẫu (bản 1)" in compared
    assert "Rất hài lòng · Hài lòng · Không hài lòng" in compared
    assert staff.send(f"{draft}/publish").location == "/surveys/assignments/new?survey=2"
    assert staff.get(draft).status_code == 404
    given = {"survey": 2, "unit": town.moc_bac.id, "first": "2026-03-02", "last": "2026-03-31"}
    assert staff.send("/surveys/assignments/new", **given).status_code == 303
    setup = town.app.test_client().get("/api/v1/setup", headers=builders.bearer(town.key)).get_json()
    assert setup["survey"]["id"] == "q2"
    assert setup["survey"]["reasons"] == ["rude", "slow", "quick"]
    assert [level["face"] for level in setup["scale"]["levels"]] == ["sad", "happy", "very_happy"]
    assert setup["survey"]["ask_reasons_when_satisfied"] is False
    acts = [entry.act for entry in rows(town, AuditEntry)]
    assert acts == ["survey draft begun", "survey draft changed", "survey published", "survey assigned"]


@pytest.mark.parametrize(
    "changes",
    [
        {"question_vi": " "},
        {"question_vi": "x" * 121},
        {"scale": "hl9"},
        {"scale": ""},
        {"name": ""},
        {"reason": [code for code, reason in REASONS.items() if "dissatisfied" in reason.after]},
    ],
)
def test_a_draft_that_no_kiosk_could_show_is_not_saved(town: Town, changes: dict[str, Any]) -> None:
    staff = town.as_("town_staff")
    draft = begun(staff)
    before = rows(town, SurveyDraft)[0].content
    assert staff.send(draft, **form(**changes)).status_code == 422
    assert rows(town, SurveyDraft)[0].content == before


def test_what_says_the_same_is_not_published_and_unknown_reasons_are_left_out(town: Town) -> None:
    staff = town.as_("town_staff")
    draft = begun(staff)
    assert staff.send(f"{draft}/publish").status_code == 422
    staff.send(draft, **form(reason=["slow", "<b>", "noise"]))
    assert rows(town, SurveyDraft)[0].content["reasons"] == ["slow"]


def test_a_dropped_draft_is_gone_and_a_head_may_look_only(town: Town) -> None:
    staff = town.as_("town_staff")
    draft = begun(staff)
    alice = town.as_("alice")
    assert alice.get(f"{draft}/preview").status_code == 200
    assert "Bản nháp" not in html.unescape(alice.get("/surveys").text)
    assert staff.send(f"{draft}/drop").status_code == 303
    assert staff.get(draft).status_code == 404
    assert alice.get(f"{draft}/preview").status_code == 404


def test_a_published_survey_can_be_read_for_ever(town: Town) -> None:
    staff = town.as_("town_staff")
    published(staff)
    for number, question in ((1, "cách phục vụ của cán bộ"), (2, "thấy thế nào")):
        text = html.unescape(staff.get(f"/surveys/versions/{number}").text)
        assert question in text
        assert "Nghị định 118/2025/NĐ-CP" in text
    assert staff.get("/surveys/versions/3").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"first": "2026-03-01"},
        {"first": ""},
        {"first": "2026-03-10", "last": "2026-03-09"},
        {"survey": 99},
        {"unit": 99},
    ],
)
def test_an_assignment_that_makes_no_sense_is_told(town: Town, changes: dict[str, object]) -> None:
    given = {"survey": 1, "unit": town.moc_bac.id, "first": "2026-03-02", **changes}
    assert town.as_("town_staff").send("/surveys/assignments/new", **given).status_code == 422
    assert rows(town, SurveyAssignment) == []


def test_an_assignment_is_ended_or_taken_back(town: Town) -> None:
    staff = town.as_("town_staff")
    for first in ("2026-03-02", "2026-04-01"):
        staff.send("/surveys/assignments/new", survey=1, unit=town.moc_bac.id, first=first)
    for assignment in rows(town, SurveyAssignment):
        assert staff.send(f"/surveys/assignments/{assignment.id}/end").status_code == 303
    (kept,) = rows(town, SurveyAssignment)
    assert kept.until_day == town.office.day(town.office.now()) + 1
    assert staff.send("/surveys/assignments/99/end").status_code == 404


def round_form(town: Town, **changes: object) -> dict[str, object]:
    """A valid form of a round."""
    given = {"name": "Trước triển khai", "kind": "baseline", "unit": town.moc_bac.id, "first": "2026-03-01"}
    return {**given, "last": "2026-03-31", "owner": town.staff["alice"].id, **changes}


def test_a_round_is_opened_and_its_end_moved(town: Town) -> None:
    staff = town.as_("town_staff")
    assert staff.send("/rounds/new", **round_form(town)).status_code == 303
    assert "Trước triển khai" in html.unescape(town.as_("observer").get("/rounds").text)
    assert "đã có đợt khác" in html.unescape(staff.send("/rounds/new", **round_form(town, last="")).text)
    (made,) = rows(town, SurveyRound)
    assert staff.send(f"/rounds/{made.id}", **round_form(town, last="2026-04-15", name="Dài hơn")).status_code == 303
    assert staff.send(f"/rounds/{made.id}", **round_form(town, first="2026-02-01")).status_code == 422
    (made,) = rows(town, SurveyRound)
    assert (made.name, made.owner_id, made.until_day - made.first_day) == ("Dài hơn", town.staff["alice"].id, 46)


@pytest.mark.parametrize(
    "changes", [{"kind": "secret"}, {"unit": 99}, {"owner": 99}, {"first": ""}, {"last": "2026-02-01"}, {"name": " "}]
)
def test_a_round_that_makes_no_sense_is_told(town: Town, changes: dict[str, object]) -> None:
    assert town.as_("town_staff").send("/rounds/new", **round_form(town, **changes)).status_code == 422
    assert rows(town, SurveyRound) == []


def test_the_preview_has_the_kiosks_own_faces_and_icons(town: Town) -> None:
    templates = town.app.jinja_env
    drawn = templates.get_template("surveys/_drawings.html").module
    for kind in FACES:
        told = str(drawn.kiosk_face(kind))  # type: ignore[attr-defined]
        assert all(shape in told for shape in drawings_as_svg.face(kind)), kind
    for icon in {reason.icon for reason in REASONS.values()} | {"back", "check", "person", "globe", "touch", "undo"}:
        told = str(drawn.kiosk_icon(icon))  # type: ignore[attr-defined]
        assert all(shape in told for shape in drawings_as_svg.icon(icon)), icon


def test_the_preview_speaks_with_the_kiosks_words(town: Town) -> None:
    import re

    source = " ".join(
        (resources.assets().parent / "sync_server" / "templates" / name).read_text(encoding="utf-8")
        for name in ("surveys/_screens.html", "organisation/texts.html")
    )
    said = set(re.findall(r'say\("([^"]+)"\)', source))
    assert len(said) > 10
    assert [sentence for sentence in said if preview.say(sentence, "en") == sentence] == []
    staff = town.as_("town_staff")
    text = html.unescape(staff.get("/surveys/versions/1?language=en").text)
    assert "How satisfied are you with the officer's service?" in text
    assert "What was not good?" in text


def setup_of(town: Town) -> dict[str, Any]:
    """What the kiosk of Mộc Bắc is told."""
    answer: dict[str, Any] = town.app.test_client().get("/api/v1/setup", headers=builders.bearer(town.key)).get_json()
    return answer


def test_settings_go_from_the_town_to_the_commune_to_the_kiosk(town: Town) -> None:
    staff, alice = town.as_("town_staff"), town.as_("alice")
    staff.send(f"/organisation/units/{town.town.id}/behaviour", idle_timeout_s=60, thanks_s=8, languages="vi")
    alice.send(f"/organisation/units/{town.moc_bac.id}/behaviour", thanks_s=9)
    found = setup_of(town)
    assert (found["behaviour"]["idle_timeout_s"], found["behaviour"]["thanks_s"], found["languages"]) == (60, 9, ["vi"])
    answer = alice.send(
        f"/kiosks/{town.kiosk.id}/settings",
        name="Máy cửa chính",
        counter=0,
        thanks_s=12,
        languages="vi,en",
        show_photos="no",
        hotline="0226 1111",
        home_visits="y",
    )
    assert answer.status_code == 303
    found = setup_of(town)
    assert (found["behaviour"]["thanks_s"], found["languages"], found["hotline"]) == (12, ["vi", "en"], "0226 1111")
    assert (found["behaviour"]["show_photos"], found["behaviour"]["home_visits"]) == (False, True)
    assert found["counter"] is None
    (move,) = rows(town, KioskMove)
    assert (move.from_counter_id, move.from_unit_id) == (town.counter.id, town.moc_bac.id)
    alice.send(f"/kiosks/{town.kiosk.id}/settings", name="Máy cửa chính", counter=town.counter.id)
    found = setup_of(town)
    assert (found["behaviour"]["thanks_s"], found["behaviour"]["home_visits"]) == (9, False)
    assert found["counter"]["id"] == f"c{town.counter.id}"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"thanks_s": 1},
        {"thanks_s": "lâu"},
        {"idle_timeout_s": 20, "idle_warning_s": 20},
        {"counter": 4711},
        {"hotline": "0" * 51},
    ],
)
def test_settings_that_would_spoil_a_kiosk_are_told(town: Town, changes: dict[str, object]) -> None:
    given = {"name": "Máy", "counter": 0, **changes}
    assert town.as_("town_staff").send(f"/kiosks/{town.kiosk.id}/settings", **given).status_code == 422
    assert rows(town, Kiosk, Kiosk.id == town.kiosk.id)[0].settings == {}


def test_a_head_sets_nothing_on_the_kiosk_of_another_commune(town: Town) -> None:
    address = f"/kiosks/{town.other_kiosk.id}/settings"
    assert town.as_("alice").get(address).status_code == 404
    assert town.as_("alice").send(address, name="Của tôi", counter=0).status_code == 404


SLOGANS = "4 xin\r\nXin chào\r\nXin lỗi\r\n\r\n4 luôn\nLuôn mỉm cười"


def test_slogans_and_messages_reach_the_kiosk(town: Town) -> None:
    alice = town.as_("alice")
    address = f"/organisation/units/{town.moc_bac.id}/texts"
    assert "«5 biết»" in html.unescape(alice.get(address).text)
    answer = alice.send(address, slogans=SLOGANS, idle_messages="Kính chào Ông/Bà | Welcome\n\nXin mời")
    assert answer.status_code == 303
    found = setup_of(town)
    assert found["slogans"] == [
        {"title": "4 xin", "lines": ["Xin chào", "Xin lỗi"]},
        {"title": "4 luôn", "lines": ["Luôn mỉm cười"]},
    ]
    assert found["idle_messages"] == [{"vi": "Kính chào Ông/Bà", "en": "Welcome"}, {"vi": "Xin mời"}]
    shown = html.unescape(alice.get(address).text)
    assert "«4 luôn»" in shown
    assert "«5 biết»" not in shown
    alice.send(address, slogans=" ", idle_messages="")
    assert [slogan["title"] for slogan in setup_of(town)["slogans"]] == ["5 biết", "3 thể hiện"]


@pytest.mark.parametrize(
    "texts",
    [
        {"slogans": "Chỉ có tên"},
        {"slogans": "\n\n".join(f"Tên {n}\nDòng" for n in range(7))},
        {"slogans": "Tên\n" + "x" * 91},
        {"idle_messages": "| only English"},
        {"idle_messages": "x" * 161},
    ],
)
def test_texts_that_no_screen_holds_are_told(town: Town, texts: dict[str, str]) -> None:
    address = f"/organisation/units/{town.moc_bac.id}/texts"
    assert town.as_("alice").send(address, **texts).status_code == 422
    assert setup_of(town)["slogans"][0]["title"] == "5 biết"


def test_texts_read_back_as_they_were_written() -> None:
    slogans, messages = slogans_in(SLOGANS), messages_in("A | B\nC")
    shown = read_shown({"slogans": slogans, "idle_messages": messages})
    assert slogans_in(slogans_as_text(shown.slogans or ())) == slogans
    assert messages_in(messages_as_text(shown.idle_messages or ())) == messages


def test_what_is_written_in_a_draft_is_text_on_every_page(town: Town) -> None:
    staff, evil = town.as_("town_staff"), "<script>alert(1)</script>"
    draft = begun(staff)
    staff.send(draft, **form(name=evil, question_vi=evil, question_en=evil))
    for path in (draft, f"{draft}/preview", f"{draft}/publish", "/surveys"):
        assert evil not in staff.get(path).text
    with town.office.database.read() as reading:
        assert reading.scalars(select(SurveyDraft.name)).all() == [evil]
