"""Write reports: begin a draft, write in it, sign it. A signed report is never changed; a new one supplements it."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.casework.workdays import public_calendar
from sync_server.errors import NotFound, Refused
from sync_server.models.organisation import Unit
from sync_server.models.people import Staff
from sync_server.models.register import RegisterEntry
from sync_server.models.report import Report, ReportCopy, ReportFile
from sync_server.office import Office
from sync_server.queries import reported, reports
from sync_server.queries.reports import DRAFT, DROPPED, SIGNED
from sync_server.reporting import draft, making, periods
from sync_server.reporting.contents import Signed
from sync_server.reporting.draft import Draft
from sync_server.reporting.figures import Figures, from_json
from sync_server.reporting.periods import ReportPeriod, day_words
from sync_server.reporting.rights import may_sign
from sync_server.reporting.rules import report_rules
from sync_server.services import audit, numbering
from sync_server.services.numbering import Paper

BOOK = "report"
TEMPLATE = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who writes or signs: an account, its role, and the top of what it reaches (null: the whole tree)."""

    staff_id: int | None
    role: str
    unit_id: int | None
    units: frozenset[int]


def begin(session: Session, office: Office, writer: Writer, unit_id: int, period: ReportPeriod, *, now: int) -> int:
    """Begin a draft of a unit's report, and return its number.

    A draft that is there already is given back, so that a repeated click makes no second one. Where a report of these
    days is signed, the draft is a «bản bổ sung» to the newest one. Raises `NotFound` and `Refused`.
    """
    unit = _unit(session, writer, unit_id)
    if period.first > office.day(now):
        raise Refused(f"Kỳ báo cáo bắt đầu từ ngày {day_words(period.first)}, chưa tới; xin chọn kỳ khác.")
    same = _same(session, unit_id, period)
    begun = next((one for one in same if one.state == DRAFT), None)
    if begun is not None:
        return begun.id
    before = next((one for one in same if one.state == SIGNED), None)
    kept = Report(
        unit_id=unit_id,
        kind=period.kind,
        year=period.year,
        number=period.number,
        first=period.first,
        until=period.until,
        supplements_id=before.id if before else None,
        state=DRAFT,
        words=before.words if before else _begun(session, writer, unit, period).to_json(),
        changes=0,
        made_at=now,
        made_by=writer.staff_id,
        changed_at=now,
    )
    session.add(kept)
    session.flush()
    _note(session, writer, "report begun", kept, now, kind=period.kind, unit=unit_id)
    return kept.id


def write(session: Session, writer: Writer, report_id: int, words: Draft, *, seen: int, now: int) -> None:
    """Write in a draft. seen: how often it was written in when the writer opened it.

    Raises `Refused` when somebody else wrote meanwhile, or when it is signed; nothing is lost, nothing overwritten.
    """
    kept = _draft(session, writer, report_id)
    if kept.changes != seen:
        raise Refused("Người khác vừa sửa dự thảo này. Xin mở lại trang để xem bản mới rồi ghi tiếp.")
    kept.words, kept.changes, kept.changed_at = words.to_json(), kept.changes + 1, now
    _note(session, writer, "report written", kept, now)


def drop(session: Session, writer: Writer, report_id: int, *, now: int) -> None:
    """Put a draft aside. A signed report stays for ever: raises `Refused`."""
    kept = _draft(session, writer, report_id)
    kept.state, kept.changed_at = DROPPED, now
    _note(session, writer, "report dropped", kept, now)


def sign(session: Session, office: Office, writer: Writer, report_id: int, *, seen: int, now: int) -> Signed:
    """Sign a draft: freeze its figures, give it the unit's next number, keep its files and a copy for each addressee.

    All or nothing, in the caller's transaction. Raises `Refused` where the writer may not sign, the period is not
    over yet, somebody wrote meanwhile, or words are missing that a paper must have; `BadTemplate` for the template.
    """
    kept = _draft(session, writer, report_id)
    unit = session.get_one(Unit, kept.unit_id)
    words = draft.from_json(kept.words)
    _must_be_signable(office, writer, unit, kept, words, seen, now)
    figures = reported.figures(session, office, kept.unit_id, period_of(kept), now=now)
    today = office.day(now)
    paper = Paper(
        book=BOOK,
        sign=words.sign,
        kind=kept.kind,
        trigger=f"{date.fromordinal(kept.first).isoformat()}/{date.fromordinal(kept.until - 1).isoformat()}",
        signer=words.signer,
    )
    year = date.fromordinal(today).year
    entry = numbering.take_number(session, unit.id, paper, year=year, day=today, by=writer.staff_id, now=now)
    signed = Signed(number=entry.number, day=entry.day)
    files = _files(session, kept, figures, words, signed)
    for kind, content in files.items():
        session.add(ReportFile(report_id=kept.id, kind=kind, content=content, sha256=hashlib.sha256(content).digest()))
    for place, one in enumerate(words.addressees, start=1):
        session.add(ReportCopy(report_id=kept.id, place=place, name=one.name, through=one.through))
    kept.state, kept.register_id, kept.changed_at = SIGNED, entry.id, now
    kept.signed_at, kept.signed_by = now, writer.staff_id
    kept.figures, kept.figures_hash = figures.to_json(), figures.hash
    kept.seal = _seal(office, kept, entry, {kind: hashlib.sha256(content).digest() for kind, content in files.items()})
    _note(session, writer, "report signed", kept, now, number=entry.number, year=year, figures=figures.hash.hex())
    session.flush()
    return signed


