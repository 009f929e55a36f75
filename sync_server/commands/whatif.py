"""`nucuoi-server what-if`: replay a past period under other numbers of the rule, and tell what would change."""

import argparse
from datetime import date

from sync_server.commands.opened import Commands, ready_office
from sync_server.errors import Refused
from sync_server.ids import OFFICER, write_id


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    whatif = commands.add_parser(
        "what-if",
        parents=[common],
        help="replay a past period under other numbers of the rule",
        description="Tell which yellow and red flags would have come, gone or moved in time, had other numbers been in "
        "force. Nothing is written. The numbers are those of [[flagging]] in config/rules.toml.",
    )
    whatif.add_argument(
        "--set", action="append", default=[], metavar="NUMBER=VALUE", help="such as --set flag_at=500; may be repeated"
    )
    whatif.add_argument("--since", type=_date, required=True, metavar="DATE", help="the first day, such as 2026-01-05")
    whatif.add_argument("--until", type=_date, metavar="DATE", help="the last day; else today")
    whatif.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Replay and print the differences, one a line."""
    from sync_server.flagging.explain import state_words  # here, since loading the rule slows down other commands
    from sync_server.flagging.state import State
    from sync_server.services.whatif import what_if

    with ready_office(arguments) as office:
        until = arguments.until or date.fromordinal(office.day(office.now()))
        with office.database.read() as session:
            told = what_if(session, _numbers(arguments.set), since=arguments.since, until=until)
    for name, (present, other) in told.changed.items():
        print(f"{name}: {present:g} → {other:g}")
    for difference in told.differences:
        when = f"{difference.present or '—'} → {difference.other or '—'}"
        officer = write_id(OFFICER, difference.officer_id)
        print(f"{officer}: {state_words(difference.state, 'en')} {difference.fate} ({when})")
    for state in (State.WATCH, State.FLAG):
        print(f"{state_words(state, 'en')}: {told.present[state]} officers → {told.other[state]}")
    return 0


def _numbers(given: list[str]) -> dict[str, float]:
    numbers, faults = {}, []
    for text in given:
        name, _, value = text.partition("=")
        try:
            numbers[name.strip()] = float(value)
        except ValueError:
            faults.append(f"--set {text}: must be a name and a number, such as flag_at=500")
    if faults:
        raise Refused("; ".join(faults))
    return numbers


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is no date like 2026-01-05") from error
