"""Does everything agree? Digests, chains, tallies and counts made again from the ratings, and compared.

What a kiosk did to its ledger (gaps, forks, roll-backs) is no fault of the database: its page shows that
(`queries.ledgers`). A finding here means that a row was changed behind the server's back, or a fault of the server.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Integer, delete, except_, exists, func, insert, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from survey.rating import SOURCES
from sync_server import ids
from sync_server.ids import KIOSK, OFFICER, write_id
from sync_server.models.kiosk import Boot, Epoch, Kiosk
from sync_server.models.months import DetachedMonth, DetachedRating, DetachedTally, DossierKey, RatingKey
from sync_server.models.organisation import Counter, SurveyVersion
from sync_server.models.rating import Clock, Counted, Rating, RatingComment, Tally
from sync_server.queries.rating_places import unit_of_rating
from sync_server.services import canonical, patterns, tallies
from sync_server.services.arrivals import reasons_in, reasons_json
from sync_server.services.partitioning import is_partitioned
from sync_server.services.recounting import settle_dossiers
from sync_server.services.standings import JUDGED_BY_PEOPLE
from sync_server.services.tallies import Moves

FOLLOWS = "the one before it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that does not agree. subject: what kind of thing; where: which one; fault: one sentence."""

    subject: str
    where: str
    fault: str


