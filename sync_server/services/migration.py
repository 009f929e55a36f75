"""Bring the tables to the shape that this program speaks, and say whether they are there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from sync_server import migrations
from sync_server.db import Database
from sync_server.errors import DatabaseNotReady


def migrate(database: Database, to: str = "head") -> str:
    """Bring the tables up to a revision and return its name. All or nothing; safe to run again, also by two at once.

    Raises `DatabaseNotReady` when the database cannot be opened or altered.
    """
    config = _config()
    try:
        with database.alter() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    except DBAPIError as error:
        raise DatabaseNotReady(f"{database.name} cannot be migrated and is as before ({_first_line(error)})") from error
    return revision(database) or ""


def step_down(database: Database, to: str) -> None:
    """Take the tables back to an earlier revision (`base`: none). What only the later one could hold is lost."""
    config = _config()
    with database.alter() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)


def revision(database: Database) -> str | None:
    """The revision that the database has, None when it has no tables of ours. Raises `DatabaseNotReady`."""
    try:
        with database.read() as session:
            return MigrationContext.configure(session.connection()).get_current_revision()
    except SQLAlchemyError as error:
        raise DatabaseNotReady(f"the database {database.name} cannot be opened ({_first_line(error)})") from error


def newest() -> str:
    """The revision that this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def revisions() -> list[str]:
    """All revisions, the first one first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def check_ready(database: Database) -> None:
    """Raises `DatabaseNotReady`, with the remedy, unless the database has exactly the tables of this program."""
    has, needs = revision(database), newest()
    if has == needs:
        return
    if has is not None and has not in revisions():
        raise DatabaseNotReady(
            f"the database {database.name} was made by a newer program (revision {has}, this one knows {needs}); "
            "update this program"
        )
    found = f"has revision {has}, not {needs}" if has else "has no tables yet"
    raise DatabaseNotReady(f"the database {database.name} {found}; run `nucuoi-server init` (safe to run again)")


def make_revision(database: Database, message: str, rev_id: str | None = None) -> None:
    """Write a new migration file from what the models have and the database has not (for developers)."""
    config = _config()
    with database.alter() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=rev_id)


def _config() -> Config:
    config = Config()
    folder = Path(migrations.__file__).parent
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
