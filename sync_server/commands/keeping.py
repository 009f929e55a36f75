"""`nucuoi-server backup`, `restore` and `retain`: keep the data, and no longer than it may be kept."""

import argparse
from pathlib import Path

from sync_server import config
from sync_server.commands.opened import Commands, ready_office, settings_of
from sync_server.db import Database
from sync_server.office import open_office
from sync_server.services import notices
from sync_server.services.backup import back_up, restore
from sync_server.services.retention import erase_old
from sync_server.services.sealing import check_secret


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the commands."""
    backup = commands.add_parser(
        "backup",
        parents=[common],
        help="copy the whole database to a file while the server runs",
        description="Copy the whole database to one file while the server runs (pg_dump on PostgreSQL). The secret is "
        "not in it: keep a copy of the secret file apart from the backups.",
    )
    backup.add_argument("file", type=Path)
    backup.set_defaults(run=run_backup)
    bring_back = commands.add_parser(
        "restore",
        parents=[common],
        help="make the database what it was in a backup; stop the server before",
        description="Make the database what it was when the backup was written, migrated to this program. Stop the "
        "server before. Kiosks keep what they sent for a month, and send again what the backup misses.",
    )
    bring_back.add_argument("file", type=Path)
    bring_back.add_argument("--replace", action="store_true", help="give up all data that the database holds now")
    bring_back.set_defaults(run=run_restore)
    retain = commands.add_parser(
        "retain",
        parents=[common],
        help="erase comments and dossier codes that are older than the settings allow",
        description="Erase comments and dossier codes that are older than the settings keep_comments_days and "
        "keep_dossier_links_days allow. Ratings stay. Safe to run again: run it every night.",
    )
    retain.set_defaults(run=run_retain)


def run_backup(arguments: argparse.Namespace) -> int:
    """Write the file and say how large it is."""
    database = Database(settings_of(arguments).database)  # its keys stay sealed: no secret is needed
    try:
        size = back_up(database, arguments.file)
    finally:
        database.dispose()
    print(f"{arguments.file} ({size / 1e6:.1f} MB); keep the secret apart: {_secret_place(arguments)}")
    return 0


def run_restore(arguments: argparse.Namespace) -> int:
    """Bring the file back, and say whether the secret is the right one."""
    office = open_office(config.with_secret(settings_of(arguments)))
    try:
        revision = restore(office.database, arguments.file, replace=arguments.replace)
        print(f"{office.database.name} is as in {arguments.file} (revision {revision})")
        with office.database.read() as session:
            check_secret(session, office.seals)
    finally:
        office.database.dispose()
    return 0


def run_retain(arguments: argparse.Namespace) -> int:
    """Erase, and say how much."""
    with ready_office(arguments) as office:
        days = office.settings
        with office.database.write() as session:
            erased = erase_old(
                session,
                now=office.now(),
                comments_days=days.keep_comments_days,
                dossier_links_days=days.keep_dossier_links_days,
            )
            told = notices.forget_old(session, now=office.now())
    print(f"erased {erased.comments} comments, {erased.dossier_links} dossier codes, {told} old notices")
    return 0


def _secret_place(arguments: argparse.Namespace) -> str:
    settings = settings_of(arguments)
    return "it is in the settings" if settings.secret else str(config.secret_file(settings.database))
