"""What is no batch is answered 4xx with its reason, and leaves nothing behind."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey import wire
from survey.rating import Rating as Said
from sync_server.app import create_app
from sync_server.models.kiosk import Boot, BootAnchor, Epoch, Kiosk
from sync_server.models.rating import Rating, SetAside
from sync_server.office import Office
from sync_server.services import enrolment
from tests.builders import a_batch, chain
from tests.sync_server.builders import bearer
from tests.sync_server.intake.conftest import Desk, make_desk

ADDRESS = "/api/v1/batches"


def whole(desk: Desk, **changes: Any) -> dict[str, Any]:
    return {**json.loads(wire.to_json(a_batch(desk.rating()))), **changes}


def dumped(desk: Desk, **changes: Any) -> bytes:
    return json.dumps(whole(desk, **changes)).encode()


BODIES: dict[str, tuple[Callable[[Desk], bytes], int, str]] = {
    "empty": (lambda desk: b"", 400, "bad_json"),
    "half": (lambda desk: dumped(desk)[:-20], 400, "bad_json"),
    "nan": (lambda desk: dumped(desk).replace(b'"level": 5', b'"level": NaN'), 400, "bad_json"),
    "infinity": (lambda desk: dumped(desk, monotonic_ms=float("inf")), 400, "bad_json"),
    "a key twice": (lambda desk: dumped(desk).replace(b'"level": 5', b'"level": 5, "level": 1'), 400, "bad_json"),
    "a key of the head twice": (lambda desk: b'{"version": 1, ' + dumped(desk)[1:], 400, "bad_json"),
    "a key twice, compact": (
        lambda desk: wire.to_json(a_batch(desk.rating())).replace(b'"level":5', b'"level":5,"level":1'),
        400,
        "bad_json",
    ),
    "deep": (lambda desk: dumped(desk, more=1)[:-2] + b"[" * 90_000 + b"]" * 90_000 + b"}", 400, "bad_json"),
    "a number of 5,000 digits": (lambda desk: dumped(desk)[:-1] + b', "n": ' + b"9" * 5000 + b"}", 400, "bad_json"),
    "control character": (lambda desk: dumped(desk).replace(b"boot-1", b"boot\x01"), 400, "bad_json"),
    "latin-1": (lambda desk: dumped(desk).replace(b"boot-1", "ngày".encode("latin-1")), 400, "bad_encoding"),
    "utf-16": (lambda desk: dumped(desk).decode().encode("utf-16"), 400, "bad_encoding"),
    "half a surrogate": (lambda desk: dumped(desk).replace(b"boot-1", b"\\ud800"), 400, "bad_encoding"),
    "byte order mark": (lambda desk: b"\xef\xbb\xbf" + dumped(desk), 400, "bad_json"),
    "a list": (lambda desk: b"[]", 422, "bad_batch"),
    "a text": (lambda desk: b'"batch"', 422, "bad_batch"),
    "no ratings list": (lambda desk: dumped(desk, ratings={}), 422, "bad_batch"),
    "a negative clock": (lambda desk: dumped(desk, monotonic_ms=-1), 422, "bad_batch"),
    "a clock beyond all": (lambda desk: dumped(desk, monotonic_ms=10**30), 422, "bad_batch"),
    "no boot": (lambda desk: dumped(desk, boot_id=""), 422, "bad_batch"),
    "no version": (lambda desk: dumped(desk, version=None), 422, "bad_batch"),
    "version 2": (lambda desk: dumped(desk, version=2, ratings="otherwise"), 422, "unknown_version"),
    "version 0": (lambda desk: dumped(desk, version=0), 422, "unknown_version"),
    "501 ratings": (lambda desk: dumped(desk, ratings=whole(desk)["ratings"] * 501), 413, "batch_too_large"),
    "more than 1 MiB": (lambda desk: dumped(desk, more="x" * 1_100_000), 413, "batch_too_large"),
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_what_is_no_batch_is_refused_and_leaves_nothing_behind(
    client: FlaskClient, office: Office, kind: str, packed: bool
) -> None:
    desk = make_desk(office)
    make, status, code = BODIES[kind]
    body = make(desk)
    before = traces(office)
    headers = {**bearer(desk.key), **({"Content-Encoding": "gzip"} if packed else {})}
    response = client.post(
        ADDRESS, data=gzip.compress(body) if packed else body, headers=headers, content_type="application/json"
    )
    assert (response.status_code, response.get_json(force=True)["code"]) == (status, code)
    assert response.mimetype == "application/problem+json"
    assert traces(office) == before


def traces(office: Office) -> list[Any]:
    """What a batch may leave in the database."""
    with office.database.read() as session:
        counts = [
            session.scalar(select(func.count()).select_from(kind))
            for kind in (Rating, SetAside, Epoch, Boot, BootAnchor)
        ]
        return [*counts, *session.execute(select(Kiosk.stored_total, Kiosk.last_contact_at)).all()]


def test_a_truncated_gzip_is_refused_at_every_length(client: FlaskClient, office: Office) -> None:
    desk = make_desk(office)
    packed = wire.pack(a_batch(desk.rating()))
    headers = {**bearer(desk.key), "Content-Encoding": "gzip"}
    for length in range(len(packed)):
        response = client.post(ADDRESS, data=packed[:length], headers=headers, content_type="application/json")
        assert response.status_code == 400, length
    assert traces(office)[0] == 0
    assert client.post(ADDRESS, data=packed, headers=headers, content_type="application/json").status_code == 200


def test_a_gzip_bomb_is_refused(client: FlaskClient, office: Office) -> None:
    desk = make_desk(office)
    bomb = gzip.compress(b" " * 200_000_000)
    headers = {**bearer(desk.key), "Content-Encoding": "gzip"}
    response = client.post(ADDRESS, data=bomb, headers=headers, content_type="application/json")
    assert (response.status_code, response.get_json(force=True)["code"]) == (413, "batch_too_large")


def test_other_media_are_not_read(client: FlaskClient, office: Office) -> None:
    desk = make_desk(office)
    body = wire.to_json(a_batch())
    for kind, encoding in (("text/plain", ""), ("application/json", "br"), ("application/x-www-form-urlencoded", "")):
        headers = {**bearer(desk.key), **({"Content-Encoding": encoding} if encoding else {})}
        assert client.post(ADDRESS, data=body, headers=headers, content_type=kind).status_code == 415


def test_without_a_good_key_nothing_is_read(client: FlaskClient, office: Office) -> None:
    make_desk(office)
    before = traces(office)
    for headers in ({}, bearer("wrong"), {"Authorization": "Basic eDp5"}):
        response = client.post(ADDRESS, data=wire.to_json(a_batch()), headers=headers, content_type="application/json")
        assert response.status_code == 401
    assert traces(office) == before


def test_a_kiosk_that_is_retired_after_its_key_was_known_is_told_so_at_its_next_batch(
    client: FlaskClient, office: Office
) -> None:
    desk = make_desk(office)
    ratings = chain(desk.rating(), desk.rating())

    def post(rating: Said) -> TestResponse:
        body = wire.to_json(a_batch(rating))
        return client.post(ADDRESS, data=body, headers=bearer(desk.key), content_type="application/json")

    assert post(ratings[0]).status_code == 200
    with office.database.write() as session:
        enrolment.retire(session, desk.kiosk_id, now=office.now())
    told = post(ratings[1])
    assert (told.status_code, told.get_json()["code"]) == (401, "kiosk_retired")
    assert told.headers["WWW-Authenticate"].startswith("Bearer")
    assert len(desk.ratings()) == 1


def test_a_batch_over_http_is_answered_as_the_kiosk_reads_it(client: FlaskClient, office: Office) -> None:
    desk = make_desk(office)
    batch = a_batch(desk.rating(comment="Cảm ơn ạ"))
    headers = {**bearer(desk.key), "Content-Encoding": "gzip"}
    response = client.post(ADDRESS, data=wire.pack(batch), headers=headers, content_type="application/json")
    reply = wire.read_reply(response.data, batch.ratings)
    assert [receipt.verdict for receipt in reply.receipts] == ["stored"]
    assert wire.read_time(reply.received_at) is not None


@pytest.mark.parametrize("prefer", ["return=minimal", "respond-async, Return = minimal; x=1", "wait=5,return=minimal"])
def test_a_kiosk_that_prefers_it_short_gets_the_same_verdicts_without_their_ids(
    client: FlaskClient, office: Office, prefer: str
) -> None:
    desk = make_desk(office)
    stored, wrong = desk.rating(), replace(desk.rating(), level=9)
    batch = a_batch(stored, wrong)
    headers = {**bearer(desk.key), "Content-Encoding": "gzip"}
    for verdict in ("stored", "duplicate"):
        asked = {**headers, "Prefer": prefer}
        response = client.post(ADDRESS, data=wire.pack(batch), headers=asked, content_type="application/json")
        assert response.headers["Preference-Applied"] == "return=minimal"
        assert "receipts" not in response.get_json()
        short = wire.read_reply(response.data, batch.ratings)
        fates = [(receipt.verdict, receipt.code) for receipt in short.receipts]
        assert fates == [(verdict, None), ("refused", "bad_level")]
    whole = client.post(ADDRESS, data=wire.pack(batch), headers=headers, content_type="application/json")
    assert wire.read_reply(whole.data, batch.ratings).receipts == short.receipts


@pytest.mark.parametrize("prefer", ["", "return=representation", "xreturn=minimal", "return=minimalist", ";;,,"])
def test_a_kiosk_that_does_not_prefer_it_short_gets_its_receipts(
    client: FlaskClient, office: Office, prefer: str
) -> None:
    desk = make_desk(office)
    headers = {**bearer(desk.key), "Prefer": prefer}
    response = client.post(
        ADDRESS, data=wire.to_json(a_batch(desk.rating())), headers=headers, content_type="application/json"
    )
    assert "Preference-Applied" not in response.headers
    assert len(response.get_json()["receipts"]) == 1


WRONG: dict[str, list[Any]] = {
    "id": ["x", "", None, 7, "D2B1E1B0-0000-4000-8000-000000000001", "\u0000" * 36],
    "seq": [0, -1, 2**31, "1", None, 1.5],
    "prev": ["x", "AB" * 32, 7, "ab" * 31],
    "officer_id": ["o0", "o01", "", "c1", None, "o" + "9" * 30, "o1\u0000"],
    "counter_id": ["c0", "x", 7],
    "service_id": ["s0", "x", 7],
    "survey_id": ["q0", "x", None],
    "scale": ["hl9", "", None, "hl3"],
    "level": [0, 6, -1, "5", None, 5.0, True, 10**25],
    "reasons": [["x"], ["slow", "slow"], "slow", None, [7]],
    "comment": ["x" * 501, "\u0000", "a\u0007", 7],
    "language": ["", "vietnamese", "v'", None, "vi\n"],
    "dossier": ["H42", 7, {"code": 7}, {"code": "x" * 101}, {"code": "a\u0000"}, {"ticket": "x" * 3000}],
    "source": ["mail", "", None],
    "tapped_at": [
        "",
        "now",
        "2026-03-02",
        "2026-03-02T08:00:00",
        "0001-01-01T00:00:00+14:00",
        7,
        "9999-12-31T23:59:59Z",
    ],
    "boot_id": ["", "x" * 65, 'b"', "b\\", "bé", None],
    "monotonic_ms": [-1, 2**60, "1", None, 1.5],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_wrong_field_is_refused_and_its_neighbours_are_stored(
    sqlite_office: Office, field: str, value: object
) -> None:
    desk = make_desk(sqlite_office)
    good, wrong, too = (json.loads(wire.to_json(a_batch(desk.rating())))["ratings"][0] for _ in range(3))
    body = json.dumps(whole(desk, ratings=[good, {**wrong, "seq": 2, field: value}, {**too, "seq": 3}])).encode()
    reply = desk.send_body(body, at=desk.office.now() + 60_000)
    assert [receipt.verdict for receipt in reply.receipts] == ["stored", "refused", "stored"]
    assert reply.receipts[1].code in wire.RATING_CODES
    assert len(desk.set_aside()) == 1
    assert len(desk.ratings()) == 2


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(
    field=st.sampled_from(sorted(WRONG)), value=json_values, missing=st.sets(st.sampled_from(sorted(WRONG)), max_size=2)
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_in_any_field_gets_a_verdict(
    client: FlaskClient, office: Office, field: str, value: object, missing: set[str]
) -> None:
    desk = make_desk(office)
    rating = {**whole(desk)["ratings"][0], field: value}
    body = json.dumps(whole(desk, ratings=[{k: v for k, v in rating.items() if k not in missing}])).encode()
    response = client.post(ADDRESS, data=body, headers=bearer(desk.key), content_type="application/json")
    if response.status_code == 200:
        (receipt,) = response.get_json()["receipts"]
        assert receipt["verdict"] in ("stored", "refused")
        assert receipt["verdict"] == "stored" or receipt["code"] in wire.RATING_CODES
    else:
        code = response.get_json(force=True)["code"]
        # a first rating whose `prev` is null leaves open which one it follows
        assert (response.status_code, code) in ((400, "bad_json"), (400, "bad_encoding"), (422, "bad_batch"))


@given(body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode), packed=st.booleans())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_gets_4xx(noise_client: FlaskClient, key: str, body: bytes, packed: bool) -> None:
    headers = {**bearer(key), **({"Content-Encoding": "gzip"} if packed else {})}
    response = noise_client.post(ADDRESS, data=body, headers=headers, content_type="application/json")
    assert 400 <= response.status_code < 500


@pytest.fixture
def key(sqlite_office: Office) -> str:
    return make_desk(sqlite_office).key


@pytest.fixture
def noise_client(sqlite_office: Office) -> FlaskClient:
    return create_app(sqlite_office).test_client()
