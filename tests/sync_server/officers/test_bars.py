"""The bars of ratings by service: every rating is drawn, in proportion, and names are no markup."""

from xml.etree import ElementTree

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.queries.tallies import ServiceTally, add_up
from sync_server.rulebook import rulebook
from sync_server.web.bars import BAR, WIDTH, tally_bars

SCALE = rulebook().scales["hl5"]


@pytest.fixture
def app() -> Flask:
    made = Flask(__name__)
    Babel(made)
    return made


def drawn(app: Flask, *rows: tuple[int, ...], name: str = "Đăng ký khai sinh") -> ElementTree.Element:
    tallies = [
        ServiceTally(service_id=place, scale_id="hl5", counts=counts, totals=add_up(counts, SCALE))
        for place, counts in enumerate(rows, start=1)
    ]
    with app.test_request_context():
        return ElementTree.fromstring(tally_bars(tallies, SCALE, {1: name}))


def test_parts_go_from_the_best_to_the_worst_with_their_numbers(app: Flask) -> None:
    root = drawn(app, (10, 0, 20, 30, 40))
    assert [part.get("class") for part in root.iter("rect")] == [
        "part-very_happy", "part-happy", "part-neutral", "part-very_sad",
    ]  # fmt: skip
    assert [text.text for text in root.iter("text")] == ["Đăng ký khai sinh (100)", "40", "30", "20", "10"]


def test_a_name_is_no_markup_and_a_service_without_one_is_told(app: Flask) -> None:
    root = drawn(app, (0, 0, 0, 0, 1), (0, 0, 0, 0, 0), name="<script>alert(1)</script>")
    assert [text.text for text in root.iter("text")] == ["<script>alert(1)</script> (1)", "1", "Không rõ thủ tục (0)"]


@settings(max_examples=30, deadline=None)
@given(counts=st.tuples(*[st.integers(0, 5000)] * 5))
def test_parts_fill_the_bar_in_proportion(counts: tuple[int, ...]) -> None:
    app = Flask(__name__)
    Babel(app)
    parts = list(drawn(app, counts).iter("rect"))
    assert len(parts) == sum(count > 0 for count in counts)
    for part, count in zip(parts, [count for count in reversed(counts) if count], strict=True):
        assert abs(float(part.get("width", 0)) - WIDTH * count / sum(counts)) <= 1.6
        assert part.get("height") == str(BAR)
        assert 0 <= float(part.get("x", 0)) <= WIDTH