def check(session: Session, *, zone: tzinfo) -> list[Finding]:
    """Everything that does not agree, an empty list when all does. Reads all ratings once, a few at a time.

    zone: the town's, for the days of ratings. The session must be a fresh one, so that on PostgreSQL too all is read
    as of one moment, while kiosks go on sending.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return [
        *_rating_findings(session, zone),
        *_epoch_findings(session),
        *_total_findings(session),
        *_tally_findings(session),
        *(Finding(subject="tally", where=where, fault=fault) for where, fault in patterns.differing(session)),
        *_dossier_findings(session),
        *_key_findings(session),
    ]


def rebuild_tallies(session: Session) -> None:
    """Make all tallies again from the ratings: the repair, when `check` finds that they differ. Safe to repeat."""
    session.execute(delete(Tally))
    names = [column.name for column in tallies.TABLE.columns]
    session.execute(insert(Tally).from_select(names, _counts()))
    patterns.rebuild(session)


def settle_left_over(session: Session) -> int:
    """Let the earliest rating count of each dossier of which none does, and move the tallies; how many dossiers.

    The repair for what `check` finds of dossiers. Safe to repeat, and beside kiosks that send. Nothing is settled while
    months are detached: the rating that counts may be in one of them.
    """
    if not _is_whole(session):
        return 0
    left = [mac for mac, count in session.execute(_UNSETTLED) if count == 0]
    moves = Moves()
    settle_dossiers(session, left, moves)
    tallies.move(session, moves)
    return len(left)


# Ratings and chains -------------------------------------------------------------------------------------------------


def _rating_findings(session: Session, zone: tzinfo) -> Iterator[Finding]:
    statement = (
        select(Rating, Boot.boot_id.label("boot"), SurveyVersion.scale, RatingComment.text)
        .join(Boot, Boot.id == Rating.boot_id)
        .join(SurveyVersion, SurveyVersion.id == Rating.survey_id)
        .outerjoin(RatingComment, (RatingComment.epoch_id == Rating.epoch_id) & (RatingComment.seq == Rating.seq))
        .order_by(Rating.epoch_id, Rating.seq)
        .execution_options(yield_per=2000)
    )
    before: tuple[int, int, bytes] = (0, 0, b"")
    gone = _last_detached(session)
    for rating, boot, scale, comment in session.execute(statement):
        where = f"epoch {rating.epoch_id}, number {rating.seq}"
        if (digest := gone.get((rating.epoch_id, rating.seq - 1))) is not None:
            before = (rating.epoch_id, rating.seq - 1, digest)
        prev = _prev(rating, before)
        if prev is None:
            yield Finding(subject="chain", where=where, fault=f"was stored after {FOLLOWS}, which is no longer there")
        elif _digest(rating, boot, scale, prev) != rating.digest:
            yield Finding(subject="digest", where=where, fault="does not hold what was said when it was taken")
        if comment is not None and _erasable(rating.id, comment) != rating.comment_digest:
            yield Finding(subject="comment", where=where, fault="is not the comment that came with the rating")
        if fault := _time_fault(rating, zone):
            yield Finding(subject="time", where=where, fault=fault)
        before = (rating.epoch_id, rating.seq, rating.digest)
        session.expunge(rating)


def _last_detached(session: Session) -> dict[tuple[int, int], bytes]:
    """Of each run of detached ratings the last one, by epoch and number: what is stored may continue it."""
    after = aliased(DetachedRating)
    follows = exists().where(after.epoch_id == DetachedRating.epoch_id, after.seq == DetachedRating.seq + 1)
    ends = select(DetachedRating.epoch_id, DetachedRating.seq, DetachedRating.digest).where(~follows)
    return {(epoch_id, seq): digest for epoch_id, seq, digest in session.execute(ends)}


def _prev(rating: Rating, before: tuple[int, int, bytes]) -> bytes | None:
    """The digest that a rating named as the one before it; None when that cannot be told any more."""
    if rating.prev is not None:
        return rating.prev
    if rating.seq == 1:
        return b""
    return before[2] if before[:2] == (rating.epoch_id, rating.seq - 1) else None


def _digest(rating: Rating, boot: str, scale: str, prev: bytes) -> bytes:
    rating_id = _uuid(rating.id)
    nothing = canonical.erasable(rating_id, "null")
    template = canonical.Template(
        boot_id=boot,
        counter_id=_id(ids.COUNTER, rating.counter_id),
        language=rating.language,
        level=rating.level,
        officer_id=write_id(OFFICER, rating.officer_id),
        reasons=reasons_json(reasons_in(rating.reasons)),
        scale=scale,
        service_id=_id(ids.SERVICE, rating.service_id),
        source=SOURCES[rating.source] if 0 <= rating.source < len(SOURCES) else "?",
        survey_id=write_id(ids.SURVEY, rating.survey_id),
    )
    return template.digest(
        rating_id,
        rating.seq,
        prev.hex(),
        rating.monotonic_ms,
        canonical.written(rating.tapped_at, rating.tapped_offset_min),
        (rating.comment_digest or nothing).hex(),
        (rating.dossier_digest or nothing).hex(),
    )


def _time_fault(rating: Rating, zone: tzinfo) -> str | None:
    if (rating.clock == Clock.UNKNOWN) != (rating.happened_at is None) or (rating.day is None) != (
        rating.happened_at is None
    ):
        return "has a time although its clock is unknown, or none although it is known"
    if rating.happened_at is None:
        if rating.counted != Counted.CLOCK_UNKNOWN and rating.counted not in JUDGED_BY_PEOPLE:
            return f"has no known time, but stands as {Counted(rating.counted).name}"
        return None
    day = datetime.fromtimestamp(rating.happened_at / 1000, zone).date().toordinal()
    return None if day == rating.day else f"happened on day {day}, but stands under day {rating.day}"


def _erasable(raw: bytes, comment: str) -> bytes:
    return canonical.erasable(_uuid(raw), canonical.json_comment(comment))


def _uuid(raw: bytes) -> str:
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _id(kind: str, number: int | None) -> str | None:
    return write_id(kind, number) if number is not None else None


# Counts -------------------------------------------------------------------------------------------------------------


def _epoch_findings(session: Session) -> Iterator[Finding]:
    statement = (
        select(Epoch.id, Epoch.last_seq, func.coalesce(func.max(Rating.seq), 0))
        .outerjoin(Rating, Rating.epoch_id == Epoch.id)
        .group_by(Epoch.id, Epoch.last_seq)
        .order_by(Epoch.id)
    )
    away = select(DetachedRating.epoch_id, func.max(DetachedRating.seq)).group_by(DetachedRating.epoch_id)
    gone = {row[0]: row[1] for row in session.execute(away)}
    for epoch_id, last_seq, stored in session.execute(statement):
        found = max(stored, gone.get(epoch_id, 0))
        if last_seq != found:
            fault = f"its last number is {last_seq}, but the last rating is {found}"
            yield Finding(subject="epoch", where=f"epoch {epoch_id}", fault=fault)


def _total_findings(session: Session) -> Iterator[Finding]:
    statement = (
        select(Kiosk.id, Kiosk.stored_total, func.count(Rating.seq))
        .outerjoin(Epoch, Epoch.kiosk_id == Kiosk.id)
        .outerjoin(Rating, Rating.epoch_id == Epoch.id)
        .group_by(Kiosk.id, Kiosk.stored_total)
        .order_by(Kiosk.id)
    )
    away = select(Epoch.kiosk_id, func.count()).join(DetachedRating, DetachedRating.epoch_id == Epoch.id)
    gone = {row[0]: row[1] for row in session.execute(away.group_by(Epoch.kiosk_id))}
    for kiosk_id, total, stored in session.execute(statement):
        found = stored + gone.get(kiosk_id, 0)
        if total != found:
            fault = f"stored_total is {total}, but {found} ratings are stored"
            yield Finding(subject="stored_total", where=f"kiosk {write_id(KIOSK, kiosk_id)}", fault=fault)


def recounted(*conditions: ColumnElement[bool]) -> Any:
    """The statement that makes the tallies again from the ratings that meet all conditions, in the order of the
    table's columns."""
    given = (
        select(
            Rating.officer_id,
            Rating.day,
            func.coalesce(Rating.service_id, Rating.tallied_service_id, 0).label("service_id"),
            Rating.survey_id,
            unit_of_rating().label("unit_id"),
            Rating.source,
            Rating.level,
            Rating.dossier_mac,
        )
        .join(Epoch, Epoch.id == Rating.epoch_id)
        .join(Kiosk, Kiosk.id == Epoch.kiosk_id)
        .outerjoin(Counter, Counter.id == Rating.counter_id)
        .where(Rating.counted == Counted.YES, Rating.day.is_not(None), *conditions)
        .subquery()
        .c
    )
    keys = (given.officer_id, given.day, given.service_id, given.survey_id, given.unit_id, given.source)
    levels = [_how_many(given.level == level) for level in range(1, tallies.LEVELS + 1)]
    return select(*keys, *levels, _how_many(given.dossier_mac.is_not(None))).group_by(*keys)


