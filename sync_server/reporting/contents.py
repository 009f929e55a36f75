"""A report as the values that a template shows: texts, tables and the head and foot of the page."""

from dataclasses import dataclass
from typing import Any

from sync_server.reporting import wording
from sync_server.reporting.draft import Draft, paragraphs
from sync_server.reporting.figures import Compared, Count, Figures, Named
from sync_server.reporting.periods import day_words, long_day_words
from sync_server.reporting.shares import interval, number, percent

FACES = ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")
"""What the levels are called, in order of `survey.questionnaire.FACES`."""
FEW = "–"
"""In place of a share of few; the table's note says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a report gets when it is signed. number: in the unit's register of the year; day: an ordinal."""

    number: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplemented:
    """The signed report that a «bản bổ sung» stands beside, with the count that it said."""

    number: int
    sign: str
    day: int
    n: int


def context(
    figures: Figures, draft: Draft, signed: Signed | None = None, supplements: Supplemented | None = None
) -> dict[str, Any]:
    """What the template is filled with; pictures come beside. The same values give the same, always."""
    return {
        **_head(figures, draft, signed, supplements),
        **_foot(draft),
        **_texts(figures, draft, supplements),
        **_tables(figures),
        "numbers": _numbers(figures),
        "has": {
            "ratings": figures.whole.n > 0,
            "units": bool(figures.units),
            "services": bool(figures.services),
            "course": len([one for one in figures.course if one.count.n]) > 1,
            "compared": bool(figures.compared),
            "reasons": any(one.service for one in figures.reasons),
            "sources": len([one for one in figures.sources.values() if one.n]) > 1,
        },
    }


def number_words(signed: Signed | None) -> str:
    """«05», or room for the pen."""
    return f"{signed.number:02d}" if signed else "        "


def _head(figures: Figures, draft: Draft, signed: Signed | None, supplements: Supplemented | None) -> dict[str, Any]:
    dated = long_day_words(signed.day) if signed else "ngày      tháng      năm          "
    reference = f"số {number_words(signed)}/{draft.sign}"
    if signed:
        reference += f" {long_day_words(signed.day)}"
    return {
        "above": draft.above,
        "organ": draft.organ.splitlines() or [""],
        "number": number_words(signed),
        "sign": draft.sign,
        "place_and_date": f"{draft.place}, {dated}",
        "draft_mark": "" if signed else "DỰ THẢO",
        "title": wording.title(figures),
        "supplement_mark": "(Bản bổ sung)" if supplements else "",
        "reference": f"(Kèm theo Báo cáo {reference} của {draft.speaker})",
    }


def _foot(draft: Draft) -> dict[str, Any]:
    return {
        "addressees": _addressees([one.words for one in draft.addressees]),
        "copies": ["Như trên", *draft.copies],
        "archive": "Lưu: VT",
        "on_behalf": [line for line in draft.on_behalf.splitlines() if line.strip()],
        "signer_title": [line for line in draft.title.splitlines() if line.strip()],
        "signer": draft.signer,
    }


def _addressees(names: list[str]) -> list[str]:
    """The lines after «Kính gửi:»; several are a list."""
    if len(names) < 2:
        return [f"{name}." for name in names]
    return [f"- {name}{'.' if place == len(names) else ';'}" for place, name in enumerate(names, start=1)]


def _texts(figures: Figures, draft: Draft, supplements: Supplemented | None) -> dict[str, Any]:
    opening = (
        f"Thực hiện {draft.basis}, " if draft.basis else ""
    ) + f"{draft.speaker} báo cáo {_opening_words(figures)} ({wording.span(figures)}) như sau:"
    return {
        "opening": opening[:1].upper() + opening[1:],
        "supplement": [_supplement_words(figures, supplements)] if supplements else [],
        "coverage": list(wording.coverage(figures)),
        "satisfaction": list(wording.satisfaction(figures)),
        "by_unit": list(wording.by_unit(figures)) if figures.units else [],
        "by_service": list(wording.by_service(figures)),
        "comparisons": list(wording.comparisons(figures)),
        "general": paragraphs(draft.general),
        "good": wording.good(figures),
        "not_good": wording.not_good(figures),
        "causes": paragraphs(draft.causes),
        "handled": list(wording.handled(figures)),
        "proposals": paragraphs(draft.proposals),
        "closing": f"Trên đây là báo cáo {_opening_words(figures)} của {draft.speaker}./.",
    }


