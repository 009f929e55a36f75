"""Figures: what citizens said, by unit, procedure, officer and time; every number with its n and its coverage."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import get_locale, gettext

from survey.rating import SOURCES
from sync_server import sheets
from sync_server.flagging.intervals import wilson
from sync_server.periods import KINDS, Period, period
from sync_server.queries import organisation, results, rounds, succession, units
from sync_server.queries.results import Line
from sync_server.rulebook import rulebook
from sync_server.services import audit
from sync_server.sheets import Cell
from sync_server.web.access import current_user, office, roles, scope

pages = Blueprint("results", __name__)

SEE = ("town_staff", "head", "inspector", "observer")
BY_NAME = ("town_staff", "head", "inspector")
"""Who sees figures of officers by name."""
SHARE_LEAST = 30
"""With fewer ratings no share is shown: it would be read as more than it is."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for, with what makes no sense left out."""

    period: Period
    by: str
    unit: int | None
    service: int | None
    round: int | None = None
    with_past: bool = False
    source: str | None = None

    @property
    def address(self) -> dict[str, Any]:
        """The same as arguments of an address."""
        return {
            "period": self.period.kind,
            "from": date.fromordinal(self.period.first).isoformat(),
            "to": date.fromordinal(self.period.last).isoformat(),
            "by": self.by,
            "unit": self.unit,
            "service": self.service,
            "round": self.round,
            "source": self.source,
            "past": 1 if self.with_past else None,
        }


@pages.get("/results")
@roles(*SEE)
def page() -> str:
    """The figures asked for."""
    asked = wanted()
    lines, course = _lines(asked, asked.by), _lines(asked, "time")
    with office().database.read() as reading:
        tree = units.tree(reading, scope())
        fields = organisation.catalogue(reading)
        there = rounds.touching(reading, scope())
        has_past = bool(succession.passages(reading, scope()))
    return render_template(
        "results/page.html",
        asked=asked,
        lines=lines,
        course=course,
        most=max((line.totals.n for line in course), default=0),
        # By source no slips are told; the coverage of all is the same however it is broken down.
        whole=results.whole(lines if asked.by != "source" else _lines(asked, "unit")),
        by_source=_lines(asked, "source"),
        sources=SOURCES,
        source_name=source_name,
        tree=tree,
        fields=fields,
        rounds=there,
        has_past=has_past,
        kinds=KINDS,
        ways=_ways(),
        share=share,
        kind_name=kind_name,
        way_name=way_name,
        line_name=line_name,
        date_of=lambda ordinal: date.fromordinal(ordinal).isoformat(),
    )


