"""`nucuoi-server create-staff`: give a person an account."""

import argparse
import getpass
import sys
from pathlib import Path

from sync_server.commands.opened import Commands, ready_office
from sync_server.errors import NotFound, Refused
from sync_server.ids import OFFICER, read_id
from sync_server.models.people import ROLES
from sync_server.queries.places import unit_called
from sync_server.services import audit, staff


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    create = commands.add_parser(
        "create-staff",
        parents=[common],
        help="make an account for a person",
        description="Make an account. The password is asked for, or read as the first line of standard input or of "
        "--password-file; never given on the command line, where others on this machine could read it.",
    )
    create.add_argument("--username", required=True)
    create.add_argument("--name", default="", help="as it is shown; else the username")
    create.add_argument("--role", required=True, choices=ROLES)
    create.add_argument("--unit", metavar="ID|NAME", help="the top of what the role reaches; none: everything")
    create.add_argument("--officer", metavar="ID", help="for the role officer: whose account it is, such as o17")
    create.add_argument("--password-file", type=Path, metavar="FILE")
    create.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the account and say so."""
    with ready_office(arguments) as office:
        password = read_password(arguments.password_file)
        officer_id = read_id(OFFICER, arguments.officer) if arguments.officer else None
        if arguments.officer and officer_id is None:
            raise NotFound(f"{arguments.officer!r} is no officer's id; it looks like o17")
        with office.database.write() as session:
            made = staff.make_staff(
                session,
                username=arguments.username,
                name=arguments.name,
                role=arguments.role,
                password=password,
                unit_id=unit_called(session, arguments.unit).unit_id if arguments.unit else None,
                officer_id=officer_id,
                now=office.now(),
            )
            audit.note(session, staff_id=None, act="account made", subject=made.username, now=office.now())
    print(f"{made.username} ({made.role}) may sign in at {office.settings.address}")
    return 0


def read_password(file: Path | None) -> str:
    """The password from a file, a pipe, or typed twice unseen. Raises `Refused` when the two differ."""
    if file is not None:
        return _first_line(file.read_text(encoding="utf-8"))
    if not sys.stdin.isatty():
        return _first_line(sys.stdin.readline())
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise Refused("the two passwords differ; try again")
    return password


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else ""
