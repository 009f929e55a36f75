"""What becomes of ratings: once each, with a verdict, counted in a tally."""

import uuid
from dataclasses import replace

import pytest

from survey import rating as said
from survey.wire import Batch, Reply
from sync_server.models.organisation import Unit
from sync_server.models.rating import Clock, Counted
from tests.builders import START, a_batch, chain
from tests.sync_server import builders
from tests.sync_server.conftest import WITH_MONTHS
from tests.sync_server.intake.conftest import Desk

pytestmark = pytest.mark.parametrize("database_url", WITH_MONTHS, indirect=True)

MINUTE = 60_000


def verdicts(reply: Reply) -> list[tuple[str, str | None]]:
    return [(receipt.verdict, receipt.code) for receipt in reply.receipts]


def three(desk: Desk) -> Batch:
    return a_batch(*(desk.rating(at=START + i * MINUTE, level=i + 1) for i in range(3)), at=START + 10 * MINUTE)


def test_each_rating_of_a_batch_is_stored_and_counted(desk: Desk) -> None:
    reply = desk.send(three(desk), at=START + 10 * MINUTE)
    assert verdicts(reply) == [("stored", None)] * 3
    assert reply.stored_total == desk.stored_total() == desk.tallied() == 3
    rows = desk.ratings()
    assert [row.level for row in rows] == [1, 2, 3]
    assert [row.happened_at for row in rows] == [START, START + MINUTE, START + 2 * MINUTE]
    assert {row.clock for row in rows} == {Clock.EXACT}
    assert desk.judged == [desk.officer_id]


def test_a_batch_sent_twice_is_counted_once(desk: Desk) -> None:
    batch = three(desk)
    desk.send(batch)
    reply = desk.send(batch)
    assert verdicts(reply) == [("duplicate", None)] * 3
    assert reply.stored_total == desk.tallied() == len(desk.ratings()) == 3


def test_a_rating_twice_in_one_batch_is_stored_once(desk: Desk) -> None:
    first, second, _ = three(desk).ratings
    reply = desk.send(a_batch(first, second, first))
    assert verdicts(reply) == [("stored", None), ("stored", None), ("duplicate", None)]
    assert desk.tallied() == 2


def test_the_same_id_with_other_content_is_kept_once_for_a_person(desk: Desk) -> None:
    batch = three(desk)
    desk.send(batch)
    other = replace(batch.ratings[1], level=5)
    for _ in range(3):
        reply = desk.send(a_batch(other))
        assert verdicts(reply) == [("conflict", "id_reused")]
    (kept,) = desk.set_aside()
    assert (kept.verdict, kept.seq, kept.content["level"]) == ("conflict", 2, 5)
    assert desk.ratings()[1].level == 2
    assert reply.stored_total == desk.tallied() == 3


def test_a_wrong_rating_never_spoils_its_neighbours(desk: Desk) -> None:
    good, wrong, good_too = chain(*(desk.rating(at=START + i * MINUTE) for i in range(3)))
    reply = desk.send(a_batch(good, replace(wrong, officer_id="o999"), good_too))
    assert verdicts(reply) == [("stored", None), ("refused", "unknown_officer"), ("stored", None)]
    assert [row.seq for row in desk.ratings()] == [1, 3]
    assert [(kept.seq, kept.code) for kept in desk.set_aside()] == [(2, "unknown_officer")]


def test_the_digest_that_is_kept_is_that_of_the_contract(desk: Desk) -> None:
    batch = a_batch(
        desk.rating(comment='Cảm ơn "chị"\nrất nhiều ạ 🙂', reasons=("slow", "attitude"), counter_id=None),
        desk.rating(at=START + MINUTE, dossier=said.Dossier(code="H42.12-210301-0007"), service_id=None, level=1),
    )
    desk.send(batch)
    assert [row.digest.hex() for row in desk.ratings()] == [said.digest(rating) for rating in batch.ratings]


def test_a_refused_rating_may_be_sent_again_when_it_is_no_longer_wrong(desk: Desk) -> None:
    rating = chain(desk.rating(officer_id=f"o{desk.officer_id + 1}"))[0]
    assert verdicts(desk.send(a_batch(rating))) == [("refused", "unknown_officer")]
    officer = builders.make_officer(desk.office)
    assert officer.id == desk.officer_id + 1
    assert verdicts(desk.send(a_batch(rating))) == [("stored", None)]
    assert desk.tallied() == 1


def test_a_number_with_another_id_begins_a_branch_that_later_ratings_follow(desk: Desk) -> None:
    old = chain(*(desk.rating(at=START + i * MINUTE) for i in range(4)))
    desk.send(a_batch(*old))
    rolled_back = chain(*(desk.rating(at=START + (5 + i) * MINUTE) for i in range(3)), seq=3, prev=said.digest(old[1]))
    reply = desk.send(a_batch(*rolled_back, at=START + 10 * MINUTE), at=START + 10 * MINUTE)
    assert verdicts(reply) == [("stored", None)] * 3
    trunk, branch = sorted({row.epoch_id for row in desk.ratings()})
    assert [(row.epoch_id, row.seq) for row in desk.ratings()] == [
        *((trunk, seq) for seq in (1, 2, 3, 4)),
        *((branch, seq) for seq in (3, 4, 5)),
    ]
    assert verdicts(desk.send(a_batch(*old, *rolled_back))) == [("duplicate", None)] * 7
    assert desk.tallied() == desk.stored_total() == 7


def test_of_two_ratings_of_one_dossier_the_earlier_counts_whichever_came_first(desk: Desk) -> None:
    other, _ = builders.make_kiosk(desk.office, counter=None, unit=_unit(desk))
    dossier = said.Dossier(code="H42.12-210301-0007")
    late = a_batch(desk.rating(at=START + 5 * MINUTE, dossier=dossier, level=1), at=START + 10 * MINUTE)
    early = a_batch(desk.rating(at=START, dossier=dossier, level=4), at=START + 20 * MINUTE)
    desk.send(late, at=START + 10 * MINUTE)
    assert desk.counted() == [Counted.YES]
    desk.send(early, kiosk_id=other.id, at=START + 20 * MINUTE)
    assert {row.level: row.counted for row in desk.ratings()} == {1: Counted.DOSSIER_REPEATED, 4: Counted.YES}
    assert desk.tallied() == 1


def _unit(desk: Desk) -> Unit:
    with desk.office.database.read() as session:
        return session.get_one(Unit, desk.unit_id)


def test_heartbeats_tell_how_the_kiosk_is(desk: Desk) -> None:
    reply = desk.send(a_batch())
    assert not reply.receipts
    assert reply.stored_total == 0


def test_ids_of_receipts_are_those_sent_in_order(desk: Desk) -> None:
    ratings = chain(*(desk.rating(at=START + i * MINUTE, id=str(uuid.uuid4())) for i in range(20)))
    shuffled = ratings[::2] + ratings[1::2]
    reply = desk.send(a_batch(*shuffled, at=START + 40 * MINUTE), at=START + 40 * MINUTE)
    assert [receipt.id for receipt in reply.receipts] == [rating.id for rating in shuffled]
    assert desk.tallied() == 20
