"""The register of numbers that a unit gives its papers, without gaps, anew each year. Only ever added to."""

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class RegisterEntry(Base):
    """One number of one book (`report`, `letter`) of a unit's year. It has no room for a citizen's name.

    sign: what stands after the number, such as BC-UBND. kind, trigger: which paper it is, and what it came from.
    day: the paper's own.
    """

    __tablename__ = "register_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    book: Mapped[str] = mapped_column(String(20))
    year: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    sign: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    trigger: Mapped[str] = mapped_column(String(100), default="")
    signer: Mapped[str] = mapped_column(String(120), default="")
    day: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    __table_args__ = (UniqueConstraint("unit_id", "book", "year", "number"),)
