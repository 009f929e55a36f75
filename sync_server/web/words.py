"""Numbers and states as words of the reader's language, for the templates of officers and units."""

import math
from datetime import date
from typing import Any

from flask_babel import format_date, get_locale, gettext

from sync_server.flagging.explain import beside_a_name, decimal, ignored_words, interval_words, sentence, state_words
from sync_server.flagging.integrity import Alert
from sync_server.flagging.intervals import wilson
from sync_server.flagging.standard import Verdict, quarter_of
from sync_server.flagging.state import State
from sync_server.flagging.whatif import Fate
from sync_server.queries.integrity import AlertLine


def language() -> str:
    """`vi` or `en`."""
    return str(get_locale())


def for_templates() -> dict[str, Any]:
    """What a blueprint's context processor gives to its templates; the language is that of the request."""
    spoken = language()
    return {
        "State": State,
        "state_words": lambda state: state_words(state, spoken),
        "beside_a_name": lambda bad, n, expected: beside_a_name(bad, n, expected, spoken),
        "interval_words": lambda bad, n: interval_words(bad, n, spoken),
        "share_words": lambda k, n: share_words(k, n, spoken),
        "share_interval": lambda k, n: share_interval(k, n, spoken),
        "sentence": lambda evidence: sentence(evidence, spoken),
        "ignored_words": lambda ignored, names: ignored_words(
            ignored, lambda number: names.get(number, str(number)), spoken
        ),
        "decimal": lambda value, places=1: decimal(value, spoken, places),
        "whole": lambda value: decimal(value, spoken, 0),
        "score_words": lambda log_m: score_words(log_m, spoken),
        "alert_words": alert_words,
        "chance_words": lambda chance: chance_words(chance, spoken),
        "fate_words": fate_words,
        "date_words": date_words,
        "quarter_words": quarter_words,
        "verdict_words": verdict_words,
    }


def date_words(day: date | str | None) -> str:
    """dd/MM/yyyy of a date or an ISO date; a dash for none."""
    if day is None:
        return "—"
    when = date.fromisoformat(day) if isinstance(day, str) else day
    return str(format_date(when, "dd/MM/yyyy", rebase=False))


def share_words(k: int, n: int, spoken: str) -> str:
    """k of n in per cent; a dash for nothing."""
    return f"{decimal(100 * k / n, spoken)} %" if n else "—"


def share_interval(k: int, n: int, spoken: str) -> str:
    """Wilson's 95 % interval of k of n in per cent."""
    low, high = wilson(k, n)
    return f"{decimal(100 * low, spoken)}–{decimal(100 * high, spoken)} %"


def score_words(log_m: float | None, spoken: str) -> str:
    """M of its logarithm, with a place behind the comma while that says something."""
    if log_m is None or log_m < math.log(0.05):
        return decimal(0.0, spoken)
    if log_m > math.log(1e9):
        return str(gettext("hơn %(number)s", number=decimal(1e9, spoken, 0)))
    return decimal(math.exp(log_m), spoken, 1 if log_m < math.log(100) else 0)


def quarter_words(day: date) -> str:
    """«quý 3/2026»."""
    first, _ = quarter_of(day)
    return str(gettext("quý %(quarter)d/%(year)d", quarter=(first.month + 2) // 3, year=first.year))


def verdict_words(verdict: Verdict) -> str:
    """What a unit's quarter is called beside its standard."""
    words: dict[Verdict, str] = {
        Verdict.INSUFFICIENT: gettext("chưa đủ lượt để nói"),
        Verdict.MET: gettext("đạt chuẩn"),
        Verdict.UNCERTAIN: gettext("chưa rõ, sát chuẩn"),
        Verdict.NOT_MET: gettext("chưa đạt chuẩn"),
    }
    return words[verdict]


def alert_words(line: AlertLine) -> str:
    """What was found, with its numbers."""
    texts: dict[Alert, str] = {
        Alert.SHORT_GAPS: gettext(
            "%(found)d trên %(of)d khoảng cách giữa hai lượt ngắn hơn 15 giây", found=line.found, of=line.of
        ),
        Alert.LONG_RUN: gettext(
            "%(found)d lượt liền nhau cùng một mức, trên %(of)d lượt trong tuần", found=line.found, of=line.of
        ),
        Alert.OUT_OF_HOURS: gettext("%(found)d trên %(of)d lượt ngoài giờ làm việc", found=line.found, of=line.of),
        Alert.SILENT_HOURS: gettext(
            "%(found)d trên %(of)d giờ có in phiếu nhưng không ai đánh giá", found=line.found, of=line.of
        ),
    }
    return texts[line.kind]


def chance_words(chance: float, spoken: str) -> str:
    """A tiny chance as «khoảng 1 trên 3.000.000»."""
    if chance <= 1e-12:
        return str(gettext("chưa đến 1 trên 1.000 tỷ"))
    odds = 10 ** math.floor(-math.log10(chance)) * round(10 ** (-math.log10(chance) % 1))
    return str(gettext("khoảng 1 trên %(odds)s", odds=decimal(odds, spoken, 0)))


def fate_words(fate: Fate) -> str:
    """What becomes of a flag under other numbers."""
    texts: dict[Fate, str] = {
        Fate.COMES: gettext("có thêm"),
        Fate.GOES: gettext("không còn"),
        Fate.MOVES: gettext("đổi ngày"),
    }
    return texts[fate]
