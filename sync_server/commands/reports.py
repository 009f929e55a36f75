"""`nucuoi-server report`: what is due, a report as files, and whether signed ones are as they were."""

import argparse
from datetime import date
from pathlib import Path

from sync_server.commands.opened import Commands, ready_office
from sync_server.errors import NotFound, Refused
from sync_server.ids import UNIT, read_id, write_id
from sync_server.office import Office


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    report = commands.add_parser(
        "report",
        parents=[common],
        help="tell which reports are due, make one as files, or check signed ones",
        description="Without options: which reports are due. With --unit, --kind and --out: the report as DOCX and "
        "XLSX, and as PDF where LibreOffice is installed; nothing is stored, it has no number. With --check: whether "
        "signed reports are as they were signed; exit code 1 when one is not.",
    )
    what = report.add_mutually_exclusive_group()
    what.add_argument("--unit", help="a unit's id, such as u3")
    what.add_argument("--check", action="store_true", help="compare signed reports with their seals")
    report.add_argument("--kind", default="monthly", help="weekly, monthly, quarterly, six_month, yearly or first")
    report.add_argument("--year", type=int, help="the year (this one)")
    report.add_argument("--number", type=int, default=1, help="of the week, month or quarter (default 1)")
    report.add_argument("--out", type=Path, default=Path(), help="the folder for the files (this one)")
    report.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Tell, make or check."""
    with ready_office(arguments) as office:
        if arguments.check:
            return _check(office)
        return _make(office, arguments) if arguments.unit else _due(office)


def _due(office: Office) -> int:
    from sync_server.casework.workdays import public_calendar
    from sync_server.queries import reports, units
    from sync_server.reporting.rules import report_rules

    today = office.day(office.now())
    with office.database.read() as session:
        within = units.subtree(session, None)
        missing = reports.missing(session, within, today, report_rules(), public_calendar())
    for one in missing:
        state = "overdue" if one.is_overdue(today) else "due"
        day = date.fromordinal(one.due_day).isoformat()
        print(f"{write_id(UNIT, one.unit_id)} {one.unit}: {one.period.kind} {one.period.year}, {state} {day}")
    print(f"{len(missing)} reports are due")
    return 0


def _make(office: Office, arguments: argparse.Namespace) -> int:
    from sync_server import printing
    from sync_server.queries import reported
    from sync_server.reporting import making, periods
    from sync_server.reporting.rules import KINDS, report_rules
    from sync_server.services import reports

    unit_id = read_id(UNIT, arguments.unit)
    if unit_id is None:
        raise NotFound(f"{arguments.unit!r} is no unit's id; it looks like u3")
    if arguments.kind not in KINDS:
        raise Refused(f"{arguments.kind!r} is no kind of report; take one of {', '.join(KINDS)}")
    now = office.now()
    rule = report_rules().rule_at(arguments.kind, office.day(now))
    with office.database.read() as session:
        if rule.span == "start":
            start = reported.start_of(session, unit_id)
            if start is None:
                raise Refused(f"{arguments.unit} has no first day and no rating yet")
            period = periods.from_start(rule, start)
        else:
            year = arguments.year or date.fromordinal(office.day(now)).year
            period = periods.period_of(rule, year, arguments.number)
        figures = reported.figures(session, office, unit_id, period, now=now)
        words = reports.first_words(session, unit_id, period)
        template = reports.template_of(session, unit_id)
    files = {"docx": making.docx(figures, words, template), "xlsx": making.xlsx(figures, words)}
    if printing.is_there():
        files["pdf"] = printing.pdf_of(files["docx"])
    for kind, content in files.items():
        file = arguments.out / making.file_name(figures, None, kind)
        file.write_bytes(content)
        print(file)
    return 0


def _check(office: Office) -> int:
    from sync_server.services import reports

    with office.database.read() as session:
        findings = reports.altered(session, office)
    if findings:
        print(*findings, sep="\n")
        return 1
    print("every signed report is as it was signed")
    return 0
