"""Looks at everything that a kiosk needs and says what to do about it. Changes nothing but one file of its own."""

import contextlib
import importlib.util
import os
import re
import socket
import ssl
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from kiosk import device
from kiosk.clock import Clock
from kiosk.condition import describe_store, last_meeting
from kiosk.config import KioskSettings
from kiosk.errors import KioskError, NotWelcome, ServerAway
from kiosk.kept import Identity
from kiosk.store import peek
from kiosk.sync import Server
from kiosk.widgets.measure import REFERENCE_DIAGONAL_INCH, TARGET_MM, Measure

OK, WARNING, FAILURE = "ok", "warning", "failure"
SLOW_MS = 50.0
"""A tap on a slower disk is felt as a pause (a good card needs 2 to 15 ms)."""
_ROUNDS = 20
_EXPIRY_DAYS = 14


@dataclass(frozen=True, slots=True)
class Finding:
    """One look at one thing. remedy: what to do, '' when nothing."""

    about: str
    level: str
    said: str
    remedy: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether the kiosk cannot do its work so."""
        return self.level == FAILURE

    def __str__(self) -> str:
        sign = {OK: "[ok]", WARNING: "[look]", FAILURE: "[mend]"}[self.level]
        return f"{sign:7}{self.about}: {self.said}" + (f"\n       → {self.remedy}" if self.remedy else "")


def examine(
    settings: KioskSettings,
    clock: Clock,
    *,
    connect: Callable[[str, str | None], Server],
    environ: Mapping[str, str] = os.environ,
) -> list[Finding]:
    """All findings, in the order in which things depend on each other."""
    devices = _text(Path("/proc/bus/input/devices"))
    findings = [
        Finding("version", OK, f"nucuoi {device.app_version()} on {device.hardware()}, {device.system()}"),
        look_for_display(environ),
        judge_panel(settings.screen_diagonal_inch, settings.window_size or panel_size()),
        judge_touch(devices),
        judge_scanner(devices),
        judge_fonts(importlib.util.find_spec("fontpkg_be_vietnam_pro") is not None),
        *_look_at_disk(settings),
    ]
    identity = None
    try:
        store = peek(settings.directory)
        identity = store.identity()
        state = describe_store(store, clock)
        level = WARNING if state.parked or state.difference or store.damage() else OK
        said = f"{state.waiting} waiting, {len(state.parked)} parked, {store.damage()} damaged lines"
        findings.append(Finding("ratings", level, said, "see nucuoi-kiosk status" if level is WARNING else ""))
        sure = clock.is_sure(last_meeting(store))
        findings.append(judge_clock(sure, clock.now()))
    except KioskError as error:
        findings.append(Finding("ratings", WARNING, str(error)))
    findings.extend(_look_at_server(identity, connect, settings.ca_file))
    return findings


def look_for_display(environ: Mapping[str, str] = os.environ) -> Finding:
    """Whether this machine has a screen for us, now."""
    return judge_display(environ, has_card=Path("/dev/dri").exists())


def judge_display(
    environ: Mapping[str, str], *, has_card: bool, answers: Callable[[str], bool] | None = None
) -> Finding:
    """Whether a window can be opened. answers: whether something listens at a path of a socket.

    Asked before the window library is: without a screen that would draw into memory, unseen, and seem to work.
    """
    answers = answers or _answers
    if environ.get("SDL_VIDEODRIVER"):
        return Finding("screen", OK, f"SDL_VIDEODRIVER={environ['SDL_VIDEODRIVER']}")
    wayland = environ.get("WAYLAND_DISPLAY")
    if wayland and answers(os.path.join(environ.get("XDG_RUNTIME_DIR", ""), wayland)):
        return Finding("screen", OK, f"WAYLAND_DISPLAY={wayland}")
    if display := environ.get("DISPLAY"):
        host, _, number = display.rpartition(":")
        if host not in ("", "unix") or answers(f"/tmp/.X11-unix/X{number.partition('.')[0]}"):
            return Finding("screen", OK, f"DISPLAY={display}")
        return Finding("screen", FAILURE, f"nothing answers at DISPLAY={display}", "start the desktop, or mend DISPLAY")
    if has_card or "ANDROID_ARGUMENT" in environ:
        return Finding("screen", OK, "drawn directly, without a desktop")
    return Finding("screen", FAILURE, "there is none", "start from a desktop, or set DISPLAY")


def panel_size(drm: Path = Path("/sys/class/drm")) -> str | None:
    """`WIDTHxHEIGHT` in pixels of the first panel that is connected, None where the kernel does not tell."""
    for status in sorted(drm.glob("card*-*/status")):
        modes = _text(status.with_name("modes")).split()
        if _text(status).strip() == "connected" and modes:
            return modes[0]
    return None


def judge_panel(diagonal_inch: float, size: str | None) -> Finding:
    """Whether fingers find what they look for: the smallest target on this panel, in true millimetres."""
    said = f"{diagonal_inch:g} inch (screen_diagonal_inch)"
    pixels = re.match(r"(\d+)x(\d+)", size or "")
    if pixels is None:
        return Finding("panel", OK, f"{said}; its pixels are not known before the window opens")
    measure = Measure(int(pixels[1]), int(pixels[2]))
    least = TARGET_MM * (1 - measure.shortfall(diagonal_inch))
    said += f", {pixels[0]}: targets are at least {least:.0f} mm"
    if least >= TARGET_MM - 0.5:
        return Finding("panel", OK, said)
    remedy = f"a panel of {REFERENCE_DIAGONAL_INCH} inch or more holds the {TARGET_MM:.0f} mm that old hands need"
    return Finding("panel", WARNING, said, f"{remedy}; or put the true diagonal into kiosk.toml")


def _answers(path: str) -> bool:
    for name in (path, "\0" + path):  # X servers also listen on a name without a file
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as end:
            end.settimeout(2)
            end.connect(name)
            return True
    return False


def input_devices(text: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Name, bus and handlers of each input device. text: of /proc/bus/input/devices."""
    for block in text.split("\n\n"):
        name = re.search(r'^N: Name="(.*)"$', block, re.MULTILINE)
        handlers = re.search(r"^H: Handlers=(.*)$", block, re.MULTILINE)
        bus = re.search(r"^I: Bus=(\w+)", block, re.MULTILINE)
        if name and handlers:
            is_touch = bool(re.search(r"^B: PROP=.*[2367abef]$", block, re.MULTILINE))  # INPUT_PROP_DIRECT
            yield name[1], bus[1] if bus else "", frozenset(handlers[1].split()) | ({"touch"} if is_touch else set())


