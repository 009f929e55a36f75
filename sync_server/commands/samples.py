"""`nucuoi-server demo`: fill an empty database with a town that never was."""

import argparse
import signal
import threading
import time
import uuid
from datetime import date

from sync_server.commands.opened import Commands, ready_office
from sync_server.errors import Busy, Refused
from sync_server.ids import COUNTER, UNIT, write_id
from sync_server.office import Office

BEAT_S = 300
"""As often as a kiosk speaks when it has nothing to send."""


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    demo = commands.add_parser(
        "demo",
        parents=[common],
        help="fill an empty database with demo data",
        description="Fill an empty database with sixteen communes, their officers, one log-in a role, and months of "
        "ratings, all marked as demo. Refuses a database that holds anything real.",
    )
    demo.add_argument("--months", type=_months, default=12, help="how long citizens have rated (default 12)")
    demo.add_argument("--end-day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the last day (yesterday)")
    demo.add_argument("--seed", type=int, help="another number makes another town")
    demo.add_argument(
        "--beat",
        action="store_true",
        help="let the made-up kiosks of a filled database go on being heard of, until ended",
    )
    demo.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Fill the database, and say who may sign in. Already filled is as good as done."""
    from sync_server.services import demo  # brings the simulation along, which other commands need not load

    with ready_office(arguments) as office:
        with office.database.read() as session:
            is_filled = demo.is_filled(session)
        if arguments.beat:
            return _beat(office, is_filled)
        if is_filled:
            print("the database has its demo data already")
            return 0
        seed = {"seed": arguments.seed} if arguments.seed is not None else {}
        filled = demo.fill(office, end_day=arguments.end_day, months=arguments.months, **seed)
    print(f"{filled.officers} officers, {filled.ratings} ratings")
    print(f"a kiosk may stand in {write_id(UNIT, filled.home_unit)} at {write_id(COUNTER, filled.home_counter)}")
    print("log-ins:")
    for log_in in filled.log_ins:
        print(f"  {log_in.username:<12} {log_in.password:<24} {log_in.role}")
    return 0


def _beat(office: Office, is_filled: bool) -> int:
    from sync_server.services import demo_beat

    if not is_filled:
        raise Refused("the database has no demo data, whose kiosks could be heard of; run `nucuoi-server demo` first")
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    boot_id, began = uuid.uuid4().hex, time.monotonic()
    while True:
        try:
            beats = demo_beat.beat(office, boot_id=boot_id, monotonic_ms=round(1000 * (time.monotonic() - began)))
            print(f"{beats} made-up kiosks were heard of", flush=True)
        except Busy as error:
            print(f"{error}; trying again later", flush=True)
        if ended.wait(BEAT_S):
            return 0


def _months(text: str) -> int:
    months = int(text)
    if not 1 <= months <= 60:
        raise argparse.ArgumentTypeError(f"must be 1 to 60, not {months}")
    return months
