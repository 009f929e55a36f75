"""Which stored ratings count, and the reason of each that does not."""

import pytest
from sqlalchemy import select

from survey.rating import Dossier
from sync_server.models.rating import Counted, DossierLink, Rating, RatingComment, Tally
from sync_server.office import Office
from sync_server.seals import TICKET
from sync_server.services import organisation
from tests.builders import START, a_batch, chain
from tests.sync_server import builders
from tests.sync_server.intake.conftest import Desk, make_desk

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
CODE = "H42.12-210301-0007"


def send_at(desk: Desk, *moments: int, **changes: object) -> list[Counted]:
    """Ratings at these moments after 8:00 of a Monday; whether they count."""
    end = START + max(moments) + DAY
    batch = a_batch(*(desk.rating(at=START + at, **changes) for at in moments), at=end)
    assert {receipt.verdict for receipt in desk.send(batch, at=end).receipts} == {"stored"}
    return [Counted(counted) for counted in desk.counted()]


def test_of_a_burst_without_dossier_the_first_counts(desk: Desk) -> None:
    gaps = [0, 29, 58, 88, 200]  # seconds; 88 is 30 after the one before
    counted = send_at(desk, *(gap * SECOND for gap in gaps))
    assert [item.name for item in counted] == ["YES", "BURST", "BURST", "YES", "YES"]
    assert desk.tallied() == 3


def test_a_burst_goes_on_over_two_batches(desk: Desk) -> None:
    first, second = chain(desk.rating(at=START), desk.rating(at=START + 10 * SECOND))
    desk.send(a_batch(first))
    desk.send(a_batch(second))
    assert desk.counted() == [Counted.YES, Counted.BURST]


def test_ratings_with_different_dossiers_are_no_burst(desk: Desk) -> None:
    ratings = (desk.rating(at=START + i * SECOND, dossier=Dossier(code=f"H42.12-210301-000{i}")) for i in range(5))
    desk.send(a_batch(*ratings))
    assert desk.counted() == [Counted.YES] * 5


def test_two_counters_are_no_burst(desk: Desk) -> None:
    desk.send(a_batch(desk.rating(at=START), desk.rating(at=START + SECOND, counter_id=None)))
    assert desk.counted() == [Counted.YES] * 2


@pytest.mark.parametrize(
    ("minutes_after_eight", "counted"),
    [(-46, "OUT_OF_HOURS"), (-45, "YES"), (0, "YES"), (225, "YES"), (226, "OUT_OF_HOURS"), (9 * 60 + 15, "YES")],
)
def test_outside_opening_hours_and_their_grace_nothing_counts(
    sqlite_office: Office, minutes_after_eight: int, counted: str
) -> None:
    desk = make_desk(sqlite_office)
    hours = {"mon": ["07:30-11:30", "13:30-17:00"]}
    with sqlite_office.database.write() as session:
        organisation.set_behaviour(session, desk.unit_id, {"opening_hours": hours})
    at = minutes_after_eight * MINUTE
    assert send_at(desk, DAY * 7 + at) == [Counted[counted]]


def test_a_day_without_hours_is_closed_but_home_visits_have_none(desk: Desk) -> None:
    with desk.office.database.write() as session:
        organisation.set_behaviour(session, desk.unit_id, {"opening_hours": {"tue": ["07:30-17:00"]}})
    assert send_at(desk, 0) == [Counted.OUT_OF_HOURS]
    end = START + DAY
    (first,) = chain(desk.rating())
    desk.send(a_batch(*chain(desk.rating(at=START + HOUR, source="home"), seq=2, prev="ab" * 32), at=end), at=end)
    assert desk.counted() == [Counted.OUT_OF_HOURS, Counted.YES]
    assert first.source == "kiosk"


def test_opening_hours_come_from_the_unit_above_where_there_are_none(desk: Desk) -> None:
    with desk.office.database.write() as session:
        town = organisation.add_unit(
            session, desk.office.seals, name="Thị xã", kind="town", settings={"opening_hours": {"sun": ["08:00-09:00"]}}
        )
        commune = organisation.add_unit(session, desk.office.seals, name="Xã", kind="commune", parent_id=town.id)
    kiosk, _ = builders.make_kiosk(desk.office, unit=commune)
    desk.send(a_batch(desk.rating(counter_id=None)), kiosk_id=kiosk.id)
    assert desk.counted() == [Counted.OUT_OF_HOURS]


