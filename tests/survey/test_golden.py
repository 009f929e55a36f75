"""What was once on the wire is understood for ever, to the byte. Golden files are added, never edited."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from survey import codec, wire
from survey.ledger import Link, faults
from survey.rating import canonical, digest, receipt_code
from survey.wire import Batch, Enrolled, Reply, ShortReply

GOLDEN = Path(__file__).parent / "golden"
FROZEN = {
    "batch-v1-short.json": "87c68b962d37f698749e54fd154a6048c153e87dd97487a1fb16a6d5ba7b2471",
    "batch-v1.json": "8f7d065103a9cf86454f382077cdd61c66ccbdf21fff14794703b08c0bafbe78",
    "enrolled-v1.json": "55e9f3efab5118ddf8d335a9e3b42a6d54dab47ebefd362c434df5f2e733928f",
    "ledger-v1.json": "eceefbe8e3c6d292afde4817e5451f315cbdcb23eb44bef4dcc6f2e43e0e9d95",
    "reply-v1-short.json": "06fc1983c171c576c53bcddca2565cfe39535cb39faf35f09fc95271f68b665d",
    "reply-v1.json": "0b9ce5c1ec21d8b2f7eb5890ff8fb7f9898541951ae69789e48521907195c41e",
}
"""SHA-256 of each file: an edit shows here, also one that would change test and program together."""


def golden(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


def a_batch() -> Batch:
    return wire.read_batch(golden("batch-v1.json"))


def a_ledger() -> list[dict[str, Any]]:
    return list(json.loads(golden("ledger-v1.json")))


def test_no_golden_file_was_edited_or_forgotten():
    now = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in GOLDEN.glob("*.json")}
    assert {name: now.get(name) for name in FROZEN} == FROZEN
    assert set(now) == set(FROZEN)


def test_a_batch_of_version_1_is_read_and_written_the_same():
    assert wire.to_json(a_batch()) == golden("batch-v1.json")


def test_a_batch_is_packed_without_the_digests_that_follow_from_it():
    assert wire.unpack(wire.pack(a_batch())) == golden("batch-v1-short.json")
    assert wire.read_batch(golden("batch-v1-short.json")) == a_batch()


def test_a_reply_of_version_1_is_read_and_written_the_same():
    reply = wire.read_reply(golden("reply-v1.json"), a_batch().ratings)
    assert isinstance(reply, Reply)
    assert wire.to_json(reply) == golden("reply-v1.json")
    assert [receipt.verdict for receipt in reply.receipts] == ["stored", "duplicate", "refused"]


def test_a_short_reply_of_version_1_says_the_same():
    short = golden("reply-v1-short.json")
    assert wire.to_json(codec.decode(ShortReply, json.loads(short))) == short
    sent = a_batch().ratings
    assert wire.read_reply(short, sent) == wire.read_reply(golden("reply-v1.json"), sent)


def test_an_enrolment_of_version_1_is_read_and_written_the_same():
    enrolled = codec.decode(Enrolled, json.loads(golden("enrolled-v1.json")))
    assert wire.to_json(enrolled) == golden("enrolled-v1.json")


def test_the_ledger_of_version_1_has_the_same_digests():
    for rating, kept in zip(a_batch().ratings, a_ledger(), strict=True):
        assert rating.id == kept["id"]
        assert canonical(rating).decode() == kept["canonical"]
        assert digest(rating) == kept["digest"]
        assert receipt_code(rating.id) == kept["receipt_code"]
    links = [Link(rating.seq, digest(rating), rating.prev) for rating in a_batch().ratings]
    assert faults(links) == []


@pytest.mark.parametrize("place", range(3))
def test_the_digest_is_what_the_protocol_says(place):
    """docs/wire.md, Ledger, done again with nothing but `json` and `hashlib` from the bytes on the wire."""
    plain = json.loads(golden("batch-v1.json"))["ratings"][place]

    def compact(value: object) -> str:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    for name in ("comment", "dossier"):
        plain[name] = hashlib.sha256((plain["id"] + compact(plain[name])).encode()).hexdigest()
    plain["reasons"].sort()
    assert compact(plain) == a_ledger()[place]["canonical"]
    assert hashlib.sha256(compact(plain).encode()).hexdigest() == a_ledger()[place]["digest"]
