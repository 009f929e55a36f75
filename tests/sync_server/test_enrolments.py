"""A kiosk joins by a code, once and in time; strangers do not."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey.ticket import read_scan
from sync_server.app import create_app
from sync_server.errors import BadCode, NotFound, Refused, TooManyTries
from sync_server.models.kiosk import EnrolmentCode, Kiosk
from sync_server.office import Office
from sync_server.seals import key_hash
from sync_server.services import enrolment
from tests.sync_server import builders
from tests.sync_server.conftest import SetClock

DEVICE = {"name": "pi-1", "hardware": "Raspberry Pi 4", "os": "Debian 12", "app_version": "1.0.0"}


def make_code(office: Office, **changes: Any) -> str:
    given = {"unit_id": changes.pop("unit_id", None) or builders.make_unit(office).id, "name": "Máy 1", **changes}
    with office.database.write() as session:
        return enrolment.make_code(session, office.seals, now=office.now(), minutes=15, **given)


def join(client: FlaskClient, code: str, **changes: Any) -> TestResponse:
    return client.post("/api/v1/enrolments", json={"code": code, "device": DEVICE, **changes})


def test_a_kiosk_joins_by_its_code_and_its_key_opens_the_setup(office: Office, client: FlaskClient) -> None:
    counter = builders.make_counter(office)
    builders.make_survey(office)
    code = make_code(office, unit_id=counter.unit_id, counter_id=counter.id)
    reply = join(client, code)
    assert reply.status_code == 201
    joined = reply.get_json()
    assert sorted(joined) == ["carry_key", "counter_id", "key", "kiosk_id", "unit_id"]
    assert (joined["unit_id"], joined["counter_id"]) == (f"u{counter.unit_id}", f"c{counter.id}")
    assert reply.headers["Cache-Control"] == "no-store"
    assert client.get("/api/v1/setup", headers=builders.bearer(joined["key"])).status_code == 200


def test_neither_key_nor_code_nor_carry_key_is_kept_in_the_clear(office: Office, client: FlaskClient) -> None:
    code = make_code(office)
    joined = join(client, code).get_json()
    with office.database.read() as session:
        kiosk, used = session.scalars(select(Kiosk)).one(), session.scalars(select(EnrolmentCode)).one()
    assert kiosk.key_hash == key_hash(joined["key"])
    assert joined["carry_key"].encode() not in kiosk.carry_key_sealed
    assert office.seals.open(kiosk.carry_key_sealed) == joined["carry_key"].encode()
    assert code.encode() not in used.code_hash
    assert used.code_hash != key_hash(code)  # 40 bits are few: a stolen table must not tell a fresh code
    assert kiosk.device == DEVICE


def test_a_code_works_once(office: Office, client: FlaskClient) -> None:
    code = make_code(office)
    assert join(client, code).status_code == 201
    again = join(client, code)
    assert (again.status_code, again.get_json()["code"]) == (403, "bad_code")


def test_a_code_works_until_its_last_millisecond_and_not_after(
    office: Office, client: FlaskClient, clock: SetClock
) -> None:
    code, late = make_code(office), make_code(office)
    clock.advance(minutes=15, ms=-1)
    assert join(client, code).status_code == 201
    clock.advance(ms=1)
    assert join(client, late).get_json()["code"] == "bad_code"


def test_a_code_is_read_as_people_type_it(office: Office, client: FlaskClient) -> None:
    code = make_code(office, choose=_fixed("01ABCDEF"))
    assert join(client, " oi-ab cd-ef ").status_code == 201
    assert code == "01ABCDEF"


def _fixed(code: str) -> enrolment.Choose:
    letters = iter(code)
    return lambda _alphabet: next(letters)


def test_a_code_has_eight_readable_characters(office: Office) -> None:
    code = make_code(office)
    assert len(code) == 8
    assert set(code) <= set(enrolment.ALPHABET)
    assert not set("ILOU") & set(enrolment.ALPHABET)


def test_of_two_kiosks_with_the_same_code_one_joins(office: Office) -> None:
    code, outcomes = make_code(office), []

    def try_to_join() -> None:
        try:
            with office.database.write() as session:
                enrolment.enrol(session, office.seals, code=code, device={}, address="::1", now=office.now())
            outcomes.append("joined")
        except BadCode:
            outcomes.append("refused")

    threads = [threading.Thread(target=try_to_join) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["joined"] + ["refused"] * 5
    with office.database.read() as session:
        assert len(session.scalars(select(Kiosk)).all()) == 1


def test_who_guesses_codes_must_wait_even_with_the_right_one(
    office: Office, client: FlaskClient, clock: SetClock
) -> None:
    for _ in range(enrolment.TRIES_MAX):
        assert join(client, "WRONG000").status_code == 403
        clock.advance(s=10)
    code = make_code(office)
    refused = join(client, code)
    assert (refused.status_code, refused.get_json()["code"]) == (429, "too_many_requests")
    wait_s = int(refused.headers["Retry-After"])
    assert wait_s == 15 * 60 - 100
    clock.advance(s=wait_s)
    assert join(client, make_code(office)).status_code == 201


def test_one_who_guesses_keeps_nobody_else_out(office: Office, client: FlaskClient) -> None:
    for _ in range(enrolment.TRIES_MAX + 1):
        join(client, "WRONG000")
    reply = client.post(
        "/api/v1/enrolments",
        json={"code": make_code(office), "device": DEVICE},
        environ_base={"REMOTE_ADDR": "10.0.0.9"},
    )
    assert reply.status_code == 201


@pytest.mark.parametrize(("proxies", "answer"), [(0, 429), (1, 201)])
def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(
    sqlite_office: Office, proxies: int, answer: int
) -> None:
    behind = replace(sqlite_office, settings=replace(sqlite_office.settings, trusted_proxies=proxies))
    client = create_app(behind).test_client()
    body = {"code": "WRONG000", "device": DEVICE}
    for _ in range(enrolment.TRIES_MAX):
        client.post("/api/v1/enrolments", json=body, headers={"X-Forwarded-For": "10.0.0.1"})
    code = make_code(sqlite_office)
    reply = client.post("/api/v1/enrolments", json={"code": code}, headers={"X-Forwarded-For": "10.0.0.2"})
    assert reply.status_code == answer


def test_waiting_is_told_by_the_service_too(office: Office) -> None:
    with office.database.write() as session:
        for _ in range(enrolment.TRIES_MAX):
            enrolment.note_wrong_code(session, "10.0.0.1", now=office.now())
    code = make_code(office)
    with office.database.write() as session, pytest.raises(TooManyTries, match="wait 900 seconds"):
        enrolment.enrol(session, office.seals, code=code, device={}, address="10.0.0.1", now=office.now())


def test_a_retired_kiosk_is_told_so_and_an_unknown_key_is_bad(office: Office, client: FlaskClient) -> None:
    builders.make_survey(office)
    kiosk, key = builders.make_kiosk(office)
    with office.database.write() as session:
        enrolment.retire(session, kiosk.id, now=office.now())
        enrolment.retire(session, kiosk.id, now=office.now() + 5)
    with office.database.read() as session:
        assert session.get_one(Kiosk, kiosk.id).retired_at == office.now()
    told = [
        client.get("/api/v1/setup", headers=headers)
        for headers in (builders.bearer(key), builders.bearer(key + "x"), {}, {"Authorization": key})
    ]
    assert [(reply.status_code, reply.get_json()["code"]) for reply in told] == [
        (401, "kiosk_retired"),
        (401, "bad_key"),
        (401, "bad_key"),
        (401, "bad_key"),
    ]
    assert all(reply.headers["WWW-Authenticate"].startswith("Bearer") for reply in told)


def test_a_code_is_not_made_for_what_is_not_there(office: Office) -> None:
    counter, other = builders.make_counter(office), builders.make_unit(office)
    with pytest.raises(NotFound, match="no unit 9999"):
        make_code(office, unit_id=9999)
    with pytest.raises(NotFound, match="no counter 9999"):
        make_code(office, counter_id=9999)
    with pytest.raises(Refused, match=f"counter {counter.id} .* is not of unit {other.id}"):
        make_code(office, unit_id=other.id, counter_id=counter.id)
    with pytest.raises(Refused, match="needs a name"):
        make_code(office, name="  ")


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, "bad_json"),
        (b"\xff\xfe", {}, 400, "bad_json"),
        (b'{"code": "\xff"}', {}, 400, "bad_encoding"),
        (b"[" * 10_000, {}, 422, "bad_request"),
        (b'{"x": ' + b"[" * 10_000, {}, 400, "bad_json"),
        (b"[]", {}, 422, "bad_request"),
        (b"{}", {}, 422, "bad_request"),
        (b'{"code": 12345678}', {}, 422, "bad_request"),
        (b'{"code": ""}', {}, 422, "bad_request"),
        (b'{"code": "' + b"A" * 41 + b'"}', {}, 422, "bad_request"),
        (b'{"code": "A", "device": {"os": ["x"]}}', {}, 422, "bad_request"),
        (b'{"code": "' + b"A" * 20_000 + b'"}', {}, 413, "batch_too_large"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported_media"),
        (b"{}", {"Content-Encoding": "br"}, 415, "unsupported_media"),
        (b"{}", {"Content-Encoding": "gzip"}, 400, "bad_encoding"),
    ],
)
def test_what_is_no_enrolment_is_told_what_is_wrong_and_leaves_nothing(
    client: FlaskClient, office: Office, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    reply = client.post("/api/v1/enrolments", data=body, headers={"Content-Type": "application/json", **headers})
    assert (reply.status_code, reply.get_json()["code"]) == (status, code)
    assert reply.mimetype == "application/problem+json"
    with office.database.read() as session:
        assert session.scalars(select(Kiosk)).all() == []


def test_the_invitation_is_what_a_kiosk_scans(office: Office) -> None:
    text = enrolment.invitation("https://nucuoi.example", "ABCD1234")
    scanned = read_scan(text, "x")
    assert (scanned.url, scanned.code) == ("https://nucuoi.example", "ABCD1234")  # type: ignore[union-attr]
    assert text == '{"nucuoi":1,"url":"https://nucuoi.example","code":"ABCD1234"}'
