"""All that hangs on the server's secret: sealing keys, signing tickets, hashing dossier codes and kiosk keys."""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from itsdangerous import BadData, URLSafeSerializer

from sync_server.errors import BadSeal

TICKET, BADGE = "ticket", "badge"


def key_hash(key: str) -> bytes:
    """What is kept of a random key: SHA-256. Enough because such a key has 256 bits; never for passwords."""
    return hashlib.sha256(key.encode()).digest()


def dossier_mac(unit_key: bytes, code: str) -> bytes:
    """16 bytes that stand for a dossier code: HMAC-SHA-256 under the unit's key. Codes are guessable, so that a
    plain hash would tell them."""
    return hmac.digest(unit_key, code.encode(), "sha256")[:16]


class Seals:
    """Uses of the server's secret, each with a key of its own derived from it."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._fernet = Fernet(base64.urlsafe_b64encode(self.derived("seal")))
        # Made once: making one takes longer than reading a ticket with it, and a batch has hundreds of tickets.
        self._signers = {kind: _Signer(self.derived(kind)) for kind in (TICKET, BADGE)}

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose; knowing them tells nothing of the secret."""
        return hmac.digest(self._secret, b"nucuoi/" + purpose.encode(), "sha256")

    def seal(self, plain: bytes) -> bytes:
        """Encrypt and authenticate (Fernet)."""
        return self._fernet.encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        """The plain bytes again. Raises `BadSeal`."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise BadSeal("a sealed value cannot be opened: was the server's secret changed?") from error

    def sign(self, content: dict[str, Any], kind: str) -> str:
        """A URL-safe token with `content` in the clear and our signature. kind: `TICKET` or `BADGE`."""
        return self._signers[kind].sign(content)

    def read(self, token: str, kind: str) -> dict[str, Any]:
        """The content of our own token. Raises `BadSeal` for a forged or damaged one; expiry is the caller's."""
        try:
            content = self._signers[kind].read(token)
        except BadData as error:
            raise BadSeal(f"the token {token[:20]!r}… was not signed by this server") from error
        if not isinstance(content, dict):
            raise BadSeal(f"the token {token[:20]!r}… holds no {kind}")
        return content


class _Signer:
    """itsdangerous, with a shorter way to read what it most often writes.

    A batch has hundreds of tickets. itsdangerous derives its key anew for each and takes seven times as long as the
    HMAC itself; whatever is not plainly right here is left to it, so that it alone decides what is wrong.
    """

    def __init__(self, secret: bytes) -> None:
        self._serializer = URLSafeSerializer(secret)
        self._key = self._serializer.make_signer(self._serializer.salt).derive_key()

    def sign(self, content: dict[str, Any]) -> str:
        token = self._serializer.dumps(content)
        return token if isinstance(token, str) else token.decode()

    def read(self, token: str) -> Any:
        """Raises `BadData`."""
        payload, _, signature = token.encode().rpartition(b".")
        if payload and not payload.startswith(b"."):  # a point before it: compressed
            wanted = base64.urlsafe_b64encode(hmac.digest(self._key, payload, "sha1")).rstrip(b"=")
            if hmac.compare_digest(signature, wanted):
                return json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
        return self._serializer.loads(token)
