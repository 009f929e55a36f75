"""Cases that were there before their ratings had a table keep them."""

import uuid

from sqlalchemy import select, text

from sync_server.casework.people import MONEY
from sync_server.models.casework import CaseRating
from sync_server.office import Office
from sync_server.services import case_opening, followup
from sync_server.services.migration import migrate, step_down
from tests.sync_server.builders import make_officer


def test_a_case_keeps_the_complaint_that_opened_it(office: Office) -> None:
    officer, rating = make_officer(office), uuid.uuid4().bytes
    with office.database.write() as session:
        (case_id,) = case_opening.open_for_grave_reasons(
            session, [(rating, officer.id, 1 << 6)], followup.today_of(office)
        )
    step_down(office.database, "0003")
    migrate(office.database)
    with office.database.read() as session:
        row = session.scalars(select(CaseRating)).one()
        reason, hears = session.execute(text("SELECT reason, officer_hears FROM case_file")).one()
    assert (row.case_id, row.rating_id) == (case_id, rating)
    assert (reason, bool(hears)) == (MONEY, False)
