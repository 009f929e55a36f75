"""Batches and replies: what goes over the wire comes back the same, and what is wrong is said."""

import contextlib
import gzip
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey import codec, wire
from survey.errors import BadDocument, UnknownVersion
from survey.rating import Rating
from survey.runs import Run, hash_of, runs_of
from survey.wire import PROBLEM_CODES, RATING_CODES, Batch, Receipt, Reply, ShortReply, Verdict
from tests.builders import a_batch, a_rating
from tests.survey.strategies import A_MOMENT, batches, plain


@given(batches)
@settings(max_examples=60)
def test_a_batch_comes_back_as_it_went(batch):
    assert wire.read_batch(wire.unpack(wire.pack(batch))) == batch


@given(batches)
@settings(max_examples=20)
def test_the_same_batch_gives_the_same_bytes(batch):
    assert wire.pack(batch) == wire.pack(replace(batch))


@given(st.binary(max_size=200) | plain.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=100)
def test_any_bytes_are_either_a_batch_or_refused(body):
    with contextlib.suppress(BadDocument, UnknownVersion):
        assert isinstance(wire.read_batch(body), Batch)


def test_a_batch_that_was_cut_anywhere_is_refused_whole():
    packed = wire.pack(a_batch(a_rating(comment="Tốt")))
    for length in range(len(packed)):
        with pytest.raises(BadDocument):
            wire.read_batch(wire.unpack(packed[:length]))


def test_a_batch_with_a_flipped_byte_is_refused_or_unchanged():
    batch = a_batch(a_rating(comment="Tốt"))
    packed = wire.pack(batch)
    for place in range(len(packed)):
        bent = packed[:place] + bytes([packed[place] ^ 0xFF]) + packed[place + 1 :]
        try:
            assert wire.unpack(bent) == wire.to_json(batch)  # a byte of the header that means nothing
        except BadDocument:
            continue


def test_a_bomb_is_never_unpacked():
    bomb = gzip.compress(b" " * (64 * 1024 * 1024))
    with pytest.raises(BadDocument, match="unpacks to more than"):
        wire.unpack(bomb)
    assert wire.unpack(gzip.compress(b" " * wire.MAX_BYTES)) == b" " * wire.MAX_BYTES


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe{}",
        b"{",
        b'{"version": NaN}',
        b'{"version": Infinity}',
        b"[" * 100_000,
        b'{"version": 1, "monotonic_ms": ' + b"9" * 5000 + b"}",
        b'{"version": 1, "monotonic_ms": 1e999}',
    ],
    ids=["empty", "list", "null", "utf16", "cut", "nan", "infinity", "deep", "huge", "overflow"],
)
def test_what_is_no_batch_is_refused(body):
    with pytest.raises(BadDocument):
        wire.read_batch(body)


@pytest.mark.parametrize("version", [0, 2, 99, -1])
def test_another_version_is_told_from_a_wrong_batch(version):
    body = json.dumps({**codec.encode(a_batch()), "version": version}).encode()
    with pytest.raises(UnknownVersion, match=str(version)):
        wire.read_batch(body)


def test_unknown_keys_of_a_newer_kiosk_are_passed_over():
    body = json.dumps({**codec.encode(a_batch()), "mood": "good"}).encode()
    assert wire.read_batch(body) == a_batch()


WRONG = [
    ({"id": "7"}, "id: must be a UUID"),
    ({"id": "0000000000000000000000000000000A"}, "id: must be a UUID"),
    ({"prev": "ab"}, "prev: must be"),
    ({"prev": "AB" * 32}, "prev: must be"),
    ({"source": "radio"}, "source: must be one of"),
    ({"comment": "a" * 501}, "has 501 characters"),
    ({"tapped_at": "2026-03-02T08:00:00"}, "tapped_at: must be ISO 8601"),
    ({"tapped_at": "today"}, "tapped_at: must be ISO 8601"),
    ({"monotonic_ms": -1}, "monotonic_ms 0 or more"),
]


@pytest.mark.parametrize(("changes", "fault"), WRONG)
def test_a_rating_that_is_wrong_is_named(changes, fault):
    wrong = replace(a_rating(seq=1), **changes)
    assert [fault in found for found in wire.rating_faults(wrong)] == [True]
    with pytest.raises(BadDocument, match=r"ratings\[1\]\."):
        wire.read_batch(wire.to_json(a_batch(a_rating(seq=1), wrong)))


def test_a_rating_with_five_hundred_letters_passes():
    assert wire.rating_faults(a_rating(seq=1, comment="ặ" * 500)) == []


def a_reply(*receipts: Receipt) -> bytes:
    return wire.to_json(Reply(received_at=A_MOMENT, stored_total=len(receipts), receipts=receipts))


