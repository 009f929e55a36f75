"""The shipped template of reports, made anew: `python -m sync_server.reporting.template FILE`.

In the form of Nghị định 30/2020/NĐ-CP, Phụ lục I: A4; margins 20–25 mm above and below, 30–35 mm left, 15–20 mm right;
Times New Roman, black; sizes as beside each part below. Staff edit the made file in a word processor; its fields in
double braces are filled by `reporting.contents.context`.
"""

import sys
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

FONT = "Times New Roman"
CENTRE, LEFT, RIGHT, BOTH = (
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)
INDENT = Mm(12.7)


def build() -> Any:
    """The template as a document of python-docx."""
    document = Document()
    _page(document)
    _letterhead(document)
    _title(document)
    _body(document)
    _foot(document)
    _annex(document)
    return document


def _page(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(18)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(14)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for part in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(part), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    style.element.get_or_add_rPr().append(language)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    header = section.header.paragraphs[0]  # the page's number: 13–14, in the middle of the upper margin, not on page 1
    header.alignment = CENTRE
    _field(header, "PAGE")


def _letterhead(document: Any) -> None:
    table = _plain_table(document, (Mm(64), Mm(98)))
    left, right = table.rows[0].cells
    _say(left, "{%p if above %}", first=True)
    _say(left, "{{ above }}", CENTRE, size=12)
    _say(left, "{%p endif %}")
    _say(left, "{%p for line in organ %}")
    _say(left, "{{ line }}", CENTRE, size=12, bold=True)
    _say(left, "{%p endfor %}")
    _rule(left, width_mm=24, cell_mm=64)
    _say(left, "Số: {{ number }}/{{ sign }}", CENTRE, size=13, before=6)
    _say(left, "{%p if draft_mark %}")
    _say(left, "{{ draft_mark }}", CENTRE, size=13, bold=True, before=4)
    _say(left, "{%p endif %}")
    _say(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", CENTRE, size=12, bold=True, first=True)
    _say(right, "Độc lập - Tự do - Hạnh phúc", CENTRE, size=13, bold=True)
    _rule(right, width_mm=56, cell_mm=98)
    _say(right, "{{ place_and_date }}", CENTRE, size=13, italic=True, before=6)


def _title(document: Any) -> None:
    _say(document, "BÁO CÁO", CENTRE, bold=True, before=14)
    title = _say(document, "{{ title }}", CENTRE, bold=True).paragraph_format
    title.left_indent = title.right_indent = Mm(12)
    _say(document, "{%p if supplement_mark %}")
    _say(document, "{{ supplement_mark }}", CENTRE, italic=True)
    _say(document, "{%p endif %}")
    _rule(document, width_mm=50, cell_mm=162)
    table = _plain_table(document, (Mm(42), Mm(120)))
    left, right = table.rows[0].cells
    _say(left, "Kính gửi:", RIGHT, first=True, before=8)
    _say(right, "{%p for one in addressees %}", first=True)
    _say(right, "{{ one }}", LEFT, before=8)
    _say(right, "{%p endfor %}")
    _text(document, "{{ opening }}", before=10)
    _each(document, "supplement")


def _body(document: Any) -> None:
    _heading(document, "I. KẾT QUẢ ĐÁNH GIÁ CỦA NGƯỜI DÂN, TỔ CHỨC")
    _heading(document, "{{ numbers.coverage }}. Số lượt đánh giá và độ phủ")
    _each(document, "coverage")
    _if(document, "has.ratings")
    _heading(document, "{{ numbers.satisfaction }}. Mức độ hài lòng")
    _each(document, "satisfaction")
    _levels(document)
    _if(document, "has.course")
    _say(document, "{{ course_chart }}", CENTRE, before=6)
    _caption(document, "Lượt đánh giá theo thời gian trong kỳ")
    _end(document)
    _end(document)
    _if(document, "has.units")
    _heading(document, "{{ numbers.units }}. Kết quả theo đơn vị")
    _each(document, "by_unit")
    _table(
        document,
        ("Đơn vị", "Lượt đánh giá", "Độ phủ", "Hài lòng, rất hài lòng", "Không hài lòng"),
        ("name", "n", "coverage", "satisfied", "dissatisfied"),
        "unit_rows",
        (46, 20, 18, 39, 39),
    )
    _note(document)
    _end(document)
    _if(document, "has.services")
    _heading(document, "{{ numbers.services }}. Kết quả theo thủ tục")
    _each(document, "by_service")
    _end(document)
    _if(document, "has.compared")
    _heading(document, "{{ numbers.compared }}. So sánh")
    _each(document, "comparisons")
    _say(document, "{{ shares_chart }}", CENTRE, before=6)
    _caption(document, "Tỷ lệ các mức đánh giá của kỳ báo cáo và kỳ so sánh")
    _end(document)
    _heading(document, "II. ĐÁNH GIÁ CHUNG")
    _each(document, "general")
    _heading(document, "1. Những kết quả đạt được")
    _each(document, "good")
    _heading(document, "2. Hạn chế và nguyên nhân")
    _each(document, "not_good")
    _each(document, "causes")
    _heading(document, "III. TIẾP NHẬN, XỬ LÝ Ý KIẾN CHƯA HÀI LÒNG")
    _each(document, "handled")
    _if(document, "proposals")
    _heading(document, "IV. PHƯƠNG HƯỚNG, KIẾN NGHỊ")
    _each(document, "proposals")
    _end(document)
    _text(document, "{{ closing }}")


def _foot(document: Any) -> None:
    table = _plain_table(document, (Mm(76), Mm(86)), before=12)
    left, right = table.rows[0].cells
    _say(left, "Nơi nhận:", LEFT, size=12, bold=True, italic=True, first=True)
    _say(left, "{%p for one in copies %}")
    _say(left, "- {{ one }};", LEFT, size=11)
    _say(left, "{%p endfor %}")
    _say(left, "- {{ archive }}.", LEFT, size=11)
    _say(right, "{%p for line in on_behalf %}", first=True)
    _say(right, "{{ line }}", CENTRE, bold=True)
    _say(right, "{%p endfor %}")
    _say(right, "{%p for line in signer_title %}")
    _say(right, "{{ line }}", CENTRE, bold=True)
    _say(right, "{%p endfor %}")
    _say(right, "{{ signer }}", CENTRE, bold=True, before=84)


def _annex(document: Any) -> None:
    _if(document, "has.services")
    _say(document, "Phụ lục", CENTRE, bold=True).paragraph_format.page_break_before = True
    _say(document, "SỐ LIỆU THEO THỦ TỤC", CENTRE, bold=True)
    _say(document, "{{ reference }}", CENTRE, italic=True)
    _rule(document, width_mm=50, cell_mm=162)
    _table(
        document,
        ("Thủ tục", "Lĩnh vực", "Lượt đánh giá", "Hài lòng, rất hài lòng", "Không hài lòng"),
        ("name", "under", "n", "satisfied", "dissatisfied"),
        "service_rows",
        (48, 32, 20, 31, 31),
        before=10,
    )
    _note(document)
    _if(document, "has.reasons")
    _heading(document, "Lý do chưa hài lòng theo thủ tục")
    _table(document, ("Thủ tục", "Lý do được nêu nhiều nhất"), ("name", "reasons"), "reason_rows", (62, 100))
    _say(document, "Ghi chú: {{ reason_note }}", BOTH, size=12, italic=True, before=3)
    _end(document)
    _end(document)


def _levels(document: Any) -> None:
    _table(
        document,
        ("Mức đánh giá", "Số lượt", "Tỷ lệ", "Khoảng tin cậy 95%"),
        ("name", "n", "share", "interval"),
        "level_rows",
        (62, 30, 28, 42),
        total=("Tổng số", "{{ level_total }}", "", ""),
        together=True,
    )
    _say(document, "").paragraph_format.line_spacing = Pt(2)  # or the table would stay with the chart below it
    _if(document, "has.sources")
    _say(document, "", before=4)
    _table(document, ("Hình thức đánh giá", "Số lượt"), ("name", "n"), "source_rows", (120, 42))
    _end(document)


def _table(
    document: Any,
    headings: tuple[str, ...],
    fields: tuple[str, ...],
    rows: str,
    widths: tuple[int, ...],
    *,
    total: tuple[str, ...] = (),
    together: bool = False,
    before: int = 4,
) -> None:
    """A table with lines whose rows come from a list; its first row is on every page. together: kept whole on one."""
    space = _say(document, "", before=before).paragraph_format
    space.line_spacing, space.keep_with_next = Pt(2), True
    table = document.add_table(rows=0, cols=len(headings))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    _row(table, headings, bold=True, align=CENTRE, together=True)
    _repeat(table.rows[0])
    _row(table, ("{%tr for row in " + rows + " %}",) + ("",) * (len(headings) - 1))
    _row(table, tuple("{{ row." + name + " }}" for name in fields), words=_words_in(fields), together=together)
    _row(table, ("{%tr endfor %}",) + ("",) * (len(headings) - 1))
    if total:
        _row(table, total, bold=True, words=1)
    for row in table.rows:
        _whole(row)
    _widths(table, [Mm(width) for width in widths])


def _widths(table: Any, widths: Any) -> None:
    """Of columns and of cells: some programs go by the one, some by the other."""
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width


def _words_in(fields: tuple[str, ...]) -> int:
    """How many columns at the left hold words rather than numbers."""
    return sum(name in ("name", "under", "reasons") for name in fields)


def _row(
    table: Any,
    texts: tuple[str, ...],
    *,
    bold: bool = False,
    align: Any = None,
    words: int = 0,
    together: bool = False,
) -> None:
    cells = table.add_row().cells
    for place, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        where = align if align is not None else LEFT if place < words else CENTRE
        paragraph = _say(cell, text, where, size=12, bold=bold, first=True, before=2, after=2)
        paragraph.paragraph_format.keep_with_next = together


def _plain_table(document: Any, widths: tuple[Any, ...], *, before: int = 0) -> Any:
    if before:
        _say(document, "", before=before).paragraph_format.line_spacing = Pt(2)
    table = document.add_table(rows=1, cols=len(widths))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _widths(table, widths)
    _whole(table.rows[0])
    return table


def _heading(document: Any, text: str) -> None:
    paragraph = _say(document, text, LEFT, bold=True, before=6, after=3)
    paragraph.paragraph_format.first_line_indent = INDENT
    paragraph.paragraph_format.keep_with_next = True


def _text(document: Any, text: str, *, before: int = 6) -> None:
    paragraph = _say(document, text, BOTH, before=before)
    paragraph.paragraph_format.first_line_indent = INDENT
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.MULTIPLE
    paragraph.paragraph_format.line_spacing = 1.1


def _each(document: Any, name: str) -> None:
    _say(document, "{%p for text in " + name + " %}")
    _text(document, "{{ text }}")
    _end(document, "for")


def _if(document: Any, name: str) -> None:
    _say(document, "{%p if " + name + " %}")


def _end(document: Any, what: str = "if") -> None:
    _say(document, "{%p end" + what + " %}")


def _note(document: Any) -> None:
    _say(document, "{{ few_note }}", BOTH, size=12, italic=True, before=3)


def _caption(document: Any, text: str) -> None:
    _say(document, text, CENTRE, size=12, italic=True, after=4)


def _say(
    place: Any,
    text: str,
    align: Any = LEFT,
    *,
    size: int = 14,
    bold: bool = False,
    italic: bool = False,
    before: int = 0,
    after: int = 0,
    first: bool = False,
) -> Any:
    """A paragraph in a document or a cell; `first` writes in the empty one that a cell begins with."""
    paragraph = place.paragraphs[0] if first else place.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(before), Pt(after)
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    return paragraph


def _rule(place: Any, *, width_mm: int, cell_mm: int) -> None:
    """A thin line in the middle: an empty paragraph, drawn in from both sides, with a border above."""
    paragraph = _say(place, "", CENTRE)
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Mm((cell_mm - width_mm) / 2)
    form.line_spacing_rule, form.line_spacing, form.space_before = WD_LINE_SPACING.EXACTLY, Pt(4), Pt(2)
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _field(paragraph: Any, name: str) -> None:
    run = paragraph.add_run()
    run.font.size = Pt(13)
    for kind, text in (("begin", None), (None, name), ("end", None)):
        if kind:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = text
        run._r.append(element)


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _whole(row: Any) -> None:
    """Keep a row on one page."""
    row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))


if __name__ == "__main__":
    made = build()
    from sync_server.reporting.paper import bytes_of

    Path(sys.argv[1]).write_bytes(bytes_of(made, title="Mẫu báo cáo", author="Nụ Cười"))
