"""What a kiosk is told to show, and that it is told only when something changed."""

import gzip
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey import codec
from survey.setup import Duty, Setup, Slogan
from sync_server.errors import Refused
from sync_server.models.organisation import Unit
from sync_server.office import Office
from sync_server.services import organisation
from tests.builders import START, written
from tests.sync_server import builders
from tests.sync_server.conftest import SetClock

JPEG = b"\xff\xd8\xff\xe0 a photo"
PNG = b"\x89PNG\r\n\x1a\n a photo"


def ask(client: FlaskClient, key: str, path: str = "/api/v1/setup", **headers: str) -> TestResponse:
    return client.get(path, headers={**builders.bearer(key), **headers})


def shown(client: FlaskClient, key: str) -> Setup:
    reply = ask(client, key)
    assert reply.status_code == 200, reply.get_data(as_text=True)
    return codec.decode(Setup, reply.get_json(), strict=True)


def change(office: Office, act: Any, *args: Any, **given: Any) -> Any:
    with office.database.write() as session:
        return act(session, *args, **given)


@pytest.fixture(autouse=True)
def _survey(office: Office) -> None:
    builders.make_survey(office)


def test_a_kiosk_gets_all_that_its_unit_shows(office: Office, client: FlaskClient) -> None:
    counter = builders.make_counter(office)
    birth, copy = builders.make_service(office), builders.make_service(office, name="Chứng thực", name_en="Copies")
    officer = builders.make_officer(office, counter=counter, services=(copy, birth), title="Công chức")
    builders.make_officer(office)  # of another unit
    _, key = builders.make_kiosk(office, counter=counter)
    setup = shown(client, key)
    assert setup.unit.id == f"u{counter.unit_id}"
    assert setup.counter is not None
    assert setup.counter.name == counter.name
    assert [(each.id, each.title) for each in setup.officers] == [(f"o{officer.id}", "Công chức")]
    assert setup.officers[0].services == (f"s{copy.id}", f"s{birth.id}")  # the declared one first
    assert setup.duty == (Duty(counter_id=f"c{counter.id}", officer_id=f"o{officer.id}", since=written(START)),)
    assert [dict(each.name) for each in setup.services] == [
        {"vi": "Đăng ký khai sinh"},
        {"vi": "Chứng thực", "en": "Copies"},
    ]
    assert setup.survey.id == "q1"
    assert setup.scale.id == setup.survey.scale == "hl5"
    assert tuple(reason.code for reason in setup.reasons) == setup.survey.reasons
    assert setup.hotline == "0226 3830 000"
    assert not setup.demo


def test_the_slogans_are_those_of_the_plan(office: Office, client: FlaskClient) -> None:
    _, key = builders.make_kiosk(office)
    assert shown(client, key).slogans == (
        Slogan(
            title="5 biết",
            lines=("Biết nghe dân nói", "Biết nói dân hiểu", "Biết làm dân tin", "Biết xin lỗi", "Biết cảm ơn"),
        ),
        Slogan(
            title="3 thể hiện",
            lines=(
                "Tôn trọng: trong quan hệ giao tiếp",
                "Văn minh: lịch sự, văn hóa trong giao tiếp, giải quyết công việc",
                "Gần gũi: trong quan hệ, giải quyết công việc nhanh chóng",
            ),
        ),
    )


