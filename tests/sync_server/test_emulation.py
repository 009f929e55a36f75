"""A commune's score sheet: criteria, proposals from measures, faults, totals; and the points of Thông tư 01/2018."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.errors import BadDocument
from sync_server.emulation.criteria import Criterion, criteria_of, shipped, tt01_rule
from sync_server.emulation.sheet import Fault, Given, Measured, Side, faults, propose, sheet
from sync_server.emulation.tt01 import Dossiers, body_score, is_all_done, officer_score
from sync_server.errors import Refused
from sync_server.flagging.errors import BadRule

WORDS = {"vi": "Hài lòng", "en": "Satisfied"}
PLEASED = Criterion(
    id="pleased", effective="2021-01-01", source="x", weight=30, words=WORDS,
    measure="satisfied", zero=0.7, full=0.95, min_n=100,
)  # fmt: skip
BY_HAND = Criterion(id="by_hand", effective="2021-01-01", source="x", weight=70, words=WORDS)


def line_of(measured: Measured | None = None, **given_: Given):
    made = {("pleased", Side(side)): item for side, item in given_.items()}
    return sheet([PLEASED], {"satisfied": measured} if measured else {}, made).lines[0]


def test_points_grow_in_proportion_between_none_and_all() -> None:
    shares = {0.60: 0.0, 0.70: 0.0, 0.825: 15.0, 0.95: 30.0, 1.0: 30.0}
    for share, points in shares.items():
        found = propose(PLEASED, Measured(k=round(share * 1000), n=1000))
        assert found is not None
        assert found.points == points


def test_few_ratings_propose_nothing() -> None:
    assert propose(PLEASED, Measured(k=99, n=99, is_sample=True)) is None
    line = line_of(Measured(k=99, n=99))
    assert line.proposal is None
    assert line.too_few == Measured(k=99, n=99)


@given(st.integers(100, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_sample_has_an_interval_around_its_points_within_the_weight(counts: tuple[int, int]) -> None:
    k, n = counts
    found = propose(PLEASED, Measured(k=k, n=n, is_sample=True))
    assert found is not None
    assert 0 <= found.points_low <= found.points <= found.points_high <= PLEASED.weight


@given(st.integers(0, 499))
def test_one_more_satisfied_never_costs_points(k: int) -> None:
    fewer, more = (propose(PLEASED, Measured(k=at, n=500)) for at in (k, k + 1))
    assert fewer is not None
    assert more is not None
    assert fewer.points <= more.points


MANY = Measured(k=850, n=1000, is_sample=True)  # proposes 18.0, by its interval 15.1 to 20.4


@pytest.mark.parametrize(
    ("side", "new", "own", "fault"),
    [
        (Side.SELF, Given(points=18.0), None, None),
        (Side.SELF, Given(points=30.5), None, Fault.TOO_MANY),
        (Side.SELF, Given(points=-1.0), None, Fault.TOO_MANY),
        (Side.SELF, Given(points=25.0), None, Fault.NO_REASON_MEASURED),
        (Side.SELF, Given(points=25.0, note="Máy hỏng hai tháng."), None, None),
        (Side.SELF, Given(points=None), None, Fault.NO_REASON_NONE),
        (Side.SELF, Given(points=None, note="Đơn vị mới."), None, None),
        (Side.VERIFIED, Given(points=18.0), None, Fault.NOT_YET),
        (Side.VERIFIED, Given(points=18.0), Given(points=18.0), None),
        (Side.VERIFIED, Given(points=18.0), Given(points=19.0), Fault.NO_REASON_DIFFERENT),
        (Side.VERIFIED, Given(points=18.0, note="Theo số liệu."), Given(points=19.0), None),
        (Side.VERIFIED, Given(points=None, note=""), Given(points=None, note="x"), Fault.NO_REASON_NONE),
    ],
)
def test_points_are_within_the_weight_and_differences_explained(
    side: Side, new: Given, own: Given | None, fault: Fault | None
) -> None:
    line = line_of(MANY, **({"self": own} if own else {}))
    assert faults(line, side, new) == ([fault] if fault else [])


def test_a_criterion_that_is_left_out_takes_its_weight_along() -> None:
    made = {
        ("pleased", Side.SELF): Given(points=None, note="Đơn vị mới."),
        ("by_hand", Side.SELF): Given(points=35.0),
    }
    total = sheet([PLEASED, BY_HAND], {}, made).total(Side.SELF)
    assert (total.points, total.of, total.hundred, total.missing) == (35.0, 70, 50.0, 0)


def test_an_empty_sheet_has_no_points_of_a_hundred() -> None:
    empty = sheet([PLEASED, BY_HAND], {}, {})
    assert empty.total(Side.VERIFIED).hundred is None
    assert not empty.is_complete


def test_the_shipped_weights_make_a_hundred_in_every_year_and_others_are_refused() -> None:
    for year in (2021, 2026, 2030):
        assert sum(criterion.weight for criterion in criteria_of(shipped(), year)) == 100
    assert criteria_of(shipped(), 2019) == ()
    with pytest.raises(BadRule, match=r"the weights of 2026 make 90, not 100"):
        criteria_of([PLEASED, replace(BY_HAND, weight=60)], 2026)


def test_a_new_weight_counts_for_the_year_it_is_in_force_at_the_end_of() -> None:
    newer = [replace(PLEASED, effective="2027-12-01", weight=40), replace(BY_HAND, effective="2027-12-01", weight=60)]
    both = [PLEASED, BY_HAND, *newer]
    assert [criterion.weight for criterion in criteria_of(both, 2026)] == [30, 70]
    assert [criterion.weight for criterion in criteria_of(both, 2027)] == [40, 60]


def test_a_criterion_says_what_is_wrong_with_it() -> None:
    with pytest.raises(BadDocument, match=r"zero, full: must be 0 <= zero < full <= 1, not 0\.9, 0\.9"):
        replace(PLEASED, zero=0.9, full=0.9)
    with pytest.raises(BadDocument, match=r"measure: must be one of .* not 'luck'"):
        replace(PLEASED, measure="luck")


def counts(**found: tuple[int, int, int]) -> dict[int, Dossiers]:
    return {int(name[1:]): Dossiers(counts=given_) for name, given_ in found.items()}


def test_an_officer_whose_dossiers_were_all_best_has_ten_points() -> None:
    best = (0, 0, 7)
    score = officer_score(tt01_rule(), counts(i1=best, i2=best, i3=best, i4=best, i7=best))
    assert (score.points, score.most) == (10, 10)
    assert is_all_done(tt01_rule(), score)


def test_an_officer_with_every_dossier_just_in_time_has_five_and_is_done() -> None:
    in_time = (0, 20, 0)
    score = officer_score(tt01_rule(), counts(i1=in_time, i2=in_time, i3=in_time, i4=in_time, i7=in_time))
    assert score.points == 5
    assert is_all_done(tt01_rule(), score)


def test_one_late_dossier_of_twenty_takes_a_twentieth_of_its_indicator() -> None:
    in_time = (0, 20, 0)
    late = (1, 19, 0)
    score = officer_score(tt01_rule(), counts(i1=late, i2=in_time, i3=in_time, i4=in_time, i7=in_time))
    assert score.points == pytest.approx(4.95)
    assert not is_all_done(tt01_rule(), score)


def test_a_body_is_scored_by_nine_indicators_to_eighteen() -> None:
    half = (5, 0, 5)
    score = body_score(tt01_rule(), {number: Dossiers(counts=half) for number in range(1, 10)})
    assert (score.points, score.most) == (9, 18)


def test_an_indicator_without_dossiers_is_refused_by_its_number() -> None:
    with pytest.raises(Refused, match=r"indicators 3, 7 have no dossiers"):
        officer_score(tt01_rule(), counts(i1=(0, 0, 1), i2=(0, 0, 1), i3=(0, 0, 0), i4=(0, 0, 1)))
