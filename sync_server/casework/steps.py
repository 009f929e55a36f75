"""The way of a case, as a pure function: explanation → verification → measure → told → closed.

`take(case, act)` gives the case after an act, or raises `WrongStep` with a sentence for the person who tried. A case
is what its acts made of it: the acts are kept for ever, and `replay` gives the case again. Replaying asks only whether
the acts fit each other, never who has an account today: what was rightly done stays done.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from sync_server.errors import Refused


def N_(sentence: str) -> str:
    """Mark a sentence for the catalogues of translations; the pages translate it."""
    return sentence


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
    """The act does not fit the case now. Nothing was changed; the sentence says why. waits: set where the reason is
    that the case waits for another step."""

    def __init__(self, sentence: str, *, waits: State | None = None) -> None:
        self.sentence, self.waits = sentence, waits
        super().__init__(sentence if waits is None else f"{sentence} Vụ việc đang chờ: {WAITS_FOR[waits]}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person did. by: who (staff id). note: required, in that person's words; never shown to the officer,
    unless it is the officer's own. due: the ordinal day by which the *next* step has to be done. attachments:
    references (numbers of documents), never files."""

    by: int
    note: str
    due: int | None = None
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Releasing(Act):
    """An act that may tell the officer something. released: the words that reach the officer, and the only ones:
    who writes them leaves out whatever could show a citizen's identity (docs/domain.md, Art 29, retaliation)."""

    released: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeUp(Releasing):
    """The case is taken up and the officer asked; `officer_hears` is False where the complaint must not reach the
    officer before it was looked into (asking for money): then verification comes first."""

    officer_hears: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOfficer(Releasing):
    """While verifying: the officer is asked, for the first time or once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain(Act):
    """The officer's own explanation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoExplanation(Act):
    """The officer did not explain in time; only after the due day. today: the ordinal day of the act."""

    today: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify(Releasing):
    """What was found, and which ratings were found untrue (they stay, and count no longer)."""

    finding: Finding
    untrue_ratings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Releasing):
    """The measure."""

    measure: Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell(Act):
    """Who was told, and how: by receipt code, on the public board, or both. public: the words that citizens read,
    on the board and beside their receipt: what was changed, and nobody's name."""

    by_receipt: bool = False
    on_board: bool = False
    public: str = ""


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
    """New facts came up: back to verification, and the officer has to be heard about them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as its acts made it. officer_staff: the accounts of the officer whom it is about. due: of the waiting
    step. officer_hears: whether the officer may see it yet. was_heard: the officer explained, or let the time pass."""

    officer_staff: frozenset[int] = frozenset()
    state: State = State.OPENED
    due: int | None = None
    officer_hears: bool = False
    was_heard: bool = False
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

POSSIBLE: dict[State, tuple[type[Act], ...]] = {
    State.OPENED: (TakeUp,),
    State.EXPLANATION: (Explain, NoExplanation),
    State.VERIFICATION: (Verify, AskOfficer),
    State.MEASURE: (Decide, ProposeUnfounded),
    State.UNFOUNDED: (AgreeUnfounded, DisagreeUnfounded),
    State.TELLING: (Tell,),
    State.CLOSING: (Close,),
    State.CLOSED: (Reopen,),
}
"""What may be done in each state, the usual first."""


def take(case: Case, act: Act) -> Case:
    """The case after `act`. Raises `WrongStep`."""
    if not act.note.strip():
        raise WrongStep(N_("Mỗi bước cần có ghi chú: ai, việc gì, vì sao."))
    if not isinstance(act, POSSIBLE[case.state]):
        raise WrongStep(N_("Bước này chưa làm được."), waits=case.state)
    _check(case, act)
    return _after(case, act)


def replay(start: Case, acts: Iterable[Act]) -> Case:
    """The case that these acts, in order, made of a new one. Raises `WrongStep` when they do not follow each other."""
    for act in acts:
        if not isinstance(act, POSSIBLE[start.state]):
            raise WrongStep(N_("Bước này chưa làm được."), waits=start.state)
        start = _after(start, act)
    return start


