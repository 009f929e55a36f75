"""The way of a case, as a pure function: explanation → verification → measure → told → closed.

`take(case, act)` gives the case after an act, or raises `WrongStep` with a sentence for the person who tried. A case
is what its acts made of it: the acts are kept for ever and `replay` gives the case again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from sync_server.errors import Refused


class State(StrEnum):
    """What a case waits for."""

    OPENED = "opened"  # the head takes it up and asks the officer
    EXPLANATION = "explanation"  # the officer explains (giải trình)
    VERIFICATION = "verification"  # somebody else finds out what is true (xác minh)
    MEASURE = "measure"  # what is done about it (biện pháp)
    TELLING = "telling"  # those who complained are told (thông báo kết quả)
    CLOSING = "closing"  # told; may be closed
    UNFOUNDED = "unfounded"  # one person proposes to close it as unfounded; another has to agree
    CLOSED = "closed"


class Trigger(StrEnum):
    """Why there is a case."""

    FLAG = "flag"
    GRAVE = "grave"
    HAND = "hand"


class Finding(StrEnum):
    """What verification found: đúng, một phần, không đúng."""

    TRUE = "true"
    PARTLY = "partly"
    UNTRUE = "untrue"


class Measure(StrEnum):
    """What was done: trao đổi, đào tạo, chuyển vị trí, khen, khác, không cần."""

    TALK = "talk"
    TRAINING = "training"
    MOVE = "move"
    PRAISE = "praise"
    OTHER = "other"
    NONE = "none"


class WrongStep(Refused):
    """The act does not fit the case now. Nothing was changed; the sentence says what the case waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person did. by: who (staff id). note: required, in that person's words. due: the ordinal day by which
    the *next* step has to be done. attachments: references (numbers of documents), never files."""

    by: int
    note: str
    due: int | None = None
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeUp(Act):
    """The case is taken up and the officer asked; `officer_hears` is False where the complaint must not reach the
    officer before it was looked into (asking for money): then verification comes first."""

    officer_hears: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain(Act):
    """The officer's own explanation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoExplanation(Act):
    """The officer did not explain in time; only after the due day. today: the ordinal day of the act."""

    today: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify(Act):
    """What was found, and which ratings were found untrue (they stay, and count no longer)."""

    finding: Finding
    untrue_ratings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Act):
    """The measure."""

    measure: Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell(Act):
    """Who was told, and how: by receipt code, on the public board, or both."""

    by_receipt: bool = False
    on_board: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Act):
    """The end; the fold of the flagging rule starts anew from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeUnfounded(Act):
    """To close without a measure, since verification found nothing true. A second person has to agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeUnfounded(Act):
    """The second person's agreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisagreeUnfounded(Act):
    """The second person's refusal: a measure has to be decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen(Act):
    """New facts came up: back to verification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as its acts made it. officer_hears: whether the officer may see it yet. due: of the waiting step."""

    officer_staff_id: int | None
    state: State = State.OPENED
    due: int | None = None
    officer_hears: bool = False
    finding: Finding | None = None
    measure: Measure | None = None
    untrue_ratings: tuple[str, ...] = ()
    verified_by: int | None = None
    proposed_by: int | None = None
    told_by_receipt: bool = False
    told_on_board: bool = False
    reopened: int = 0


WAITS_FOR = {
    State.OPENED: "được người đứng đầu thụ lý",
    State.EXPLANATION: "công chức giải trình",
    State.VERIFICATION: "xác minh",
    State.MEASURE: "quyết định biện pháp",
    State.TELLING: "thông báo kết quả",
    State.CLOSING: "kết thúc",
    State.UNFOUNDED: "người thứ hai đồng ý kết thúc vì không có cơ sở",
    State.CLOSED: "không còn bước nào; chỉ có thể mở lại",
}


