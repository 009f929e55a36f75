"""A report as files: the DOCX with its charts, and the XLSX with its numbers. The same values give the same bytes."""

import re
from collections.abc import Sequence
from datetime import date
from importlib import resources
from pathlib import Path

from sync_server import sheets
from sync_server.flagging.intervals import wilson
from sync_server.reporting import paper, wording
from sync_server.reporting.contents import FACES, Signed, Supplemented, context
from sync_server.reporting.draft import Draft
from sync_server.reporting.figures import Compared, Count, Figures
from sync_server.reporting.paper import Picture
from sync_server.reporting.pictures import Bar, Column, course_chart, shares_chart
from sync_server.reporting.shares import number
from sync_server.sheets import Cell, Sheet

LEGEND = ("lượt đánh giá", "trong đó không hài lòng")
_COUNTED = ("Lượt đánh giá", *reversed(FACES), "Không hài lòng (theo thang)", "Tỷ lệ không hài lòng (%)", "Từ (%)")
COUNT_HEADINGS = (*_COUNTED, "Đến (%)", "Gắn với hồ sơ", "Phiếu đã phát")


def shipped_template() -> bytes:
    """The template that is used where a unit has none of its own."""
    return (resources.files("sync_server") / "papers" / "report.docx").read_bytes()


def docx(
    figures: Figures,
    draft: Draft,
    template: bytes,
    *,
    signed: Signed | None = None,
    supplements: Supplemented | None = None,
) -> bytes:
    """The report on paper. Raises `BadTemplate`."""
    values = context(figures, draft, signed, supplements)
    pictures = {"course_chart": Picture(png=_course(figures)), "shares_chart": Picture(png=_shares(figures))}
    return paper.fill(template, values, pictures, title=values["title"], author=draft.speaker)


def xlsx(figures: Figures, draft: Draft) -> bytes:
    """The annexes: every table with its counts, the way they were told."""
    return sheets.book_of(_sheets(figures), author=draft.speaker)


def file_name(figures: Figures, signed: Signed | None, kind: str) -> str:
    """What a downloaded file is called, in plain letters."""
    days = f"{date.fromordinal(figures.first).isoformat()}-{date.fromordinal(figures.last).isoformat()}"
    number_part = f"{signed.number:02d}-" if signed else "du-thao-"
    return f"bao-cao-{number_part}{re.sub('_', '-', figures.kind)}-{days}.{kind}"


def _font() -> Path:
    return Path(str(resources.files("fontpkg_be_vietnam_pro"))) / "files" / "BeVietnamPro-Regular.ttf"


def _course(figures: Figures) -> bytes:
    columns = [
        Column(
            name=wording.step_words(figures.step, max(one.first, figures.first)),
            n=one.count.n,
            bad=one.count.dissatisfied,
        )
        for one in figures.course
    ]
    return course_chart(columns, LEGEND, _font())


def _shares(figures: Figures) -> bytes:
    compared = [Compared(kind="this", name="Kỳ báo cáo", first=0, last=0, count=figures.whole), *figures.compared]
    bars = [
        Bar(name=f"{one.name[:1].upper()}{one.name[1:]}", note=f"{number(one.count.n)} lượt", parts=one.count.faces)
        for one in compared
        if one.count.n >= figures.share_least
    ]
    return shares_chart(bars, FACES, _font())


def _sheets(figures: Figures) -> Sequence[Sheet]:
    whole = [("Kỳ báo cáo", figures.first, figures.counted_to, figures.whole)]
    whole += [(one.name, one.first, one.last, one.count) for one in figures.compared]
    made = [
        Sheet(
            title="Tổng hợp",
            headings=("Kỳ", "Từ ngày", "Đến ngày", *COUNT_HEADINGS),
            rows=[
                [name, date.fromordinal(first).isoformat(), date.fromordinal(last).isoformat(), *_cells(count, figures)]
                for name, first, last, count in whole
            ],
        ),
        Sheet(
            title="Theo đơn vị",
            headings=("Đơn vị", *COUNT_HEADINGS),
            rows=[[one.name, *_cells(one.count, figures)] for one in figures.units],
        ),
        Sheet(
            title="Theo thủ tục",
            headings=("Thủ tục", "Lĩnh vực", *COUNT_HEADINGS),
            rows=[
                [one.name or "Không ghi thủ tục", one.under, *_cells(one.count, figures)] for one in figures.services
            ],
        ),
        Sheet(
            title="Theo thời gian",
            headings=("Từ ngày", *COUNT_HEADINGS),
            rows=[[date.fromordinal(one.first).isoformat(), *_cells(one.count, figures)] for one in figures.course],
        ),
        Sheet(
            title="Theo hình thức",
            headings=("Hình thức", *COUNT_HEADINGS),
            rows=[[wording.SOURCES[name], *_cells(count, figures)] for name, count in figures.sources.items()],
        ),
        Sheet(
            title="Lý do",
            headings=("Thủ tục", "Lý do", "Điểm (NĐ 118/2025, Điều 33)", "Lượt"),
            rows=[[one.service or "Tất cả", one.words, one.law, one.n] for one in figures.reasons],
        ),
        Sheet(title="Vụ việc", headings=("Chỉ tiêu", "Số vụ việc"), rows=_case_rows(figures)),
    ]
    return [sheet for sheet in made if sheet.rows]


def _cells(count: Count, figures: Figures) -> list[Cell]:
    low, high = wilson(count.dissatisfied, count.n)
    shares: list[Cell] = [None, None, None]
    if count.n >= figures.share_least:
        shares = [round(100 * value, 1) for value in (count.dissatisfied / count.n, low, high)]
    return [count.n, *reversed(count.faces), count.dissatisfied, *shares, count.with_dossier, count.slips]


def _case_rows(figures: Figures) -> list[list[Cell]]:
    cases = figures.cases
    rows: list[list[Cell]] = [
        ["Đã tiếp nhận", cases.opened],
        ["Đã kết thúc", cases.closed],
        ["Đang xử lý", cases.waiting],
        ["Quá hạn", cases.overdue],
        ["Đã thông báo kết quả", cases.told],
        ["Có căn cứ", cases.true],
        ["Có căn cứ một phần", cases.partly],
        ["Không có căn cứ", cases.untrue],
    ]
    return rows + [[f"Biện pháp: {words}", cases.measures.get(key, 0)] for key, words in wording.MEASURES.items()]
