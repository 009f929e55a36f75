"""`nucuoi-server notices`: look what is to be told, and send what waits."""

import argparse

from sync_server.commands.opened import Commands, ready_office


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    notices = commands.add_parser(
        "notices",
        parents=[common],
        help="send the notices that wait; for every few minutes",
        description="Look at kiosks that are silent, low on battery or disk, and at the week that is over; then send "
        "all notices that are due, each until it is taken or given up after two days. For every few minutes "
        "(config/systemd/nucuoi-notices.timer). Safe to run again, and while another one runs. When the reply of a "
        "mail server is lost, a person may be told twice.",
    )
    notices.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look and send. 1 when something was given up: the page of notices says what."""
    # Here, since other commands need neither.
    from sync_server.messenger import Messenger
    from sync_server.services import notice_sending, notice_watch

    with ready_office(arguments) as office:
        with office.database.write() as session:
            notice_watch.watch(session, office)
        sent = notice_sending.send_due(office, Messenger(office.settings).deliver)
    print(f"{sent.sent} notices sent, {sent.later} tried again later, {sent.given_up} given up")
    return 1 if sent.given_up else 0
