"""Importing ratings that came on a USB stick: the files `ratings-….nucuoi` of `nucuoi-kiosk export-usb`.

A file is `Fernet(carry_key)` over the gzipped JSON of one batch, and goes through the same intake as one from the
network: twice is once. An altered file is refused whole, before anything of it is read.
"""

import re
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import BadDocument
from survey.wire import MAX_BYTES, unpack
from sync_server.errors import Refused
from sync_server.ids import KIOSK, read_id, write_id
from sync_server.messages import NotABatch, ReplyOut
from sync_server.models.kiosk import Kiosk
from sync_server.office import Office
from sync_server.services.reception import Touched, receive

FILE_LIMIT = 2 * 1024 * 1024
"""Bytes of a file: a batch of the largest size, in the base 64 of Fernet, is smaller."""
_NAME = re.compile(r"ratings-([0-9A-Za-z_]+)-\d{4}-\d{2}-\d{2}(?:-\d+)?\.nucuoi").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a file. verdicts: verdict → how many ratings."""

    kiosk_id: int
    kiosk_name: str
    verdicts: dict[str, int]
    reply: ReplyOut


def import_file(office: Office, name: str, content: bytes, *, now: int, touched: Touched) -> Imported:
    """Take the batch in a file. name: its name without folders; it says which kiosk wrote it, and may be changed.

    Raises `Refused`, fit to be shown, when the file is altered, cut off, or not of a kiosk of ours; nothing of it is
    stored then. Raises `Busy` when the same may be tried again. Importing a file again is safe. Kiosks that were
    retired since may still be imported: what citizens said before is their word.
    """
    if len(content) > FILE_LIMIT:
        raise Refused(f"{name} has {len(content)} bytes, more than any file of a kiosk; is it the right one?")
    with office.database.read() as session:
        kiosk_id, kiosk_name, packed = _opened(session, office, name, content)
    try:
        reply = receive(office, kiosk_id, unpack(packed, MAX_BYTES), now=now, touched=touched, carried=True)
    except (NotABatch, BadDocument) as error:
        raise Refused(f"{name} is no batch of ratings ({error}); copy it from the kiosk again") from error
    verdicts: dict[str, int] = {}
    for receipt in reply.receipts:
        verdicts[receipt.verdict] = verdicts.get(receipt.verdict, 0) + 1
    return Imported(kiosk_id=kiosk_id, kiosk_name=kiosk_name, verdicts=verdicts, reply=reply)


def _opened(session: Session, office: Office, name: str, content: bytes) -> tuple[int, str, bytes]:
    """Whose file it is, and what is in it: by the kiosk of its name, else by whichever kiosk's key opens it."""
    found = _NAME(name)
    number = read_id(KIOSK, found[1]) if found else None
    kiosks = session.execute(select(Kiosk.id, Kiosk.name, Kiosk.carry_key_sealed).order_by(Kiosk.id)).all()
    for kiosk in sorted(kiosks, key=lambda kiosk: kiosk.id != number):
        try:
            return kiosk.id, kiosk.name, Fernet(office.seals.open(kiosk.carry_key_sealed)).decrypt(content)
        except InvalidToken:
            continue
    whose = f"of kiosk {write_id(KIOSK, number)}" if number is not None else "of a kiosk of this server"
    raise Refused(f"{name} is altered, cut off, or not {whose}; copy it from the kiosk again")