@pages.get("/results.<kind>")
@roles(*SEE)
def export(kind: str) -> Response:
    """The same figures as a file; who took it is in the log."""
    if kind not in ("csv", "xlsx"):
        abort(404)
    asked, now = wanted(), office().now()
    headings, rows = _table(asked, _lines(asked, asked.by))
    with office().database.write() as writing:
        audit.note(
            writing,
            staff_id=current_user.id,
            act="results exported",
            subject=f"u{asked.unit}" if asked.unit else "",
            detail={"kind": kind, **asked.address},
            now=now,
        )
    name = f"nu-cuoi-{asked.by}-{asked.address['from']}-{asked.address['to']}.{kind}"
    body = sheets.csv_of(headings, rows) if kind == "csv" else sheets.xlsx_of(gettext("Số liệu"), headings, rows)
    return Response(
        body,
        mimetype="text/csv; charset=utf-8" if kind == "csv" else XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def wanted() -> Asked:
    """What the address asks for, of what the person signed in may see."""
    house = office()
    today = house.day(house.now())
    ways = _ways()
    by = request.args.get("by", "unit")
    wanted = request.args.get("round", type=int)
    with house.database.read() as reading:
        within = next((each for each in rounds.touching(reading, scope()) if each.id == wanted), None)
    if within is not None:  # a round has its own days
        asked = period("free", today, within.first_day, max(within.first_day, min(today, within.days[1] - 1)))
    else:
        first, last = (_ordinal(request.args.get(name)) for name in ("from", "to"))
        asked = period(request.args.get("period", "month"), today, first, last)
    return Asked(
        period=asked,
        by=by if by in ways else "unit",
        unit=request.args.get("unit", type=int) or None,
        service=request.args.get("service", type=int),
        round=within.id if within else None,
        with_past=request.args.get("past") == "1",
        source=source if (source := request.args.get("source")) in SOURCES else None,
    )


def reach(asked: Asked, *, with_past: bool) -> frozenset[int]:
    """The units asked for, as far as the person signed in may see them; with_past: and those that they came from."""
    within = scope()
    with office().database.read() as reading:
        if asked.unit is not None:
            within &= units.subtree(reading, asked.unit)
        return frozenset(succession.with_predecessors(reading, within)) if with_past else within


def _lines(asked: Asked, by: str) -> list[Line]:
    within = reach(asked, with_past=asked.with_past and by != "officer")  # by name only within one's own units
    with office().database.read() as reading:
        return results.breakdown(
            reading,
            within,
            rulebook().scales,
            asked.period,
            by,
            service_id=asked.service,
            language=str(get_locale()),
            only=(
                *((rounds.of_round(reading, asked.round),) if asked.round is not None else ()),
                *((results.of_source(asked.source),) if asked.source is not None else ()),
            ),
        )


def _ways() -> tuple[str, ...]:
    return results.BY if current_user.role in BY_NAME else tuple(way for way in results.BY if way != "officer")


def _table(asked: Asked, lines: list[Line]) -> tuple[list[str], list[list[Cell]]]:
    headings = [
        way_name(asked.by),
        gettext("Thuộc"),
        gettext("Lượt đánh giá"),
        gettext("Rất hài lòng"),
        gettext("Hài lòng"),
        gettext("Bình thường"),
        gettext("Không hài lòng"),
        gettext("Rất không hài lòng"),
        gettext("Lượt không hài lòng (theo thang)"),
        gettext("Tỷ lệ không hài lòng (%)"),
        gettext("Khoảng tin cậy 95 %, từ"),
        gettext("Khoảng tin cậy 95 %, đến"),
        gettext("Gắn với hồ sơ"),
        gettext("Phiếu đã in"),
    ]
    rows: list[list[Cell]] = []
    for line in lines:
        n, bad = line.totals.n, line.totals.dissatisfied
        low, high = wilson(bad, n)
        shares: list[Cell] = [None, None, None]
        if n >= SHARE_LEAST:
            shares = [round(100 * bad / n, 1), round(100 * low, 1), round(100 * high, 1)]
        name = line_name(line, asked)
        rows.append([name, line.under, n, *line.faces[::-1], bad, *shares, line.totals.with_dossier, line.slips])
    return headings, rows


def share(bad: int, n: int) -> tuple[float, float, float] | None:
    """Share of bad in n with Wilson's 95 % interval, in per cent; None while n is too small to say one."""
    if n < SHARE_LEAST:
        return None
    low, high = wilson(bad, n)
    return 100 * bad / n, 100 * low, 100 * high


def line_name(line: Line, asked: Asked) -> str:
    """What a line is called."""
    if line.day is None and asked.by == "source":
        return source_name(SOURCES[line.key])
    if line.day is None:
        return line.name or str(gettext("Không rõ thủ tục"))
    when = date.fromordinal(line.day)
    if asked.period.step == "month":
        return f"{when:%m/%Y}"
    if asked.period.step == "week":
        return str(gettext("tuần từ %(day)s", day=f"{when:%d/%m/%Y}"))
    return f"{when:%d/%m/%Y}"


def kind_name(kind: str) -> str:
    """What a period is called."""
    names: dict[str, str] = {
        "today": gettext("Hôm nay"),
        "week": gettext("Tuần này"),
        "month": gettext("Tháng này"),
        "quarter": gettext("Quý này"),
        "half": gettext("Nửa năm này"),
        "year": gettext("Năm nay"),
        "free": gettext("Từ ngày đến ngày"),
    }
    return names[kind]


def way_name(by: str) -> str:
    """By what figures are broken down."""
    names: dict[str, str] = {
        "unit": gettext("Đơn vị"),
        "service": gettext("Thủ tục"),
        "officer": gettext("Cán bộ"),
        "time": gettext("Thời gian"),
        "source": gettext("Nguồn ý kiến"),
    }
    return names[by]


def source_name(source: str) -> str:
    """Where ratings were given, one of `survey.rating.SOURCES`."""
    names: dict[str, str] = {
        "kiosk": gettext("Máy tại quầy"),
        "home": gettext("Tại nhà người dân"),
        "paper": gettext("Phiếu giấy"),
        "box": gettext("Hòm thư góp ý"),
        "phone": gettext("Điện thoại của người dân"),
        "observer": gettext("Đợt của đơn vị giám sát"),
    }
    return names[source]


def _ordinal(text: str | None) -> int | None:
    try:
        return date.fromisoformat(text or "").toordinal()
    except ValueError:
        return None
