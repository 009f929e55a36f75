"""What people write in a report: its head and foot, to whom it goes, and the parts that no figure can say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from survey import codec
from sync_server.reporting.rules import Addressee, Letterhead, Recipients

TEXT_MAX, LINE_MAX = 8000, 200
_KIND_WORDS = re.compile(r"^(UBND|Ủy ban nhân dân)?\s*(xã|phường|thị trấn|thị xã|thành phố|đặc khu)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The written parts. Lines of `organ`, `on_behalf` and `title` stand under one another.

    speaker: who reports, as a sentence says it. place: the place's name before the date. sign: after the number, such
    as BC-UBND. basis: on what ground it reports. general, causes, proposals: đánh giá chung, nguyên nhân, kiến nghị; a
    paragraph a line.
    """

    above: str = ""
    organ: str = ""
    sign: str = "BC"
    speaker: str = ""
    place: str = ""
    on_behalf: str = ""
    title: str = ""
    signer: str = ""
    addressees: tuple[Addressee, ...] = ()
    copies: tuple[str, ...] = ()
    basis: str = ""
    general: str = ""
    causes: str = ""
    proposals: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values, which `from_json` reads again."""
        plain: dict[str, Any] = codec.encode(self)
        return plain


BASIS = (
    "Kế hoạch ngày 31 tháng 12 năm 2020 của Ủy ban nhân dân thị xã Duy Tiên về triển khai thực hiện nhân rộng mô hình "
    "“Chính quyền thân thiện vì Nhân dân phục vụ” tại UBND các xã, phường"
)


def from_json(plain: Mapping[str, Any]) -> Draft:
    """The written parts again. Raises `BadDocument` for anything else."""
    return codec.decode(Draft, plain, at="draft")


def begin(unit: str, letterhead: Letterhead, recipients: Recipients, *, signer: str = "") -> Draft:
    """What a new report says before anybody wrote in it."""
    name = full_name(unit)
    unit_words = in_sentence(name)
    return Draft(
        above=letterhead.above.format(name=name.upper()),
        organ=letterhead.organ.format(name=name.removeprefix("Ủy ban nhân dân ").upper()),
        sign=letterhead.sign,
        speaker=letterhead.speaker.format(unit=unit_words),
        place=place_of(unit),
        on_behalf=letterhead.on_behalf,
        title=letterhead.title,
        signer=signer,
        addressees=tuple(replace(one, name=one.name.format(unit=unit_words)) for one in recipients.addressees),
        copies=recipients.copies,
        basis=BASIS,
    )


def full_name(unit: str) -> str:
    """«UBND thị xã Duy Tiên» written out; other names as they are."""
    return re.sub(r"^UBND\b", "Ủy ban nhân dân", unit)


def in_sentence(name: str) -> str:
    """«xã Mộc Bắc» of «Xã Mộc Bắc»; «Ủy ban nhân dân …» keeps its capital (Nghị định 30/2020/NĐ-CP, Phụ lục II)."""
    return name if name.startswith("Ủy ban") else name[:1].lower() + name[1:]


def place_of(unit: str) -> str:
    """The place's name, as the date has it: «Mộc Bắc» of «Xã Mộc Bắc» (Nghị định 30/2020/NĐ-CP, Phụ lục I)."""
    return _KIND_WORDS.sub("", unit)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text that somebody typed, without empty lines and signs that no paper has."""
    lines = ("".join(sign for sign in line if sign.isprintable()).strip() for line in text.splitlines())
    return [line for line in lines if line]


def read_addressees(text: str) -> tuple[Addressee, ...]:
    """Addressees as they are typed, one a line: «Tên cơ quan» or «Tên cơ quan | nơi chuyển»."""
    found = []
    for line in paragraphs(text):
        name, _, through = (part.strip() for part in line.partition("|"))
        if name:
            found.append(Addressee(name=name[:LINE_MAX], through=through[:LINE_MAX]))
    return tuple(found)


def write_addressees(addressees: tuple[Addressee, ...]) -> str:
    """The text that `read_addressees` reads."""
    return "\n".join(f"{one.name} | {one.through}" if one.through else one.name for one in addressees)


def without_opinions(words: Draft) -> Draft:
    """The head and foot of a report for the next one, whose own opinions are still to be written."""
    return replace(words, general="", causes="", proposals="")
