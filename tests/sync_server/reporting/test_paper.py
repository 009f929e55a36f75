"""The paper itself: the decree's form, the same bytes each time, and templates that cannot do harm."""

import io
import zipfile
from typing import Any

import pytest
from docx import Document
from docx.shared import Mm, Pt
from openpyxl import load_workbook
from PIL import Image

from sync_server.reporting import making, paper, template
from sync_server.reporting.contents import Signed
from sync_server.reporting.paper import BadTemplate
from sync_server.reporting.pictures import Column, course_chart
from tests.sync_server.reporting.builders import KINDS, SIGNED_DAY, a_draft, count, figures, text_of

SIGNED = Signed(number=5, day=SIGNED_DAY)


def made(kind: str = "six_month", **changes: Any) -> bytes:
    return making.docx(figures(kind), a_draft(**changes), making.shipped_template(), signed=SIGNED)


def with_text(*texts: str) -> bytes:
    """A template of these paragraphs."""
    document = Document()
    for text in texts:
        document.add_paragraph(text)
    return paper.bytes_of(document, title="", author="")


def repacked(package: bytes, **files: bytes) -> bytes:
    """A package with further files."""
    kept = io.BytesIO(package)
    with zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return kept.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_values_give_the_same_bytes(kind: str) -> None:
    assert made(kind) == made(kind)
    assert making.xlsx(figures(kind), a_draft()) == making.xlsx(figures(kind), a_draft())


def test_the_shipped_template_is_the_one_that_its_maker_makes() -> None:
    fresh = paper.bytes_of(template.build(), title="Mẫu báo cáo", author="Nụ Cười")
    assert making.shipped_template() == fresh, "run: python -m sync_server.reporting.template FILE"


def test_the_page_is_as_the_decree_asks() -> None:
    """Nghị định 30/2020/NĐ-CP, Phụ lục I: A4, 20–25 mm above and below, 30–35 left, 15–20 right, Times New Roman."""
    section = Document(io.BytesIO(made())).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert Mm(20) <= section.top_margin <= Mm(25)
    assert Mm(20) <= section.bottom_margin <= Mm(25)
    assert Mm(30) <= section.left_margin <= Mm(35)
    assert Mm(15) <= section.right_margin <= Mm(20)
    assert section.different_first_page_header_footer
    assert not section.first_page_header.paragraphs[0].text  # no number on the first page
    assert Document(io.BytesIO(made())).styles["Normal"].font.name == "Times New Roman"


def runs_of(document: Any) -> dict[str, Any]:
    """Text → its first run, in paragraphs and cells."""
    places = list(document.paragraphs) + [
        p for t in document.tables for r in t.rows for c in r.cells for p in c.paragraphs
    ]
    return {p.text: p.runs[0] for p in places if p.runs}


def test_the_parts_of_the_head_and_foot_have_their_sizes() -> None:
    runs = runs_of(Document(io.BytesIO(made())))
    for text, low, high, bold, italic in (
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, 13, True, False),
        ("Độc lập - Tự do - Hạnh phúc", 13, 14, True, False),
        ("XÃ MỘC BẮC", 12, 13, True, False),
        ("Số: 05/BC-UBND", 13, 13, False, False),
        ("Mộc Bắc, ngày 12 tháng 6 năm 2026", 13, 14, False, True),
        ("BÁO CÁO", 13, 14, True, False),
        ("Nơi nhận:", 12, 12, True, True),
        ("- Lưu: VT.", 11, 11, False, False),
        ("CHỦ TỊCH", 13, 14, True, False),
        ("Nguyễn Thị Hạnh", 13, 14, True, False),
    ):
        run = runs[text]
        assert Pt(low) <= run.font.size <= Pt(high), text
        assert (bool(run.bold), bool(run.italic)) == (bold, italic), text


def test_a_draft_leaves_room_for_number_and_date_and_says_what_it_is() -> None:
    said = "\n".join(text_of(making.docx(figures(), a_draft(), making.shipped_template())))
    assert "DỰ THẢO" in said
    assert "Số:         /BC-UBND" in said
    assert "DỰ THẢO" not in "\n".join(text_of(made()))


