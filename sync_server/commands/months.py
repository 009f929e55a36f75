"""`nucuoi-server partition`: the ratings of a large PostgreSQL in one table a month, and old months out of the way."""

import argparse

from sync_server.commands.opened import Commands, ready_office
from sync_server.office import Office
from sync_server.services import months, partitioning


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    partition = commands.add_parser(
        "partition",
        parents=[common],
        help="keep the ratings of a large PostgreSQL in one table a month, and detach old months",
        description="Keep the ratings of a large PostgreSQL in one table a month. Without an option: list the months. "
        "Turning it on or off copies all ratings while kiosks wait (they keep everything). A month that was detached "
        "is a table rating_YYYY_MM by itself, to be dumped (pg_dump --table) and dropped; its tallies stay.",
    )
    what = partition.add_mutually_exclusive_group()
    what.add_argument("--on", action="store_true", help="put all ratings into one table a month")
    what.add_argument("--off", action="store_true", help="put them back into one table")
    what.add_argument("--ahead", action="store_true", help="make the tables of the next months; for every night")
    what.add_argument("--detach", metavar="YYYY-MM", help="take a month out; it must have ended 13 months ago")
    what.add_argument("--attach", metavar="YYYY-MM", help="put a detached month back, whose table is still there")
    partition.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do the one thing that is asked for, and say what was done."""
    with ready_office(arguments) as office:
        for line in _done(arguments, office):
            print(line)
    return 0


def _done(arguments: argparse.Namespace, office: Office) -> list[str]:
    database, zone, now = office.database, office.zone, office.now()
    if arguments.on:
        count = partitioning.partition(database, zone=zone, now=now)
        return [f"{count} ratings are in months now; run `nucuoi-server partition --ahead` every night"]
    if arguments.off:
        partitioning.unpartition(database)
        return ["the ratings are in one table now"]
    if arguments.ahead:
        with database.alter() as connection:
            made = partitioning.make_ahead(connection, zone=zone, now=now)
        return [f"made {', '.join(made)}" if made else "nothing to make"]
    if arguments.detach:
        count = months.detach(database, arguments.detach, zone=zone, now=now)
        table = partitioning.table_of(arguments.detach)
        return [f"{count} ratings of {arguments.detach} are in the table {table} by itself: dump it, then drop it"]
    if arguments.attach:
        return [f"{months.attach(database, arguments.attach, zone=zone)} ratings of {arguments.attach} are back"]
    with database.read() as session:
        return [_line(line) for line in months.months(session)]


def _line(line: months.MonthLine) -> str:
    where = "" if line.is_attached else "  detached" if line.size else "  detached, its table is gone"
    size = f"{line.size / 1e6:10.1f} MB" if line.size is not None else " " * 13
    return f"{line.month}  {'about ' if line.is_attached else '      '}{line.ratings:>12,} ratings {size}{where}"
