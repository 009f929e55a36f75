"""The pages of officers and units, as the people see them who may: and nobody else."""

import re
from dataclasses import dataclass
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sync_server.models.organisation import Unit
from sync_server.office import Office
from sync_server.services import flags
from tests.sync_server.builders import PASSWORD, make_staff
from tests.sync_server.conftest import SetClock
from tests.sync_server.flags.network import HANOI, MONDAY, Network, noon

WARM = 10
TODAY = MONDAY + timedelta(weeks=WARM + 2)


@dataclass(frozen=True)
class Town:
    """A town of two communes: an officer to be looked into, one of the other commune, one without ratings."""

    unit: Unit
    communes: tuple[int, int]
    red: int
    elsewhere: int
    newcomer: int


@pytest.fixture
def town(office: Office, clock: SetClock) -> Town:
    with office.database.write() as session:
        network = Network(session, officers=6)
        network.weeks_of_honest_work(WARM)
        red = network.officers[0]
        for place in range(10):
            day = MONDAY + timedelta(weeks=WARM + place // 5, days=place % 5)
            network.rated(red, day, (1, 1, 3, 5, 5))
        newcomer = network.officer("Đỗ Thị Mới", 1)
        flags.judge_all(session, now=noon(TODAY), zone=HANOI)
        unit = session.get_one(Unit, network.town)
    clock.at = noon(TODAY)
    return Town(unit, (network.communes[1], network.communes[0]), red, network.officers[1], newcomer)


def sign_in(app: Flask, office: Office, role: str, unit_id: int | None) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    with office.database.read() as session:
        unit = session.get_one(Unit, unit_id) if unit_id else None
    person = make_staff(office, role, unit=unit)
    client = app.test_client()
    answer = client.post("/sign-in", data={"username": person.username, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


@pytest.fixture
def town_staff(app: Flask, office: Office, town: Town) -> FlaskClient:
    return sign_in(app, office, "town_staff", town.unit.id)


@pytest.fixture
def head(app: Flask, office: Office, town: Town) -> FlaskClient:
    """The head of the commune where the flagged officer works."""
    return sign_in(app, office, "head", town.communes[0])


@pytest.fixture
def other_head(app: Flask, office: Office, town: Town) -> FlaskClient:
    return sign_in(app, office, "head", town.communes[1])


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text))


def test_a_flagged_officer_is_to_be_looked_into_with_counts_and_the_sentence(
    town: Town, town_staff: FlaskClient
) -> None:
    text = text_of(town_staff, "/officers")
    assert "cần xem xét" in text
    assert re.search(r"\d+ trên \d+ \(dự kiến \d+,\d\)", text)
    assert re.search(r"khoảng tin cậy 95 %: \d+,\d–\d+,\d %", text)
    assert "khoảng 20 năm làm việc mới gặp một lần" in text
    assert "kém" not in text


def test_the_list_goes_by_unit_and_given_name_and_has_no_rank(town: Town, town_staff: FlaskClient) -> None:
    text = text_of(town_staff, "/officers")
    names = re.findall(r"(Nguyễn Văn [A-F]|Đỗ Thị Mới)", text)
    assert names == [
        "Nguyễn Văn B", "Nguyễn Văn D", "Nguyễn Văn F", "Nguyễn Văn A", "Nguyễn Văn C", "Nguyễn Văn E", "Đỗ Thị Mới",
    ]  # fmt: skip
    assert "không xếp hạng" in text
    assert "trung bình" not in text.replace("trung bình khoảng 20 năm", "")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=flag", {"Nguyễn Văn A"}),
        ("name=do+thi", {"Đỗ Thị Mới"}),
        ("name=M%E1%BB%9Bi", {"Đỗ Thị Mới"}),
        ("state=insufficient", {"Đỗ Thị Mới"}),
        ("state=flag&name=B", set()),
        ("state=nonsense&unit=", {"Nguyễn Văn A", "Nguyễn Văn B", "Nguyễn Văn C", "Nguyễn Văn D", "Nguyễn Văn E",
                                  "Nguyễn Văn F", "Đỗ Thị Mới"}),
    ],
)  # fmt: skip
def test_the_list_is_filtered_by_state_and_name(town: Town, town_staff: FlaskClient, query: str, expected: set) -> None:
    assert set(re.findall(r"Nguyễn Văn [A-F]|Đỗ Thị Mới", text_of(town_staff, f"/officers?{query}"))) == expected


def test_the_list_is_filtered_by_unit(town: Town, town_staff: FlaskClient) -> None:
    text = text_of(town_staff, f"/officers?unit={town.communes[1]}")
    assert set(re.findall(r"Nguyễn Văn [A-F]", text)) == {"Nguyễn Văn B", "Nguyễn Văn D", "Nguyễn Văn F"}


