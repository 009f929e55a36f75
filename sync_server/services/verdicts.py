"""What becomes of each rating of a batch: is it new, here already, in conflict with another, or wrong?"""

import json
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey.wire import Verdict
from sync_server.ids import COUNTER, OFFICER, SERVICE, SURVEY, write_id
from sync_server.messages import ReceiptOut
from sync_server.models.rating import SetAside
from sync_server.queries.known import Known, known
from sync_server.queries.prepared import Prepared
from sync_server.services.arrivals import Arrival, Fault, Kind
from sync_server.services.clocks import FIRST_YEAR_AT, Clocks

_SET_ASIDE = frozenset(verdict for verdict in Verdict if not verdict.settles)
_DETAIL, _RATING_ID, _CONTENT = 500, 64, 2000


class Verdicts:
    """The receipts of a batch while it is being taken, in order, and what is set aside for a person to see."""

    def __init__(self, arrivals: Sequence[Arrival]) -> None:
        self._arrivals = arrivals
        self._receipts: list[ReceiptOut | None] = [None] * len(arrivals)
        self._set_aside: list[int] = []

    def give(self, index: int, verdict: Verdict, code: str | None = None) -> None:
        """The verdict of the rating at `index`. Whatever is in conflict or refused is set aside."""
        self._receipts[index] = ReceiptOut(self._arrivals[index].id, verdict, code)
        if verdict in _SET_ASIDE:
            self._set_aside.append(index)

    def refuse(self, index: int, code: str, detail: str) -> None:
        """The rating at `index` is wrong."""
        self._arrivals[index].refuse(code, detail)
        self.give(index, Verdict.REFUSED, self._arrivals[index].code)

    @property
    def receipts(self) -> list[ReceiptOut]:
        """One for each rating, in order; all verdicts must have been given."""
        return [receipt for receipt in self._receipts if receipt is not None]

    def write(self, session: Session, kiosk_id: int, now: int) -> None:
        """Keep what was set aside, once for each content: a replay of the same adds nothing."""
        rows = [
            _set_aside(self._arrivals[index], self._receipts[index], kiosk_id, now)  # type: ignore[arg-type]
            for index in self._set_aside
        ]
        if rows:
            dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
            session.execute(dialect.insert(SetAside.__table__).on_conflict_do_nothing(), rows)


def sort_out(
    session: Session,
    verdicts: Verdicts,
    arrivals: Sequence[Arrival],
    clocks: Clocks,
    *,
    latest: int,
    look_up: bool,
    detached: Collection[bytes] = (),
) -> tuple[list[int], Known]:
    """Give the verdicts that can be given without storing; the places of the ratings to be stored, and what they name.

    latest: a rating that happened later is from the future. look_up: whether ids must be looked for in the database;
    where a batch only continues the ledger they need not, since the unique index stands behind. detached: digests of
    this kiosk's ratings in months that were detached.
    """
    readable = [arrival for arrival in arrivals if arrival.code is None]
    stored, untied = _stored(session, [arrival.id_bytes for arrival in readable]) if look_up else ({}, set())
    there = _known_to(session, {arrival.kind for arrival in readable})
    unknown: dict[Kind, Fault | None] = {}
    fresh = []
    for index, arrival in enumerate(arrivals):
        if arrival.code is not None or arrival.rating is None:
            verdicts.refuse(index, arrival.code or "bad_field", arrival.detail)
            continue
        digest = stored.get(arrival.id_bytes)
        if digest is not None:
            if digest != arrival.digest:
                verdicts.give(index, Verdict.CONFLICT, "id_reused")
            else:
                # What the lost reply said: a kiosk must not read by luck whether the dossier was kept.
                is_bad = arrival.id_bytes in untied and _names_dossier(arrival)
                verdicts.give(index, Verdict.DUPLICATE, "bad_ticket" if is_bad else None)
            continue
        if arrival.digest in detached:
            verdicts.give(index, Verdict.DUPLICATE)
            continue
        kind = arrival.kind
        if kind not in unknown:
            unknown[kind] = _unknown(kind, there)
        arrival.happened_at = at = clocks.exact(kind.boot_id, arrival.rating.monotonic_ms)
        fault = unknown[kind]
        if fault is None and at is not None and not FIRST_YEAR_AT <= at <= latest:
            fault = ("bad_time", f"monotonic_ms: {arrival.rating.monotonic_ms} of its boot is not a time that was")
        if fault is not None:
            verdicts.refuse(index, *fault)
        else:
            stored[arrival.id_bytes] = arrival.digest
            fresh.append(index)
    return fresh, there


