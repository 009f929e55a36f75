"""`nucuoi-server check` and `import-usb`: does everything agree, and what came on a stick."""

import argparse
from pathlib import Path

from sync_server.commands.opened import Commands, ready_office
from sync_server.errors import Refused

SHOWN = 50
"""Findings that are told one by one; the rest is counted."""


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the commands."""
    check = commands.add_parser(
        "check",
        parents=[common],
        help="make digests, chains, tallies and counts again from the ratings, and say where they differ",
        description="Make digests, chains, tallies and counts again from the ratings, and say where they differ. "
        "Exit code 1 when something does. Changes nothing without one of the two repairs.",
    )
    check.add_argument("--rebuild-tallies", action="store_true", help="make all tallies again from the ratings first")
    check.add_argument(
        "--settle-dossiers", action="store_true", help="let one rating count of each dossier of which none does, first"
    )
    check.set_defaults(run=run_check)
    carry = commands.add_parser(
        "import-usb",
        parents=[common],
        help="take ratings that a kiosk copied to a USB stick",
        description="Take ratings from files `ratings-….nucuoi` that `nucuoi-kiosk export-usb` wrote. "
        "Importing a file twice is safe. A file that was altered is refused whole.",
    )
    carry.add_argument("files", type=Path, nargs="+", metavar="FILE", help="a file, or a folder with such files")
    carry.set_defaults(run=run_import)


def run_check(arguments: argparse.Namespace) -> int:
    """Tell the findings; 1 when there are any."""
    from sync_server.services.check import check, rebuild_tallies, settle_left_over

    with ready_office(arguments) as office:
        if arguments.settle_dossiers:
            with office.database.write() as session:
                print(f"dossiers of which a rating counts again: {settle_left_over(session)}")
        if arguments.rebuild_tallies:
            with office.database.write() as session:
                rebuild_tallies(session)
        with office.database.read() as session:
            findings = check(session, zone=office.zone)
    for finding in findings[:SHOWN]:
        print(f"{finding.subject}: {finding.where}: {finding.fault}")
    if not findings:
        print("everything agrees: digests, chains, times, tallies, totals, dossiers")
        return 0
    print(
        f"{len(findings)} findings; tallies that differ are mended by --rebuild-tallies, "
        "dossiers of which none counts by --settle-dossiers"
    )
    return 1


def run_import(arguments: argparse.Namespace) -> int:
    """Import file by file; 1 when one was refused, the others are imported all the same."""
    from sync_server.services.carry import import_file
    from sync_server.services.judging import Judging

    refused = 0
    with ready_office(arguments) as office:
        judging = Judging(office)
        for file in _files(arguments.files):
            try:
                done = import_file(office, file.name, file.read_bytes(), now=office.now(), touched=judging.note)
            except Refused as error:
                print(error)
                refused += 1
                continue
            told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(done.verdicts.items())) or "no ratings"
            print(f"{file.name}: {done.kiosk_name}: {told}")
    return 1 if refused else 0


def _files(named: list[Path]) -> list[Path]:
    """The files named; of a folder those that look like a kiosk's. Raises `Refused` when there is none."""
    found = [file for path in named for file in (sorted(path.glob("ratings-*.nucuoi")) if path.is_dir() else [path])]
    if not found:
        raise Refused(f"there is no file ratings-….nucuoi in {', '.join(str(path) for path in named)}")
    return found
