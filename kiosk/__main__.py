"""`nucuoi-kiosk`: the only place where the kiosk's parts are wired together."""

import argparse
import logging
import platform
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from kiosk import carry, config, device, doctor
from kiosk.camera import decoder
from kiosk.camera.video4linux import VideoCamera
from kiosk.clock import Clock, device_clock
from kiosk.condition import DeskStatus, describe_store, wire_status
from kiosk.config import KioskSettings
from kiosk.desk import Desk
from kiosk.errors import KioskError, NoDisplay, NotPaired, ServerAway, StoreBusy
from kiosk.joining import Joining
from kiosk.store import peek
from survey.errors import BadDocument

log = logging.getLogger("kiosk")

QUIET_START_S = 2.0
"""The server is asked when the first screen stands, not while it is being made."""
FAILED, USAGE, BUSY, NO_DISPLAY, AWAY = 1, 2, 3, 4, 5
_EXIT_CODES = """\
exit codes:
  0  done
  1  failed; the message says what to do (doctor: something must be mended)
  2  wrong usage or settings
  3  another process owns the data directory
  4  no screen to open a window on
  5  the server was not reached; the same may be tried again
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        settings = config.load(given.config)
        if given.data_dir is not None:
            settings = replace(settings, data_dir=given.data_dir)
        if getattr(given, "windowed", None) is not None:
            settings = replace(settings, fullscreen=False, window_size=given.windowed)
    except BadDocument as error:
        print("nucuoi-kiosk: the settings are wrong:", file=sys.stderr)
        for fault in error.faults:
            print(f"  {fault}", file=sys.stderr)
        return USAGE
    _begin_log(settings, quiet=given.command != "run")
    try:
        return int(given.act(given, settings))
    except KioskError as error:
        print(f"nucuoi-kiosk: {error}", file=sys.stderr)
        return _exit_code(error)
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    # Before or after the command; SUPPRESS keeps the second place from wiping out what stood in the first.
    nothing = argparse.SUPPRESS
    common.add_argument("--config", type=Path, metavar="FILE", default=nothing, help="settings, see kiosk.toml")
    common.add_argument("--data-dir", type=Path, metavar="DIR", default=nothing, help="where ratings are kept")
    parser = argparse.ArgumentParser(
        prog="nucuoi-kiosk",
        description="The touchscreen of Nụ Cười.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"nucuoi-kiosk {device.app_version()}")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings; usually /etc/nucuoi/kiosk.toml")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where ratings are kept")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", parents=[common], help="open the window and serve citizens")
    run.add_argument("--windowed", metavar="WxH", help="a window of this size instead of the full screen")
    run.set_defaults(act=_run)
    enrol = commands.add_parser("enrol", parents=[common], help="join a server")
    enrol.add_argument("url", metavar="URL", help="the server's address, https://…")
    enrol.add_argument("code", metavar="CODE", help="the code that staff made on the server; works once, 15 minutes")
    enrol.set_defaults(act=_enrol)
    status = commands.add_parser("status", parents=[common], help="what waits, what is parked and why, last contact")
    status.set_defaults(act=_status)
    check = commands.add_parser("doctor", parents=[common], help="check screen, scanner, disk, server; say what to do")
    check.set_defaults(act=_doctor)
    usb = commands.add_parser("export-usb", parents=[common], help="copy waiting ratings to a stick")
    usb.add_argument("dir", metavar="DIR", type=Path, help="where the stick is mounted")
    usb.set_defaults(act=_export)
    return parser


def build_desk(settings: KioskSettings, clock: Clock) -> Desk:
    """The real desk: real clock, real disk, real server. Opens nothing yet."""
    return Desk(
        settings,
        clock=clock,
        connect=lambda url, key: _client(
            url, key, settings, read_s=settings.read_timeout_s, whole_s=settings.request_timeout_s
        ),
        describe=_describe,
    )


def _client(url: str, key: str | None, settings: KioskSettings, *, read_s: float, whole_s: float) -> Joining:
    # Imported when the server is first asked: what it needs takes as long to load as the whole window does.
    from kiosk.client import Client, Patience

    patience = Patience(connect_s=settings.connect_timeout_s, read_s=read_s, whole_s=whole_s)
    return Client(url, key=key, ca_file=settings.ca_file, patience=patience)


def _describe() -> Any:
    """This device, as a server is told at its enrolment."""
    from kiosk.client import Device

    return Device(
        name=platform.node(), hardware=device.hardware(), os=device.system(), app_version=device.app_version()
    )


def _run(given: argparse.Namespace, settings: KioskSettings) -> int:
    screen = doctor.look_for_display()
    if screen.is_failure:
        raise NoDisplay(f"there is no screen to open a window on ({screen.said}); {screen.remedy}")
    # Kivy takes half a second and a screen; no other command needs it.
    try:
        from kiosk import app
    except ImportError as error:
        if (error.name or "").partition(".")[0] == "kiosk":
            raise
        print(f"nucuoi-kiosk: {error}; install the kiosk's packages: pip install 'nucuoi[kiosk]'", file=sys.stderr)
        return FAILED
    desk = build_desk(settings, device_clock(settings.zone))
    desk.open()
    desk.start(after_s=QUIET_START_S)
    try:
        return app.run(desk, settings, VideoCamera(settings.camera) if decoder.is_installed() else None)
    finally:
        desk.stop()


def _enrol(given: argparse.Namespace, settings: KioskSettings) -> int:
    desk = build_desk(settings, device_clock(settings.zone))
    try:
        desk.enrol(given.url, given.code)
        setup = desk.setup()
    finally:
        desk.stop()
    where = f"{setup.unit.name}{f', {setup.counter.name}' if setup.counter else ''}" if setup else "setup not here yet"
    print(f"enrolled at {given.url}: {where}")
    return 0


def _status(given: argparse.Namespace, settings: KioskSettings) -> int:
    store, clock = peek(settings.directory), device_clock(settings.zone)
    identity = store.identity()
    state = replace(describe_store(store, clock), disk_free_mb=device.disk_free_mb(settings.directory))
    server = f"{identity.url} as {identity.kiosk_id}" if identity else "not enrolled"
    print("\n".join(status_lines(state, server, store.damage(), settings)))
    return 0


def status_lines(state: DeskStatus, server: str, damaged: int, settings: KioskSettings) -> list[str]:
    """What `nucuoi-kiosk status` prints."""
    zone = settings.zone

    def local(moment: datetime | None) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment is not None else "never"

    lines = [
        f"server       {server}",
        f"waiting      {state.waiting}",
        f"last sent    {local(state.last_sent_at)}",
        f"last contact {local(state.last_met_at)}",
        f"clock        {state.clock}",
        f"disk free    {state.disk_free_mb} MB in {settings.directory}",
        f"version      {device.app_version()}",
        f"parked       {len(state.parked)}",
    ]
    lines += [f"  {item.tapped_at}  {item.officer_name}  {item.code}: {item.meaning}" for item in state.parked]
    if state.difference:
        more = "more" if state.difference > 0 else "fewer"
        lines.append(f"difference   the server has {abs(state.difference)} ratings {more} than it acknowledged")
    if damaged:
        lines.append(f"damaged      {damaged} lines set aside; send the .damaged file to support, then delete it")
    return lines


def _doctor(given: argparse.Namespace, settings: KioskSettings) -> int:
    findings = doctor.examine(
        settings,
        device_clock(settings.zone),
        connect=lambda url, key: _client(url, key, settings, read_s=10.0, whole_s=20.0),
    )
    for finding in findings:
        print(finding)
    return FAILED if any(finding.is_failure for finding in findings) else 0


def _export(given: argparse.Namespace, settings: KioskSettings) -> int:
    # Beside a running kiosk: it only looks, and what it copies goes on waiting.
    store, clock = peek(settings.directory), device_clock(settings.zone)
    done = carry.export_waiting(store, clock, given.dir, lambda of: wire_status(of, clock, settings.directory))
    for file in done.files:
        print(file)
    print(f"{done.ratings} ratings copied; the stick may be pulled out")
    return 0


def _exit_code(error: KioskError) -> int:
    for kind, code in ((StoreBusy, BUSY), (NoDisplay, NO_DISPLAY), (ServerAway, AWAY), (NotPaired, FAILED)):
        if isinstance(error, kind):
            return code
    return FAILED


def _begin_log(settings: KioskSettings, *, quiet: bool) -> None:
    """To the file of the settings, else to standard error, where systemd's journal takes it."""
    level = logging.WARNING if quiet else getattr(logging, settings.log_level.upper())
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if settings.log_file is not None and not quiet:
        try:
            # Rotated: a log must never be what fills the disk.
            handlers = [RotatingFileHandler(settings.log_file, maxBytes=1_000_000, backupCount=3, encoding="utf-8")]
        except OSError as error:
            print(f"nucuoi-kiosk: log_file {settings.log_file}: {error.strerror}; logging here", file=sys.stderr)
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=handlers)


if __name__ == "__main__":
    sys.exit(main())
