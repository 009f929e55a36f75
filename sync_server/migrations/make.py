"""Write a migration from what the models have and the migrations have not yet (for developers; read it over).

`python -m sync_server.migrations.make "Add cases"` adds the next number. Until the first release
`python -m sync_server.migrations.make --first` makes 0001 again from the models.
"""

import argparse
import re
import tempfile
from pathlib import Path

from sync_server.db import Database
from sync_server.services.migration import make_revision, migrate

VERSIONS = Path(__file__).parent / "versions"


def main() -> None:
    """Read the command line and write one file under `versions/`."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("message", nargs="?", help="what changes, as a short sentence")
    what.add_argument("--first", action="store_true", help="make 0001 again")
    given = parser.parse_args()
    numbers = [int(file.name[:4]) for file in VERSIONS.glob("*.py") if re.match(r"\d{4}_", file.name)]
    if given.first and max(numbers, default=1) > 1:
        parser.error("0001 has successors, so that it must stay as it is; add a migration instead")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/models.db")
        if given.first:
            for old in VERSIONS.glob("0001_*.py"):
                old.unlink()
            make_revision(database, "First tables", "0001")
        else:
            migrate(database)
            make_revision(database, given.message, f"{max(numbers, default=0) + 1:04}")
        database.dispose()


if __name__ == "__main__":
    main()
