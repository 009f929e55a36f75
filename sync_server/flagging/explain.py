"""What staff read beside a flag: plain words with their numbers, in Vietnamese and in English.

Pure functions of the evidence and a language (`vi`, anything else is English), not catalogue entries: the numbers,
their plurals and the decimal comma belong to the sentence. Names of services come in, since only the server has them.
"""

import math
from collections.abc import Callable, Mapping
from datetime import date

from sync_server.flagging.evidence import Evidence
from sync_server.flagging.fold import DayStep, Fold
from sync_server.flagging.intervals import wilson
from sync_server.flagging.state import State

WEEKS_A_WORKING_YEAR = 50
STATE_WORDS: Mapping[State, Mapping[str, str]] = {
    State.INSUFFICIENT: {"vi": "chưa đủ dữ liệu", "en": "not enough data"},
    State.OK: {"vi": "ổn định", "en": "ok"},
    State.WATCH: {"vi": "lưu ý", "en": "watch"},
    State.FLAG: {"vi": "cần xem xét", "en": "to be looked into"},
}


def state_words(state: State, language: str = "vi") -> str:
    """What a state is called: never «kém», never green while there is too little data."""
    return STATE_WORDS[state]["vi" if language == "vi" else "en"]


def decimal(value: float, language: str = "vi", places: int = 1) -> str:
    """3,1 in Vietnamese, 3.1 in English; thousands apart by a point or a comma."""
    text = f"{value:,.{places}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def sentence(evidence: Evidence, language: str = "vi") -> str:
    """The sentence beside a flag: counts, what peers had, what it takes to be red, and what yellow is for."""
    parts = [_counts(evidence, language), _recent(evidence, language), _meaning(evidence, language)]
    return " ".join(part for part in parts if part)


def beside_a_name(bad: int, n: int, expected: float, language: str = "vi") -> str:
    """«7 trên 120 (dự kiến 3,1)»: short enough for a list."""
    if language == "vi":
        return f"{bad} trên {_whole(n, 'vi')} (dự kiến {decimal(expected, 'vi')})"
    return f"{bad} of {_whole(n, 'en')} (expected {decimal(expected, 'en')})"


def interval_words(bad: int, n: int, language: str = "vi") -> str:
    """Wilson's 95 % interval of the share of bad ratings, in per cent: «2,9–11,6 %»."""
    low, high = wilson(bad, n)
    return f"{decimal(100 * low, language)}–{decimal(100 * high, language)} %"


def ignored_words(ignored: Mapping[int, int], service_name: Callable[[int], str], language: str = "vi") -> list[str]:
    """One sentence for each service whose ratings the score ignores, for want of peers. Unknown service: 0."""
    return [_ignored(n, service_name(service) if service else "", language) for service, n in ignored.items() if n]


def day_lines(folded: Fold, language: str = "vi") -> list[str]:
    """The fold day by day, one line a day, for `--explain`; M after each day last."""
    return [_day_line(step, language) for step in folded.steps]


def _counts(evidence: Evidence, language: str) -> str:
    n, bad, neutral = _whole(evidence.n, language), evidence.bad, evidence.bad - evidence.dissatisfied
    expected = decimal(evidence.expected_bad, language)
    if language == "vi":
        within = f" (trong đó {neutral} lượt ở mức bình thường)" if neutral else ""
        return f"{bad} trên {n} lượt không hài lòng{within}; đồng nghiệp làm cùng thủ tục: {expected} lượt."
    within = f" ({neutral} of them neutral)" if neutral else ""
    return f"{bad} of {n} ratings not satisfied{within}; colleagues in the same procedures: {expected}."


def _recent(evidence: Evidence, language: str) -> str:
    """Where the climb of the score is only a part of a long record, the whole hides it: tell that part too."""
    climb = evidence.climb
    if climb is None or climb.n == evidence.n or evidence.state not in (State.WATCH, State.FLAG):
        return ""
    n, expected = _whole(climb.n, language), decimal(climb.expected_bad, language)
    day = date.fromisoformat(climb.since)
    if language == "vi":
        return f"Riêng từ ngày {day:%d/%m/%Y}: {climb.bad} trên {n} lượt; đồng nghiệp: {expected} lượt."
    return f"Since {day.isoformat()} alone: {climb.bad} of {n}; colleagues: {expected}."


def _meaning(evidence: Evidence, language: str) -> str:
    years = max(1, round(evidence.flag_at / WEEKS_A_WORKING_YEAR))
    if language == "vi":
        return (
            "Cờ đỏ chỉ bật khi số lượt không hài lòng cao hơn rõ rệt so với đồng nghiệp làm cùng loại thủ tục, lặp "
            f"lại ở nhiều ngày, đến mức nếu chỉ do may rủi thì trung bình khoảng {years} năm làm việc mới gặp một "
            "lần; cờ vàng chỉ để hỏi thăm và hỗ trợ."
        )
    return (
        "A red flag is raised only when ratings are clearly worse than those of colleagues in the same kind of "
        f"procedure, on several days, so much so that chance alone would do it once in about {years} working years; "
        "a yellow flag is only a reason to ask and to support."
    )


def _ignored(n: int, service: str, language: str) -> str:
    count = _whole(n, language)
    if language == "vi":
        if not service:
            return f"{count} lượt không rõ thủ tục nên không tính vào điểm bằng chứng."
        return (
            f"{count} lượt của thủ tục «{service}» không tính vào điểm bằng chứng, vì chưa đủ đồng nghiệp làm cùng "
            "thủ tục để so sánh."
        )
    ratings = "rating" if n == 1 else "ratings"
    if not service:
        return f"{count} {ratings} of an unknown procedure: not part of the evidence score."
    return (
        f"{count} {ratings} of “{service}”: not part of the evidence score, since too few colleagues do that procedure."
    )


def _day_line(step: DayStep, language: str) -> str:
    m = decimal(_power(step.log_m), language, 2)
    expected = decimal(step.expected_bad, language, 2)
    factors = " / ".join(decimal(_power(log), language, 3) for log in step.log_factors)
    week, cap = ("+1 tuần mới", "chạm trần ngày") if language == "vi" else ("+1 new week", "day cap reached")
    notes = ", ".join(([week] if step.new_week else []) + ([cap] if step.capped else []))
    notes = f"  ({notes})" if notes else ""
    state = state_words(step.state, language)
    if language == "vi":
        return f"{step.day}  {step.bad} trên {step.n} (dự kiến {expected})  × {factors}  M = {m}  {state}{notes}"
    return f"{step.day}  {step.bad} of {step.n} (expected {expected})  × {factors}  M = {m}  {state}{notes}"


def _power(log: float) -> float:
    return math.exp(min(log, 300.0))


def _whole(value: int, language: str) -> str:
    return decimal(value, language, 0)