def ticket(desk: Desk, **changes: object) -> str:
    content = {"d": CODE, "o": f"o{desk.officer_id}", "s": None, "e": START // 1000 + 3600, **changes}
    return desk.office.seals.sign(content, TICKET)


def test_a_good_ticket_ties_the_rating_to_its_dossier(desk: Desk) -> None:
    desk.send(a_batch(desk.rating(dossier=Dossier(code=CODE, ticket=ticket(desk)))))
    desk.send(a_batch(*chain(desk.rating(dossier=Dossier(code=CODE)), seq=2, prev="ab" * 32)))
    first, second = desk.ratings()
    assert first.dossier_mac == second.dossier_mac is not None
    with desk.office.database.read() as session:
        assert session.scalars(select(Tally.with_dossier)).all() == [1]


@pytest.mark.parametrize("fault", ["forged", "altered", "expired", "another code", "no code", "of a badge", "plain"])
def test_a_bad_ticket_is_stored_without_its_dossier(sqlite_office: Office, fault: str) -> None:
    desk = make_desk(sqlite_office)
    good = ticket(desk)
    dossiers = {
        "forged": Dossier(code=CODE, ticket="eyJkIjoiSDQyIn0.c2lnbmF0dXJl"),
        "altered": Dossier(code=CODE, ticket=good[:-2] + ("AA" if good[-2:] != "AA" else "BB")),
        "expired": Dossier(code=CODE, ticket=ticket(desk, e=START // 1000 - 1)),
        "another code": Dossier(code="H42.12-210301-0008", ticket=good),
        "no code": Dossier(code=None, ticket=ticket(desk, d=None)),
        "of a badge": Dossier(code=CODE, ticket=sqlite_office.seals.sign({"d": CODE}, "badge")),
        "plain": Dossier(code="1.011442.000.00.00.H38"),
    }
    batch = a_batch(desk.rating(dossier=dossiers[fault]))
    reply = desk.send(batch)
    assert [(receipt.verdict, receipt.code) for receipt in reply.receipts] == [("stored", "bad_ticket")]
    again = desk.send(batch)
    assert [(receipt.verdict, receipt.code) for receipt in again.receipts] == [("duplicate", "bad_ticket")]
    (row,) = desk.ratings()
    assert (row.dossier_mac, row.counted) == (None, Counted.YES)
    assert row.dossier_digest is not None  # the chain holds what was sent


def test_a_ticket_that_expired_on_the_way_is_good(desk: Desk) -> None:
    """A kiosk may be offline for weeks: what matters is when the citizen rated."""
    end = START + 40 * DAY
    batch = a_batch(desk.rating(dossier=Dossier(code=CODE, ticket=ticket(desk))), at=end)
    assert desk.send(batch, at=end).receipts[0].code is None
    assert desk.ratings()[0].dossier_mac is not None


def test_an_empty_dossier_is_none(desk: Desk) -> None:
    reply = desk.send(a_batch(desk.rating(dossier=Dossier())))
    assert reply.receipts[0].code is None
    assert desk.ratings()[0].dossier_mac is None


def test_a_rating_without_service_is_tallied_under_the_declared_one(desk: Desk) -> None:
    desk.send(a_batch(desk.rating(service_id=None)))
    (row,) = desk.ratings()
    assert (row.service_id, row.tallied_service_id) == (None, desk.service_id)
    with desk.office.database.read() as session:
        assert session.scalars(select(Tally.service_id)).all() == [desk.service_id]


def test_codes_are_kept_only_where_the_setting_allows(sqlite_office: Office) -> None:
    from dataclasses import replace

    for keeps in (False, True):
        office = replace(sqlite_office, settings=replace(sqlite_office.settings, keep_dossier_links=keeps))
        desk = make_desk(office)
        desk.send(a_batch(desk.rating(dossier=Dossier(code=CODE), comment="Cảm ơn")))
        with office.database.read() as session:
            links = [office.seals.open(sealed).decode() for sealed in session.scalars(select(DossierLink.sealed))]
            assert links == ([CODE] if keeps else [])
            assert set(session.scalars(select(RatingComment.text))) == {"Cảm ơn"}
            assert CODE.encode() not in b"".join(mac for mac in session.scalars(select(Rating.dossier_mac)) if mac)


def test_what_praise_rests_on_is_the_ratings_with_a_dossier_level_by_level(desk: Desk) -> None:
    from sync_server.queries import tallies
    from sync_server.rulebook import rulebook

    said = [(1, True), (2, False), (3, True), (4, True), (5, False), (5, True)]
    ratings = [
        desk.rating(
            at=START + place * MINUTE,
            level=level,
            service_id=None if place % 2 else f"s{desk.service_id}",  # the declared service is the same
            dossier=Dossier(code=f"H42.12-210301-100{place}") if has_dossier else None,
        )
        for place, (level, has_dossier) in enumerate(said)
    ]
    desk.send(a_batch(*ratings, at=START + DAY), at=START + DAY)
    with desk.office.database.read() as session:
        (day,) = tallies.tied_days(session, desk.officer_id, 2**30, rulebook().scales)
    assert (day.service_id, day.counts) == (desk.service_id, (1, 0, 1, 0, 2))
