"""The shipped templates of letters, made anew: `python -m sync_server.correspondence.template FOLDER`.

The head of the page is that of Nghị định 30/2020/NĐ-CP, Phụ lục I. A frame around the page says what the letter is: a
mourning letter has a heavy black one and no other colour. Staff edit the made files in a word processor; their fields
in double braces are filled by `correspondence.wording.context`.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from sync_server.correspondence.kinds import PAPERS
from sync_server.reporting.paper import bytes_of

FONT = "Times New Roman"
CENTRE, LEFT, BOTH = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.JUSTIFY
INDENT = Mm(12.7)
TEXT_MM = 158


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a letter looks. line, eighths: the frame's line and its width in eighths of a point; is_registered_below: the
    number stands small at the foot, as befits a letter from person to person."""

    line: str
    eighths: int
    colour: str = "000000"
    is_registered_below: bool = True


LOOKS = {
    "apology": Look(line="double", eighths=4, is_registered_below=False),
    "thanks": Look(line="thinThickSmallGap", eighths=18, colour="1F5C57"),
    "congratulation": Look(line="thinThickSmallGap", eighths=18, colour="9B1C1C"),
    "condolence": Look(line="single", eighths=36),
}


def build(paper: str) -> Any:
    """A template as a document of python-docx. paper: one of `kinds.PAPERS`."""
    look = LOOKS[paper]
    document = Document()
    _page(document, look)
    _head(document, look)
    colour = RGBColor.from_string(look.colour)
    _say(document, "{{ title }}", CENTRE, size=22, bold=True, before=30, after=4, colour=colour)
    _line(document, 44, TEXT_MM, colour=look.colour)
    _say(document, "Kính gửi: {{ to }}", CENTRE, size=15, bold=True, before=14)
    _if(document, "address")
    _say(document, "{{ address }}", CENTRE, size=14, italic=True, before=2)
    _end(document)
    _say(document, "", before=6)
    _say(document, "{%p for text in paragraphs %}")
    _text(document, "{{ text }}")
    _end(document, "for")
    closing = _text(document, "{{ closing }}")
    closing.runs[0].italic = paper == "condolence"
    closing.runs[0].bold = paper == "condolence"
    _foot(document, look)
    return document


def _page(document: Any, look: Look) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(24)
    section.left_margin, section.right_margin = Mm(28), Mm(24)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(14)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for part in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(part), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    style.element.get_or_add_rPr().append(language)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    frame = OxmlElement("w:pgBorders")
    frame.set(qn("w:offsetFrom"), "page")
    for side in ("top", "left", "bottom", "right"):
        border = OxmlElement(f"w:{side}")
        for name, value in (("val", look.line), ("sz", str(look.eighths)), ("space", "28"), ("color", look.colour)):
            border.set(qn(f"w:{name}"), value)
        frame.append(border)
    section._sectPr.find(qn("w:pgMar")).addnext(frame)


def _head(document: Any, look: Look) -> None:
    left, right = _table(document, (62, 96))
    _if(left, "above", first=True)
    _say(left, "{{ above }}", CENTRE, size=12)
    _end(left)
    _say(left, "{%p for line in organ %}")
    _say(left, "{{ line }}", CENTRE, size=12, bold=True)
    _end(left, "for")
    _line(left, 24, 62)
    _say(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", CENTRE, size=12, bold=True, first=True)
    _say(right, "Độc lập - Tự do - Hạnh phúc", CENTRE, size=13, bold=True)
    _line(right, 56, 96)
    if not look.is_registered_below:
        _say(left, "Số: {{ number }}/{{ sign }}", CENTRE, size=13, before=6)
        _say(right, "{{ place_and_date }}", CENTRE, size=13, italic=True, before=6)


def _foot(document: Any, look: Look) -> None:
    _say(document, "", before=8)
    left, right = _table(document, (70, 88))
    _say(left, "", first=True)
    if look.is_registered_below:
        _say(left, "Vào sổ thư: số {{ number }}/{{ sign }}", LEFT, size=11, italic=True, before=150)
        _say(right, "{{ place_and_date }}", CENTRE, size=13, italic=True, first=True, after=6)
    _say(right, "{%p for line in on_behalf %}", first=not look.is_registered_below)
    _say(right, "{{ line }}", CENTRE, bold=True)
    _end(right, "for")
    _say(right, "{%p for line in signer_title %}")
    _say(right, "{{ line }}", CENTRE, bold=True)
    _end(right, "for")
    _say(right, "{{ signer }}", CENTRE, bold=True, before=84)


def _table(document: Any, widths_mm: tuple[int, ...]) -> Any:
    """The cells of a table of one row without lines, kept whole on a page."""
    table = document.add_table(rows=1, cols=len(widths_mm))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
        column.cells[0].width = Mm(width)
    table.rows[0]._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))
    return table.rows[0].cells


def _text(document: Any, text: str) -> Any:
    paragraph = _say(document, text, BOTH, size=14, before=8)
    paragraph.paragraph_format.first_line_indent = INDENT
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.MULTIPLE
    paragraph.paragraph_format.line_spacing = 1.3
    return paragraph


def _if(place: Any, name: str, *, first: bool = False) -> None:
    _say(place, "{%p if " + name + " %}", first=first)


def _end(place: Any, what: str = "if") -> None:
    _say(place, "{%p end" + what + " %}")


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
    colour: Any = None,
) -> Any:
    """A paragraph in a document or a cell; `first` writes in the empty one that a cell begins with."""
    paragraph = place.paragraphs[0] if first else place.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(before), Pt(after)
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    if colour is not None:
        run.font.color.rgb = colour
    return paragraph


def _line(place: Any, width_mm: int, cell_mm: int, *, colour: str = "000000") -> None:
    """A thin line in the middle: an empty paragraph, drawn in from both sides, with a border above."""
    paragraph = _say(place, "", CENTRE)
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Mm((cell_mm - width_mm) / 2)
    form.line_spacing_rule, form.line_spacing, form.space_before = WD_LINE_SPACING.EXACTLY, Pt(4), Pt(2)
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", colour)):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


if __name__ == "__main__":
    for each in PAPERS:
        made = bytes_of(build(each), title="Mẫu thư", author="Nụ Cười")
        (Path(sys.argv[1]) / f"letter-{each}.docx").write_bytes(made)
