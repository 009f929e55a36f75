"""What cases, their steps and their ends are called on pages: courteous, and never «kém»."""

from typing import Any

from flask_babel import gettext

from survey.questionnaire import Reason, words_in
from sync_server.casework.steps import Case, Finding, Measure, State, Trigger, WrongStep
from sync_server.errors import Refused
from sync_server.flagging.evidence import Evidence
from sync_server.models.rating import Counted
from sync_server.queries.cases import CasePage
from sync_server.rulebook import rulebook
from sync_server.web.words import language


def for_templates() -> dict[str, Any]:
    """What a blueprint's context processor gives to its templates."""
    return {
        "waits_words": waits_words,
        "trigger_words": trigger_words,
        "finding_words": finding_words,
        "measure_words": measure_words,
        "measure_options": measure_options,
        "done_words": done_words,
        "step_words": step_words,
        "counted_words": counted_words,
        "reason_words": reason_words,
        "level_words": level_words,
        "Finding": Finding,
        "Measure": Measure,
        "CaseState": State,
    }


def waits_words(state: State) -> str:
    """What a case waits for."""
    words: dict[State, str] = {
        State.OPENED: gettext("Chờ thụ lý"),
        State.EXPLANATION: gettext("Chờ cán bộ giải trình"),
        State.VERIFICATION: gettext("Chờ xác minh"),
        State.MEASURE: gettext("Chờ quyết định biện pháp"),
        State.TELLING: gettext("Chờ thông báo kết quả"),
        State.CLOSING: gettext("Chờ kết thúc"),
        State.UNFOUNDED: gettext("Chờ người thứ hai đồng ý"),
        State.CLOSED: gettext("Đã kết thúc"),
    }
    return words[state]


def trigger_words(trigger: Trigger) -> str:
    """Why there is a case."""
    words: dict[Trigger, str] = {
        Trigger.FLAG: gettext("Cờ đỏ: cần xem xét"),
        Trigger.GRAVE: gettext("Phản ánh nghiêm trọng"),
        Trigger.HAND: gettext("Mở theo đơn thư, phản ánh khác"),
    }
    return words[trigger]


def finding_words(finding: Finding) -> str:
    """What was found."""
    words: dict[Finding, str] = {
        Finding.TRUE: gettext("Đúng"),
        Finding.PARTLY: gettext("Đúng một phần"),
        Finding.UNTRUE: gettext("Không đúng"),
    }
    return words[finding]


def measure_words(measure: Measure) -> str:
    """What is done about it."""
    words: dict[Measure, str] = {
        Measure.TALK: gettext("Trao đổi, nhắc nhở"),
        Measure.TRAINING: gettext("Đào tạo, tập huấn"),
        Measure.MOVE: gettext("Chuyển vị trí việc làm"),
        Measure.PRAISE: gettext("Khen, động viên"),
        Measure.OTHER: gettext("Biện pháp khác (ghi rõ)"),
        Measure.NONE: gettext("Không cần biện pháp"),
    }
    return words[measure]


def measure_options(case: Case) -> list[tuple[str, str]]:
    """The measures to choose from: none at all needs two people when nothing was found true."""
    offered = [one for one in Measure if one is not Measure.NONE or case.finding is not Finding.UNTRUE]
    return [(one.value, measure_words(one)) for one in offered]


def done_words(kind: str) -> str:
    """What was done, for the course of a case."""
    words: dict[str, str] = {
        "take_up": gettext("Thụ lý"),
        "ask_officer": gettext("Yêu cầu cán bộ giải trình"),
        "explain": gettext("Giải trình"),
        "no_explanation": gettext("Hết hạn mà không có giải trình"),
        "verify": gettext("Xác minh"),
        "decide": gettext("Quyết định biện pháp"),
        "propose_unfounded": gettext("Đề nghị kết thúc vì không có cơ sở"),
        "agree_unfounded": gettext("Người thứ hai đồng ý"),
        "disagree_unfounded": gettext("Người thứ hai không đồng ý"),
        "tell": gettext("Thông báo kết quả"),
        "close": gettext("Kết thúc"),
        "reopen": gettext("Mở lại"),
    }
    return words[kind]


def step_words(kind: str) -> str:
    """What may be done now, on the heading of its form."""
    words: dict[str, str] = {
        "take_up": gettext("Thụ lý vụ việc"),
        "ask_officer": gettext("Yêu cầu cán bộ giải trình"),
        "explain": gettext("Ghi lời giải trình"),
        "no_explanation": gettext("Ghi nhận không có giải trình"),
        "verify": gettext("Ghi kết quả xác minh"),
        "decide": gettext("Quyết định biện pháp"),
        "propose_unfounded": gettext("Đề nghị kết thúc vì không có cơ sở"),
        "agree_unfounded": gettext("Đồng ý kết thúc vì không có cơ sở"),
        "disagree_unfounded": gettext("Không đồng ý, cần có biện pháp"),
        "tell": gettext("Thông báo kết quả"),
        "close": gettext("Kết thúc vụ việc"),
        "reopen": gettext("Mở lại vụ việc"),
    }
    return words[kind]


def counted_words(counted: Counted) -> str:
    """Whether a rating counts, and if not, why."""
    words: dict[Counted, str] = {
        Counted.YES: gettext("được tính"),
        Counted.DOSSIER_REPEATED: gettext("không tính: hồ sơ đã có lượt khác"),
        Counted.OUT_OF_HOURS: gettext("không tính: ngoài giờ"),
        Counted.BURST: gettext("không tính: bấm liền nhau"),
        Counted.CLOCK_UNKNOWN: gettext("không tính: không rõ thời điểm"),
        Counted.VERIFIED_UNTRUE: gettext("không tính: xác minh là không đúng"),
        Counted.OUTAGE: gettext("không tính: trong lúc có sự cố"),
    }
    return words[counted]


def reason_words(reason: Reason) -> str:
    """A reason in the reader's language."""
    return words_in(reason.words, language())


def level_words(scale_id: str, level: int) -> str:
    """A level in the reader's language."""
    return words_in(rulebook().scales[scale_id].levels[level - 1].words, language())


def fault_words(error: Refused) -> str:
    """Why something was not done, in the reader's language."""
    if isinstance(error, WrongStep):
        said = str(gettext(error.sentence))
        return said if error.waits is None else f"{said} {waits_words(error.waits)}."
    return str(gettext(str(error)))


def first_question(page: CasePage) -> str:
    """What the officer could be asked: a beginning for the one who releases it, without any day, comment or exact
    number (numbers are rounded down to tens, so that they tell no citizen apart)."""
    if page.evidence is not None:
        return _about_a_flag(page.evidence)
    if page.line.reason is not None and page.line.reason.code == "rude":
        about = gettext("Có ý kiến của người dân về lời nói, thái độ khi phục vụ.")
    elif page.line.reason is not None:
        about = gettext("Có ý kiến của người dân về việc thu thêm ngoài quy định.")
    else:
        return ""
    return f"{about} {_please()}"


def _about_a_flag(evidence: Evidence) -> str:
    n, bad = evidence.n // 10 * 10, evidence.bad // 10 * 10
    if bad:
        counts = gettext("Hơn %(bad)s trên hơn %(n)s lượt đánh giá chưa hài lòng", bad=bad, n=n)
    else:
        counts = gettext("Một số lượt đánh giá chưa hài lòng")
    return f"{counts}, {gettext('cao hơn rõ rệt so với đồng nghiệp làm cùng loại thủ tục.')} {_please()}"


def _please() -> str:
    return str(gettext("Xin Ông/Bà cho biết hoàn cảnh công việc và ý kiến của mình."))
