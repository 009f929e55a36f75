"""The bytes that a ledger's chain is made of, built from parts without a general JSON writer.

`survey.rating.canonical` is the definition; this is the same for ratings whose texts need no escaping (which intake
has checked), ten times as fast: most of those bytes repeat from rating to rating, and are put together once. It is
also how `check` makes the bytes again from what a row holds.
"""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from json.encoder import encode_basestring

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Template:
    """The canonical JSON of ratings that differ only in id, place in the ledger, time, comment and dossier.

    reasons: as a JSON list, sorted. No text may hold a quote, a backslash or a control character.
    """

    __slots__ = ("_parts",)

    def __init__(
        self,
        *,
        boot_id: str,
        counter_id: str | None,
        language: str,
        level: int,
        officer_id: str,
        reasons: str,
        scale: str,
        service_id: str | None,
        source: str,
        survey_id: str,
    ) -> None:
        counter = f'"{counter_id}"' if counter_id is not None else "null"
        service = f'"{service_id}"' if service_id is not None else "null"
        self._parts = (
            f'{{"boot_id":"{boot_id}","comment":"',
            f'","counter_id":{counter},"dossier":"',
            '","id":"',
            f'","language":"{language}","level":{level},"monotonic_ms":',
            f',"officer_id":"{officer_id}","prev":"',
            f'","reasons":{reasons},"scale":"{scale}","seq":',
            f',"service_id":{service},"source":"{source}","survey_id":"{survey_id}","tapped_at":"',
        )

    def digest(
        self, rating_id: str, seq: int, prev: str, monotonic_ms: int, tapped_at: str, comment: str, dossier: str
    ) -> bytes:
        """SHA-256 of the canonical JSON. comment, dossier: what stands for them, in hex (see `erasable`)."""
        a, b, c, d, e, f, g = self._parts
        text = f'{a}{comment}{b}{dossier}{c}{rating_id}{d}{monotonic_ms}{e}{prev}{f}{seq}{g}{tapped_at}"}}'
        return sha256(text.encode()).digest()


def erasable(rating_id: str, plain: str) -> bytes:
    """What stands for a comment or a dossier in the chain: SHA-256(id ‖ its JSON)."""
    return sha256((rating_id + plain).encode()).digest()


def json_comment(comment: str | None) -> str:
    """A comment as canonical JSON."""
    return encode_basestring(comment) if comment is not None else "null"


def json_dossier(code: str | None, ticket: str | None) -> str:
    """A dossier as canonical JSON."""
    return f'{{"code":{json_comment(code)},"ticket":{json_comment(ticket)}}}'


def milliseconds(moment: datetime) -> int:
    """A moment in milliseconds since 1970 UTC; what is finer is cut off, as the canonical text cuts it."""
    return (moment - EPOCH) // _MILLISECOND


def written(at: int, offset_min: int) -> str:
    """A moment as the canonical JSON has it: ISO 8601 with milliseconds and its offset."""
    zone = timezone(timedelta(minutes=offset_min))
    return (EPOCH + timedelta(milliseconds=at)).astimezone(zone).isoformat(timespec="milliseconds")


def as_written(text: str, moment: datetime) -> str:
    """The same of a moment that was read from `text`, which most often is that already."""
    is_canonical = len(text) == 29 and text[4] == "-" and text[5] != "W" and text[10] == "T" and text[19] == "."
    return text if is_canonical and text[23:] != "-00:00" else moment.isoformat(timespec="milliseconds")
