"""What the page of a kiosk is told of its ledger, and its ratings page by page."""

from dataclasses import replace

import pytest

from survey.ledger import Break, Gap
from survey.rating import digest
from sync_server.queries.ledgers import BranchLine, ledger_of
from sync_server.queries.ratings import all_ratings_of, ratings_of, set_aside_of
from tests.builders import START, a_batch, chain
from tests.sync_server.conftest import WITH_MONTHS
from tests.sync_server.intake.conftest import Desk

pytestmark = pytest.mark.parametrize("database_url", WITH_MONTHS, indirect=True)

MINUTE = 60_000


def branches(desk: Desk) -> list[BranchLine]:
    with desk.office.database.read() as session:
        return ledger_of(session, desk.kiosk_id)


def ten(desk: Desk):  # type: ignore[no-untyped-def]
    return chain(*(desk.rating(at=START + i * MINUTE) for i in range(10)))


def test_a_whole_ledger_has_no_gap_and_no_break(desk: Desk) -> None:
    desk.send(a_batch(*ten(desk), at=START + 20 * MINUTE))
    (branch,) = branches(desk)
    assert (branch.first_seq, branch.last_seq, branch.stored, branch.gaps, branch.breaks) == (1, 10, 10, (), ())


def test_numbers_that_never_arrived_are_a_gap_until_they_do(desk: Desk) -> None:
    ratings = ten(desk)
    desk.send(a_batch(*ratings[2:4], *ratings[7:], at=START + 20 * MINUTE))
    assert branches(desk)[0].gaps == (Gap(1, 2), Gap(5, 7))
    desk.send(a_batch(*ratings, at=START + 20 * MINUTE))
    assert branches(desk)[0].gaps == ()
    assert branches(desk)[0].breaks == ()


def test_what_was_refused_is_no_gap(desk: Desk) -> None:
    ratings = list(ten(desk))
    ratings[4] = replace(ratings[4], officer_id="o999")
    desk.send(a_batch(*ratings[:5], *ratings[6:], at=START + 20 * MINUTE))
    assert branches(desk)[0].gaps == (Gap(6, 6),)


def test_a_rating_that_does_not_continue_the_one_before_is_a_break(desk: Desk) -> None:
    ratings = ten(desk)
    desk.send(a_batch(*ratings[:4], replace(ratings[4], prev="ab" * 32), at=START + 20 * MINUTE))
    assert branches(desk)[0].breaks == (Break(5),)


def test_a_rolled_back_card_is_a_second_branch(desk: Desk) -> None:
    ratings = ten(desk)
    desk.send(a_batch(*ratings, at=START + 20 * MINUTE))
    again = chain(*(desk.rating(at=START + (11 + i) * MINUTE) for i in range(2)), seq=6, prev=digest(ratings[4]))
    desk.send(a_batch(*again, at=START + 20 * MINUTE))
    trunk, branch = branches(desk)
    assert (trunk.forked_from, branch.forked_from) == (None, trunk.epoch_id)
    assert (branch.first_seq, branch.last_seq, branch.stored, branch.gaps) == (6, 7, 2, ())


def test_ratings_come_page_by_page_and_each_once(desk: Desk) -> None:
    desk.send(a_batch(*ten(desk), at=START + 20 * MINUTE))
    with desk.office.database.read() as session:
        first = ratings_of(session, desk.kiosk_id, limit=4)
        second = ratings_of(session, desk.kiosk_id, first[-1].place, limit=4)
        assert [line.place[1] for line in (*first, *second)] == [10, 9, 8, 7, 6, 5, 4, 3]
        assert [line.place[1] for line in all_ratings_of(session, desk.kiosk_id)] == list(range(10, 0, -1))


def test_what_is_set_aside_is_listed_with_its_reason(desk: Desk) -> None:
    desk.send(a_batch(desk.rating(officer_id="o999")))
    with desk.office.database.read() as session:
        (line,) = set_aside_of(session, desk.kiosk_id)
        assert (line.code, line.seq, line.verdict) == ("unknown_officer", 1, "refused")
        assert "o999" in line.detail
        assert set_aside_of(session, desk.kiosk_id, before=line.id) == []
