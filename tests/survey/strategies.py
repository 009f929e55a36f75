"""What hypothesis draws: ratings and batches of every valid shape."""

import string
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from survey.rating import COMMENT_LIMIT, SOURCES, Dossier, Rating
from survey.wire import Anchor, Batch, Status, write_time

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
"""Text of any language; a lone surrogate is no text and cannot be written as UTF-8."""
names = st.text(string.ascii_lowercase + "_", min_size=1, max_size=12)
uuids = st.uuids(version=4).map(str)
hexes = st.just("") | st.text("0123456789abcdef", min_size=64, max_size=64)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=offsets).map(write_time)  # noqa: DTZ001
numbers = st.integers(0, 2**53)
dossiers = st.builds(Dossier, code=st.none() | words, ticket=st.none() | words)

ratings = st.builds(
    Rating,
    id=uuids,
    seq=st.integers(1, 2**31),
    prev=hexes,
    officer_id=words,
    counter_id=st.none() | words,
    service_id=st.none() | words,
    survey_id=words,
    scale=names,
    level=st.integers(1, 5),
    reasons=st.lists(names, max_size=5, unique=True).map(tuple),
    comment=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=COMMENT_LIMIT),
    language=st.sampled_from(["vi", "en", "tay"]),
    dossier=st.none() | dossiers,
    source=st.sampled_from(SOURCES),
    tapped_at=moments,
    boot_id=words,
    monotonic_ms=numbers,
)
anchors = st.builds(Anchor, boot_id=words, monotonic_ms=numbers, server_time=moments)
statuses = st.builds(
    Status,
    app_version=words,
    setup_etag=st.none() | words,
    waiting=numbers,
    parked=numbers,
    clock=st.sampled_from(["sure", "unsure"]),
    disk_free_mb=st.none() | numbers,
    battery_percent=st.none() | st.integers(0, 100),
)
batches = st.builds(
    Batch,
    sent_at=moments,
    boot_id=words,
    monotonic_ms=numbers,
    anchors=st.lists(anchors, max_size=3).map(tuple),
    status=statuses,
    ratings=st.lists(ratings, max_size=4).map(tuple),
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
"""Any JSON at all."""

A_MOMENT = write_time(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
