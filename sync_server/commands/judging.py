"""`nucuoi-server flag`: judge all officers now, or tell how one came to a state."""

import argparse

from sync_server.commands.opened import Commands, ready_office
from sync_server.errors import NotFound
from sync_server.ids import OFFICER, SERVICE, read_id, write_id


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    flag = commands.add_parser(
        "flag",
        parents=[common],
        help="judge all officers now, or explain one",
        description="Judge all officers by the rule of docs/flagging.md and record what changed, "
        "then look for signs of stuffing and hiding. For every night; safe to run again. "
        "With --explain nothing is written: it tells day by day how the score came about.",
    )
    flag.add_argument("--explain", metavar="OFFICER", help="an officer's id, such as o17")
    flag.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Judge, or explain."""
    # Here, since loading the rule would slow down all other commands.
    from sync_server.flagging.explain import day_lines, ignored_words, sentence, state_words
    from sync_server.queries import outages
    from sync_server.rulebook import rulebook
    from sync_server.services import flags, night

    with ready_office(arguments) as office:
        if arguments.explain:
            with office.database.read() as session:
                number = _number(arguments.explain)
                told = flags.explain(session, number, now=office.now(), zone=office.zone)
                taken = outages.of_officer(session, number, rulebook().scales, since_day=0)
            state = state_words(told.state, "en")
            print(f"{arguments.explain} {told.name}: {state}, by rule {told.rule.version}")
            print(*day_lines(told.fold, "en"), sep="\n")
            if told.fold.n:
                print(sentence(flags.evidence(told), "en"))
            print(*ignored_words(told.fold.ignored, lambda service: write_id(SERVICE, service), "en"), sep="\n")
            for one in taken:
                print(f"{one.n} ratings ({one.bad} not satisfied) left out by an outage: {one.outage.reason}")
            return 0
        done = night.pass_over(office)
    for change in done.changes:
        was, became = state_words(change.was, "en"), state_words(change.became, "en")
        print(f"{write_id(OFFICER, change.officer_id)}: {was} → {became}")
    print(f"{len(done.changes)} officers changed, {done.alerts} new integrity alerts")
    print(f"{done.cases} cases opened, {done.reminders} reminders are new")
    return 0


def _number(officer: str) -> int:
    number = read_id(OFFICER, officer)
    if number is None:
        raise NotFound(f"{officer!r} is no officer's id; it looks like o17")
    return number
