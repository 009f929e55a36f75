"""Build the demo's units, officers, counters, services, kiosks and accounts through the server's own services."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import resources
from sync_server import ids
from sync_server.demo.history import Rows, kind_of
from sync_server.demo.network import LogIn, Network
from sync_server.errors import Refused
from sync_server.models.organisation import SurveyVersion
from sync_server.office import Office
from sync_server.services import enrolment, organisation, staff, surveys
from sync_server.simulation import SimulatedOfficer

STAFF_PIN = "1234"
LOCAL = "127.0.0.1"
KIOSK_NAME = "Máy ở bộ phận một cửa"
"""Of the made-up kiosks; the one that a person tries has another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """What was built. units and officers by their place in the simulation; names of the officers beside."""

    town: int
    units: Sequence[int]
    names: Sequence[str]
    rows: Rows


@dataclass(frozen=True, kw_only=True)
class Builder:
    """Builds a network's town in one transaction, as of `now` (milliseconds UTC), when the kiosks joined."""

    office: Office
    session: Session
    network: Network
    officers: Sequence[SimulatedOfficer]
    now: int

    def build(self, names: Iterator[str], home: str) -> Town:
        """All of it. home: the unit that the log-ins of one commune belong to."""
        town = self._unit(self.network.town.name, "town", None, self.network.town.hotline)
        organisation.set_staff_pin(self.session, town, STAFF_PIN)
        units = [
            self._unit(commune.name, commune.kind, town, self.network.town.hotline) for commune in self.network.communes
        ]
        services = [self._field(place) for place in range(len(self.network.fields))]
        named = [next(names) for _ in self.officers]
        officers = [
            self._officer(units, services, officer, name) for officer, name in zip(self.officers, named, strict=True)
        ]
        counters = self._counters(units, officers)
        self._accounts(town, units, officers, names, home)
        survey_id, scale = self._survey()
        rows = Rows(
            officers=officers,
            counters=counters,
            services=services,
            kiosks=[self._kiosk(unit) for unit in units],
            survey=survey_id,
            scale=scale,
        )
        return Town(town=town, units=units, names=named, rows=rows)

    def _unit(self, name: str, kind: str, parent: int | None, hotline: str) -> int:
        # No opening hours: whoever tries the demo in the evening must not find a sleeping kiosk.
        unit = organisation.add_unit(
            self.session, self.office.seals, name=name, kind=kind, parent_id=parent, hotline=hotline, is_demo=True
        )
        return unit.id

    def _field(self, place: int) -> list[int]:
        field = self.network.fields[place]
        row = organisation.add_field(self.session, name=field.name, name_en=field.name_en)
        return [
            organisation.add_service(self.session, field_id=row.id, name=service.name, name_en=service.name_en).id
            for service in field.services
        ]

    def _officer(
        self, units: Sequence[int], services: Sequence[Sequence[int]], officer: SimulatedOfficer, name: str
    ) -> int:
        main = self.network.fields[main_field(officer)]
        row = organisation.add_officer(
            self.session,
            unit_id=units[officer.commune],
            name=name,
            title=main.titles[self.network.communes[officer.commune].kind],
            category=kind_of(self.network, self.officers, officer),
        )
        does = [number for place, part in enumerate(officer.mix) if part > 0 for number in services[place]]
        organisation.assign_services(self.session, row.id, does, declared=services[main_field(officer)][0])
        return row.id

    def _counters(self, units: Sequence[int], officers: Sequence[int]) -> list[int]:
        """A desk for each officer, numbered within the unit and named for what is mostly done there."""
        counters, numbers = [], dict.fromkeys(units, 0)
        for officer, row in zip(self.officers, officers, strict=True):
            unit = units[officer.commune]
            numbers[unit] += 1
            name = f"Quầy {numbers[unit]} - {self.network.fields[main_field(officer)].counter}"
            counter = organisation.add_counter(self.session, unit_id=unit, name=name)
            organisation.take_duty(self.session, counter_id=counter.id, officer_id=row, now=self.now)
            counters.append(counter.id)
        return counters

    def _accounts(
        self, town: int, units: Sequence[int], officers: Sequence[int], names: Iterator[str], home: str
    ) -> None:
        at_home = [commune.name for commune in self.network.communes].index(home)
        rated = next(place for place, o in enumerate(self.officers) if o.commune == at_home and o.kind is None)
        for log_in in self.network.staff:
            self._account(
                log_in,
                name=next(names),
                unit_id=town if log_in.reach == "town" else units[at_home],
                officer_id=officers[rated] if log_in.reach == "officer" else None,
            )

    def _account(self, log_in: LogIn, *, name: str, unit_id: int, officer_id: int | None) -> None:
        staff.make_staff(
            self.session,
            username=log_in.username,
            name=name,
            role=log_in.role,
            password=log_in.password,
            unit_id=unit_id,
            officer_id=officer_id,
            now=self.now,
        )

    def _kiosk(self, unit: int) -> int:
        """A kiosk that joined as any other does; its key is thrown away, since its year is over when we are done."""
        seals, name = self.office.seals, KIOSK_NAME
        code = enrolment.make_code(self.session, seals, unit_id=unit, name=name, now=self.now, minutes=15)
        device = {"name": name, "hardware": "Raspberry Pi 4", "os": "Raspberry Pi OS 12", "app_version": "0.1.0"}
        joined = enrolment.enrol(self.session, seals, code=code, device=device, address=LOCAL, now=self.now)
        number = ids.read_id(ids.KIOSK, joined.kiosk_id)
        if number is None:
            raise Refused(f"the kiosk of unit {unit} was given the id {joined.kiosk_id!r}, which is none")
        return number

    def _survey(self) -> tuple[int, str]:
        surveys.publish_first(self.session, folder=resources.config(), now=self.now)
        newest = select(func.max(SurveyVersion.id)).scalar_subquery()
        survey = self.session.execute(select(SurveyVersion).where(SurveyVersion.id == newest)).scalar_one()
        return survey.id, survey.scale


def main_field(officer: SimulatedOfficer) -> int:
    """The place of the field that an officer does most."""
    return max(range(len(officer.mix)), key=lambda place: officer.mix[place])