def keep_pdf(session: Session, report_id: int, content: bytes) -> None:
    """Keep the printed page of a signed report, unless somebody else was first. Safe to repeat."""
    if session.get(ReportFile, (report_id, "pdf")) is None:
        session.add(
            ReportFile(report_id=report_id, kind="pdf", content=content, sha256=hashlib.sha256(content).digest())
        )


def send(session: Session, writer: Writer, report_id: int, place: int, *, day: int, today: int, now: int) -> None:
    """Note that an addressee's copy went out on a day. Raises `Refused` for a day to come, `NotFound` for no copy.

    What was noted once stays.
    """
    kept = session.get(Report, report_id)
    copy = session.get(ReportCopy, (report_id, place))
    if kept is None or copy is None or kept.unit_id not in writer.units or kept.state != SIGNED:
        raise NotFound(f"there is no copy {place} of report {report_id} for you")
    if day > today:
        raise Refused(f"Ngày gửi {day_words(day)} chưa tới; xin ghi ngày đã gửi.")
    if copy.sent_day is None:
        copy.sent_day, copy.sent_at, copy.sent_by = day, now, writer.staff_id
        _note(session, writer, "report sent", kept, now, to=copy.name, day=date.fromordinal(day).isoformat())


def altered(session: Session, office: Office) -> list[str]:
    """What was changed in signed reports since they were signed: a sentence each; empty when all is as it was."""
    found = []
    for kept in session.scalars(select(Report).where(Report.state == SIGNED).order_by(Report.id)):
        entry = session.get(RegisterEntry, kept.register_id)
        rows = session.scalars(select(ReportFile).where(ReportFile.report_id == kept.id, ReportFile.kind != "pdf"))
        hashes = {row.kind: hashlib.sha256(row.content).digest() for row in rows}
        if entry is None or kept.figures is None:
            found.append(f"report {kept.id}: is signed, but has lost its number or its figures; restore a backup")
        elif from_json(kept.figures).hash != kept.figures_hash:
            found.append(f"report {kept.id}: its figures are not those that were signed; restore a backup")
        elif not hmac.compare_digest(_seal(office, kept, entry, hashes), kept.seal or b""):
            found.append(f"report {kept.id}: its words, number or files were changed; restore a backup")
    return found


def again(session: Session, report_id: int) -> dict[str, bytes]:
    """The files of a signed report made once more from its kept figures and words, by the template in force now."""
    kept = session.get_one(Report, report_id)
    entry = session.get_one(RegisterEntry, kept.register_id)
    signed = Signed(number=entry.number, day=entry.day)
    return _files(session, kept, from_json(kept.figures or {}), draft.from_json(kept.words), signed)


def period_of(kept: Report) -> ReportPeriod:
    """The period of a kept report."""
    return ReportPeriod(kind=kept.kind, year=kept.year, number=kept.number, first=kept.first, until=kept.until)


def template_of(session: Session, unit_id: int) -> bytes:
    """The template that a unit's report is made with."""
    own = reports.template(session, unit_id, TEMPLATE)
    return own.content if own is not None and own.content is not None else making.shipped_template()


def _files(session: Session, kept: Report, figures: Figures, words: Draft, signed: Signed) -> dict[str, bytes]:
    supplements = reports.supplemented(session, kept)
    template = template_of(session, kept.unit_id)
    return {
        "docx": making.docx(figures, words, template, signed=signed, supplements=supplements),
        "xlsx": making.xlsx(figures, words),
    }


