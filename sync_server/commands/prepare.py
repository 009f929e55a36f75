"""`nucuoi-server init`: make all that a server needs before it runs."""

import argparse

from survey import resources
from sync_server import config
from sync_server.commands.opened import Commands, settings_of
from sync_server.office import open_office
from sync_server.services import surveys
from sync_server.services.migration import migrate
from sync_server.services.sealing import check_secret


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    init = commands.add_parser(
        "init",
        parents=[common],
        help="make or migrate the database, the secret and the first survey; safe to run again",
        description="Make or migrate the tables, make the secret file, and publish the default survey if there is "
        "none. Safe to run again: run it after every update.",
    )
    init.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make what is missing, and say what is there."""
    settings = settings_of(arguments)
    office = open_office(config.with_secret(settings, make=True))
    try:
        revision = migrate(office.database)
        with office.database.write() as session:
            check_secret(session, office.seals)
            is_first = surveys.publish_first(session, folder=resources.config(), now=office.now())
    finally:
        office.database.dispose()
    print(f"database  {office.database.name} (revision {revision})")
    print(f"secret    {'from the settings' if settings.secret else config.secret_file(settings.database)}")
    print(f"survey    {'the default was published' if is_first else 'kept as it is'}")
    return 0
