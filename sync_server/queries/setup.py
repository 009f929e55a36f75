"""What a kiosk shows: the document of GET /api/v1/setup, built from the rows of its unit."""

import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from survey import codec, resources, setup
from survey.questionnaire import Reason, Scale, Words, read_reasons, read_scales
from survey.wire import write_time
from sync_server.dossier_codes import pattern_on
from sync_server.errors import NotFound
from sync_server.ids import COUNTER, OFFICER, SERVICE, UNIT, write_id
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter, Duty, Field, Officer, OfficerService, Service, Unit
from sync_server.queries.kiosks import KnownKiosk
from sync_server.queries.observers import for_observers, is_observers
from sync_server.queries.surveys import survey_in_force
from sync_server.shown import Shown, merged

ANCESTORS_MAX = 12
"""A ring of parents, made by hand in the database, must not hang a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When and where a setup is asked for. at: milliseconds; day: the town's calendar day."""

    at: int
    day: int
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shipped:
    """The shipped texts: scales, reasons, slogans, idle messages."""

    scales: dict[str, Scale]
    reasons: dict[str, Reason]
    slogans: tuple[setup.Slogan, ...]
    idle_messages: tuple[Words, ...]


def setup_of(session: Session, kiosk: KnownKiosk, moment: Moment, folder: Path) -> setup.Setup:
    """The setup of a kiosk. folder: `survey.resources.config()`. Raises `NotFound` while no survey is published.

    It holds no time of its own making, so that an unchanged setup has the same bytes and the same ETag.
    """
    line = line_of_units(session, kiosk.unit_id)
    unit, shipped = line[0], _shipped(folder)
    row = session.get_one(Kiosk, kiosk.id)
    shown = merged([row.shown, *(each.shown for each in line)])
    is_theirs = is_observers(row)
    survey = survey_in_force(session, [each.id for each in line], moment.day, observers=is_theirs)
    officers = _officers(session, unit.id, moment.day)
    counters = {row.id: row for row in session.scalars(select(Counter).where(Counter.unit_id == unit.id))}
    counter = counters.get(kiosk.counter_id) if kiosk.counter_id is not None else None
    behaviour = replace(behaviour_of([row.settings, *(each.settings for each in line)]), observer="")
    made = setup.Setup(
        unit=setup.Unit(id=write_id(UNIT, unit.id), name=unit.name),
        counter=setup.Counter(id=write_id(COUNTER, counter.id), name=counter.name) if counter else None,
        hotline=shown.hotline or next((each.hotline for each in line if each.hotline), ""),
        languages=shown.languages or ("vi", "en"),
        officers=_shown_officers(session, officers, with_photos=behaviour.show_photos),
        duty=_duty(session, list(counters), {officer.id for officer in officers}, moment),
        services=_services(session, [officer.id for officer in officers]),
        survey=survey,
        scale=shipped.scales[survey.scale],
        reasons=tuple(shipped.reasons[code] for code in survey.reasons),
        slogans=shipped.slogans if shown.slogans is None else shown.slogans,
        idle_messages=shipped.idle_messages if shown.idle_messages is None else shown.idle_messages,
        dossier_pattern=pattern_on(moment.day, folder),
        behaviour=behaviour,
        staff_pin=next((each.staff_pin for each in line if each.staff_pin), None),
        demo=any(each.is_demo for each in line),
    )
    return for_observers(session, made, row, moment.day) if is_theirs else made


def photo_for(session: Session, kiosk: KnownKiosk, officer_id: int) -> bytes:
    """An officer's photo, for a kiosk of the same unit. Raises `NotFound`."""
    photo = session.scalar(select(Officer.photo).where(Officer.id == officer_id, Officer.unit_id == kiosk.unit_id))
    row = session.get_one(Kiosk, kiosk.id)
    settings = [row.settings, *(each.settings for each in line_of_units(session, kiosk.unit_id))]
    if photo is None or not behaviour_of(settings).show_photos:
        raise NotFound(f"officer {officer_id} has no photo to show here")
    return photo


