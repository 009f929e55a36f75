"""What a flag is stored with, and the words that staff read beside it."""

import dataclasses
import json

import pytest

from sync_server.flagging.errors import FlaggingError
from sync_server.flagging.evidence import evidence_of, from_json, to_json
from sync_server.flagging.explain import (
    beside_a_name,
    day_lines,
    decimal,
    ignored_words,
    interval_words,
    sentence,
    state_words,
)
from sync_server.flagging.fold import Fold, fold
from sync_server.flagging.state import State
from sync_server.flagging.tally import DayTally
from tests.sync_server.flagging.builders import RULE, SCALES, FixedRates, always, on, tally

PEERS = FixedRates({1: (0.01, 0.0221428571), 2: None})
BAD = [tally(d, *[2], *[5] * 3) for d in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15)]


def folded(rows: list[DayTally]) -> Fold:
    return fold(rows, SCALES, PEERS, always(RULE))


def flagged() -> Fold:
    """12 bad of 140, as in the sentence of the document."""
    return folded([*BAD, tally(16, *[5] * 46), tally(17, *[5] * 46)])


def test_the_sentence_is_the_one_of_the_document() -> None:
    assert sentence(evidence_of(flagged())) == (
        "12 trên 140 lượt không hài lòng; đồng nghiệp làm cùng thủ tục: 3,1 lượt. Cờ đỏ chỉ bật khi số lượt không "
        "hài lòng cao hơn rõ rệt so với đồng nghiệp làm cùng loại thủ tục, lặp lại ở nhiều ngày, đến mức nếu chỉ do "
        "may rủi thì trung bình khoảng 20 năm làm việc mới gặp một lần; cờ vàng chỉ để hỏi thăm và hỗ trợ."
    )


def test_the_sentence_in_english_has_the_same_numbers() -> None:
    told = sentence(evidence_of(flagged()), "en")
    assert told.startswith("12 of 140 ratings not satisfied; colleagues in the same procedures: 3.1.")
    assert "20 working years" in told


def test_neutral_ratings_are_told_apart_from_dissatisfied_ones() -> None:
    told = sentence(evidence_of(folded([*BAD, tally(16, 3, 3)])))
    assert told.startswith("14 trên 50 lượt không hài lòng (trong đó 2 lượt ở mức bình thường);")


def test_a_late_climb_is_told_beside_a_long_good_record() -> None:
    calm = [tally(d, *[5] * 30) for d in range(0, 70, 7)]
    late = [day._replace(day=on(77 + i)) for i, day in enumerate(BAD)]
    evidence = evidence_of(folded([*calm, *late]))
    assert evidence.climb is not None
    assert (evidence.climb.bad, evidence.climb.n) == (12, 48)
    assert evidence.climb.since == on(77).isoformat()
    told = sentence(evidence)
    assert "12 trên 348 lượt" in told
    assert f"Riêng từ ngày {on(77):%d/%m/%Y}: 12 trên 48 lượt; đồng nghiệp: 1,1 lượt." in told


def test_other_numbers_tell_other_years() -> None:
    stricter = dataclasses.replace(RULE, flag_at=2500.0)
    evidence = evidence_of(fold(BAD, SCALES, PEERS, always(stricter)))
    assert "khoảng 50 năm làm việc" in sentence(evidence)


def test_evidence_survives_storage() -> None:
    evidence = evidence_of(folded([*BAD, tally(3, 1, service=2), tally(20, 1, service=2)]))
    assert from_json(json.loads(json.dumps(to_json(evidence)))) == evidence
    assert evidence.ignored == {"2": 2}
    assert evidence.m == pytest.approx(evidence_of(folded(BAD)).m)


def test_evidence_holds_all_that_the_document_asks_for() -> None:
    evidence = evidence_of(folded(BAD))
    assert (evidence.rule_version, evidence.n, evidence.bad, evidence.state) == (RULE.version, 48, 12, "flag")
    assert evidence.expected_bad == pytest.approx(48 * 0.0221428571)
    (service,) = evidence.services
    assert (service.peer_dissatisfied, service.peer_not_satisfied) == (0.01, 0.0221428571)
    assert evidence.climb is not None
    assert [day.day for day in evidence.climb.days] == [row.day.isoformat() for row in BAD]
    assert evidence.climb.days[-1].m == pytest.approx(evidence.m)


def test_the_evidence_of_an_earlier_day_is_what_it_was_then() -> None:
    change = next(change for change in flagged().changes if change.became is State.FLAG)
    then = evidence_of(fold([*BAD, tally(16, *[5] * 46)], SCALES, PEERS, always(RULE), until=change.day))
    assert then.day == change.day.isoformat()
    assert then.state == "flag"
    assert then.n < 140


def test_evidence_of_nothing_is_refused_and_damaged_evidence_is_named() -> None:
    with pytest.raises(FlaggingError, match="no counted rating"):
        evidence_of(folded([]))
    broken = {**to_json(evidence_of(folded(BAD))), "n": "many"}
    with pytest.raises(FlaggingError, match=r"evidence\.n"):
        from_json(broken)


def test_a_huge_score_can_be_stored() -> None:
    rows = [tally(d, *[1] * 20) for d in range(400)]
    evidence = evidence_of(folded(rows))
    assert from_json(json.loads(json.dumps(to_json(evidence), allow_nan=False))) == evidence


@pytest.mark.parametrize(
    ("value", "language", "places", "text"),
    [(3.14, "vi", 1, "3,1"), (3.14, "en", 1, "3.1"), (12345.6, "vi", 1, "12.345,6"), (12345.6, "en", 0, "12,346")],
)
def test_numbers_are_written_as_the_language_does(value: float, language: str, places: int, text: str) -> None:
    assert decimal(value, language, places) == text


def test_the_words_beside_a_name() -> None:
    assert beside_a_name(7, 120, 3.1) == "7 trên 120 (dự kiến 3,1)"
    assert beside_a_name(7, 120, 3.1, "en") == "7 of 120 (expected 3.1)"
    assert interval_words(7, 120) == "2,9–11,6 %"


def test_a_red_officer_is_to_be_looked_into_and_grey_is_never_called_good() -> None:
    assert state_words(State.FLAG) == "cần xem xét"
    assert state_words(State.INSUFFICIENT) == "chưa đủ dữ liệu"
    assert "kém" not in " ".join(state_words(state) for state in State)


def test_ignored_ratings_are_told_with_their_reason() -> None:
    told = ignored_words({2: 38, 0: 1, 3: 0}, lambda service: f"thủ tục số {service}")
    assert told == [
        "38 lượt của thủ tục «thủ tục số 2» không tính vào điểm bằng chứng, vì chưa đủ đồng nghiệp làm cùng thủ tục "
        "để so sánh.",
        "1 lượt không rõ thủ tục nên không tính vào điểm bằng chứng.",
    ]
    assert "too few colleagues" in ignored_words({2: 1}, lambda service: "land", "en")[0]


def test_the_fold_is_told_day_by_day() -> None:
    lines = day_lines(folded([*BAD, tally(21, *[1] * 9)]))
    assert len(lines) == len(BAD) + 1
    assert lines[0].startswith(f"{on(0)}  1 trên 4 (dự kiến 0,09)")
    assert "+1 tuần mới" in lines[0]
    assert "chạm trần ngày" in lines[-1]
    assert "cần xem xét" in lines[-1]
