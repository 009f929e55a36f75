"""The demo's opinions: some answered and public, some waiting, one still to be checked. Made up, as all of the demo is.

Through the same services as the pages.
"""

import uuid
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.models.opinion import Opinion
from sync_server.models.people import Staff
from sync_server.office import Office
from sync_server.services import followup, opinions
from sync_server.services.opinions import Written

DAY_MS = 86_400_000
SAID = (
    (40, "box", None, "Đề nghị kê thêm ghế ngồi chờ và có nước uống cho người già.",
     "Bộ phận một cửa đã kê thêm tám ghế và đặt bình nước từ tuần này.", "Bao giờ có thêm ghế ngồi chờ?"),
    (33, "paper", 2, "Chờ chứng thực quá lâu vào sáng thứ Hai.",
     "Sáng thứ Hai nay có thêm một quầy chứng thực, từ 7 giờ 30.", "Sáng thứ Hai chờ chứng thực lâu, làm sao?"),
    (26, "paper", 5, "Cán bộ hướng dẫn rõ ràng, tôi cảm ơn.", "Xin cảm ơn Ông/Bà đã ghi nhận.", ""),
    (17, "box", None, "Bảng niêm yết thủ tục đất đai chữ nhỏ quá, đọc không được.", "", ""),
    (5, "box", None, "Nên mở cửa thêm sáng thứ Bảy để người đi làm xa về làm giấy tờ.", "", ""),
    (3, "paper", 4, "", "", ""),
    (1, "paper", 3, "Phải đi lại hai lần vì thiếu giấy tờ.", None, ""),
)  # fmt: skip
"""Days ago, source, level, words, answer (empty: waits; None: not checked yet), edited question for the board."""


def fill(session: Session, office: Office, unit_id: int, now: int) -> int:
    """Key in, check, answer and publish until now (ms UTC); how many opinions."""
    by = {row.role: row.id for row in session.scalars(select(Staff).order_by(Staff.id.desc()))}
    rng = Random(len(SAID))
    for days, source, level, words, answer, question in SAID:
        then = followup.today_of(office, now - days * DAY_MS)
        written = Written(unit_id=unit_id, source=source, day=then.day, text=words, level=level)
        new_id = uuid.UUID(int=rng.getrandbits(128), version=4)
        code = opinions.key_in(session, office.seals, written, by=by["clerk"], today=then, new_id=new_id)
        row = session.scalars(select(Opinion).where(Opinion.receipt == code)).one()
        if answer is None:
            continue
        opinions.check(session, row.id, {unit_id}, by=by["town_staff"], right=True, today=then)
        if not answer:
            continue
        later = followup.today_of(office, then.now + 4 * DAY_MS)
        opinions.answer(session, row, words=answer, by=by["town_staff"], today=later)
        if question:
            opinions.publish(session, row, question=question, words=answer, by=by["town_staff"], today=later)
        opinions.close(session, row, by=by["town_staff"], today=later)
    return len(SAID)
