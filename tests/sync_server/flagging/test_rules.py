"""The numbers of the rule: read with their dates, all faults told at once; the unit's standard; praise."""

import dataclasses
import tomllib
from datetime import date

import pytest

from survey import resources
from sync_server.flagging.errors import BadRule, FlaggingError
from sync_server.flagging.fold import fold
from sync_server.flagging.integrity import IntegrityRule
from sync_server.flagging.praise import is_clearly_better, tied_only
from sync_server.flagging.rules import Rule, Rules, parse_blocks, parse_rules, read_rules
from sync_server.flagging.score import Side
from sync_server.flagging.standard import UnitStandard, Verdict, against_standard, quarter_of
from tests.sync_server.flagging.builders import RULE, SCALES, FixedRates, always, tally

FILE = resources.config() / "rules.toml"


def test_the_shipped_rule_has_the_numbers_of_the_document() -> None:
    rule = read_rules(FILE).at(date(2026, 3, 2))
    assert (rule.tolerance, rule.severity, rule.floor, rule.day_cap) == (1.5, 3.0, 0.02, 8.0)
    assert (rule.prior, rule.prior_weight, rule.half_life_days) == ((0.03, 0.06), 50.0, 22.0)
    assert (rule.min_ratings, rule.min_bad, rule.min_bad_days) == (10, 3, 3)
    assert (rule.watch_at, rule.watch_off, rule.flag_at) == (50.0, 25.0, 1000.0)
    assert (rule.min_peers, rule.min_peer_ratings) == (3, 200.0)


def test_the_shipped_blocks_of_integrity_and_standard_are_the_defaults() -> None:
    document = tomllib.loads(FILE.read_text(encoding="utf-8"))
    (integrity,) = parse_blocks(IntegrityRule, document, "integrity")
    (standard,) = parse_blocks(UnitStandard, document, "unit_standard")
    assert dataclasses.replace(integrity, source="") == IntegrityRule()
    assert dataclasses.replace(standard, source="") == UnitStandard()


@pytest.mark.parametrize(
    ("effective", "monday"), [("2026-01-05", "2026-01-05"), ("2026-01-06", "2026-01-12"), ("2026-01-11", "2026-01-12")]
)
def test_a_rule_takes_effect_on_the_first_monday(effective: str, monday: str) -> None:
    assert dataclasses.replace(RULE, effective=effective).in_force_from == date.fromisoformat(monday)


def test_the_rule_in_force_changes_with_its_monday() -> None:
    newer = dataclasses.replace(RULE, version="2026-02", effective="2026-02-03", flag_at=2000.0)
    rules = Rules([newer, RULE])
    assert rules.at(date(2026, 2, 8)) == RULE
    assert rules.at(date(2026, 2, 9)) == newer
    assert rules.at(date(1999, 1, 1)) == RULE


def test_all_faults_are_told_at_once() -> None:
    document = {
        "flagging": [
            {"version": "a", "effective": "2026-13-01", "tolerance": 0.5, "prior": [0.03]},
            {"version": "b", "effective": "2026-01-05", "severty": 3.0},
            {"effective": "2026-01-05", "watch_at": 5000.0},
        ]
    }
    with pytest.raises(BadRule) as caught:
        parse_rules(document, at="rules.toml")
    told = "\n".join(caught.value.faults)
    for part in ("2026-13-01", "tolerance", "prior", "severty: no such key; did you mean 'severity'?", "[2].version"):
        assert part in told


def test_versions_and_dates_must_differ() -> None:
    with pytest.raises(BadRule, match=r"version '2021-01' is there twice.*take effect on Monday 2021-01-04"):
        Rules([RULE, RULE])
    with pytest.raises(BadRule, match="no block"):
        parse_rules({})


@pytest.mark.parametrize(
    ("n", "dissatisfied", "verdict"),
    [
        (29, 0, Verdict.INSUFFICIENT),
        (1000, 10, Verdict.MET),
        (1000, 50, Verdict.UNCERTAIN),
        (100, 4, Verdict.UNCERTAIN),
        (1000, 120, Verdict.NOT_MET),
    ],
)
def test_a_unit_is_compared_with_its_standard(n: int, dissatisfied: int, verdict: Verdict) -> None:
    reading = against_standard(n, dissatisfied, UnitStandard())
    assert reading.verdict is verdict
    assert (reading.share is None) == (verdict is Verdict.INSUFFICIENT)


def test_more_dissatisfied_than_ratings_is_refused() -> None:
    with pytest.raises(FlaggingError, match="11 dissatisfied of 10"):
        against_standard(10, 11, UnitStandard())


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 6, 30), date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_quarters_are_of_the_calendar(day: date, first: date, last: date) -> None:
    assert quarter_of(day) == (first, last)


def test_an_officer_clearly_better_than_peers_is_praised_and_one_like_peers_is_not() -> None:
    peers = FixedRates({1: (0.08, 0.176)})
    spotless = [tally(d, *[5] * 6) for d in range(60)]
    usual = [tally(d, *([1, 5, 5, 5, 5, 5] if d % 2 else [3, 5, 5, 5, 5, 5])) for d in range(60)]
    assert is_clearly_better(fold(spotless, SCALES, peers, always(RULE), side=Side.BETTER))
    assert not is_clearly_better(fold(usual, SCALES, peers, always(RULE), side=Side.BETTER))
    assert not is_clearly_better(fold([], SCALES, peers, always(RULE), side=Side.BETTER))


def test_only_ratings_tied_to_a_dossier_make_praise() -> None:
    stuffed = tally(0, 2, 3, 4, 4, 5, 5, 5, 5)
    assert tied_only(stuffed, (0, 1, 0), 5).counts == (0, 1, 0, 0, 4)
    assert tied_only(stuffed, (0, 1, 1), 2).counts == (0, 1, 1, 0, 0)
    assert tied_only(stuffed, (0, 0, 0), 0).counts == (0, 0, 0, 0, 0)
    with pytest.raises(FlaggingError, match="rebuild"):
        tied_only(stuffed, (0, 1, 1), 1)


def test_pressing_the_best_face_all_day_makes_no_praise() -> None:
    peers = FixedRates({1: (0.08, 0.176)})
    days = [tally(d, *[5] * 20) for d in range(60)]
    alone = [tied_only(day, (0, 0, 0), 0) for day in days]
    tied = [tied_only(day, (0, 0, 0), 20) for day in days]
    assert not is_clearly_better(fold(alone, SCALES, peers, always(RULE), side=Side.BETTER))
    assert is_clearly_better(fold(tied, SCALES, peers, always(RULE), side=Side.BETTER))


def test_praise_needs_a_fold_of_its_own_side() -> None:
    with pytest.raises(FlaggingError, match=r"Side\.BETTER"):
        is_clearly_better(fold([], SCALES, FixedRates(), always(RULE)))


def test_a_rule_is_a_value() -> None:
    assert Rule(version="x", effective="2026-01-05") == Rule(version="x", effective="2026-01-05")
    with pytest.raises(dataclasses.FrozenInstanceError):
        RULE.tolerance = 2.0  # type: ignore[misc]