def _opening_words(figures: Figures) -> str:
    words = wording.title(figures)
    return words[:1].lower() + words[1:]


def _supplement_words(figures: Figures, before: Supplemented) -> str:
    n = figures.whole.n
    moved = f"từ {number(before.n)} lượt thành {number(n)} lượt" if n != before.n else f"vẫn là {number(n)} lượt"
    return (
        f"Báo cáo này bổ sung, thay thế số liệu của Báo cáo số {before.number:02d}/{before.sign} "
        f"{long_day_words(before.day)}, do có đánh giá được gửi về hoặc được xác minh sau ngày ký: số lượt đánh giá "
        f"{moved}."
    )


def _tables(figures: Figures) -> dict[str, Any]:
    whole = figures.whole
    return {
        "level_rows": [
            {"name": name, "n": number(n), "share": _share(n, whole, figures), "interval": _interval(n, whole, figures)}
            for name, n in zip(reversed(FACES), reversed(whole.faces), strict=True)
        ],
        "level_total": number(whole.n),
        "unit_rows": [_row(one, figures) for one in figures.units],
        "service_rows": [_row(one, figures) for one in figures.services],
        "reason_rows": [{"name": name, "reasons": said} for name, said in wording.reasons_by_service(figures)],
        "reason_note": f"Chỉ gồm thủ tục có từ {figures.reason_least} lượt không hài lòng; mỗi lượt có thể nêu nhiều "
        "lý do.",
        "source_rows": [
            {"name": wording.SOURCES[source], "n": number(count.n)}
            for source, count in figures.sources.items()
            if count.n
        ],
        "compared_rows": [
            _compared_row(_this(figures), figures),
            *(_compared_row(o, figures) for o in figures.compared),
        ],
        "few_note": f"Ghi chú: dấu “{FEW}” là dưới {figures.share_least} lượt đánh giá, không nêu tỷ lệ; trong ngoặc "
        "là khoảng tin cậy 95%.",
    }


def _row(one: Named, figures: Figures) -> dict[str, str]:
    count = one.count
    return {
        "name": one.name or "Không ghi thủ tục",
        "under": one.under,
        "n": number(count.n),
        "satisfied": _with_interval(count.satisfied, count, figures),
        "dissatisfied": _with_interval(count.dissatisfied, count, figures),
        "dissatisfied_n": number(count.dissatisfied),
        "coverage": percent(count.with_dossier, count.slips)
        if count.slips and count.with_dossier <= count.slips
        else FEW,
    }


def _compared_row(one: Compared, figures: Figures) -> dict[str, str]:
    count = one.count
    return {
        "name": f"{one.name[:1].upper()}{one.name[1:]}",
        "days": f"{day_words(one.first)}–{day_words(one.last)}",
        "n": number(count.n),
        "satisfied": _with_interval(count.satisfied, count, figures),
        "dissatisfied": _with_interval(count.dissatisfied, count, figures),
    }


def _this(figures: Figures) -> Compared:
    return Compared(kind="this", name="Kỳ báo cáo", first=figures.first, last=figures.counted_to, count=figures.whole)


def _share(k: int, count: Count, figures: Figures) -> str:
    return percent(k, count.n) if count.n >= figures.share_least else FEW


def _interval(k: int, count: Count, figures: Figures) -> str:
    return interval(k, count.n) if count.n >= figures.share_least else FEW


def _with_interval(k: int, count: Count, figures: Figures) -> str:
    if count.n < figures.share_least:
        return FEW
    return f"{percent(k, count.n)}\n({interval(k, count.n)})"


def _numbers(figures: Figures) -> dict[str, int]:
    """The numbers of the headings within part I: parts that are left out leave no gap."""
    parts = [("coverage", True), ("satisfaction", figures.whole.n > 0), ("units", bool(figures.units))]
    parts += [("services", bool(figures.services)), ("compared", bool(figures.compared))]
    return {name: place for place, name in enumerate((name for name, is_there in parts if is_there), start=1)}