def _check(case: Case, act: Act) -> None:
    """Whether this person may do this now, as far as the case itself tells."""
    if act.by in case.officer_staff and not isinstance(act, Explain):
        raise WrongStep(N_("Người được đánh giá chỉ giải trình; không tự xử lý vụ việc của mình được."))
    match act:
        case TakeUp(officer_hears=True) | AskOfficer() if not act.released.strip():
            raise WrongStep(N_("Hãy viết nội dung gửi cán bộ để họ biết cần giải trình về việc gì."))
        case Explain() if case.officer_staff and act.by not in case.officer_staff:
            raise WrongStep(N_("Chỉ người được đánh giá mới giải trình được; người khác hãy ghi ở bước xác minh."))
        case NoExplanation() if case.due is not None and act.today <= case.due:
            raise WrongStep(N_("Chưa hết hạn giải trình; hãy đợi qua hạn rồi ghi «không giải trình»."))
        case Verify(finding=Finding.TRUE) if act.untrue_ratings:
            raise WrongStep(N_("Kết luận «đúng» không đi cùng lượt bị xác minh là sai; hãy chọn «đúng một phần»."))
        case Verify(finding=Finding.TRUE | Finding.PARTLY) if not case.was_heard:
            raise WrongStep(N_("Chưa kết luận như vậy được khi cán bộ chưa được giải trình; hãy hỏi họ trước."))
        case Decide(measure=Measure.NONE) if case.finding is Finding.UNTRUE:
            raise WrongStep(N_("Kết thúc vì không có cơ sở cần hai người: hãy đề nghị để người thứ hai đồng ý."))
        case ProposeUnfounded() if case.finding is not Finding.UNTRUE:
            raise WrongStep(N_("Chỉ kết thúc vì không có cơ sở khi xác minh kết luận «không đúng»."))
        case AgreeUnfounded() | DisagreeUnfounded() if act.by == case.proposed_by:
            raise WrongStep(N_("Cần người thứ hai: người đề nghị không tự trả lời đề nghị của mình."))
        case Tell(by_receipt=False, on_board=False):
            raise WrongStep(N_("Hãy chọn ít nhất một cách thông báo: theo mã biên nhận hoặc trên bảng công khai."))
        case Tell(on_board=True) if not act.public.strip():
            raise WrongStep(N_("Hãy viết nội dung đăng trên bảng công khai: việc gì đã được sửa."))


def _after(case: Case, act: Act) -> Case:
    """What an act that fits makes of a case."""
    match act:
        case TakeUp():
            first = State.EXPLANATION if act.officer_hears else State.VERIFICATION
            return replace(case, state=first, due=act.due, officer_hears=act.officer_hears)
        case AskOfficer():
            return replace(case, state=State.EXPLANATION, due=act.due, officer_hears=True)
        case Explain() | NoExplanation():
            return replace(case, state=State.VERIFICATION, due=act.due, was_heard=True)
        case Verify():
            return _verified(case, act)
        case Decide():
            return replace(case, state=State.TELLING, due=act.due, measure=act.measure)
        case ProposeUnfounded():
            return replace(case, state=State.UNFOUNDED, due=act.due, proposed_by=act.by)
        case AgreeUnfounded():
            return replace(case, state=State.TELLING, due=act.due, measure=Measure.NONE)
        case DisagreeUnfounded():
            return replace(case, state=State.MEASURE, due=act.due, proposed_by=None)
        case Tell():
            return replace(
                case, state=State.CLOSING, due=act.due, told_by_receipt=act.by_receipt, told_on_board=act.on_board
            )
        case Close():
            return replace(case, state=State.CLOSED, due=None)
        case Reopen():
            return replace(
                case, state=State.VERIFICATION, due=act.due, was_heard=False, finding=None, measure=None,
                proposed_by=None, reopened=case.reopened + 1,
            )  # fmt: skip
    raise TypeError(f"{type(act).__name__} is an act that nothing was decided for")


def _verified(case: Case, act: Verify) -> Case:
    untrue = tuple(dict.fromkeys((*case.untrue_ratings, *act.untrue_ratings)))
    return replace(
        case, state=State.MEASURE, due=act.due, finding=act.finding, untrue_ratings=untrue, verified_by=act.by
    )
