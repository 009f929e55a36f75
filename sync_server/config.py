"""Settings of the server: defaults ← TOML file ← environment (`NUCUOI_…`). `config/server.toml` shows every key."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from survey import settings

DEFAULT_FILE = Path("/etc/nucuoi/server.toml")
PREFIX = "NUCUOI"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What `config/server.toml` explains, key by key."""

    database: str = "sqlite:///var/nucuoi.db"
    secret: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    public_url: str = ""
    timezone: str = "Asia/Ho_Chi_Minh"
    language: str = "vi"
    enrolment_code_minutes: int = 15
    ticket_days: int = 90
    session_hours: int = 10
    secure_cookies: bool = False
    keep_dossier_links: bool = False

    @property
    def address(self) -> str:
        """The address that goes into QR codes, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load(
    file: Path | None = None, environ: Mapping[str, str] = os.environ, database: str | None = None
) -> ServerSettings:
    """Read the settings. `database` (the command line's) goes before all. Raises `BadSettings` with all faults."""
    if file is None and DEFAULT_FILE.is_file():
        file = DEFAULT_FILE
    found = settings.load(ServerSettings, file=file, environ=environ, prefix=PREFIX)
    return replace(found, database=database) if database else found


def secret_file(database: str) -> Path:
    """Where the secret is kept when no setting gives it: beside the SQLite file, else in the working directory."""
    if database.startswith("sqlite:///"):
        return Path(database.removeprefix("sqlite:///")).with_suffix(".secret")
    return Path("var/nucuoi.secret")


def with_secret(found: ServerSettings) -> ServerSettings:
    """The settings with a secret: the given one, else the one of `secret_file`, made there (0600) at first use."""
    if found.secret:
        return found
    file = secret_file(found.database)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(secrets.token_urlsafe(48))
    return replace(found, secret=file.read_text(encoding="utf-8").strip())
