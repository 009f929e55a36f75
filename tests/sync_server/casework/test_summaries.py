"""What an officer sees of the own ratings: whatever is added or subtracted, no single citizen comes out."""

from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.casework.summaries import LEAST, Counts, Summary, new_summaries
from sync_server.office import Office
from sync_server.queries import own
from sync_server.services import followup, night
from sync_server.services.own import make_summaries
from tests.sync_server.conftest import SetClock
from tests.sync_server.flags.network import MONDAY, Network, noon

MONDAY_DAY = MONDAY.toordinal()
GOOD, BAD = Counts(satisfied=1), Counts(dissatisfied=1)

ratings = st.lists(
    st.tuples(
        st.integers(0, 60),  # the day on which it was given
        st.integers(0, 40),  # how many days late it arrives
        st.sampled_from([GOOD, GOOD, GOOD, Counts(neutral=1), BAD]),
        st.one_of(st.none(), st.integers(1, 60)),  # after how many days more it is found untrue
    ),
    max_size=150,
)
looks = st.lists(st.integers(0, 130), min_size=1, max_size=12).map(sorted)


def shown_at(looked: list[int], said: list[tuple[int, int, Counts, int | None]]) -> list[Summary]:
    """All summaries that somebody has seen who looked on these days."""
    shown: list[Summary] = []
    for today in looked:
        known = [
            (MONDAY_DAY + day, counts)
            for day, late, counts, untrue in said
            if day + late <= today and (untrue is None or day + late + untrue > today)
        ]
        shown += new_summaries(shown, known, MONDAY_DAY + today)
    return shown


@settings(max_examples=100, deadline=None)
@given(looks, ratings)
def test_any_difference_of_what_was_shown_is_nothing_or_many(looked: list[int], said: list) -> None:
    shown = shown_at(looked, said)
    sums = [sum((summary.counts for summary in shown[:i]), Counts()).n for i in range(len(shown) + 1)]
    for earlier, later in combinations(sums, 2):
        assert later - earlier >= LEAST
    assert all(min(s.counts.satisfied, s.counts.neutral, s.counts.dissatisfied) >= 0 for s in shown)


@settings(max_examples=100, deadline=None)
@given(looks, ratings)
def test_summaries_are_of_whole_weeks_that_are_over_and_do_not_overlap(looked: list[int], said: list) -> None:
    shown = shown_at(looked, said)
    for summary in shown:
        assert (summary.from_day % 7, summary.until_day % 7) == (1, 0)  # a Monday, a Sunday
        assert summary.until_day < MONDAY_DAY + looked[-1]
    assert all(before.until_day < after.from_day for before, after in pairwise(shown))


@settings(max_examples=100, deadline=None)
@given(looks, ratings)
def test_looking_more_often_within_a_week_shows_nothing_more(looked: list[int], said: list) -> None:
    in_time = [(day, 0, counts, None) for day, _, counts, _ in said]
    often = sorted({*looked, *(day - day % 7 for day in looked), *(day + 1 for day in looked if day % 7 < 6)})
    assert shown_at(looked, in_time) == [
        summary for summary in shown_at(often, in_time) if summary.until_day < MONDAY_DAY + looked[-1]
    ]


def test_nine_ratings_show_nothing_and_ten_do_when_the_week_is_over() -> None:
    nine = [(MONDAY_DAY, GOOD)] * 9
    assert list(new_summaries([], nine, MONDAY_DAY + 7)) == []
    ten = [*nine, (MONDAY_DAY + 6, BAD)]
    assert list(new_summaries([], ten, MONDAY_DAY + 6)) == []
    (summary,) = new_summaries([], ten, MONDAY_DAY + 7)
    assert (summary.from_day, summary.until_day) == (MONDAY_DAY, MONDAY_DAY + 6)
    assert summary.counts == Counts(satisfied=9, dissatisfied=1)


def test_what_was_shown_stays_when_a_late_rating_comes(office: Office, clock: SetClock) -> None:
    clock.at = noon(MONDAY.fromordinal(MONDAY_DAY + 8))
    with office.database.write() as session:
        network = Network(session)
        officer = network.officers[0]
        network.rated(officer, MONDAY, (5,) * 11 + (1,))
        assert make_summaries(session, officer, followup.today_of(office)) == 1
        before = own.summaries(session, officer)
        network.rated(officer, MONDAY, (1,))
        assert make_summaries(session, officer, followup.today_of(office)) == 0
        assert own.summaries(session, officer) == before
    clock.advance(days=7)
    with office.database.write() as session:
        network.session = session
        network.rated(officer, MONDAY.fromordinal(MONDAY_DAY + 7), (4,) * 9)
        assert make_summaries(session, officer, followup.today_of(office)) == 1
        assert own.summaries(session, officer)[-1].counts == Counts(satisfied=9, dissatisfied=1)


def test_each_officer_has_summaries_of_the_own_ratings_only(office: Office, clock: SetClock) -> None:
    clock.at = noon(MONDAY.fromordinal(MONDAY_DAY + 8))
    with office.database.write() as session:
        network = Network(session)
        network.rated(network.officers[0], MONDAY, (5,) * 10)
        network.rated(network.officers[1], MONDAY, (1,) * 12)
        everybody = network.officers[:3]
    night.pass_over(office)
    with office.database.read() as session:
        shown = {officer: own.summaries(session, officer) for officer in everybody}
    assert [len(found) for found in shown.values()] == [1, 1, 0]
    assert shown[network.officers[0]][0].counts == Counts(satisfied=10)