def test_what_people_wrote_stays_text() -> None:
    said = "\n".join(text_of(made(general="{{ organ }} & <b>đậm</b> {% endif %}\n\n=1+1")))
    assert "{{ organ }} & <b>đậm</b> {% endif %}" in said
    assert "=1+1" in said


def test_every_sheet_has_its_numbers_and_no_formula() -> None:
    book = load_workbook(io.BytesIO(making.xlsx(figures(), a_draft())))
    assert book.sheetnames == ["Tổng hợp", "Theo thủ tục", "Theo thời gian", "Theo hình thức", "Lý do", "Vụ việc"]
    assert [cell.value for cell in book["Tổng hợp"][2]][3] == 1250
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{{ no_such_field }}", "no_such_field"),
        ("{% if organ %}", "endif"),
        ("{{ organ.__class__.__mro__ }}", "unsafe|undefined|no attribute"),
        ("{{ 'a' * 1000000000 }}", "not for texts"),
        ("{{ 9 ** 999999 }}", "not for texts"),
        ("{% for one in range(9) %}x{% endfor %}", "range"),
        ("{{ organ.append('x') }}", "not safely|unsafe|Security|undefined"),
    ],
)
def test_a_template_that_asks_for_too_much_is_refused_with_the_reason(text: str, fault: str) -> None:
    with pytest.raises(BadTemplate, match=fault):
        making.docx(figures(), a_draft(), with_text(text))


def test_a_file_that_is_no_plain_docx_is_refused() -> None:
    shipped = making.shipped_template()
    link = b'<Relationships><Relationship TargetMode="External" Target="file:///etc/passwd"/></Relationships>'
    for bad, fault in (
        (b"no zip at all", "không phải là văn bản DOCX"),
        (repacked(b"PK\x05\x06" + bytes(18), **{"a.txt": b""}), "không phải là văn bản DOCX"),
        (repacked(shipped, **{"word/vbaProject.bin": b"x"}), "macro"),
        (repacked(shipped, **{"word/_rels/more.rels": link}), "liên kết ra ngoài"),
        (repacked(shipped, **{"word/_rels/more.rels": link.replace(b'="External"', b" = 'External'")}), "ra ngoài"),
        (repacked(shipped, **{"word/more.xml": b"<t>INCLUDE</t><t>PICTURE file:///etc/x.png</t>"}), "ra ngoài"),
        (repacked(shipped, **{"word/_rels/more.rels": link.decode().encode("utf-16")}), "khai báo lạ"),
        (repacked(shipped, **{"word/more.xml": b" " * 3000 + b"<!DOCTYPE x>"}), "DOCTYPE"),
        (repacked(shipped, **{"word/more.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}), "DOCTYPE"),
        (repacked(shipped, **{"word/big.xml": bytes(30 * 1024 * 1024)}), "quá lớn"),
        (shipped + bytes(paper.TEMPLATE_BYTES_MAX), "nặng"),
    ):
        with pytest.raises(BadTemplate, match=fault):
            paper.check_package(bad)


def test_a_template_of_ones_own_words_is_filled() -> None:
    own = with_text("Kính thưa {{ signer }}", "{%p for text in good %}", "* {{ text }}", "{%p endfor %}")
    said = text_of(making.docx(figures(), a_draft(), own))
    assert said[0] == "Kính thưa Nguyễn Thị Hạnh"
    assert said[1].startswith("* ")


def test_a_chart_shows_the_dissatisfied_in_black_at_their_height() -> None:
    columns = [Column(name="1/6", n=100, bad=50), Column(name="2/6", n=100, bad=0)]
    picture = Image.open(io.BytesIO(course_chart(columns, ("tất cả", "không hài lòng"), making._font())))
    width, high = picture.size
    left, right = ([picture.getpixel((int(width * share), y)) for y in range(high - 130)] for share in (0.30, 0.78))
    dark = sum(value < 40 for value in left)
    assert 0.4 * (high - 190) < dark < 0.6 * (high - 190)
    assert sum(value < 40 for value in right) < 10


def test_a_chart_of_nothing_is_drawn_all_the_same() -> None:
    empty = figures(whole=count(0), course=(), services=(), compared=(), sources={}, reasons=())
    assert making.docx(empty, a_draft(), making.shipped_template())