def _must_be_signable(
    office: Office, writer: Writer, unit: Unit, kept: Report, words: Draft, seen: int, now: int
) -> None:
    if not may_sign(writer.role, writer.unit_id, unit_id=unit.id, parent_id=unit.parent_id, unit_kind=unit.kind):
        raise Refused(f"Báo cáo của {unit.name} do lãnh đạo đơn vị đó ký.")
    if kept.changes != seen:
        raise Refused("Người khác vừa sửa dự thảo này. Xin mở lại trang, đọc bản mới rồi ký.")
    period = period_of(kept)
    rule = report_rules().rule_at(kept.kind, period.last)
    earliest = periods.may_be_signed_from(rule, period, public_calendar())
    if office.day(now) < earliest:
        raise Refused(f"Kỳ báo cáo chưa kết thúc: ký được từ ngày {day_words(earliest)}.")
    needed = {"người ký": words.signer, "chức vụ người ký": words.title, "ký hiệu": words.sign, "địa danh": words.place}
    empty = [name for name, text in needed.items() if not text.strip()]
    if not words.addressees:
        empty.append("nơi nhận")
    if empty:
        raise Refused(f"Dự thảo còn thiếu: {', '.join(empty)}. Xin ghi đủ rồi ký.")


def first_words(session: Session, unit_id: int, period: ReportPeriod, *, signer: str = "") -> Draft:
    """What the unit's last report of this kind said at its head and foot, else what the settings say."""
    unit = session.get_one(Unit, unit_id)
    last = session.scalars(
        select(Report)
        .where(Report.unit_id == unit.id, Report.state == SIGNED, Report.kind == period.kind)
        .order_by(Report.id.desc())
        .limit(1)
    ).one_or_none()
    if last is not None:
        return draft.without_opinions(draft.from_json(last.words))
    rules = report_rules()
    return draft.begin(
        unit.name,
        rules.letterhead_at(unit.kind, period.last),
        rules.recipients_at(unit.kind, period.kind, period.last),
        signer=signer,
    )


def _begun(session: Session, writer: Writer, unit: Unit, period: ReportPeriod) -> Draft:
    """The first words, with the writer's own name where the writer is who signs."""
    person = session.get(Staff, writer.staff_id) if writer.staff_id is not None else None
    is_own = may_sign(writer.role, writer.unit_id, unit_id=unit.id, parent_id=unit.parent_id, unit_kind=unit.kind)
    return first_words(session, unit.id, period, signer=person.name if person and is_own else "")


def _unit(session: Session, writer: Writer, unit_id: int) -> Unit:
    """The unit, locked so that two who begin a report of it at once take turns."""
    unit = session.scalar(select(Unit).where(Unit.id == unit_id).with_for_update(key_share=True))
    if unit is None or unit_id not in writer.units:
        raise NotFound(f"there is no unit {unit_id} within your units")
    return unit


def _same(session: Session, unit_id: int, period: ReportPeriod) -> list[Report]:
    """The unit's reports of the same kind and days, the newest first."""
    statement = select(Report).where(
        Report.unit_id == unit_id,
        Report.kind == period.kind,
        Report.first == period.first,
        Report.until == period.until,
        Report.state != DROPPED,
    )
    return list(session.scalars(statement.order_by(Report.id.desc())))


def _draft(session: Session, writer: Writer, report_id: int) -> Report:
    kept = session.scalar(select(Report).where(Report.id == report_id).with_for_update())
    if kept is None or kept.unit_id not in writer.units or kept.state == DROPPED:
        raise NotFound(f"there is no report {report_id} for you")
    if kept.state == SIGNED:
        raise Refused("Báo cáo đã ký, không sửa được nữa. Nếu có số liệu đến sau, xin lập bản bổ sung.")
    return kept


def _seal(office: Office, kept: Report, entry: RegisterEntry, files: Mapping[str, bytes]) -> bytes:
    """HMAC of what was signed, under the server's secret."""
    content = {
        "report": [kept.id, kept.unit_id, kept.kind, kept.first, kept.until, kept.supplements_id],
        "register": [entry.unit_id, entry.book, entry.year, entry.number, entry.sign, entry.day],
        "figures": (kept.figures_hash or b"").hex(),
        "words": kept.words,
        "files": {kind: files[kind].hex() for kind in sorted(files)},
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(office.seals.derived("report"), canonical.encode(), "sha256")


def _note(session: Session, writer: Writer, act: str, kept: Report, now: int, **detail: Any) -> None:
    audit.note(session, staff_id=writer.staff_id, act=act, subject=f"report {kept.id}", detail=dict(detail), now=now)
