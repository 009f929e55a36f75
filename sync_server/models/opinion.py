"""What citizens wrote, and what was answered; and requests to be served at home."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sync_server.models.base import Base


class Opinion(Base):
    """An opinion from the suggestion box or a paper form, or a comment that came with a rating.

    source: index in survey.rating.SOURCES. rating_id: of a comment's rating; null for box and paper, whose level,
    reasons (bits) and service stand here and nowhere in the ratings, so that no figure can mix them.
    receipt: eight characters that the citizen may ask by. dossier_mac: as in `Rating`; is_repeated: that dossier had
    been rated before, so that the form does not count. text: the citizen's words, plain: the same in lower case
    without marks, to search in; both are erased by retention. released: the words that the unit may read of a comment.
    public_question, public_answer: what stands on the board, edited by whoever published it; empty while nothing does.
    """

    __tablename__ = "opinion"
    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(String(8), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    source: Mapped[int] = mapped_column(SmallInteger)
    rating_id: Mapped[bytes | None] = mapped_column(LargeBinary(16), unique=True)
    text: Mapped[str] = mapped_column(Text)
    plain: Mapped[str] = mapped_column(Text)
    scale: Mapped[str | None] = mapped_column(String(16))
    level: Mapped[int | None] = mapped_column(SmallInteger)
    reasons: Mapped[int] = mapped_column(Integer, default=0)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    dossier_mac: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    is_repeated: Mapped[bool] = mapped_column(default=False)
    inspectors_only: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10))
    day: Mapped[int] = mapped_column(Integer)
    received_at: Mapped[int] = mapped_column(BigInteger, index=True)
    keyed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    due_day: Mapped[int | None] = mapped_column(Integer)
    assigned_to: Mapped[str] = mapped_column(String(100), default="")
    released: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[int | None] = mapped_column(BigInteger)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    public_question: Mapped[str] = mapped_column(Text, default="")
    public_answer: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[int | None] = mapped_column(BigInteger)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    __table_args__ = (Index("ix_opinion_unit", "unit_id", "state"),)


class HomeRequest(Base):
    """That somebody wishes to be served at home. Who, and where, stands in the clerk's own notebook behind `code`.

    hamlet: the thôn or tổ dân phố. wished_day, visit_day: ordinals. Erased by retention once it is long past.
    """

    __tablename__ = "home_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    hamlet: Mapped[str] = mapped_column(String(60))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    wished_day: Mapped[int] = mapped_column(Integer)
    asked_at: Mapped[int] = mapped_column(BigInteger)
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    visit_day: Mapped[int | None] = mapped_column(Integer)
    closed_at: Mapped[int | None] = mapped_column(BigInteger)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
