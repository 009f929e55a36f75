"""One minute for the commune's loudspeakers, in plain Vietnamese: numbers as words, no percentages, nobody's name."""

import re
from collections.abc import Sequence

from num2words import num2words

from sync_server.announcing.rules import Span

FEW_WORDS = 28
"""Of one thing that was changed: a listener keeps a short sentence."""
_HEARD = re.compile(r"^\s*đã tiếp thu ý kiến[^:.]{0,80}:\s*", re.IGNORECASE)
"""What the sentence before it has said already."""
_PERIODS = {"month": "tháng {number} năm {year}", "quarter": "quý {number} năm {year}",
            "half": "sáu tháng {half} năm {year}", "year": "năm {year}"}  # fmt: skip
_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def script(
    *,
    unit: str,
    span: Span,
    ratings: int | None,
    satisfied: int,
    changed: Sequence[str],
    hotline: str,
    words_max: int,
) -> str:
    """What is read aloud, as paragraphs. ratings: null where the board says no figures; satisfied: of them. changed:
    released words on what was changed, the latest first; as many as fit into `words_max` syllables."""
    begin = [
        "Kính thưa bà con nhân dân!",
        f"{_speaker(unit)} xin thông báo về mô hình «Chính quyền thân thiện vì Nhân dân phục vụ».",
    ]
    if ratings:
        begin.append(_figures(span, ratings, satisfied))
    close = [
        "Cán bộ, công chức quyết tâm thực hiện «năm biết»: biết nghe dân nói, biết nói dân hiểu, biết làm dân tin, "
        "biết xin lỗi, biết cảm ơn.",
        "Làm xong thủ tục, kính mời bà con chạm vào màn hình để cho biết mức độ hài lòng. Không cần ghi tên, ý kiến "
        "được giữ kín.",
    ]
    if digits(hotline):
        close.append(f"Phản ánh, góp ý xin gọi số: {digits(hotline)}.")
    close.append("Xin trân trọng cảm ơn bà con!")
    middle: list[str] = []
    for text in changed:
        said = _said(text, is_first=not middle)
        if syllables(" ".join([*begin, *middle, said, *close])) > words_max:
            break
        middle.append(said)
    return "\n\n".join(" ".join(part) for part in (begin, middle, close) if part)


def syllables(text: str) -> int:
    """How many syllables are read: Vietnamese writes each apart."""
    return len(re.findall(r"\w+", text))


def number_words(number: int) -> str:
    """A number as it is said: 2026 → hai nghìn không trăm hai mươi sáu."""
    thousands, rest = divmod(number, 1000)
    if thousands and 0 < rest < 100:  # num2words leaves the hundreds out: «hai nghìn lẻ hai mươi sáu» is not said
        tail = num2words(rest, lang="vi")
        return f"{num2words(thousands, lang='vi')} nghìn không trăm {'lẻ ' if rest < 10 else ''}{tail}"
    return str(num2words(number, lang="vi"))


def digits(phone: str) -> str:
    """A telephone number as it is dictated: digit by digit, with a breath at each gap."""
    groups = ["".join(sign for sign in group if sign.isdigit()) for group in re.split(r"[\s.\-/]+", phone)]
    return ", ".join(" ".join(_DIGITS[int(sign)] for sign in group) for group in groups if group)


def of_ten(k: int, n: int) -> str:
    """A share as people say it: «khoảng chín»; the ends are words, since of ten nobody is all and nobody none."""
    if k == n:
        return "tất cả"
    tenths = round(10 * k / n)
    if tenths >= 10:
        return "gần như tất cả"
    if tenths == 0:
        return "rất ít"
    return f"khoảng {_DIGITS[tenths]}"


def _figures(span: Span, ratings: int, satisfied: int) -> str:
    when = _PERIODS[span.kind].format(
        number="tư" if span.kind == "month" and span.number == 4 else number_words(span.number),
        half="đầu" if span.number == 1 else "cuối",
        year=number_words(span.year),
    )
    return (
        f"Trong {when}, có {number_words(ratings)} lượt bà con đánh giá tại bộ phận một cửa; "
        f"cứ mười lượt thì {of_ten(satisfied, ratings)} lượt hài lòng."
    )


def _said(text: str, *, is_first: bool) -> str:
    words = _HEARD.sub("", text).split()
    short = " ".join(words[:FEW_WORDS]).rstrip(" ,;:.") + ("…" if len(words) > FEW_WORDS else ".")
    return ("Tiếp thu ý kiến của bà con: " if is_first else "Và: ") + short[:1].lower() + short[1:]


def _speaker(unit: str) -> str:
    """«Ủy ban nhân dân xã Mộc Bắc» of «Xã Mộc Bắc»; a name that is one already stays."""
    if unit.casefold().startswith(("ủy ban", "ubnd")):
        return re.sub(r"^ubnd", "Ủy ban nhân dân", unit, flags=re.IGNORECASE)
    return f"Ủy ban nhân dân {unit[:1].lower()}{unit[1:]}"
