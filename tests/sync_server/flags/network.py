"""A small network of officers in a database, whose days are written as tallies: what flagging starts from."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone

from sqlalchemy.orm import Session

from sync_server.models.organisation import Field, Officer, Service, SurveyVersion, Unit
from sync_server.models.rating import Tally

HANOI = timezone(timedelta(hours=7))
MONDAY = date(2025, 9, 1)


def noon(day: date) -> int:
    """Noon of a day in Hanoi, in milliseconds since 1970 UTC."""
    return int(datetime(day.year, day.month, day.day, 5, tzinfo=UTC).timestamp()) * 1000


class Network:
    """A town with communes, officers and services; numbers are those that the database gives."""

    def __init__(self, session: Session, *, officers: int = 6, services: int = 1, communes: int = 2) -> None:
        self.session = session
        self.town = self._add(Unit(name="Thị xã Duy Tiên", kind="town", key_sealed=b"")).id
        self.communes = [
            self._add(Unit(name=f"Xã số {i}", kind="commune", parent_id=self.town, key_sealed=b"")).id
            for i in range(1, communes + 1)
        ]
        field = self._add(Field(name="Hộ tịch", name_en="Civil status")).id
        self.services = [self._add(Service(field_id=field, name=f"Thủ tục {i}")).id for i in range(1, services + 1)]
        self.survey = self._add(SurveyVersion(scale="hl5", content={}, published_at=0)).id
        self.officers = [self.officer(f"Nguyễn Văn {chr(64 + i)}", i) for i in range(1, officers + 1)]

    def officer(self, name: str, place: int = 1) -> int:
        """One more officer; communes are filled in turn."""
        unit_id = self.communes[place % len(self.communes)]
        return self._add(Officer(unit_id=unit_id, name=name, title="Công chức Tư pháp - Hộ tịch")).id

    def rated(self, officer_id: int, day: date, levels: Iterable[int], **where: int) -> None:
        """Counted ratings of a day, added to what is there already."""
        officer = self.session.get_one(Officer, officer_id)
        key = {
            "officer_id": officer_id,
            "day": day.toordinal(),
            "service_id": self.services[0],
            "survey_id": self.survey,
            "unit_id": officer.unit_id,
            "source": 0,
        } | where
        tally = self.session.get(Tally, tuple(key.values()))
        if tally is None:
            tally = Tally(**key, n1=0, n2=0, n3=0, n4=0, n5=0, with_dossier=0)
            self.session.add(tally)
        for level in levels:
            setattr(tally, f"n{level}", getattr(tally, f"n{level}") + 1)
        self.session.flush()

    def weeks_of_honest_work(self, weeks: int, *, from_: date = MONDAY, officers: Iterable[int] | None = None) -> None:
        """Six good ratings every working day, and one bad in 33, for each officer."""
        seen = 0
        for week in range(weeks):
            for weekday in range(5):
                for officer_id in self.officers if officers is None else officers:
                    levels = []
                    for _ in range(6):
                        seen += 1
                        levels.append(2 if seen % 33 == 0 else 3 if seen % 31 == 0 else 5)
                    self.rated(officer_id, from_ + timedelta(weeks=week, days=weekday), levels)

    def _add(self, thing):  # type: ignore[no-untyped-def]
        self.session.add(thing)
        self.session.flush()
        return thing