def test_a_head_sees_the_officers_of_the_own_unit_only(town: Town, head: FlaskClient, other_head: FlaskClient) -> None:
    assert "Nguyễn Văn A" in text_of(head, "/officers")
    assert "Nguyễn Văn B" not in text_of(head, "/officers")
    assert "Nguyễn Văn A" not in text_of(other_head, "/officers")
    assert "Nguyễn Văn A" not in text_of(other_head, f"/officers?unit={town.unit.id}")
    assert head.get(f"/officers/{town.red}").status_code == 200
    assert other_head.get(f"/officers/{town.red}").status_code == 404
    assert other_head.get(f"/figures/units/{town.communes[0]}").status_code == 404


@pytest.mark.parametrize("role", ["clerk", "observer", "administrator"])
def test_who_has_no_business_with_officers_does_not_see_them(app: Flask, office: Office, town: Town, role: str) -> None:
    client = sign_in(app, office, role, town.unit.id)
    assert client.get("/officers").status_code == 403
    assert client.get(f"/officers/{town.red}").status_code == 403


def test_nobody_sees_officers_without_signing_in(town: Town, client: FlaskClient) -> None:
    for path in ("/officers", f"/officers/{town.red}", "/figures", f"/figures/units/{town.unit.id}"):
        assert "/sign-in" in client.get(path).headers["Location"]


def test_an_officers_page_has_the_sentence_the_plots_and_their_tables(town: Town, town_staff: FlaskClient) -> None:
    answer = town_staff.get(f"/officers/{town.red}?quarter=2025-11-30")
    text = text_of(town_staff, f"/officers/{town.red}?quarter=2025-11-30")
    assert "lượt không hài lòng" in text
    plots = re.findall(r"<svg [^>]*role=\"img\".*?</svg>", answer.text, re.S)
    assert len(plots) == 3  # between them the bars of ratings by service
    score, _, funnel = (ElementTree.fromstring(plot) for plot in plots)
    assert "Điểm bằng chứng" in score.attrib["aria-label"]
    ticks = [path for path in score.iter("path") if path.get("class") == "tick"]
    assert len(ticks) >= 30
    assert len([path for path in funnel.iter("path") if path.get("class") == "diamond"]) == 1
    assert len(list(funnel.iter("circle"))) == 5
    labels = {element.text for element in score.iter("text")}
    assert {"1.000 · cần xem xét"} <= labels
    assert "Tuần từ" in text
    assert "Rất không hài lòng" in text
    assert "quý 4/2025" in text


def test_the_plots_carry_no_script_no_style_and_no_address(town: Town, town_staff: FlaskClient) -> None:
    page = town_staff.get(f"/officers/{town.red}").text
    main = page[page.index("<main") : page.index("</main>")]
    assert "<script" not in main
    assert "<style" not in main
    assert " style=" not in main
    assert not re.search(r"(href|src)=\"(https?:)?//", page)


def test_the_history_shows_each_change_with_its_evidence(town: Town, town_staff: FlaskClient) -> None:
    text = text_of(town_staff, f"/officers/{town.red}")
    history = text[text.index("Những lần đổi tình trạng") :]
    assert history.count("Bằng chứng lúc đó") == 2
    assert "Những ngày làm nên điểm này" in history


def test_an_officer_without_ratings_has_a_page_that_says_so(town: Town, town_staff: FlaskClient) -> None:
    text = text_of(town_staff, f"/officers/{town.newcomer}")
    assert "chưa đủ dữ liệu" in text
    assert "Chưa có lượt đánh giá nào" in text


def test_no_share_is_shown_for_fewer_than_thirty_ratings(office: Office, town: Town, town_staff: FlaskClient) -> None:
    with office.database.write() as session:
        from sync_server.models.rating import Tally

        seen = session.query(Tally).first()
        session.add(Tally(officer_id=town.newcomer, day=TODAY.toordinal(), service_id=seen.service_id,
                          survey_id=seen.survey_id, unit_id=town.communes[0], source=0, n2=3, n5=7))  # fmt: skip
    text = text_of(town_staff, f"/officers/{town.newcomer}")
    assert "3 / 10" in text
    assert "30,0 %" not in text


def test_a_quarter_that_is_no_date_or_lies_ahead_gives_a_page(town: Town, town_staff: FlaskClient) -> None:
    for quarter in ("nonsense", "2999-01-01", "1990-05-05", ""):
        assert town_staff.get(f"/officers/{town.red}?quarter={quarter}").status_code == 200
        assert town_staff.get(f"/figures?quarter={quarter}").status_code == 200