@cache
def _shipped(folder: Path) -> _Shipped:
    texts = tomllib.loads((folder / "slogans.toml").read_text(encoding="utf-8"))
    return _Shipped(
        scales=read_scales(folder / "scales.toml"),
        reasons=read_reasons(folder / "reasons.toml"),
        slogans=codec.decode(tuple[setup.Slogan, ...], texts["slogans"], at="slogans", strict=True),
        idle_messages=tuple(texts["idle_messages"]),
    )


def shipped_texts() -> Shown:
    """The slogans and idle messages of `config/slogans.toml`, shown where no unit has its own."""
    shipped = _shipped(resources.config())
    return Shown(slogans=shipped.slogans, idle_messages=shipped.idle_messages)


def line_of_units(session: Session, unit_id: int) -> list[Unit]:
    """A unit, its parent, and so on to the root."""
    line: list[Unit] = []
    at: int | None = unit_id
    while at is not None and len(line) < ANCESTORS_MAX:
        line.append(session.get_one(Unit, at))
        at = line[-1].parent_id
    return line


def behaviour_of(line: Sequence[Mapping[str, Any]]) -> setup.Behaviour:
    """The defaults under the town's settings under the commune's own under the kiosk's, which `line` begins with."""
    plain: dict[str, Any] = {}
    for settings in reversed(line):
        plain.update(settings)
    return codec.decode(setup.Behaviour, plain, at="settings")


def _officers(session: Session, unit_id: int, day: int) -> list[Officer]:
    return list(
        session.scalars(
            select(Officer)
            .where(
                Officer.unit_id == unit_id,
                or_(Officer.valid_from.is_(None), Officer.valid_from <= day),
                or_(Officer.valid_until.is_(None), Officer.valid_until > day),
            )
            .order_by(Officer.name, Officer.id)
        )
    )


def _shown_officers(session: Session, officers: list[Officer], *, with_photos: bool) -> tuple[setup.Officer, ...]:
    does: dict[int, list[str]] = {}
    rows = session.execute(
        select(OfficerService.officer_id, OfficerService.service_id)
        .where(OfficerService.officer_id.in_([officer.id for officer in officers]))
        .order_by(OfficerService.declared.desc(), OfficerService.service_id)
    )
    for officer_id, service_id in rows:
        does.setdefault(officer_id, []).append(write_id(SERVICE, service_id))
    return tuple(
        setup.Officer(
            id=write_id(OFFICER, officer.id),
            name=officer.name,
            title=officer.title,
            photo=_photo_path(officer) if with_photos else None,
            services=tuple(does.get(officer.id, ())),
        )
        for officer in officers
    )


def _photo_path(officer: Officer) -> str | None:
    # The photo's checksum makes a new photo a new address, so that kiosks need not ask again and again.
    if officer.photo is None:
        return None
    return f"/api/v1/photos/{write_id(OFFICER, officer.id)}?v={zlib.crc32(officer.photo):08x}"


def _duty(session: Session, counters: list[int], officers: set[int], moment: Moment) -> tuple[setup.Duty, ...]:
    rows = session.scalars(
        select(Duty)
        .where(Duty.counter_id.in_(counters), or_(Duty.until_at.is_(None), Duty.until_at > moment.at))
        .order_by(Duty.since_at, Duty.id)
    )

    def written(at: int) -> str:
        return write_time(datetime.fromtimestamp(at / 1000, moment.zone))

    return tuple(
        setup.Duty(
            counter_id=write_id(COUNTER, row.counter_id),
            officer_id=write_id(OFFICER, row.officer_id),
            since=written(row.since_at),
            until=None if row.until_at is None else written(row.until_at),
        )
        for row in rows
        if row.officer_id in officers
    )


def _services(session: Session, officers: list[int]) -> tuple[setup.Service, ...]:
    rows = session.execute(
        select(Service.id, Service.name, Service.name_en, Field.name, Field.name_en)
        .join(Field)
        .where(Service.id.in_(select(OfficerService.service_id).where(OfficerService.officer_id.in_(officers))))
        .order_by(Field.id, Service.id)
    )
    return tuple(
        setup.Service(id=write_id(SERVICE, number), name=_words(name, name_en), field=_words(field, field_en))
        for number, name, name_en, field, field_en in rows
    )


def _words(vi: str, en: str) -> Words:
    return {"vi": vi, "en": en} if en else {"vi": vi}
