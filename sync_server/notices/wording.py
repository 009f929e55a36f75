"""The words of notices, Vietnamese first. They name units, kiosks and numbers of cases; never an officer, never a
citizen, never what somebody said: who reads the message signs in to see more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_server.notices.kinds import Kind

_SENTENCES: Mapping[str, Mapping[Kind, str]] = {
    "vi": {
        Kind.HELLO: "Kênh này sẽ nhận thông báo mà Ông/Bà đã chọn.",
        Kind.FLAG: "{unit}: vụ việc số {case} mới mở theo cờ đỏ, cần xem xét.",
        Kind.GRAVE: "{unit}: có phản ánh nghiêm trọng, vụ việc số {case}.",
        Kind.DUE: "Vụ việc số {case} có bước đến hạn ngày {day}.",
        Kind.OVERDUE: "Vụ việc số {case} có bước đã quá hạn từ ngày {day}.",
        Kind.SILENT: "{unit}: máy «{kiosk}» không liên lạc trong giờ làm việc.",
        Kind.BATTERY: "{unit}: máy «{kiosk}» còn {percent} % pin.",
        Kind.DISK: "{unit}: máy «{kiosk}» chỉ còn {megabytes} MB trống.",
        Kind.DIGEST: (
            "Tuần từ {first} đến {last}: {n} lượt đánh giá, trong đó {dissatisfied} lượt không hài lòng; "
            "{opened} vụ việc mới, {closed} vụ việc kết thúc, {overdue} vụ việc quá hạn."
        ),
        Kind.REPORT: "{unit}: báo cáo {period} chưa ký, hạn gửi {day}.",
    },
    "en": {
        Kind.HELLO: "This channel will take the notices that you chose.",
        Kind.FLAG: "{unit}: case {case} was opened by a red flag and is to be looked into.",
        Kind.GRAVE: "{unit}: a grave complaint came in, case {case}.",
        Kind.DUE: "A step of case {case} is due on {day}.",
        Kind.OVERDUE: "A step of case {case} is overdue since {day}.",
        Kind.SILENT: "{unit}: kiosk “{kiosk}” is silent in opening hours.",
        Kind.BATTERY: "{unit}: kiosk “{kiosk}” has {percent} % of its battery left.",
        Kind.DISK: "{unit}: kiosk “{kiosk}” has only {megabytes} MB of its disk left.",
        Kind.DIGEST: (
            "Week from {first} to {last}: {n} ratings, {dissatisfied} of them dissatisfied; "
            "{opened} new cases, {closed} cases closed, {overdue} cases overdue."
        ),
        Kind.REPORT: "{unit}: the report of {period} is not signed yet; it is due on {day}.",
    },
}
_FRAME: Mapping[str, tuple[str, str]] = {
    "vi": ("Nụ Cười: {n} thông báo mới", "Xin đăng nhập để xem. Chọn nhận thông báo nào: {choices}"),
    "en": ("Nụ Cười: {n} new notices", "Please sign in to see more. Choose your notices: {choices}"),
}
TITLE_MAX = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing to tell. params: what the sentence of its kind names; link: where to read more."""

    kind: Kind
    params: Mapping[str, Any]
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What goes out, as plain text."""

    title: str
    body: str


def sentence(line: Line, language: str) -> str:
    """One notice in words; Vietnamese for a language that has none."""
    words = _SENTENCES.get(language, _SENTENCES["vi"])[line.kind]
    return words.format_map({name: _one_line(value) for name, value in line.params.items()})


def message(lines: Sequence[Line], language: str, choices: str) -> Message:
    """One message for all that waits for a person. choices: the address where notices are chosen."""
    many, foot = _FRAME.get(language, _FRAME["vi"])
    said = [sentence(line, language) for line in lines]
    title = f"Nụ Cười: {said[0]}" if len(said) == 1 else many.format(n=len(said))
    told = "\n\n".join(f"{words}\n{line.link}" for words, line in zip(said, lines, strict=True))
    return Message(title=_shortened(title), body=f"{told}\n\n{foot.format(choices=choices)}\n")


def _one_line(value: object) -> str:
    """A value without breaks: a name must not begin a header or a second line."""
    return " ".join(str(value).split())


def _shortened(title: str) -> str:
    return title if len(title) <= TITLE_MAX else title[: TITLE_MAX - 1] + "…"