def judge_touch(devices: str) -> Finding:
    """Whether there is something to touch, and only one: two report each touch twice."""
    touch = [
        name
        for name, _, handlers in input_devices(devices)
        if "touch" in handlers or "touch" in name.lower().replace("touchpad", "")
    ]
    if not touch:
        return Finding("touch", WARNING, "no touch screen was found", "check its USB cable; a mouse works meanwhile")
    said = ", ".join(sorted(touch))
    if len(touch) > 1:
        remedy = "if touches count twice: unplug all but one; on a Raspberry Pi install 99-nucuoi-touch.rules"
        return Finding("touch", WARNING, f"{len(touch)} devices report touches: {said}", remedy)
    return Finding("touch", OK, said)


def judge_scanner(devices: str) -> Finding:
    """Whether a scanner may be there: a keyboard on USB or Bluetooth."""
    usb, bluetooth = "0003", "0005"
    keyboards = [n for n, bus, handlers in input_devices(devices) if "kbd" in handlers and bus in (usb, bluetooth)]
    if not keyboards:
        return Finding("scanner", WARNING, "none was found", "plug it in; visits without a scan work all the same")
    return Finding("scanner", OK, "one of " + ", ".join(sorted(set(keyboards))))


def judge_fonts(are_there: bool) -> Finding:
    """Whether the letters with full Vietnamese are installed."""
    if are_there:
        return Finding("fonts", OK, "Be Vietnam Pro")
    return Finding("fonts", FAILURE, "Be Vietnam Pro is missing", "pip install 'nucuoi[kiosk]'")


def judge_disk_speed(median_ms: float) -> Finding:
    """How long a tap waits for the disk."""
    said = f"{median_ms:.1f} ms to keep a tap"
    if median_ms <= SLOW_MS:
        return Finding("disk speed", OK, said)
    return Finding("disk speed", WARNING, said, "the card is slow or worn out: use an industrial one or an SSD")


