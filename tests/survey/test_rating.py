"""The digest that a ledger is made of, and the receipt code that a citizen takes home."""

import hashlib
import json
import random
import uuid
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.rating import Dossier, Rating, canonical, chained, digest, receipt_code, receipt_ids
from tests.builders import a_rating
from tests.survey.strategies import ratings, uuids


@given(ratings)
@settings(max_examples=60)
def test_the_canonical_bytes_are_sorted_json_without_spaces(rating):
    plain = json.loads(canonical(rating))
    assert list(plain) == sorted(field.name for field in fields(Rating))
    again = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert again == canonical(rating)


@given(ratings, ratings)
@settings(max_examples=60)
def test_another_content_of_any_field_gives_another_digest(one, other):
    for field in fields(Rating):
        changed = replace(one, **{field.name: getattr(other, field.name)})
        if canonical(changed) == canonical(one):
            assert _same_but_for_writing(one, changed)
        else:
            assert digest(changed) != digest(one)


def _same_but_for_writing(one: Rating, other: Rating) -> bool:
    reasons = sorted(one.reasons) == sorted(other.reasons)
    rest = replace(one, reasons=(), tapped_at="") == replace(other, reasons=(), tapped_at="")
    return reasons and rest and one.tapped_at == other.tapped_at


def test_words_and_dossier_stand_in_the_chain_as_hashes_only():
    rating = a_rating(comment="Cảm ơn chị Hoa", dossier=Dossier(code="H29.147-260406-9248"))
    written = canonical(rating).decode()
    assert "Hoa" not in written
    assert "9248" not in written
    expected = hashlib.sha256(f'{rating.id}"Cảm ơn chị Hoa"'.encode()).hexdigest()
    assert json.loads(written)["comment"] == expected


def test_the_same_words_in_two_ratings_have_different_hashes():
    """Otherwise one who guesses a comment or a dossier code could look for it in all ledgers."""
    one, other = a_rating(comment="Tốt"), a_rating(comment="Tốt")
    assert json.loads(canonical(one))["comment"] != json.loads(canonical(other))["comment"]


def test_the_order_of_reasons_and_finer_writing_of_time_do_not_matter():
    rating = a_rating(reasons=("slow", "rude"), tapped_at="2026-03-02T08:00:00.123+07:00")
    assert digest(rating) == digest(replace(rating, reasons=("rude", "slow")))
    assert digest(rating) == digest(replace(rating, tapped_at="2026-03-02T08:00:00.123400+07:00"))
    assert digest(rating) != digest(replace(rating, tapped_at="2026-03-02T08:00:00.124+07:00"))
    assert digest(rating) != digest(replace(rating, tapped_at="2026-03-02T01:00:00.123+00:00"))


def test_the_place_in_the_ledger_is_part_of_the_digest():
    rating = a_rating()
    assert len({digest(chained(rating, seq, prev)) for seq in (1, 2) for prev in ("", "ab" * 32)}) == 4


def test_a_time_that_is_none_has_no_digest():
    with pytest.raises(ValueError, match="isoformat"):
        digest(a_rating(tapped_at="yesterday"))


@given(uuids)
@settings(max_examples=100)
def test_a_receipt_code_has_eight_characters_that_cannot_be_misread(rating_id):
    code = receipt_code(rating_id)
    assert len(code) == 8
    assert not set(code) - set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_a_receipt_code_never_changes():
    """Citizens hold these on paper for months."""
    assert receipt_code("00000000-0000-0000-0000-000000000007") == "00000000"
    assert receipt_code("0c7f1a52-9f3e-4a57-8a35-3a5b8b8d2f11") == "1HZHMMMZ"


@given(uuids, st.sampled_from(["{}", " {} "]))
@settings(max_examples=100)
def test_an_id_lies_among_those_of_its_receipt_code(rating_id, form):
    found = receipt_ids(form.format(receipt_code(rating_id)).lower())
    assert found is not None
    least, greatest = found
    assert least <= uuid.UUID(rating_id).bytes <= greatest
    assert receipt_code(str(uuid.UUID(bytes=least))) == receipt_code(str(uuid.UUID(bytes=greatest)))


@pytest.mark.parametrize("text", ["", "ABC", "ABCDEFGH9", "ABCDEFG!", "ÀBCDEFGH", "ABCDEFGU"])
def test_what_is_no_receipt_code_has_no_ids(text):
    assert receipt_ids(text) is None


def test_receipt_codes_may_be_typed_as_they_are_misread():
    assert receipt_ids("oiLa-1234") == receipt_ids("011A1234")


def test_receipt_codes_of_one_place_differ():
    chance = random.Random(7)
    made = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(1000)]
    assert len({receipt_code(one) for one in made}) == 1000
