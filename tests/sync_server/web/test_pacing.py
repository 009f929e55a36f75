"""Guessing on citizens' pages ends soon, tells nothing, and holds up nobody else."""

import uuid

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.pace import Pace
from sync_server.web.pacing import WINDOW_MS
from tests.sync_server.conftest import SetClock
from tests.sync_server.web.conftest import Town
from tests.sync_server.web.test_phone import answer, make_slip, stored

HERE, THERE = {"REMOTE_ADDR": "203.0.113.7"}, {"REMOTE_ADDR": "203.0.113.8"}


def ask(town: Town, path: str, place: dict[str, str]) -> int:
    """The status of a page asked from an address."""
    return town.app.test_client().get(path, environ_overrides=place).status_code


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40)), max_size=60))
@settings(max_examples=50)
def test_no_key_is_let_in_more_often_than_its_limit_in_a_window(steps: list[tuple[str, int]]) -> None:
    pace, now, let_in = Pace(limit=3, overall=5, window_ms=100), 0, []
    for key, passes in steps:
        now += passes
        wait = pace.wait_ms(key, now=now)
        assert 0 <= wait <= 100
        if not wait:
            pace.note(key, now=now)
            let_in.append((key, now // 100))
    assert all(let_in.count(each) <= 3 for each in let_in)
    windows = [window for _, window in let_in]
    assert all(windows.count(window) <= 5 for window in windows)


def test_who_guesses_receipts_must_wait_and_learns_nothing_of_a_right_one(town: Town, clock: SetClock) -> None:
    right = answer(town.person(), make_slip(town))
    assert [ask(town, f"/n/AAAA{number:04}", HERE) for number in range(20)] == [200] * 20
    refused = town.app.test_client().get(f"/n/{right}", environ_overrides=HERE)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= WINDOW_MS // 1000
    wrong = town.app.test_client().get("/n/AAAAAAAA", environ_overrides=HERE)
    said, said_to_a_guess = (each.text.partition("<main")[2].partition("</main>")[0] for each in (refused, wrong))
    assert said == said_to_a_guess != ""
    assert ask(town, f"/n/{right}", THERE) == 200
    clock.advance(s=WINDOW_MS // 1000)
    assert ask(town, f"/n/{right}", HERE) == 200


def test_guesses_from_many_addresses_end_too(town: Town) -> None:
    client = town.app.test_client()
    found = [
        client.get("/n/x", environ_overrides={"REMOTE_ADDR": f"198.51.{number // 250}.{number % 250}"}).status_code
        for number in range(1001)
    ]
    assert (set(found[:1000]), found[1000]) == ({200}, 429)


def test_a_right_receipt_may_be_asked_as_often_as_one_likes(town: Town) -> None:
    right = answer(town.person(), make_slip(town))
    assert {ask(town, f"/n/{right}", HERE) for _ in range(30)} == {200}


def test_who_forges_slips_must_wait_and_others_need_not(town: Town) -> None:
    slip = make_slip(town)
    assert [ask(town, "/r/forged.slip", HERE) for _ in range(40)] == [410] * 40
    assert ask(town, "/r/forged.slip", HERE) == 429
    assert {ask(town, f"/r/{slip.token}", place) for place in (HERE, THERE)} == {200}


def test_one_slip_takes_a_few_forms_and_no_flood(town: Town) -> None:
    slip, client = make_slip(town), town.app.test_client()

    def send() -> int:
        return client.post(f"/r/{slip.token}", data={"id": str(uuid.uuid4()), "level": "5"}).status_code

    assert [send() for _ in range(10)] == [303] * 8 + [429] * 2
    assert len(stored(town)) == 8