def test_an_unchanged_setup_is_not_sent_again(office: Office, client: FlaskClient, clock: SetClock) -> None:
    unit = builders.make_unit(office)
    _, key = builders.make_kiosk(office, unit)
    etag = ask(client, key).headers["ETag"]
    clock.advance(hours=2)
    again = ask(client, key, **{"If-None-Match": etag})
    assert (again.status_code, again.get_data(), again.headers["ETag"]) == (304, b"", etag)
    builders.make_officer(office, unit)
    changed = ask(client, key, **{"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


def test_a_setup_goes_packed_to_who_takes_that_and_is_known_by_the_same_tag(
    office: Office, client: FlaskClient
) -> None:
    _, key = builders.make_kiosk(office)
    plain, packed = ask(client, key), ask(client, key, **{"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert len(packed.get_data()) < len(plain.get_data()) / 2
    assert packed.headers["ETag"] == plain.headers["ETag"]
    known = ask(client, key, **{"Accept-Encoding": "gzip", "If-None-Match": plain.headers["ETag"]})
    assert (known.status_code, known.get_data()) == (304, b"")


def test_who_left_duty_is_no_longer_at_the_counter(office: Office, client: FlaskClient, clock: SetClock) -> None:
    counter = builders.make_counter(office)
    first = builders.make_officer(office, counter=counter)
    _, key = builders.make_kiosk(office, counter=counter)
    clock.advance(hours=1)
    second = builders.make_officer(office, counter=counter)
    assert [duty.officer_id for duty in shown(client, key).duty] == [f"o{second.id}"]
    change(office, organisation.leave_duty, counter_id=counter.id, now=clock.at)
    assert shown(client, key).duty == ()
    assert len(shown(client, key).officers) == 2
    change(office, organisation.take_duty, counter_id=counter.id, officer_id=first.id, now=clock.at)
    change(office, organisation.take_duty, counter_id=counter.id, officer_id=first.id, now=clock.at + 1)
    assert [duty.since for duty in shown(client, key).duty] == [written(clock.at)]


def test_an_officer_moves_to_one_counter_only(office: Office, client: FlaskClient, clock: SetClock) -> None:
    counter = builders.make_counter(office)
    officer = builders.make_officer(office, counter=counter)
    with office.database.read() as session:
        unit = session.get_one(Unit, counter.unit_id)
    other = builders.make_counter(office, unit, name="Quầy 2")
    change(office, organisation.take_duty, counter_id=other.id, officer_id=officer.id, now=clock.at)
    _, key = builders.make_kiosk(office, unit)
    assert [duty.counter_id for duty in shown(client, key).duty] == [f"c{other.id}"]


def test_officers_are_shown_within_their_days_of_effect(office: Office, client: FlaskClient, clock: SetClock) -> None:
    unit = builders.make_unit(office)
    today = office.day(clock.at)
    builders.make_officer(office, unit, name="Người cũ", valid_until=today)
    builders.make_officer(office, unit, name="Người mới", valid_from=today + 1)
    builders.make_officer(office, unit, name="Đang làm", valid_from=today, valid_until=today + 1)
    _, key = builders.make_kiosk(office, unit)
    assert [officer.name for officer in shown(client, key).officers] == ["Đang làm"]
    clock.advance(days=1)
    assert [officer.name for officer in shown(client, key).officers] == ["Người mới"]


def test_a_commune_takes_over_what_its_town_has_set(office: Office, client: FlaskClient) -> None:
    town = builders.make_unit(
        office, kind="town", hotline="1900 0000", settings={"idle_timeout_s": 45, "thanks_s": 7}, is_demo=True
    )
    commune = builders.make_unit(office, parent_id=town.id, hotline="", settings={"thanks_s": 9})
    _, key = builders.make_kiosk(office, commune)
    setup = shown(client, key)
    assert (setup.behaviour.idle_timeout_s, setup.behaviour.thanks_s, setup.behaviour.misclick_s) == (45, 9, 5)
    assert setup.hotline == "1900 0000"
    assert setup.demo
    assert setup.staff_pin is None
    change(office, organisation.set_staff_pin, town.id, "2468")
    assert (shown(client, key).staff_pin or "").startswith("pbkdf2_sha256$")


def test_wrong_behaviour_is_refused_with_all_its_faults(office: Office) -> None:
    unit = builders.make_unit(office)
    with pytest.raises(Refused, match=r"idle_timeout: no such key; did you mean 'idle_timeout_s'.*thanks_s: must be"):
        change(office, organisation.set_behaviour, unit.id, {"idle_timeout": 3, "thanks_s": "lâu"})


def test_a_photo_is_shown_to_kiosks_of_the_same_unit_only(office: Office, client: FlaskClient) -> None:
    unit = builders.make_unit(office)
    officer = builders.make_officer(office, unit, photo=PNG)
    plain = builders.make_officer(office, unit, name="Ẩn danh")
    _, key = builders.make_kiosk(office, unit)
    _, foreign = builders.make_kiosk(office)
    path = next(each.photo for each in shown(client, key).officers if each.id == f"o{officer.id}")
    assert path is not None
    reply = ask(client, key, path)
    assert (reply.status_code, reply.mimetype, reply.get_data()) == (200, "image/png", PNG)
    assert ask(client, key, path, **{"If-None-Match": reply.headers["ETag"]}).status_code == 304
    for asked in (ask(client, foreign, path), ask(client, key, f"/api/v1/photos/o{plain.id}")):
        assert (asked.status_code, asked.get_json()["code"]) == (404, "not_found")
    assert client.get(path).get_json()["code"] == "bad_key"
    assert ask(client, key, "/api/v1/photos/17").status_code == 404


def test_a_new_photo_has_a_new_address_and_may_be_hidden(office: Office, client: FlaskClient) -> None:
    unit = builders.make_unit(office)
    officer = builders.make_officer(office, unit, photo=PNG)
    _, key = builders.make_kiosk(office, unit)
    before = shown(client, key).officers[0].photo
    change(office, organisation.set_photo, officer.id, JPEG)
    after = shown(client, key).officers[0].photo
    assert after not in (None, before)
    change(office, organisation.set_behaviour, unit.id, {"show_photos": False})
    assert shown(client, key).officers[0].photo is None
    assert ask(client, key, str(after)).status_code == 404


@pytest.mark.parametrize("photo", [b"GIF89a", b"", b"\xff\xd8\xff" + b"0" * organisation.PHOTO_BYTES_MAX])
def test_a_photo_that_is_none_or_too_large_is_refused(office: Office, photo: bytes) -> None:
    with pytest.raises(Refused, match="photo"):
        builders.make_officer(office, photo=photo)


def test_the_survey_published_last_is_in_force(office: Office, client: FlaskClient) -> None:
    _, key = builders.make_kiosk(office)
    before = shown(client, key)
    builders.make_survey(office, scale="hl3", reasons=["rude"], ask_comment=True)
    after = shown(client, key)
    assert (after.survey.id, after.scale.id, [each.code for each in after.reasons]) == ("q2", "hl3", ["rude"])
    assert replace(after, survey=before.survey, scale=before.scale, reasons=before.reasons) == before