def test_a_reply_is_read_when_it_answers_each_rating_in_order():
    sent = [a_rating(), a_rating()]
    receipts = [Receipt(id=rating.id, verdict="stored") for rating in sent]
    assert wire.read_reply(a_reply(*receipts), sent).receipts == tuple(receipts)
    for wrong in (receipts[:1], receipts[::-1], [*receipts, receipts[0]], []):
        with pytest.raises(BadDocument, match="one by one and in order"):
            wire.read_reply(a_reply(*wrong), sent)


def test_a_verdict_that_this_kiosk_does_not_know_settles_nothing():
    sent = [a_rating()]
    with pytest.raises(BadDocument, match="unknown verdict"):
        wire.read_reply(a_reply(Receipt(id=sent[0].id, verdict="eaten")), sent)


FATES = [("stored", None), ("stored", "bad_ticket"), ("duplicate", None), ("refused", "bad_time")]


def a_short_reply(sent: Sequence[Rating], runs: list[Run], answers: str | None = None) -> bytes:
    told = hash_of(rating.id for rating in sent) if answers is None else answers
    return wire.to_json(ShortReply(received_at=A_MOMENT, stored_total=7, answers=told, runs=tuple(runs)))


@given(st.lists(st.sampled_from(FATES), max_size=12))
@settings(max_examples=40)
def test_a_short_reply_says_what_the_whole_one_says(fates):
    sent = [a_rating() for _ in fates]
    receipts = [
        Receipt(id=each.id, verdict=verdict, code=code) for each, (verdict, code) in zip(sent, fates, strict=True)
    ]
    short = wire.read_reply(a_short_reply(sent, runs_of(fates)), sent)
    assert short.receipts == tuple(receipts)
    assert (short.received_at, short.stored_total) == (A_MOMENT, 7)


def test_five_hundred_that_were_stored_are_told_in_three_hundred_bytes():
    sent = [a_rating() for _ in range(500)]
    assert len(a_short_reply(sent, runs_of([("stored", None)] * 500))) < 300


def test_a_short_reply_to_other_ratings_settles_nothing():
    sent, others = [a_rating(), a_rating()], [a_rating(), a_rating()]
    run = [Run(count=2, verdict="stored")]
    for wrong in (a_short_reply(others, run), a_short_reply(sent[::-1], run), a_short_reply(sent, run, "")):
        with pytest.raises(BadDocument, match="hash of other ratings"):
            wire.read_reply(wrong, sent)
    assert len(wire.read_reply(a_short_reply(sent, run), sent).receipts) == 2


@pytest.mark.parametrize("counts", [[], [1], [3], [1, 2], [2, 0], [3, -1], [10**12]])
def test_runs_that_do_not_tell_of_each_rating_settle_nothing(counts):
    sent = [a_rating(), a_rating()]
    runs = [Run(count=count, verdict="stored") for count in counts]
    with pytest.raises(BadDocument, match="but 2 were sent"):
        wire.read_reply(a_short_reply(sent, runs), sent)


def test_a_short_verdict_that_this_kiosk_does_not_know_settles_nothing():
    sent = [a_rating()]
    with pytest.raises(BadDocument, match="unknown verdict"):
        wire.read_reply(a_short_reply(sent, [Run(count=1, verdict="eaten")]), sent)


@pytest.mark.parametrize(
    "page", [b"<html>Sign in to the network</html>", b"{}", b'{"ok": true}', b'{"runs": []}', b"9" * 5000]
)
def test_a_captive_portals_page_is_no_reply(page):
    with pytest.raises(BadDocument):
        wire.read_reply(page, [])


def test_only_stored_and_duplicate_let_the_kiosk_forget():
    assert {verdict for verdict in Verdict if verdict.settles} == {Verdict.STORED, Verdict.DUPLICATE}


def test_each_code_has_its_meaning_and_each_problem_its_status():
    assert all(RATING_CODES.values())
    assert all(400 <= status < 600 and meaning for status, meaning in PROBLEM_CODES.values())


@pytest.mark.parametrize(
    ("text", "is_time"),
    [
        ("2026-03-02T08:00:00.123+07:00", True),
        ("2026-03-02T01:00:00Z", True),
        ("2026-03-02", False),
        ("2026-03-02T08:00:00", False),
        ("2026-13-02T08:00:00Z", False),
        ("", False),
    ],
)
def test_a_time_has_an_offset_or_is_none(text, is_time):
    assert (wire.read_time(text) is not None) == is_time


def test_every_version_has_its_date():
    assert set(wire.VERSIONS) == set(range(wire.MIN, wire.MAX + 1))
