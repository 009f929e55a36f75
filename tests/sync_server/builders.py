"""Rows that are valid by default; name only what a test is about.

Each builder writes through the real services in a transaction of its own: never call one inside `database.write()`,
where it would wait for itself. Rows come back detached, with all their columns.
"""

import itertools
from typing import Any

from argon2 import PasswordHasher

from survey import resources
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter, Officer, Service, SurveyVersion, Unit
from sync_server.models.people import Staff
from sync_server.office import Office
from sync_server.services import enrolment, organisation, staff, surveys

PASSWORD = "một mật khẩu dài"
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_numbers = itertools.count(1)


def make_unit(office: Office, **changes: Any) -> Unit:
    """A commune."""
    given = {"name": f"Xã {next(_numbers)}", "kind": "commune", "hotline": "0226 3830 000", **changes}
    with office.database.write() as session:
        return organisation.add_unit(session, office.seals, **given)


def make_counter(office: Office, unit: Unit | None = None, *, name: str = "Quầy 1") -> Counter:
    """A desk, in a unit of its own unless one is given."""
    unit = unit or make_unit(office)
    with office.database.write() as session:
        return organisation.add_counter(session, unit_id=unit.id, name=name)


def make_service(office: Office, *, field: str = "Hộ tịch", name: str = "Đăng ký khai sinh", **changes: Any) -> Service:
    """A procedure in a field of its own."""
    with office.database.write() as session:
        made = organisation.add_field(session, name=field, name_en="Civil status")
        return organisation.add_service(session, field_id=made.id, name=name, **changes)


def make_officer(
    office: Office,
    unit: Unit | None = None,
    *,
    counter: Counter | None = None,
    services: tuple[Service, ...] = (),
    **changes: Any,
) -> Officer:
    """An officer; at `counter` from the clock's now on; who does `services`, the first of them declared."""
    unit_id = counter.unit_id if counter else (unit or make_unit(office)).id
    given = {"name": f"Nguyễn Thị {next(_numbers)}", "title": "Công chức Tư pháp - Hộ tịch", **changes}
    with office.database.write() as session:
        officer = organisation.add_officer(session, unit_id=unit_id, **given)
        if services:
            ids = [service.id for service in services]
            organisation.assign_services(session, officer.id, ids, declared=ids[0])
        if counter:
            organisation.take_duty(session, counter_id=counter.id, officer_id=officer.id, now=office.now())
        return officer


def make_survey(office: Office, **changes: Any) -> SurveyVersion:
    """The shipped default survey, published now."""
    folder = resources.config()
    content = {**surveys.read_survey(folder / "surveys" / "default.toml"), **changes}
    with office.database.write() as session:
        return surveys.publish(session, content, folder=folder, now=office.now())


def make_staff(office: Office, role: str = "head", *, unit: Unit | None = None, **changes: Any) -> Staff:
    """A person who signs in with `PASSWORD`. `officer_id` must be given for the role *officer*."""
    number = next(_numbers)
    given = {"username": f"staff{number}", "name": f"Trần Văn {number}", "password": PASSWORD, **changes}
    unit_id = unit.id if unit else None
    with office.database.write() as session:
        return staff.make_staff(session, role=role, unit_id=unit_id, now=office.now(), hasher=_CHEAP, **given)


def make_kiosk(
    office: Office,
    unit: Unit | None = None,
    counter: Counter | None = None,
    *,
    name: str = "Máy ở quầy 1",
    made_by: int | None = None,
) -> tuple[Kiosk, str]:
    """An enrolled kiosk and its key, in a unit of its own unless a unit or counter is given. made_by: whose code."""
    unit_id = counter.unit_id if counter else (unit or make_unit(office)).id
    counter_id = counter.id if counter else None
    with office.database.write() as session:
        code = enrolment.make_code(
            session,
            office.seals,
            unit_id=unit_id,
            counter_id=counter_id,
            name=name,
            now=office.now(),
            minutes=15,
            made_by=made_by,
        )
        joined = enrolment.enrol(
            session, office.seals, code=code, device={"name": name}, address="127.0.0.1", now=office.now()
        )
        kiosk = session.get_one(Kiosk, int(joined.kiosk_id[1:]))
    return kiosk, joined.key


def bearer(key: str) -> dict[str, str]:
    """The header by which a kiosk says who it is."""
    return {"Authorization": f"Bearer {key}"}
