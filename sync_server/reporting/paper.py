"""Fill DOCX templates that staff may have edited, so that the same values give the same bytes.

A template is a program that strangers may have written into a file: it runs in Jinja's sandbox with nothing but the
values of the paper, may not multiply texts, and the file may hold no macros, links to other files, or hidden bulk.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sync_server.errors import Refused

STAMP = (1980, 1, 1, 0, 0, 0)
"""The time of every file within a paper: ZIP's earliest. A paper says when it was signed, not when it was packed."""
TEMPLATE_BYTES_MAX = 2 * 1024 * 1024
UNPACKED_BYTES_MAX = 20 * 1024 * 1024
FILES_MAX = 400
_MAIN = "word/document.xml"
_TOO_MUCH = ("vbaProject", "activeX", "embeddings/")
_OUTWARD = re.compile(rb"""TargetMode\s*=\s*["']\s*External""")
_FETCHES = re.compile(rb"\b(?:INCLUDEPICTURE|INCLUDETEXT|DDEAUTO|DDE)\b", re.IGNORECASE)
"""Fields that bring another file in. Their name may be cut into runs: they are looked for without the tags, too."""
_TAG = re.compile(rb"<[^>]*>")


class BadTemplate(Refused):
    """A template cannot be used. The message says what is wrong with it, for the person who brought it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG, as wide on paper as it says."""

    png: bytes
    width_mm: int = 160


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset(["*", "**", "%", "//"])

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not isinstance(left, int | float) or not isinstance(right, int | float) or operator == "**":
            raise SecurityError(f"the sign {operator} is not for texts in a template")
        return super().call_binop(context, operator, left, right)


def fill(
    template: bytes, values: Mapping[str, Any], pictures: Mapping[str, Picture], *, title: str, author: str
) -> bytes:
    """The paper as DOCX. Raises `BadTemplate` for a template that asks for what is not there, or cannot be read."""
    check_package(template)
    sandbox = _Sandbox(autoescape=True, undefined=StrictUndefined)
    sandbox.globals.clear()
    try:
        paper = DocxTemplate(io.BytesIO(template))
        drawn = {
            name: InlineImage(paper, io.BytesIO(one.png), width=Mm(one.width_mm)) for name, one in pictures.items()
        }
        paper.render({**values, **drawn}, sandbox, autoescape=True)
        return bytes_of(paper.docx, title=title, author=author)
    except TemplateError as error:
        raise BadTemplate(f"Mẫu không dùng được: {error}. Xin sửa trường này trong tệp mẫu.") from error
    except (KeyError, ValueError, TypeError, AttributeError, SyntaxError) as error:
        raise BadTemplate(
            f"Mẫu không đọc được ({type(error).__name__}: {error}). Xin tải lại mẫu gốc và sửa."
        ) from error


def check_package(template: bytes) -> None:
    """Raises `BadTemplate` for what is no plain DOCX file of a sensible size."""
    if len(template) > TEMPLATE_BYTES_MAX:
        raise BadTemplate(f"Tệp mẫu nặng {len(template)} byte; nhiều nhất {TEMPLATE_BYTES_MAX} byte.")
    try:
        with zipfile.ZipFile(io.BytesIO(template)) as package:
            entries = package.infolist()
            names = [entry.filename for entry in entries]
            if len(entries) > FILES_MAX or sum(entry.file_size for entry in entries) > UNPACKED_BYTES_MAX:
                raise BadTemplate("Tệp mẫu giải nén ra quá lớn. Xin bỏ bớt hình ảnh.")
            if _MAIN not in names:
                raise BadTemplate("Tệp này không phải là văn bản DOCX. Xin lưu lại bằng định dạng .docx.")
            if any(part in name for name in names for part in _TOO_MUCH):
                raise BadTemplate("Tệp mẫu có macro hoặc tệp nhúng. Xin bỏ đi rồi lưu lại bằng định dạng .docx.")
            for name in names:
                if name.lower().endswith((".xml", ".rels")):
                    _check_part(package.read(name))
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadTemplate(
            "Tệp này không phải là văn bản DOCX, hoặc đã hỏng. Xin lưu lại và tải lên lần nữa."
        ) from error


def _check_part(part: bytes) -> None:
    if b"<!DOCTYPE" in part or b"\0" in part:  # with a zero it is UTF-16, in which nothing below would be found
        raise BadTemplate("Tệp mẫu có khai báo lạ (DOCTYPE). Xin lưu lại bằng phần mềm soạn thảo.")
    if _OUTWARD.search(part) or _FETCHES.search(part) or _FETCHES.search(_TAG.sub(b"", part)):
        raise BadTemplate("Tệp mẫu có liên kết ra ngoài. Xin bỏ các liên kết rồi tải lên lại.")


def bytes_of(document: Any, *, title: str, author: str) -> bytes:
    """A document of python-docx as bytes that depend on nothing but its content."""
    about = document.core_properties
    about.title, about.author, about.last_modified_by, about.comments = title, author, author, ""
    about.created = about.modified = datetime(*STAMP, tzinfo=UTC)
    about.revision = 1
    made = io.BytesIO()
    document.save(made)
    return steady(made.getvalue())


def steady(package: bytes) -> bytes:
    """The same ZIP file with all times set to `STAMP` and its files in one order, the content types first."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, STAMP)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(entry, old.read(name))
    return made.getvalue()
