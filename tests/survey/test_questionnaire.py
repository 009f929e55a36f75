"""Scales, reasons and surveys, as shipped and as they may be written."""

import pytest

from survey import codec, resources
from survey.errors import BadDocument
from survey.questionnaire import FACES, Level, Scale, Survey, read_law, read_reasons, read_scales, words_in

LAW = {"a", "b", "c", "d", "đ", "e", "g", "h", "i"}
"""The letters of NĐ 118/2025/NĐ-CP Art 33(1), in the order of the Vietnamese alphabet."""


def a_scale(levels=(1, 2, 3), faces=("sad", "neutral", "happy"), dissatisfied=(1,), not_satisfied=(1, 2)) -> Scale:
    words = {"vi": "x"}
    made = tuple(Level(level=n, face=face, words=words) for n, face in zip(levels, faces, strict=True))
    return Scale(id="t", levels=made, dissatisfied=dissatisfied, not_satisfied=not_satisfied)


def test_the_shipped_scales_are_the_official_ones():
    scales = read_scales(resources.config() / "scales.toml")
    assert set(scales) == {"hl3", "hl4", "hl5"}
    hl5 = scales["hl5"]
    assert [level.words["vi"] for level in hl5.levels] == [
        "Rất không hài lòng",
        "Không hài lòng",
        "Bình thường",
        "Hài lòng",
        "Rất hài lòng",
    ]
    assert (hl5.dissatisfied, hl5.not_satisfied) == ((1, 2), (1, 2, 3))
    assert [hl5.is_dissatisfied(n) for n in range(1, 6)] == [True, True, False, False, False]
    assert [hl5.knows(n) for n in (0, 1, 5, 6)] == [False, True, True, False]


def test_each_shipped_text_is_in_both_languages():
    scales = read_scales(resources.config() / "scales.toml")
    reasons = read_reasons(resources.config() / "reasons.toml")
    texts = [level.words for scale in scales.values() for level in scale.levels]
    texts += [reason.words for reason in reasons.values()]
    assert all(text["vi"] and text["en"] for text in texts)


def test_each_shipped_reason_counts_under_a_letter_of_the_law():
    reasons = read_reasons(resources.config() / "reasons.toml")
    assert {reason.law for reason in reasons.values()} <= LAW
    assert {code for code, reason in reasons.items() if reason.grave} == {"rude", "asked_for_money"}
    assert all(set(reason.after) <= {"dissatisfied", "satisfied"} and reason.after for reason in reasons.values())


def test_the_places_of_reasons_in_storage_never_change():
    """These bits stand in databases in the field. A new reason takes a new bit; none of these lines is edited."""
    bits = {code: reason.bit for code, reason in read_reasons(resources.config() / "reasons.toml").items()}
    kept = {"slow": 0, "many_trips": 1, "wrong_information": 2, "unclear": 3, "attitude": 4, "rude": 5}
    kept |= {"asked_for_money": 6, "other": 7, "quick": 8, "friendly": 9, "clear": 10}
    assert {code: bits.get(code) for code in kept} == kept


def test_the_default_survey_asks_what_is_known():
    import tomllib

    text = (resources.config() / "surveys" / "default.toml").read_text(encoding="utf-8")
    survey = codec.decode(Survey, {"id": "q1", **tomllib.loads(text)}, strict=True)
    assert survey.scale in read_scales(resources.config() / "scales.toml")
    assert set(survey.reasons) <= set(read_reasons(resources.config() / "reasons.toml"))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"levels": (1, 2, 4)}, "must count 1, 2, 3"),
        ({"levels": (3, 2, 1)}, "must count 1, 2, 3"),
        ({"faces": ("happy", "neutral", "sad")}, "in this order"),
        ({"faces": ("sad", "angry", "happy")}, "must be some of"),
        ({"dissatisfied": (3,)}, "must lie within"),
        ({"dissatisfied": ()}, "must lie within"),
        ({"not_satisfied": (1, 2, 3)}, "must leave"),
        ({"dissatisfied": (0, 1), "not_satisfied": (0, 1)}, "must lie within"),
    ],
)
def test_a_scale_that_does_not_hang_together_is_refused(changes, fault):
    with pytest.raises(BadDocument, match=fault):
        a_scale(**changes)


def test_a_scale_may_use_some_of_the_faces_in_their_order():
    assert [level.face for level in a_scale().levels] == [face for face in FACES if face in ("sad", "neutral", "happy")]


@pytest.mark.parametrize("bits", [(1, 1), (0, 31), (-1, 2)])
def test_two_reasons_never_share_a_place(tmp_path, bits):
    block = '[[reasons]]\ncode = "r{0}"\nbit = {1}\nlaw = "a"\nicon = "x"\nwords = {{ vi = "x" }}\nafter = []\n'
    file = tmp_path / "reasons.toml"
    file.write_text("".join(block.format(n, bit) for n, bit in enumerate(bits)), encoding="utf-8")
    with pytest.raises(BadDocument, match="a bit of its own"):
        read_reasons(file)


def test_words_fall_back_to_vietnamese():
    assert words_in({"vi": "Chào", "en": "Hello"}, "en") == "Hello"
    assert words_in({"vi": "Chào", "en": ""}, "en") == "Chào"
    assert words_in({"vi": "Chào"}, "tay") == "Chào"


def test_each_letter_of_the_law_is_told_and_has_a_reason() -> None:
    law = read_law(resources.config() / "reasons.toml")
    assert list(law) == ["a", "b", "c", "d", "đ", "e", "g", "h", "i"]
    assert all({"vi", "en"} <= words.keys() for words in law.values())
    assert {reason.law for reason in read_reasons(resources.config() / "reasons.toml").values()} == set(law)
