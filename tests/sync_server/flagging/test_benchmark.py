"""The benchmark still runs, and on a small world already shows what it must."""

import pytest

from benchmarks import flagging


@pytest.fixture(scope="module")
def results() -> flagging.Results:
    return flagging.main(networks=2, attacked=1)


def test_honest_officers_are_hardly_ever_red_and_bad_ones_are_found(results: flagging.Results) -> None:
    everybody = results.groups["all"]
    assert everybody.months > 3000
    assert everybody.rate(flagging.OURS) <= 1.0
    assert everybody.rate(flagging.OURS) < everybody.rate("lowest 5 % a month")
    assert all(flagging.share(results.chases[kind].red_in_half_a_year) > 0 for kind in ("chronic", "gross"))


def test_every_figure_to_reproduce_is_printed(results: flagging.Results, capsys: pytest.CaptureFixture[str]) -> None:
    flagging.print_targets(results)
    printed = capsys.readouterr().out
    assert printed.count("reached") + printed.count("MISSED") == len(flagging.targets(results)) == 9


def test_a_figure_of_nothing_is_not_reached() -> None:
    assert not flagging.is_reached("x", float("nan"), 1.0, True)
    assert not flagging.is_reached("x", float("nan"), 1.0, False)