def test_an_officer_who_is_not_there_is_not_found(town: Town, town_staff: FlaskClient) -> None:
    assert town_staff.get("/officers/999999").status_code == 404
    assert town_staff.get("/figures/units/999999").status_code == 404


def test_units_stand_beside_the_absolute_standard_with_their_interval(town: Town, town_staff: FlaskClient) -> None:
    text = text_of(town_staff, "/figures?quarter=2025-11-01")
    assert "ít nhất 95 %" in text
    assert "Thị xã Duy Tiên" in text
    assert "không phải chỉ số SIPAS" in text
    assert re.search(r"Thị xã Duy Tiên \S+ 9\d,\d % 9\d,\d–9\d,\d %", text)


def test_a_units_page_has_its_last_eight_quarters_and_names_nobody(town: Town, town_staff: FlaskClient) -> None:
    text = text_of(town_staff, f"/figures/units/{town.communes[0]}")
    assert len(re.findall(r"quý \d/\d{4}", text)) == 8
    assert "Nguyễn Văn" not in text[text.index("Xã số") :]


def test_the_observer_sees_units_but_no_officer(app: Flask, office: Office, town: Town) -> None:
    observer = sign_in(app, office, "observer", town.unit.id)
    assert "Xã số 1" in text_of(observer, "/figures")
    assert "/officers" not in observer.get(f"/figures/units/{town.communes[0]}").text


def test_the_pages_speak_english_too(town: Town, town_staff: FlaskClient) -> None:
    town_staff.post("/language", data={"language": "en", "next": "/officers"})
    assert "to be looked into" in text_of(town_staff, "/officers")
    assert re.search(r"\d+ of \d+ \(expected \d+\.\d\)", text_of(town_staff, f"/officers/{town.red}"))


def test_the_praise_list_names_the_clearly_better_with_their_dossier_share(
    office: Office, town: Town, town_staff: FlaskClient
) -> None:
    assert "Chưa có ai tốt hơn" in text_of(town_staff, "/officers/praise")
    with office.database.write() as session:
        from sqlalchemy import update

        from sync_server.models.followup import Signal

        session.execute(update(Signal).where(Signal.officer_id == town.elsewhere).values(log_praise=7.0))
    text = text_of(town_staff, "/officers/praise")
    assert re.findall(r"Nguyễn Văn [A-F]", text) == ["Nguyễn Văn B"]
    assert re.search(r"0 trên \d+ \(0,0 %\)", text)
    assert "không phải bảng xếp hạng" in text


def test_integrity_signs_are_shown_to_those_in_charge_of_the_unit(
    office: Office, town: Town, head: FlaskClient, other_head: FlaskClient
) -> None:
    with office.database.write() as session:
        from sync_server.models.integrity import IntegrityAlert

        day = TODAY.toordinal()
        session.add(
            IntegrityAlert(officer_id=town.red, kind="short_gaps", first_day=day, last_day=day, found=17, of_n=24,
                           chance=3e-19, raised_at=0)
        )  # fmt: skip
    text = text_of(head, "/officers/integrity")
    assert "17 trên 24 khoảng cách giữa hai lượt ngắn hơn 15 giây" in text
    assert "chưa đến 1 trên 1.000 tỷ" in text
    assert "17 trên 24" not in text_of(other_head, "/officers/integrity")


def test_what_if_replays_by_the_address_and_names_own_officers_only(
    app: Flask, office: Office, town: Town, town_staff: FlaskClient
) -> None:
    address = f"/officers/what-if?since={TODAY - timedelta(weeks=3)}&until={TODAY}"
    assert "Không cờ nào thay đổi" in text_of(town_staff, address)
    text = text_of(town_staff, f"{address}&flag_at=1e12&watch_at=1e12")
    assert re.search(r"Nguyễn Văn A Xã số 2 cần xem xét (không còn|đổi ngày)", text)
    inspector = sign_in(app, office, "inspector", town.communes[1])
    assert "Nguyễn Văn A" not in text_of(inspector, f"{address}&flag_at=1e12&watch_at=1e12")


def test_what_if_tells_all_faults_and_replays_nothing(town: Town, town_staff: FlaskClient) -> None:
    text = text_of(town_staff, "/officers/what-if?since=yesterday&flag_at=abc&tolerance=1,4")
    assert "«yesterday» không phải là ngày" in text
    assert "«abc» không phải là số" in text
    assert "Số người trong cả mạng lưới" not in text
    assert "watch_off, watch_at, flag_at" in text_of(town_staff, "/officers/what-if?since=2025-11-01&flag_at=1")


def test_a_head_cannot_try_other_numbers(town: Town, head: FlaskClient) -> None:
    assert head.get("/officers/what-if").status_code == 403
    assert "/officers/what-if" not in head.get("/officers").text
