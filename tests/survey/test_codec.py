"""Plain values to frozen dataclasses and back."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings

from survey import codec
from survey.errors import BadDocument
from survey.rating import Rating
from survey.wire import Batch
from tests.survey.strategies import plain, ratings


@dataclass(frozen=True, kw_only=True)
class Room:
    name: str
    floor: int = 0


@dataclass(frozen=True, kw_only=True)
class House:
    address: str
    rooms: tuple[Room, ...] = ()
    height_m: float = 3.0
    is_open: bool = True
    owner: str | None = None
    signs: Mapping[str, str] = field(default_factory=dict)
    door: Path | None = None


def faults_of(value: object, *, strict: bool = False) -> tuple[str, ...]:
    with pytest.raises(BadDocument) as caught:
        codec.decode(House, value, strict=strict)
    return caught.value.faults


def test_what_may_be_left_out_takes_its_default():
    assert codec.decode(House, {"address": "Hòa Mạc"}) == House(address="Hòa Mạc")


def test_a_whole_number_is_a_number_but_not_the_other_way_round():
    assert codec.decode(House, {"address": "a", "height_m": 4}).height_m == 4.0
    assert faults_of({"address": "a", "rooms": [{"name": "b", "floor": 1.0}]}) == (
        "rooms[0].floor: must be a whole number, not 1.0",
    )


def test_true_is_no_number_and_one_is_not_true():
    assert faults_of({"address": "a", "rooms": [{"name": "b", "floor": True}]})
    assert faults_of({"address": "a", "is_open": 1})


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_a_number_must_be_finite(number):
    assert faults_of({"address": "a", "height_m": number})


def test_all_faults_are_told_at_once_each_with_its_place():
    found = faults_of({"rooms": [{"name": 3}, "x", {}], "height_m": "tall", "signs": {"vi": 1}})
    assert found == (
        "address: is missing",
        "rooms[0].name: must be a text, not 3",
        "rooms[1]: must be a table, not 'x'",
        "rooms[2].name: is missing",
        "height_m: must be a number, not 'tall'",
        "signs.vi: must be a text, not 1",
    )


def test_an_unknown_key_is_passed_over_unless_strict():
    assert codec.decode(House, {"address": "a", "colour": "blue"}) == House(address="a")
    assert faults_of({"address": "a", "adress": "b"}, strict=True) == ("adress: no such key; did you mean 'address'?",)
    (fault,) = faults_of({"address": "a", "zzz": "b"}, strict=True)
    assert fault.startswith("zzz: no such key; known keys: address, door")


def test_a_long_wrong_value_is_shown_cut():
    (fault,) = faults_of({"address": ["x" * 1000]})
    assert len(fault) < 120


def test_null_is_taken_only_where_it_is_allowed():
    assert codec.decode(House, {"address": "a", "owner": None, "door": None}).owner is None
    assert faults_of({"address": None}) == ("address: must be a text, not None",)


@given(ratings)
@settings(max_examples=60)
def test_a_rating_comes_back_as_it_went(rating):
    assert codec.decode(Rating, codec.encode(rating)) == rating


@given(plain)
@settings(max_examples=100)
def test_any_document_is_either_read_or_refused_with_faults(value):
    with contextlib.suppress(BadDocument):
        assert isinstance(codec.decode(Batch, value), Batch)
