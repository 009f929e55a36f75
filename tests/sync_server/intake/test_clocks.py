"""When it was: by the boot's meetings with the server, between neighbours, or unknown and not counted."""

from dataclasses import replace

from survey.wire import Anchor
from sync_server.models.rating import Clock, Counted
from tests.builders import START, a_batch, chain, written
from tests.sync_server.intake.conftest import Desk

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def test_a_clock_that_is_a_year_off_is_corrected_by_the_boot(desk: Desk) -> None:
    desk.send(a_batch(desk.rating(tapped_at=written(START - 365 * DAY))))
    (row,) = desk.ratings()
    assert (row.happened_at, row.clock, row.counted) == (START, Clock.EXACT, Counted.YES)
    assert row.tapped_at == START - 365 * DAY


def test_a_rating_of_a_boot_that_never_met_the_server_is_not_counted(desk: Desk) -> None:
    desk.send(a_batch(desk.rating(boot_id="before", monotonic_ms=5)))
    (row,) = desk.ratings()
    assert (row.happened_at, row.day, row.clock, row.counted) == (None, None, Clock.UNKNOWN, Counted.CLOCK_UNKNOWN)
    assert desk.tallied() == 0
    assert desk.judged == []


def test_an_anchor_that_comes_later_places_it_and_counts_it(desk: Desk) -> None:
    rating = desk.rating(boot_id="before", monotonic_ms=2 * HOUR)
    desk.send(a_batch(rating))
    anchor = Anchor(boot_id="before", monotonic_ms=HOUR, server_time=written(START - 2 * HOUR))
    desk.send(a_batch(anchors=(anchor,)))
    (row,) = desk.ratings()
    assert (row.happened_at, row.clock, row.counted) == (START - HOUR, Clock.EXACT, Counted.YES)
    assert desk.tallied() == 1
    assert desk.judged == [desk.officer_id]


def test_a_rating_between_two_known_ones_is_bounded_and_counted(desk: Desk) -> None:
    first, unsure, last = chain(
        desk.rating(at=START), desk.rating(boot_id="between", monotonic_ms=9), desk.rating(at=START + 2 * HOUR)
    )
    desk.send(a_batch(first, unsure, at=START + MINUTE), at=START + MINUTE)
    # Until the next one is known it may have been at any time until it came, which is a minute after the first.
    assert [row.happened_at for row in desk.ratings()] == [START, START + MINUTE // 2]
    assert desk.ratings()[1].clock == Clock.BOUNDED
    desk.send(a_batch(last, at=START + 3 * HOUR), at=START + 3 * HOUR)
    assert [row.counted for row in desk.ratings()] == [Counted.YES] * 3


def test_a_neighbour_that_comes_late_bounds_what_was_unknown(desk: Desk) -> None:
    first, unsure, last = chain(
        desk.rating(at=START), desk.rating(boot_id="between", monotonic_ms=9), desk.rating(at=START + 2 * HOUR)
    )
    later = START + 30 * DAY
    desk.send(a_batch(unsure, last, at=later), at=later)
    assert [row.clock for row in desk.ratings()] == [Clock.UNKNOWN, Clock.EXACT]
    desk.send(a_batch(first, at=later + HOUR), at=later + HOUR)
    assert [row.clock for row in desk.ratings()] == [Clock.EXACT, Clock.BOUNDED, Clock.EXACT]
    assert desk.ratings()[1].happened_at == START + HOUR
    assert desk.tallied() == 3


def test_a_time_in_the_future_is_refused_by_the_corrected_clock_alone(desk: Desk) -> None:
    fine = desk.rating(at=START, tapped_at=written(START + 400 * DAY))
    early = replace(desk.rating(at=START), monotonic_ms=a_batch().monotonic_ms + 11 * MINUTE)
    reply = desk.send(a_batch(fine, early))
    assert [(receipt.verdict, receipt.code) for receipt in reply.receipts] == [
        ("stored", None),
        ("refused", "bad_time"),
    ]


def test_a_boot_that_ran_since_before_the_year_2000_is_refused(desk: Desk) -> None:
    reply = desk.send(a_batch(desk.rating(monotonic_ms=0), monotonic_ms=2**53))
    assert reply.receipts[0].code == "bad_time"


def test_meetings_that_are_told_again_and_again_are_kept_once(desk: Desk) -> None:
    """A boot of weeks tells its first meeting in each batch; stored again it would have made every batch fail."""
    first = a_batch().boot_id
    anchors = (Anchor(boot_id=first, monotonic_ms=1000, server_time=written(START - 599_000)),)
    for days in (0, 3, 6):
        at = START + days * DAY + MINUTE
        reply = desk.send(a_batch(at=at, anchors=anchors), at=at)
        assert not reply.receipts


def test_an_anchor_that_cannot_be_is_passed_over(desk: Desk) -> None:
    times = ("yesterday", written(START + DAY), "1999-12-31T00:00:00+07:00")
    anchors = tuple(Anchor(boot_id="before", monotonic_ms=n, server_time=time) for n, time in enumerate(times))
    desk.send(a_batch(desk.rating(boot_id="before", monotonic_ms=5), anchors=anchors))
    assert desk.ratings()[0].clock == Clock.UNKNOWN


def test_ratings_carried_on_a_stick_are_not_dated_by_the_day_of_the_import(desk: Desk) -> None:
    rating = desk.rating()
    desk.send(a_batch(rating), at=START + 9 * DAY, carried=True)
    assert desk.ratings()[0].clock == Clock.UNKNOWN
    desk.send(a_batch(), at=START + MINUTE)  # the boot meets the server after all
    assert desk.ratings()[0].happened_at == START
    assert desk.tallied() == 1
