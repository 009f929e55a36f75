"""`nucuoi-server verify-seals`: are the observers' sealed months as they were sealed?"""

import argparse
from pathlib import Path

from sync_server.commands.opened import Commands, ready_office


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    seals = commands.add_parser(
        "verify-seals",
        parents=[common],
        help="verify the observers' sealed months, here or in an exported file",
        description="Verify the chain and the signatures of the observers' sealed months, and count their ratings "
        "again. With --file: only the chain and the signatures of an exported file, which needs no database. "
        "Exit code 1 when something was altered. Changes nothing.",
    )
    seals.add_argument("--file", type=Path, help="a file of sealed months, as exported from the page of rounds")
    seals.add_argument("--key", help="the public key that was published; else the file's own, which proves less")
    seals.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Tell what was altered; 1 when anything was."""
    if arguments.file is not None:
        return _run_file(arguments.file, arguments.key)
    from sync_server.services.sealing_months import verify

    with ready_office(arguments) as office, office.database.read() as session:
        faults = verify(session, office)
    return _tell(faults, "the sealed months and their ratings are as they were sealed")


def _run_file(file: Path, key: str | None) -> int:
    from sync_server.sealed_months import chain_faults, from_file

    try:
        own_key, seals = from_file(file.read_bytes())
    except (OSError, ValueError) as error:
        print(f"{file}: {error}")
        return 1
    if key is not None and key.strip().lower() != own_key:
        print(f"{file}: was signed by another key than {key}")
        return 1
    return _tell(chain_faults(seals, own_key), f"{len(seals)} sealed months are as they were signed")


def _tell(faults: list[str], good: str) -> int:
    for fault in faults:
        print(fault)
    if not faults:
        print(good)
    return 1 if faults else 0
