"""Letters that got a number: what is known of each beside its line in the register. Nobody it went to is kept."""

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class Letter(Base):
    """A numbered letter. batch, place: which preview it came from, so that the same one sent twice takes no second
    number. dossier_mac: of a letter with a new date, HMAC of the dossier's code under the unit's key and for letters
    only, so that it joins with no rating. cancel_reason: one of `correspondence.cancelling.REASONS`, never free text.
    """

    __tablename__ = "letter"
    register_id: Mapped[int] = mapped_column(ForeignKey("register_entry.id"), primary_key=True)
    batch: Mapped[str] = mapped_column(String(32))
    place: Mapped[int] = mapped_column(SmallInteger)
    dossier_mac: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    cancelled_at: Mapped[int | None] = mapped_column(BigInteger)
    cancelled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    cancel_reason: Mapped[str | None] = mapped_column(String(20))
    __table_args__ = (UniqueConstraint("batch", "place"), Index("ix_letter_dossier_mac", "dossier_mac"))