def judge_room(free_mb: int | None, low_mb: int) -> Finding:
    """Whether there is room for ratings."""
    if free_mb is None:
        return Finding("disk room", WARNING, "cannot be told", "check the data directory")
    if free_mb < low_mb:
        return Finding("disk room", WARNING if free_mb else FAILURE, f"{free_mb} MB free", "delete old logs or files")
    return Finding("disk room", OK, f"{free_mb} MB free")


def judge_clock(sure: bool, now: datetime) -> Finding:
    """Whether the wall clock is right."""
    said = now.isoformat(sep=" ", timespec="seconds")
    if sure:
        return Finding("clock", OK, said)
    remedy = "it sets itself once the server or NTP is reached; ratings keep their true time meanwhile"
    return Finding("clock", WARNING, f"{said}, not confirmed in this start", remedy)


def judge_certificate(not_after: datetime, now: datetime) -> Finding:
    """How long the server's certificate still holds."""
    days = (not_after - now).days
    said = f"holds until {not_after.date().isoformat()}"
    if days < _EXPIRY_DAYS:
        return Finding("certificate", WARNING, said, "renew it on the server before kiosks are locked out")
    return Finding("certificate", OK, said)


def measure_disk(directory: Path, rounds: int = _ROUNDS) -> float:
    """Milliseconds of a line appended and synced, the median. Raises `OSError`."""
    file = directory / "doctor.tmp"
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_TRUNC, 0o600)
    try:
        times = []
        for _ in range(rounds):
            begun = time.perf_counter()
            os.write(handle, b"x" * 345)
            getattr(os, "fdatasync", os.fsync)(handle)
            times.append(time.perf_counter() - begun)
        return statistics.median(times) * 1000
    finally:
        os.close(handle)
        file.unlink(missing_ok=True)


def _look_at_disk(settings: KioskSettings) -> Iterator[Finding]:
    directory = settings.directory
    if not directory.exists():
        yield Finding("data directory", WARNING, f"{directory} is not there yet", "it is made at the first run")
        return
    owner = directory.stat().st_uid
    if owner != os.geteuid():
        remedy = "run as its owner, or chown -R it to the kiosk's user"
        yield Finding("data directory", FAILURE, f"{directory} belongs to user id {owner}", remedy)
        return
    try:
        yield judge_disk_speed(measure_disk(directory))
    except OSError as error:
        remedy = "free some space; if the card is read-only or reports errors, replace it"
        yield Finding("disk", FAILURE, f"{directory} takes no file: {error.strerror}", remedy)
    yield judge_room(device.disk_free_mb(directory), settings.low_disk_mb)


def _look_at_server(
    identity: Identity | None, connect: Callable[[str, str | None], Server], ca_file: Path | None
) -> Iterator[Finding]:
    if identity is None:
        yield Finding("server", WARNING, "not enrolled", "nucuoi-kiosk enrol URL CODE, or scan the server's QR")
        return
    server = connect(identity.url, identity.key)
    try:
        server.setup(None)
        yield Finding("server", OK, f"{identity.url} knows this kiosk")
    except NotWelcome as error:
        yield Finding("server", FAILURE, str(error), "make a code on the server's page of kiosks and enrol again")
    except ServerAway as error:
        yield Finding("server", WARNING, str(error), "ratings wait safely; check cable, Wi-Fi and the server")
    finally:
        server.close()
    if urlsplit(identity.url).scheme == "https":
        yield from _look_at_certificate(identity.url, ca_file)
    else:
        yield Finding("certificate", WARNING, "the address is not https", "only for trials: put the server behind TLS")


def _look_at_certificate(url: str, ca_file: Path | None) -> Iterator[Finding]:
    parts = urlsplit(url)
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    host = parts.hostname or ""
    try:
        with (
            socket.create_connection((host, parts.port or 443), timeout=10) as raw,
            context.wrap_socket(raw, server_hostname=host) as secure,
        ):
            certificate = secure.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        remedy = "check this device's clock; for a certificate of your own set ca_file"
        yield Finding("certificate", FAILURE, error.verify_message, remedy)
        return
    except OSError as error:
        yield Finding("certificate", WARNING, f"not seen: {error}")
        return
    seconds = ssl.cert_time_to_seconds(str(certificate.get("notAfter")))
    yield judge_certificate(datetime.fromtimestamp(seconds, UTC), datetime.now(UTC))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
