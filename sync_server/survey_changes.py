"""What differs between two surveys, thing by thing, for a person to look at before publishing."""

from collections.abc import Iterator
from dataclasses import dataclass

from survey.questionnaire import Survey

PARTS = ("scale", "question", "reason_added", "reason_gone", "order", "ask_reasons_when_satisfied", "ask_comment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. part: of `PARTS`; language: of a text; before and after: '' for nothing, `yes` and `no` for
    switches, codes for reasons."""

    part: str
    before: str = ""
    after: str = ""
    language: str = ""


def changes(before: Survey, after: Survey) -> tuple[Change, ...]:
    """All differences, in the order in which a citizen would meet them. Empty when both ask the same."""
    return tuple(_changes(before, after))


def _changes(before: Survey, after: Survey) -> Iterator[Change]:
    for language in sorted({*before.question, *after.question}, key=lambda code: (code != "vi", code)):
        old, new = before.question.get(language, ""), after.question.get(language, "")
        if old != new:
            yield Change(part="question", before=old, after=new, language=language)
    if before.scale != after.scale:
        yield Change(part="scale", before=before.scale, after=after.scale)
    yield from (Change(part="reason_gone", before=code) for code in before.reasons if code not in after.reasons)
    yield from (Change(part="reason_added", after=code) for code in after.reasons if code not in before.reasons)
    stayed = [code for code in before.reasons if code in after.reasons]
    if stayed != [code for code in after.reasons if code in before.reasons]:
        yield Change(part="order")
    for part in ("ask_reasons_when_satisfied", "ask_comment"):
        old_is, new_is = getattr(before, part), getattr(after, part)
        if old_is != new_is:
            yield Change(part=part, before=_said(old_is), after=_said(new_is))


def _said(is_so: bool) -> str:
    return "yes" if is_so else "no"