def _counts() -> Any:
    """The tallies as they must be: made from the ratings, and from what is known of those in detached months."""
    size, columns = len(tallies.TallyKey._fields), tallies.TABLE.columns
    gone = select(*(DetachedTally.__table__.c[column.name] for column in columns))
    both = union_all(recounted(), gone).subquery().c
    keys, counts = list(both)[:size], list(both)[size:]
    return select(*keys, *(func.sum(count).cast(Integer) for count in counts)).group_by(*keys)


def _how_many(condition: Any) -> Any:
    return func.count(literal(1)).filter(condition)


def _tally_findings(session: Session) -> Iterator[Finding]:
    size = len(tallies.TallyKey._fields)
    needed = {tuple(row[:size]): tuple(row[size:]) for row in session.execute(_counts())}
    stored = {tuple(row[:size]): tuple(row[size:]) for row in session.execute(select(*tallies.TABLE.columns))}
    nothing = (0,) * (tallies.LEVELS + 1)
    for key in sorted(needed.keys() | stored.keys()):
        has, needs = stored.get(key, nothing), needed.get(key, nothing)
        if has != needs:
            where = ", ".join(f"{name} {value}" for name, value in zip(tallies.TallyKey._fields, key, strict=True))
            yield Finding(subject="tally", where=where, fault=f"holds {list(has)}, the ratings make {list(needs)}")


def _dossier_findings(session: Session) -> Iterator[Finding]:
    is_whole = _is_whole(session)
    for mac, count in session.execute(_UNSETTLED):
        if count == 0 and not is_whole:
            continue
        fault = f"{count} of its ratings count, where one must"
        yield Finding(subject="dossier", where=f"dossier {mac.hex()}", fault=fault)


def _is_whole(session: Session) -> bool:
    """Whether all ratings are here. The one of a dossier that counts may be in a month that was detached: that none
    is left of it here is no fault then."""
    return session.scalar(select(DetachedMonth.month).limit(1)) is None


_SETTLED = (Counted.YES, *JUDGED_BY_PEOPLE)
_UNSETTLED = (
    select(Rating.dossier_mac, _how_many(Rating.counted == Counted.YES))
    .where(Rating.dossier_mac.is_not(None), Rating.counted.in_((*_SETTLED, Counted.DOSSIER_REPEATED)))
    .group_by(Rating.dossier_mac)
    .having((_how_many(Rating.counted == Counted.YES) > 1) | (_how_many(Rating.counted.in_(_SETTLED)) == 0))
)
"""Dossiers of which not exactly one rating counts, and how many do."""


def _key_findings(session: Session) -> Iterator[Finding]:
    """Where ratings are in months: what stands in for the indexes that are unique in one table only."""
    if not is_partitioned(session.connection()):
        return
    counted = (Rating.counted == Counted.YES) & Rating.dossier_mac.is_not(None)
    macs = select(Rating.dossier_mac).where(counted)
    for key, value in ((RatingKey.id, select(Rating.id)), (DossierKey.dossier_mac, macs)):
        values, keys = value.subquery(), select(key)
        found = session.scalar(select(func.count()).select_from(values))
        known = session.scalar(select(func.count()).select_from(key.class_))
        missing = session.scalar(select(func.count()).select_from(except_(value, keys).subquery()))
        if found != known or missing:
            fault = f"it holds {known} keys of {found} ratings, and {missing} are missing"
            yield Finding(subject="keys", where=key.class_.__tablename__, fault=fault)
