"""The builders make what they say, through the real services, on both databases."""

from sqlalchemy import select

from survey.ledger import Link, faults
from survey.rating import digest
from survey.wire import pack, read_batch, unpack
from sync_server.models.organisation import Duty, OfficerService
from sync_server.office import Office
from tests.builders import a_batch, a_rating
from tests.sync_server import builders


def test_rows_made_by_builders_belong_together(office: Office) -> None:
    counter = builders.make_counter(office)
    service = builders.make_service(office)
    officer = builders.make_officer(office, counter=counter, services=(service,))
    kiosk, key = builders.make_kiosk(office, counter=counter)
    assert officer.unit_id == counter.unit_id == kiosk.unit_id
    assert len(key) >= 43
    with office.database.read() as session:
        duty = session.scalars(select(Duty)).one()
        does = session.scalars(select(OfficerService)).one()
    assert (duty.counter_id, duty.officer_id, duty.until_at) == (counter.id, officer.id, None)
    assert (does.service_id, does.declared) == (service.id, True)
    assert builders.make_survey(office).scale == "hl5"
    assert builders.make_staff(office).password_hash.startswith("$argon2id$")


def test_a_batch_of_the_builders_is_whole_and_chained() -> None:
    batch = a_batch(a_rating(), a_rating(level=2, reasons=("rude",)), a_rating())
    assert read_batch(unpack(pack(batch))) == batch
    assert faults(Link(r.seq, digest(r), r.prev) for r in batch.ratings) == []
