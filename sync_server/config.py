"""Settings of the server: defaults ← TOML file ← environment (`NUCUOI_…`). `config/server.toml` shows every key."""

import os
import secrets
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from survey import settings
from survey.settings import BadSettings
from sync_server.errors import DatabaseNotReady
from sync_server.models.people import ROLES

DEFAULT_FILE = Path("/etc/nucuoi/server.toml")
PREFIX = "NUCUOI"
LANGUAGES = ("vi", "en")
SMTP_SECURITIES = ("none", "starttls", "tls")
LOG_LEVELS = ("debug", "info", "warning", "error")
SECRET_LENGTH_MIN, METRICS_KEY_LENGTH_MIN = 32, 16
_SPANS = (
    ("port", 0, 65535),
    ("workers", 0, 64),
    ("trusted_proxies", 0, 5),
    ("enrolment_code_minutes", 1, 60),
    ("ticket_days", 1, 3650),
    ("session_hours", 1, 720),
    ("keep_dossier_links_days", 1, 3650),
    ("keep_comments_days", 1, 3650),
    ("smtp_port", 1, 65535),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What `config/server.toml` explains, key by key."""

    database: str = "sqlite:///var/nucuoi.db"
    secret: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 0
    trusted_proxies: int = 0
    public_url: str = ""
    timezone: str = "Asia/Ho_Chi_Minh"
    language: str = "vi"
    enrolment_code_minutes: int = 15
    ticket_days: int = 90
    session_hours: int = 10
    secure_cookies: bool = False
    second_factor_roles: str = ""
    keep_dossier_links: bool = False
    keep_dossier_links_days: int = 365
    keep_comments_days: int = 730
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    mail_from: str = ""
    notice_services: str = "tgram,ntfy,ntfys,gotify,gotifys,matrix,matrixs,mmost,mmosts,rocket,rockets,nctalks"
    metrics_key: str = ""
    log_level: str = "warning"

    @property
    def must_have_second_factor(self) -> frozenset[str]:
        """The roles that may open nothing without a second factor."""
        return frozenset(self.second_factor_roles.split())

    @property
    def address(self) -> str:
        """The address that goes into QR codes, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load(
    file: Path | None = None, environ: Mapping[str, str] = os.environ, database: str | None = None
) -> ServerSettings:
    """Read the settings. `database` (the command line's) goes before all. Raises `BadSettings` with all faults.

    file: else the one that NUCUOI_CONFIG names, else `DEFAULT_FILE` where there is one.
    """
    if file is None and environ.get("NUCUOI_CONFIG"):
        file = Path(environ["NUCUOI_CONFIG"])
    if file is None and DEFAULT_FILE.is_file():
        file = DEFAULT_FILE
    if database:
        environ = {**environ, f"{PREFIX}_DATABASE": database}
    try:
        found = settings.load(ServerSettings, file=file, environ=environ, prefix=PREFIX)
    except BadSettings as error:
        raise BadSettings([*error.faults, *_more_faults(file)]) from error
    faults = value_faults(found)
    if faults:
        raise BadSettings(_placed(file, faults))
    return found


def check(found: ServerSettings) -> None:
    """Raises `BadSettings` with every value that no server could run with."""
    faults = value_faults(found)
    if faults:
        raise BadSettings(faults)


def value_faults(found: ServerSettings) -> list[str]:
    """The values that have the right type, but that no server could run with: one sentence each."""
    faults = [_fault(found, *span) for span in _SPANS if not span[1] <= getattr(found, span[0]) <= span[2]]
    if not found.database.startswith(("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")):
        scheme = found.database.partition(":")[0]
        faults.append(f"database: must be sqlite:///FILE or postgresql://USER@HOST/NAME, not one of '{scheme}:'")
    if found.secret and len(found.secret) < SECRET_LENGTH_MIN:
        faults.append(f"secret: has {len(found.secret)} characters, at least {SECRET_LENGTH_MIN} are needed")
    if found.public_url and not found.public_url.startswith(("http://", "https://")):
        faults.append(f"public_url: must begin with https:// or http://, not {found.public_url!r}")
    if found.language not in LANGUAGES:
        faults.append(f"language: must be one of {', '.join(LANGUAGES)}, not {found.language!r}")
    if found.log_level not in LOG_LEVELS:
        faults.append(f"log_level: must be one of {', '.join(LOG_LEVELS)}, not {found.log_level!r}")
    strangers = found.must_have_second_factor - set(ROLES)
    if strangers:
        faults.append(f"second_factor_roles: {', '.join(sorted(strangers))} is none of {', '.join(ROLES)}")
    if found.smtp_security not in SMTP_SECURITIES:
        faults.append(f"smtp_security: must be one of {', '.join(SMTP_SECURITIES)}, not {found.smtp_security!r}")
    if found.smtp_host and "@" not in found.mail_from:
        faults.append(f"mail_from: must be the address that e-mail comes from, not {found.mail_from!r}")
    if found.metrics_key and len(found.metrics_key) < METRICS_KEY_LENGTH_MIN:
        faults.append(f"metrics_key: must be empty or have at least {METRICS_KEY_LENGTH_MIN} characters")
    try:
        ZoneInfo(found.timezone)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        faults.append(f"timezone: {found.timezone!r} is not known here; take one like Asia/Ho_Chi_Minh")
    return faults


def _more_faults(file: Path | None) -> list[str]:
    """What is wrong with the values of a file that has other faults too, so that all are told at once."""
    if file is None:
        return []
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []  # told already
    types = {field.name: type(field.default) for field in fields(ServerSettings)}
    sound: dict[str, Any] = {key: value for key, value in given.items() if type(value) is types.get(key)}
    return _placed(file, value_faults(ServerSettings(**sound)))


def _placed(file: Path | None, faults: list[str]) -> list[str]:
    return [f"{file}: {fault}" if file else fault for fault in faults]


def _fault(found: ServerSettings, name: str, low: int, high: int) -> str:
    return f"{name}: must be {low} to {high}, not {getattr(found, name)}"


def secret_file(database: str) -> Path:
    """Where the secret is kept when no setting gives it: beside the SQLite file, else in the working directory."""
    if database.startswith("sqlite:///"):
        return Path(database.removeprefix("sqlite:///")).with_suffix(".secret")
    return Path("var/nucuoi.secret")


def with_secret(found: ServerSettings, *, make: bool = False) -> ServerSettings:
    """The settings with a secret: the given one, else the one of `secret_file`, which `make` makes (0600) if missing.

    Raises `DatabaseNotReady` when it is missing or empty: a new secret could open nothing that is in the database.
    """
    if found.secret:
        return found
    file = secret_file(found.database)
    if make and not file.exists():
        _make_secret(file)
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        secret = ""
    if len(secret) < SECRET_LENGTH_MIN:
        raise DatabaseNotReady(
            f"the secret file {file} is missing or empty; run `nucuoi-server init`, or bring the old file back if the "
            "database holds data"
        )
    return replace(found, secret=secret)


def _make_secret(file: Path) -> None:
    """Whole or not at all, and never in place of one that another process made meanwhile."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(secrets.token_urlsafe(48) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