def take(case: Case, act: Act) -> Case:
    """The case after `act`. Raises `WrongStep`."""
    if not act.note.strip():
        raise WrongStep("Mỗi bước cần có ghi chú: ai, việc gì, vì sao.")
    match case.state, act:
        case State.OPENED, TakeUp():
            first = State.EXPLANATION if act.officer_hears else State.VERIFICATION
            return replace(case, state=first, due=act.due, officer_hears=act.officer_hears)
        case State.EXPLANATION, Explain():
            return _explained(case, act)
        case State.EXPLANATION, NoExplanation():
            return _unexplained(case, act)
        case State.VERIFICATION, Verify():
            return _verified(case, act)
        case State.MEASURE, Decide():
            return replace(case, state=State.TELLING, due=act.due, measure=act.measure)
        case State.MEASURE, ProposeUnfounded():
            return _proposed(case, act)
        case State.UNFOUNDED, AgreeUnfounded():
            return _agreed(case, act)
        case State.UNFOUNDED, DisagreeUnfounded():
            return replace(case, state=State.MEASURE, due=act.due, proposed_by=None)
        case State.TELLING, Tell():
            return _told(case, act)
        case State.CLOSING, Close():
            return replace(case, state=State.CLOSED, due=None)
        case State.CLOSED, Reopen():
            return replace(
                case, state=State.VERIFICATION, due=act.due, measure=None, proposed_by=None, reopened=case.reopened + 1
            )
    raise WrongStep(f"Bước này chưa làm được: vụ việc đang chờ {WAITS_FOR[case.state]}.")


def replay(start: Case, acts: Iterable[Act]) -> Case:
    """The case that these acts, in order, make of a new one."""
    for act in acts:
        start = take(start, act)
    return start


def _explained(case: Case, act: Explain) -> Case:
    if case.officer_staff_id is not None and act.by != case.officer_staff_id:
        raise WrongStep("Chỉ công chức được đánh giá mới giải trình được; người khác hãy ghi ở bước xác minh.")
    return replace(case, state=State.VERIFICATION, due=act.due)


def _unexplained(case: Case, act: NoExplanation) -> Case:
    if case.due is not None and act.today <= case.due:
        raise WrongStep("Chưa hết hạn giải trình; Ông/Bà có thể ghi «không giải trình» từ ngày làm việc sau hạn.")
    return replace(case, state=State.VERIFICATION, due=act.due)


def _verified(case: Case, act: Verify) -> Case:
    if case.officer_staff_id is not None and act.by == case.officer_staff_id:
        raise WrongStep("Người được đánh giá không thể tự xác minh vụ việc của mình.")
    if act.untrue_ratings and act.finding is Finding.TRUE:
        raise WrongStep("Kết luận «đúng» không đi cùng lượt đánh giá bị xác minh là sai; hãy chọn «một phần».")
    untrue = tuple(dict.fromkeys((*case.untrue_ratings, *act.untrue_ratings)))
    return replace(
        case,
        state=State.MEASURE,
        due=act.due,
        finding=act.finding,
        untrue_ratings=untrue,
        verified_by=act.by,
        officer_hears=True,
    )


def _proposed(case: Case, act: ProposeUnfounded) -> Case:
    if case.finding is not Finding.UNTRUE:
        raise WrongStep("Chỉ kết thúc vì không có cơ sở khi xác minh kết luận «không đúng».")
    if act.by == case.officer_staff_id:
        raise WrongStep("Người được đánh giá không thể đề nghị kết thúc vụ việc của mình.")
    return replace(case, state=State.UNFOUNDED, due=act.due, proposed_by=act.by)


def _agreed(case: Case, act: AgreeUnfounded) -> Case:
    if act.by in (case.proposed_by, case.officer_staff_id):
        raise WrongStep("Cần người thứ hai đồng ý: người đề nghị và người được đánh giá không tự đồng ý được.")
    return replace(case, state=State.TELLING, due=act.due, measure=Measure.NONE)


def _told(case: Case, act: Tell) -> Case:
    if not (act.by_receipt or act.on_board):
        raise WrongStep("Hãy chọn ít nhất một cách thông báo: theo mã biên nhận hoặc trên bảng công khai.")
    return replace(case, state=State.CLOSING, due=act.due, told_by_receipt=act.by_receipt, told_on_board=act.on_board)
