"""What a scanner may read: a ticket on a slip, a plain dossier code, an officer's badge, an enrolment.

A ticket is `https://HOST/r/TOKEN`, a badge `https://HOST/b/TOKEN`. TOKEN is URL-safe base 64 of JSON (behind a
`.` when it is deflated), a dot, and the server's signature, as `itsdangerous.URLSafeSerializer` writes it. The
kiosk reads the content and never checks the signature: it holds no secret that a thief could use to forge.
"""

import base64
import binascii
import json
import re
import zlib
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from survey.errors import BadScan

_LONGEST = 2048
_LARGEST_CONTENT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The signed content of a slip. token: as scanned, to be sent along. expires: seconds since 1970, or null."""

    token: str
    dossier_code: str
    officer_id: str | None = None
    service_id: str | None = None
    expires: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierCode:
    """A QR or barcode that is only a dossier code; the officer is then the one on duty."""

    dossier_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """An officer's badge: this officer takes the counter."""

    token: str
    officer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """The server's invitation to join: where it is, and a code that works once. Never a password."""

    url: str
    code: str


Scan = Ticket | DossierCode | Badge | Enrolment


def read_scan(text: str, dossier_pattern: str) -> Scan:
    """What was scanned. Raises `BadScan`, which names the remedy, for everything else.

    dossier_pattern: the regular expression of `config/`, matched against the whole text.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        raise BadScan(f"the code has {len(text)} characters; scan the QR on a dossier's slip")
    if text.startswith("{"):
        return _read_enrolment(text)
    if text.lower().startswith(("http://", "https://")):
        return _read_link(text)
    if re.fullmatch(dossier_pattern, text, re.ASCII):  # digits of another script would be another dossier
        return DossierCode(dossier_code=text)
    raise BadScan(f"{text[:40]!r} is no ticket, dossier code, badge or enrolment; scan the QR on a slip")


def _read_link(text: str) -> Ticket | Badge:
    kind, _, token = _address(text).path.strip("/").rpartition("/")
    kind = kind.rpartition("/")[2]
    if kind not in ("r", "b"):
        raise BadScan(f"{text[:60]!r} is a link, but not to a ticket or a badge; scan the QR on a slip")
    content = read_token(token)
    officer, service, expires = content.get("o"), content.get("s"), content.get("e")
    if kind == "b" and isinstance(officer, str):
        return Badge(token=token, officer_id=officer)
    code = content.get("d")
    if kind == "r" and isinstance(code, str) and code:
        return Ticket(
            token=token,
            dossier_code=code,
            officer_id=officer if isinstance(officer, str) else None,
            service_id=service if isinstance(service, str) else None,
            expires=expires if isinstance(expires, int) and not isinstance(expires, bool) else None,
        )
    raise BadScan("the link's token has no dossier code and no officer; print the slip again")


def _address(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError as error:  # "https://[" begins an address of IPv6 and does not end it
        raise BadScan(f"{text[:60]!r} is no address; print the code again") from error


def read_token(token: str) -> dict[str, object]:
    """The JSON object inside a token, its signature unchecked. Raises `BadScan` when there is none."""
    payload = token.rpartition(".")[0]
    deflated = payload.startswith(".")
    try:
        raw = payload.lstrip(".").encode("ascii")
        plain = base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
        if deflated:
            plain = zlib.decompressobj().decompress(plain, _LARGEST_CONTENT)
        content = json.loads(plain.decode("utf-8"))
    except (ValueError, binascii.Error, zlib.error, RecursionError) as error:
        raise BadScan(f"the token {token[:20]!r}… cannot be read; print the slip again") from error
    if not isinstance(content, dict):
        raise BadScan(f"the token {token[:20]!r}… holds no ticket; print the slip again")
    return content


def _read_enrolment(text: str) -> Enrolment:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadScan("the code begins like an enrolment but is cut off; scan it again") from error
    url, code = content.get("url"), content.get("code")
    if content.get("nucuoi") != 1 or not isinstance(url, str) or not isinstance(code, str):
        raise BadScan("the code is JSON, but no enrolment; make a new one on the server's page of kiosks")
    if _address(url).scheme not in ("http", "https") or not _address(url).netloc:
        raise BadScan(f"the enrolment names {url!r}, which is no http(s) address; make a new one")
    return Enrolment(url=url, code=code)


def shown_code(dossier_code: str) -> str:
    """What may be shown of a dossier code on a kiosk: its last four characters."""
    return "…" + dossier_code[-4:]
