"""What the client makes of every answer a network may give: the server's word, or an error that says what to do."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.client import Client, Device, Patience
from kiosk.errors import BatchRejected, EnrolmentFailed, NotWelcome, ServerAway, ServerBusy
from survey import codec
from survey.rating import Rating, chained
from survey.runs import hash_of
from survey.wire import Batch, Receipt, Reply
from tests.kiosk.builders import a_rating, a_setup
from tests.kiosk.lying_server import (
    Answer,
    LyingServer,
    a_lying_server,
    drip,
    hang_up,
    html,
    problem,
    says,
    stays_silent,
)

DEVICE = Device(name="pi", hardware="Raspberry Pi 4", os="Debian 12", app_version="0.1.0")
RATING = chained(a_rating(1), 1, "")


@pytest.fixture
def liar() -> Iterator[LyingServer]:
    with a_lying_server() as liar:
        yield liar


@pytest.fixture
def client(liar: LyingServer) -> Iterator[Client]:
    client = Client(liar.url, key="the-key", patience=Patience(connect_s=2, read_s=2, whole_s=3))
    yield client
    client.close()


def a_batch(*ratings: Rating) -> Batch:
    return Batch(sent_at="2021-03-01T08:00:00+07:00", boot_id="b", monotonic_ms=1, ratings=ratings)


def a_reply(**changes: object) -> dict[str, object]:
    receipt = Receipt(id=RATING.id, verdict="stored")
    reply = Reply(received_at="2021-03-01T08:00:00+07:00", stored_total=1, receipts=(receipt,))
    return codec.encode(reply) | changes


def test_a_batch_goes_packed_with_its_key_and_comes_back_as_receipts(liar: LyingServer, client: Client) -> None:
    liar.answer = says(200, a_reply())
    reply = client.send(a_batch(RATING))
    assert reply.receipts[0].verdict == "stored"
    (asked,) = liar.asked
    assert (asked.method, asked.path) == ("POST", "/api/v1/batches")
    assert asked.headers["Authorization"] == "Bearer the-key"
    assert asked.headers["Content-Encoding"] == "gzip"
    assert asked.headers["Prefer"] == "return=minimal"
    assert asked.document["ratings"][0]["id"] == RATING.id


def test_a_short_reply_is_as_good_as_a_whole_one(liar: LyingServer, client: Client) -> None:
    short = {"version": 1, "received_at": "2021-03-01T08:00:00+07:00", "stored_total": 1}
    liar.answer = says(200, {**short, "answers": hash_of([RATING.id]), "runs": [{"count": 1, "verdict": "stored"}]})
    (receipt,) = client.send(a_batch(RATING)).receipts
    assert (receipt.id, receipt.verdict) == (RATING.id, "stored")
    liar.answer = says(200, {**short, "answers": hash_of(["another"]), "runs": [{"count": 1, "verdict": "stored"}]})
    with pytest.raises(ServerAway):
        client.send(a_batch(RATING))


def test_a_key_of_the_netrc_file_does_not_take_the_place_of_ours(
    liar: LyingServer, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password other")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    liar.answer = says(200, a_reply())
    client.send(a_batch(RATING))
    assert liar.asked[0].headers["Authorization"] == "Bearer the-key"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (html(200), ServerAway),
        (html(302, Location="http://portal.test/login"), ServerAway),
        (html(401), ServerAway),
        (html(403), ServerAway),
        (html(404), ServerAway),
        (html(400), ServerAway),
        (html(422), ServerAway),
        (html(502), ServerAway),
        (html(511), ServerAway),
        (says(200, {"ok": True}), ServerAway),
        (says(200, []), ServerAway),
        (says(200, a_reply(receipts=[])), ServerAway),
        (says(200, a_reply(receipts=[{"id": "another", "verdict": "stored", "code": None}])), ServerAway),
        (says(200, a_reply(receipts=[{"id": RATING.id, "verdict": "perhaps", "code": None}])), ServerAway),
        (says(200, a_reply(stored_total="many")), ServerAway),
        (says(201, a_reply()), ServerAway),
        (lambda handler: handler.say(200, b"\xff\xfe{}"), ServerAway),
        (lambda handler: handler.say(200, b"[" * 100_000), ServerAway),
        (lambda handler: handler.say(200, b" " * 5_000_000), ServerAway),
        (problem(500, "internal"), ServerAway),
        (problem(422, "unknown_version"), ServerAway),
        (problem(400, "bad_encoding"), ServerAway),
        (hang_up, ServerAway),
        (problem(401, "bad_key"), NotWelcome),
        (problem(401, "kiosk_retired"), NotWelcome),
        (problem(413, "batch_too_large"), BatchRejected),
        (problem(422, "bad_batch"), BatchRejected),
        (html(413), BatchRejected),
        (problem(503, "busy", Retry_After="7"), ServerBusy),
        (problem(429, "too_many_requests"), ServerBusy),
    ],
)
def test_an_answer_to_a_batch_is_the_servers_or_an_error(
    liar: LyingServer, client: Client, answer: Answer, error: type[Exception]
) -> None:
    liar.answer = answer
    with pytest.raises(error) as failure:
        client.send(a_batch(RATING))
    assert type(failure.value) is error
    assert failure.value.words["vi"]  # type: ignore[attr-defined]


def test_who_rejected_a_batch_is_told(liar: LyingServer, client: Client) -> None:
    for answer, code in ((problem(422, "bad_batch"), "bad_batch"), (html(413), None)):
        liar.answer = answer
        with pytest.raises(BatchRejected) as failure:
            client.send(a_batch(RATING))
        assert failure.value.code == code


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("0", 1), ("-5", 1), ("999999", 3600), ("soon", 60), ("nan", 60), (None, 60)]
)
def test_the_servers_word_on_waiting_is_kept_within_reason(
    liar: LyingServer, client: Client, header: str | None, seconds: float
) -> None:
    liar.answer = problem(503, "busy", **({"Retry_After": header} if header else {}))
    with pytest.raises(ServerBusy) as failure:
        client.send(a_batch(RATING))
    assert failure.value.retry_after_s == seconds


def test_a_redirect_is_not_followed_and_the_key_stays_here(liar: LyingServer, client: Client) -> None:
    with a_lying_server() as other:
        other.answer = says(200, a_reply())
        liar.answer = html(307, Location=other.url + "/api/v1/batches")
        with pytest.raises(ServerAway, match=r"sends us to 127\.0\.0\.1"):
            client.send(a_batch(RATING))
        assert other.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        drip(0.2),
        drip(0.2, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 5000),
        drip(0.2, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 5000),
        stays_silent(60),
    ],
    ids=["slow body", "slow headers", "slow chunks", "silence"],
)
def test_a_server_that_takes_for_ever_is_left_in_time(liar: LyingServer, answer: Answer) -> None:
    liar.answer = answer
    client = Client(liar.url, patience=Patience(connect_s=1, read_s=1, whole_s=0.8))
    begun = time.monotonic()
    with pytest.raises(ServerAway):
        client.send(a_batch(RATING))
    assert time.monotonic() - begun < 30, "the whole of it would take a minute and more"
    liar.answer = says(200, a_reply())
    assert client.send(a_batch(RATING)).stored_total == 1, "the client goes on after that"


def test_nobody_there_is_the_server_away() -> None:
    with a_lying_server() as gone:
        url = gone.url
    with pytest.raises(ServerAway, match="check the network"):
        Client(url).send(a_batch())
    with pytest.raises(ServerAway):
        Client("http://no-such-host.invalid").send(a_batch())
    with pytest.raises(ServerAway):
        Client("http://127.0.0.1:99999").send(a_batch())


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(liar: LyingServer, client: Client) -> None:
    def answer_and_close(handler: object) -> None:
        says(200, a_reply())(handler)  # type: ignore[arg-type]
        handler.close_connection = True  # type: ignore[attr-defined]

    liar.answer = answer_and_close
    for _ in range(3):
        assert client.send(a_batch(RATING)).stored_total == 1


def test_the_setup_is_asked_for_by_its_etag(liar: LyingServer, client: Client) -> None:
    liar.answer = says(200, codec.encode(a_setup()), ETag='"7"')
    assert client.setup(None) == (a_setup(), '"7"')
    liar.answer = says(304)
    assert client.setup('"7"') is None
    assert [asked.headers.get("If-None-Match") for asked in liar.asked] == [None, '"7"']


@pytest.mark.parametrize("answer", [html(200), says(304), says(200, {"unit": 1}), problem(404, "not_found")])
def test_what_is_no_setup_is_not_kept(liar: LyingServer, client: Client, answer: Answer) -> None:
    liar.answer = answer
    with pytest.raises(ServerAway):
        client.setup(None)


def test_enrolling_gives_the_keys_and_a_wrong_code_says_so(liar: LyingServer) -> None:
    client = Client(liar.url)
    enrolled = {"kiosk_id": "k", "key": "x", "carry_key": "c", "unit_id": "u", "counter_id": None}
    liar.answer = says(201, enrolled)
    assert client.enrol("CODE", DEVICE).kiosk_id == "k"
    assert liar.asked[0].document == {"code": "CODE", "device": codec.encode(DEVICE)}
    assert "Authorization" not in liar.asked[0].headers
    liar.answer = problem(403, "bad_code")
    with pytest.raises(EnrolmentFailed, match="15 minutes"):
        client.enrol("CODE", DEVICE)
    liar.answer = problem(422, "bad_request")
    with pytest.raises(EnrolmentFailed):
        client.enrol("CODE", DEVICE)
    liar.answer = html(200)
    with pytest.raises(ServerAway):
        client.enrol("CODE", DEVICE)
    liar.answer = problem(429, "too_many_requests")
    with pytest.raises(ServerBusy):
        client.enrol("CODE", DEVICE)


def test_a_photo_is_a_picture_of_this_server(liar: LyingServer, client: Client) -> None:
    liar.answer = lambda handler: handler.say(200, b"\x89PNG", Content_Type="image/png")
    assert client.photo("/photos/a b.png?v=1") == b"\x89PNG"
    assert liar.asked[0].path == "/photos/a%20b.png?v=1"
    with pytest.raises(ServerAway, match="another server"):
        client.photo("https://elsewhere.test/x.png")
    with pytest.raises(ServerAway, match="another server"):
        client.photo("//elsewhere.test/x.png")
    liar.answer = html(200)
    with pytest.raises(ServerAway):
        client.photo("/photos/a.png")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for 127.0.0.1, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "one-stop.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *plain) + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def secure(certificate: Path) -> Iterator[LyingServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with a_lying_server(context) as liar:
        yield liar


def test_a_certificate_of_our_own_authority_is_trusted_only_when_the_setting_names_it(
    secure: LyingServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", requests.certs.where())  # must not take the setting's place
    secure.answer = says(200, a_reply())
    with pytest.raises(ServerAway, match="certificate"):
        Client(secure.url, key="the-key").send(a_batch(RATING))
    assert secure.asked == [], "nothing was said to a server that nobody vouches for"
    assert Client(secure.url, ca_file=certificate).send(a_batch(RATING)).stored_total == 1


def test_a_slow_drip_over_tls_is_left_in_time_too(secure: LyingServer, certificate: Path) -> None:
    secure.answer = drip(0.2)
    client = Client(secure.url, ca_file=certificate, patience=Patience(connect_s=1, read_s=1, whole_s=0.8))
    begun = time.monotonic()
    with pytest.raises(ServerAway):
        client.send(a_batch(RATING))
    assert time.monotonic() - begun < 30, "the whole of it would take a minute and more"


def test_a_ca_file_that_is_not_there_is_told(secure: LyingServer, tmp_path: Path) -> None:
    with pytest.raises(ServerAway, match=r"no\.pem"):
        Client(secure.url, ca_file=tmp_path / "no.pem").send(a_batch())
