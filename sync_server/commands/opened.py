"""What most commands begin with: the settings, and an office over a database that is ready."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sync_server import config
from sync_server.config import ServerSettings
from sync_server.office import Office, open_office
from sync_server.services.migration import check_ready

Commands = Any
"""argparse's own type of a group of commands, which has no public name."""


def settings_of(arguments: argparse.Namespace) -> ServerSettings:
    """The settings that `--config` and `--database` lead to. Raises `BadSettings` with all faults."""
    return config.load(arguments.config, database=arguments.database)


@contextmanager
def ready_office(arguments: argparse.Namespace) -> Iterator[Office]:
    """An office over the settings' database. Raises `BadSettings` or `DatabaseNotReady`."""
    office = open_office(config.with_secret(settings_of(arguments)))
    try:
        check_ready(office.database)
        yield office
    finally:
        office.database.dispose()
