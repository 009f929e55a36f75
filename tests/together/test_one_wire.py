"""Both programs read the golden files alike: the server with its own fast reader, the kiosk with `survey`."""

import json
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings

from survey import wire
from survey.errors import BadDocument
from survey.rating import Rating, digest
from survey.wire import Batch
from sync_server import messages
from sync_server.messages import NotABatch, RatingIn
from sync_server.services import arrivals
from tests.survey.strategies import ratings
from tests.survey.test_golden import a_batch, a_ledger, golden

KNOWN = {
    "officer_id": "o1",
    "counter_id": "c1",
    "service_id": None,
    "survey_id": "q1",
    "scale": "hl5",
    "boot_id": "boot-1",
}
"""What a server could know; the rest is drawn."""


@pytest.mark.parametrize("file", ["batch-v1.json", "batch-v1-short.json"])
def test_the_server_makes_the_digests_that_the_kiosk_chained(file):
    incoming = messages.read_batch(golden(file))
    assert [arrival.digest.hex() for arrival in arrivals.read(incoming.ratings)] == [
        kept["digest"] for kept in a_ledger()
    ]


@given(ratings)
@settings(max_examples=80)
def test_a_rating_has_the_same_digest_on_both_sides_whatever_its_words(drawn: Rating):
    # A server's column has 31 bits for the number; a kiosk that gets there has served two thousand years.
    seq = min(drawn.seq, 2**31 - 1)
    rating = replace(drawn, **KNOWN, seq=seq, reasons=("slow", "rude", "other")[: drawn.level - 1])
    (arrival,) = arrivals.read(messages.read_batch(wire.to_json(a_batch_of(rating))).ratings)
    code = rating.dossier.code if rating.dossier else None
    if _is_printable((rating.comment or "") + (code or "")):
        assert (arrival.code, arrival.detail) == (None, "")
    assert arrival.id == rating.id
    if arrival.code is None:
        assert (arrival.seq, arrival.digest.hex()) == (rating.seq, digest(rating))


def a_batch_of(*several: Rating) -> Batch:
    return replace(a_batch(), ratings=several)


def _is_printable(text: str) -> bool:
    return not any(unicodedata.category(letter) == "Cc" for letter in text)


@pytest.mark.parametrize("place", range(3))
def test_the_server_writes_a_rating_of_its_own_as_the_kiosk_does(place):
    plain = json.loads(golden("batch-v1.json"))["ratings"][place]
    rating = messages.read_batch(golden("batch-v1.json")).ratings[place]
    assert isinstance(rating, RatingIn)
    assert isinstance(a_batch().ratings[place], Rating)
    assert rating.id == plain["id"] == a_batch().ratings[place].id
    assert rating.reasons == a_batch().ratings[place].reasons
    assert rating.comment == a_batch().ratings[place].comment


@pytest.mark.parametrize("before", [None, "not a rating"])
def test_a_rating_without_prev_needs_a_readable_one_before_it_or_the_batch_is_rejected(before):
    plain = json.loads(golden("batch-v1-short.json"))
    second = plain["ratings"][1]
    plain["ratings"] = [second] if before is None else [before, second]
    with pytest.raises(NotABatch, match="prev: null") as rejected:
        messages.read_batch(json.dumps(plain).encode())
    assert rejected.value.code == "bad_batch"
    if before is None:
        with pytest.raises(BadDocument, match="prev: null"):
            wire.read_batch(json.dumps(plain).encode())
