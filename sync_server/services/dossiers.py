"""Dossiers of ratings: whether a ticket is ours and still good, and the keyed hash by which one dossier counts once."""

import re
from collections import Counter
from collections.abc import Sequence

from sqlalchemy.orm import Session

from survey import resources
from sync_server.dossier_codes import pattern_on
from sync_server.errors import BadSeal
from sync_server.messages import CODE_LIMIT, DossierIn
from sync_server.queries.prepared import Prepared
from sync_server.seals import TICKET, Seals, dossier_mac


class Dossiers:
    """The dossiers of a batch, under the key of the kiosk's unit. day: when the batch came.

    keep_links: whether codes are kept at all, sealed, for the inspector's role.
    """

    def __init__(self, seals: Seals, key_sealed: bytes, day: int, *, keep_links: bool) -> None:
        self.keep_links = keep_links
        self._seals = seals
        self._key_sealed = key_sealed
        self._key: bytes | None = None
        self._pattern = re.compile(pattern_on(day, resources.config()), re.ASCII)

    def code(self, dossier: DossierIn, happened_at: int | None) -> str | None:
        """The code that the dossier proves, None when the ticket is forged, damaged or expired, or the code is none.

        Expiry is compared with when the rating happened, not with when it came: a kiosk may be offline for weeks. One
        whose time is unknown is not counted, and its ticket's expiry is not held against it.
        """
        if dossier.ticket is None:
            code = dossier.code
            return code if code is not None and self._pattern.fullmatch(code) else None
        try:
            content = self._seals.read(dossier.ticket, TICKET)
        except BadSeal:
            return None
        code, expires = content.get("d"), content.get("e")
        if not isinstance(code, str) or not 0 < len(code) <= CODE_LIMIT or dossier.code not in (None, code):
            return None
        if isinstance(expires, int) and happened_at is not None and happened_at > expires * 1000:
            return None
        return code

    def mac(self, code: str) -> bytes:
        """What is kept of a code."""
        if self._key is None:
            self._key = self._seals.open(self._key_sealed)
        return dossier_mac(self._key, code)

    def sealed(self, code: str) -> bytes:
        """The code itself, for the link table."""
        return self._seals.seal(code.encode())


# Two statements in one, since there is an index of those that count and one of the others.
_STORED = Prepared(
    "SELECT dossier_mac FROM rating WHERE dossier_mac IN :macs AND counted = 0"
    " UNION ALL SELECT dossier_mac FROM rating WHERE dossier_mac IN :macs AND counted <> 0"
)


def contested(session: Session, macs: Sequence[bytes]) -> set[bytes]:
    """The dossiers that are named more than once, here or by ratings that are stored."""
    if not macs:
        return set()
    different = set(macs)
    named_here = {mac for mac, count in Counter(macs).items() if count > 1} if len(different) < len(macs) else set()
    return named_here | {mac for (mac,) in _STORED.rows(session, {"macs": list(different)})}
