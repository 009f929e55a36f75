"""Letters on paper: each filled into its template, many of a kind in one file, every one on pages of its own."""

import copy
import io
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from docx import Document
from docx.enum.text import WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Pt

from sync_server.correspondence.kinds import Kind
from sync_server.reporting import paper


def shipped_template(name: str) -> bytes:
    """The template of a paper (`kinds.PAPERS`) where a unit has none of its own."""
    return (resources.files("sync_server") / "papers" / f"letter-{name}.docx").read_bytes()


def docx(kind: Kind, letters: Sequence[Mapping[str, Any]], template: bytes, *, author: str) -> bytes:
    """Letters of a kind in one DOCX, the same bytes each time; what the file says of itself names nobody it goes to.

    letters: from `wording.context`, at least one. Raises `BadTemplate`.
    """
    title = kind.title.capitalize()
    papers = [paper.fill(template, values, {}, title=title, author=author) for values in letters]
    if len(papers) == 1:
        return papers[0]
    whole = Document(io.BytesIO(papers[0]))
    for one in papers[1:]:
        _append(whole, Document(io.BytesIO(one)))
    return paper.bytes_of(whole, title=title, author=author)


def _append(whole: Any, other: Any) -> None:
    """Put a document of the same template behind another: as its next section, which begins a new page."""
    body = whole.element.body
    last = body.find(qn("w:sectPr"))
    end = whole.add_paragraph()
    form = end.paragraph_format
    form.line_spacing_rule, form.line_spacing, form.space_before, form.space_after = (
        WD_LINE_SPACING.EXACTLY,
        Pt(1),
        Pt(0),
        Pt(0),
    )
    end._p.get_or_add_pPr().append(copy.deepcopy(last))
    for element in other.element.body.iterchildren():
        if element.tag != qn("w:sectPr"):
            last.addprevious(copy.deepcopy(element))
