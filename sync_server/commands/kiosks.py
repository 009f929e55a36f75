"""`nucuoi-server enrol-code`: invite a kiosk."""

import argparse

import qrcode

from sync_server.commands.opened import Commands, ready_office
from sync_server.office import Office
from sync_server.queries.places import Place, counter_called, unit_called
from sync_server.services import audit, enrolment


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    code = commands.add_parser(
        "enrol-code",
        parents=[common],
        help="make a code (and its QR) by which one kiosk joins",
        description="Make a code by which one kiosk joins, once and within the minutes of the setting "
        "enrolment_code_minutes. It is shown this once.",
    )
    code.add_argument("--unit", metavar="ID|NAME", help="the unit whose kiosk it will be, such as u3 or 'Xã Mộc Bắc'")
    code.add_argument("--counter", metavar="ID|NAME", help="the counter where it stands, such as c3; says its unit")
    code.add_argument("--name", help="what staff call this kiosk; else the counter's or unit's name")
    code.add_argument("--url", help="the server's address as kiosks reach it; else the setting public_url")
    code.add_argument("--json", action="store_true", help="print only the JSON that the QR holds")
    code.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make a code and show it."""
    with ready_office(arguments) as office:
        place, code = _made(office, arguments)
    text = enrolment.invitation((arguments.url or office.settings.address).rstrip("/"), code)
    if arguments.json:
        print(text)
    else:
        _show(place, code, text, office.settings.enrolment_code_minutes)
    return 0


def _made(office: Office, arguments: argparse.Namespace) -> tuple[Place, str]:
    with office.database.write() as session:
        if arguments.counter:
            within = unit_called(session, arguments.unit).unit_id if arguments.unit else None
            place = counter_called(session, arguments.counter, within=within)
        else:
            place = unit_called(session, arguments.unit)
        code = enrolment.make_code(
            session,
            office.seals,
            unit_id=place.unit_id,
            counter_id=place.counter_id,
            name=arguments.name or place.name,
            now=office.now(),
            minutes=office.settings.enrolment_code_minutes,
        )
        audit.note(session, staff_id=None, act="code made", subject=place.wire_id, now=office.now())
    return place, code


def _show(place: Place, code: str, text: str, minutes: int) -> None:
    print(f"A kiosk for {place.name}: type this code there, or let it scan the QR.")
    print(f"It works once, for {minutes} minutes.\n\n    {code[:4]} {code[4:]}\n")
    qr = qrcode.QRCode(border=2)
    qr.add_data(text)
    qr.print_ascii(invert=True)
    print(text)