_STORED = Prepared("SELECT id, digest, dossier_mac IS NULL FROM rating WHERE id IN :ids")


def _stored(session: Session, rating_ids: list[bytes]) -> tuple[dict[bytes, bytes], set[bytes]]:
    """The digests of those that are stored, by id; and which of them are tied to no dossier."""
    rows = _STORED.rows(session, {"ids": rating_ids})
    return {number: digest for number, digest, _ in rows}, {number for number, _, is_untied in rows if is_untied}


def _names_dossier(arrival: Arrival) -> bool:
    dossier = arrival.rating.dossier if arrival.rating is not None else None
    return dossier is not None and (dossier.code is not None or dossier.ticket is not None)


def _known_to(session: Session, kinds: Collection[Kind]) -> Known:
    return known(
        session,
        officers={kind.officer for kind in kinds},
        counters={kind.counter for kind in kinds if kind.counter is not None},
        services={kind.service for kind in kinds if kind.service is not None},
        surveys={kind.survey for kind in kinds},
        undeclared={kind.officer for kind in kinds if kind.service is None},
    )


def _unknown(kind: Kind, there: Known) -> Fault | None:
    """What is wrong when an id names nothing, or the scale is not the survey's."""
    if kind.officer not in there.officers:
        return "unknown_officer", f"officer_id: no officer is {write_id(OFFICER, kind.officer)}"
    if kind.counter is not None and kind.counter not in there.counter_units:
        return "unknown_counter", f"counter_id: no counter is {write_id(COUNTER, kind.counter)}"
    if kind.service is not None and kind.service not in there.services:
        return "unknown_service", f"service_id: no service is {write_id(SERVICE, kind.service)}"
    scale, survey = there.survey_scales.get(kind.survey), write_id(SURVEY, kind.survey)
    if scale is None:
        return "unknown_survey", f"survey_id: no survey is {survey}"
    if scale != kind.scale:
        return "bad_level", f"scale: survey {survey} is asked on the scale {scale!r}, not {kind.scale!r}"
    return None


def _set_aside(arrival: Arrival, receipt: ReceiptOut, kiosk_id: int, now: int) -> dict[str, Any]:
    return {
        "kiosk_id": kiosk_id,
        "rating_id": _shown(arrival.id, _RATING_ID),
        "seq": arrival.seq,
        "verdict": str(receipt.verdict),  # not the enum, of which psycopg would write the name
        "code": receipt.code or "",
        "detail": _shown(arrival.detail or "another rating with this id and other content is stored", _DETAIL),
        "content_hash": arrival.digest,
        "content": _content(arrival),
        "received_at": now,
    }


def _content(arrival: Arrival) -> dict[str, Any]:
    """What came, without the citizen's words and dossier; as text where it is nothing that JSON can hold."""
    plain = arrival.plain
    if arrival.rating is not None:
        plain = {**msgspec.to_builtins(arrival.rating), "prev": arrival.prev}
    if not isinstance(plain, dict):
        return {"unreadable": _shown(repr(plain), _CONTENT)}
    kept = {_shown(key, _RATING_ID): value for key, value in plain.items() if key not in ("comment", "dossier")}
    try:
        if len(json.dumps(kept, allow_nan=False)) <= _CONTENT:
            return kept
    except ValueError:
        pass  # a number that is not finite, such as 1e999: PostgreSQL would not take it
    return {"unreadable": _shown(repr(kept), _CONTENT)}


def _shown(text: str, limit: int) -> str:
    """A text that came from outside as it may be stored and shown: printable, and not too long."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:limit])
