"""Values for tests of the rule, valid by default."""

from collections.abc import Mapping
from datetime import date, timedelta

from survey import resources
from survey.questionnaire import read_scales
from sync_server.flagging.peers import PeerBook, PeerTotal
from sync_server.flagging.rules import Rule, always, read_rules
from sync_server.flagging.score import Rates
from sync_server.flagging.tally import DayTally

__all__ = ["MONDAY", "RULE", "SCALES", "FixedRates", "always", "book_of", "on", "tally"]

SCALES = read_scales(resources.config() / "scales.toml")
MONDAY = date(2026, 1, 5)
RULE: Rule = read_rules(resources.config() / "rules.toml").at(MONDAY)


def on(day: int) -> date:
    """The day that many days after the Monday on which tests begin."""
    return MONDAY + timedelta(days=day)


def tally(day: int = 0, *levels: int, officer: int = 1, service: int = 1, scale: str = "hl5") -> DayTally:
    """A tally of the levels given, one rating each."""
    counts = tuple(levels.count(level) for level in range(1, len(SCALES[scale].levels) + 1))
    return DayTally(officer, service, on(day), scale, counts)


class FixedRates:
    """Peers whose rates are told, by service; None or a service left out for too few of them."""

    def __init__(self, rates: Mapping[int, Rates | None] | None = None) -> None:
        self.by_service = {1: (0.03, 0.066)} if rates is None else rates

    def rates(self, service_id: int, officer_id: int, day: date) -> Rates | None:
        return self.by_service.get(service_id)


def book_of(totals: Mapping[tuple[int, int], PeerTotal]) -> PeerBook:
    """A book that knows one Monday."""
    return PeerBook.from_totals({MONDAY: totals}, always(RULE))
