"""When was it really? Against simulated kiosks whose true times are known."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.clock import Certainty, Meeting, Tap, by_meeting, place

HOUR = 3_600_000


@dataclass(frozen=True)
class World:
    """Taps of several boots with their true times; each boot meets the server at some of its moments."""

    taps: tuple[Tap, ...]
    truth: tuple[int, ...]
    meetings: tuple[Meeting, ...]
    received_at: int


@st.composite
def worlds(draw: st.DrawFn) -> World:
    now, taps, truth, meetings = 1_700_000_000_000, [], [], []
    for number in range(draw(st.integers(1, 4))):
        now += draw(st.integers(1, 40 * HOUR))  # switched off for a while; no clock runs
        boot, begun = f"boot-{number}", now
        for _ in range(draw(st.integers(0, 4))):
            now += draw(st.integers(0, 6 * HOUR))
            taps.append(Tap(len(taps) + 1, boot, now - begun))
            truth.append(now)
        if draw(st.booleans()):
            met = draw(st.integers(begun, now + HOUR))
            meetings.append(Meeting(boot, met - begun, met))
            now = max(now, met)
    return World(tuple(taps), tuple(truth), tuple(meetings), now + draw(st.integers(0, HOUR)))


@given(worlds(), st.integers(0, 48 * HOUR))
@settings(max_examples=100)
def test_an_exact_time_is_true_and_a_bounded_one_holds_the_truth(world, bound_ms):
    moments = place(world.taps, world.meetings, not_after=world.received_at, bound_ms=bound_ms)
    met = {meeting.boot_id for meeting in world.meetings}
    for tap, truth, moment in zip(world.taps, world.truth, moments, strict=True):
        assert (moment.certainty is Certainty.EXACT) == (tap.boot_id in met)
        assert moment.earliest is None or moment.earliest <= truth
        assert moment.latest is not None
        assert truth <= moment.latest
        if moment.certainty is Certainty.EXACT:
            assert moment.at == truth
        elif moment.certainty is Certainty.BOUNDED:
            assert moment.at is not None
            assert moment.earliest is not None
            assert moment.latest - moment.earliest <= bound_ms
            assert abs(moment.at - truth) <= bound_ms
        else:
            assert moment.at is None


@given(worlds(), st.integers(0, 48 * HOUR))
@settings(max_examples=60)
def test_a_meeting_more_never_makes_a_time_less_sure(world, bound_ms):
    order = [Certainty.UNKNOWN, Certainty.BOUNDED, Certainty.EXACT]
    fewer = place(world.taps, world.meetings[:-1], not_after=world.received_at, bound_ms=bound_ms)
    more = place(world.taps, world.meetings, not_after=world.received_at, bound_ms=bound_ms)
    assert all(order.index(a.certainty) <= order.index(b.certainty) for a, b in zip(fewer, more, strict=True))


def test_the_nearest_meeting_of_the_same_boot_counts():
    """A clock that drifts errs least over the shortest way."""
    meetings = [Meeting("a", 0, 1_000), Meeting("a", 10_000, 11_500), Meeting("b", 9_000, 1)]
    assert by_meeting(Tap(1, "a", 9_000), meetings) == 10_500
    assert by_meeting(Tap(1, "a", 1_000), meetings) == 2_000
    assert by_meeting(Tap(1, "c", 1_000), meetings) is None


def test_a_tap_of_a_lost_boot_lies_between_its_neighbours():
    taps = [Tap(1, "a", 100), Tap(2, "lost", 5), Tap(3, "c", 50)]
    meetings = [Meeting("a", 0, 0), Meeting("c", 0, HOUR)]
    (_, between, _) = place(taps, meetings, not_after=2 * HOUR, bound_ms=2 * HOUR)
    assert (between.certainty, between.earliest, between.latest) == (Certainty.BOUNDED, 100, HOUR + 50)
    assert between.at == (100 + HOUR + 50) // 2


@pytest.mark.parametrize(("bound_ms", "certainty"), [(HOUR, Certainty.BOUNDED), (HOUR - 1, Certainty.UNKNOWN)])
def test_a_span_longer_than_the_bound_is_unknown(bound_ms, certainty):
    taps = [Tap(1, "a", 0), Tap(2, "lost", 5)]
    moments = place(taps, [Meeting("a", 0, 0)], not_after=HOUR, bound_ms=bound_ms)
    assert moments[1].certainty is certainty


def test_without_any_meeting_nobody_guesses():
    moments = place([Tap(1, "a", 0)], [], not_after=HOUR, bound_ms=10 * HOUR)
    assert [(moment.certainty, moment.at) for moment in moments] == [(Certainty.UNKNOWN, None)]


def test_neighbours_that_contradict_each_other_leave_it_unknown():
    """A rolled-back card: the one before is later than the one after."""
    taps = [Tap(1, "a", 10), Tap(2, "lost", 0), Tap(3, "b", 0)]
    meetings = [Meeting("a", 0, HOUR), Meeting("b", 0, 0)]
    assert place(taps, meetings, not_after=2 * HOUR, bound_ms=10 * HOUR)[1].certainty is Certainty.UNKNOWN
