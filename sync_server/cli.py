"""`nucuoi-server`: the command line of the server."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from survey.errors import BadDocument
from sync_server.commands import (
    accounts,
    checking,
    judging,
    keeping,
    kiosks,
    months,
    notices,
    prepare,
    reports,
    samples,
    seals,
    serve,
    whatif,
)
from sync_server.db import is_passing
from sync_server.errors import DatabaseNotReady, PortTaken, ServerError

WRONG, MISUSED, PORT_TAKEN, NOT_READY, FAILED = 1, 2, 3, 4, 5
EXIT_CODES = """\
exit codes:
  0  done
  1  refused, not found, or something differs: the message says what
  2  wrong use, or wrong settings (all faults are told at once)
  3  the port is in use
  4  the database is away or not ready: run `nucuoi-server init`
  5  a file cannot be read or written
"""
COMMANDS = (
    prepare,
    serve,
    kiosks,
    accounts,
    judging,
    whatif,
    notices,
    reports,
    samples,
    keeping,
    months,
    checking,
    seals,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is in `EXIT_CODES`. Faults go to standard error, one a line."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except BadDocument as error:
        return _say(MISUSED, *error.faults)
    except PortTaken as error:
        return _say(PORT_TAKEN, str(error))
    except DatabaseNotReady as error:
        return _say(NOT_READY, str(error))
    except ServerError as error:
        return _say(WRONG, str(error))
    except OSError as error:
        return _say(FAILED, f"{error.filename or 'a file'}: {error.strerror}; check the path and its permissions")
    except Exception as error:
        if not is_passing(error):
            raise
        return _say(NOT_READY, f"the database did not answer: {str(error).splitlines()[0]}")
    except KeyboardInterrupt:
        return _say(130, "ended by Ctrl-C")


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    made = argparse.ArgumentParser(
        prog="nucuoi-server",
        description="Nụ Cười: the server that takes ratings from kiosks and finds who needs looking into.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--database", metavar="URL", help="sqlite:///FILE or postgresql://USER@HOST/NAME; goes before all settings"
    )
    common.add_argument(
        "--config", metavar="FILE", type=Path, help="settings; else NUCUOI_CONFIG, else /etc/nucuoi/server.toml"
    )
    commands = made.add_subparsers(metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.add(commands, common)
    return made


def _say(code: int, *faults: str) -> int:
    for fault in faults:
        print(f"nucuoi-server: {fault}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
