"""An observers' kiosk: its setup, and where its ratings count and where they do not; on both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from survey import resources
from survey.setup import Setup
from sync_server.errors import NotYours
from sync_server.models.casework import CaseFile
from sync_server.models.rating import Rating
from sync_server.queries import kiosks, results, rounds, setup, tallies, today
from sync_server.queries.results import Period
from sync_server.rulebook import rulebook
from sync_server.services import assignments, enrolment
from sync_server.services import remote as remote_services
from sync_server.services import rounds as round_services
from tests.builders import a_batch
from tests.sync_server import builders
from tests.sync_server.intake.conftest import Desk

FOLDER = resources.config()


@pytest.fixture
def observer(desk: Desk) -> int:
    """The observers' account."""
    return builders.make_staff(desk.office, "observer").id


@pytest.fixture
def theirs(desk: Desk, observer: int) -> int:
    """A kiosk that the observers enrolled in the desk's unit."""
    with desk.office.database.read() as reading:
        unit = reading.get_one(setup.Unit, desk.unit_id)
    kiosk, _ = builders.make_kiosk(desk.office, unit, name="Máy của Mặt trận", made_by=observer)
    return kiosk.id


def setup_of(desk: Desk, kiosk_id: int) -> Setup:
    """What a kiosk is told."""
    office = desk.office
    with office.database.read() as reading:
        kiosk = kiosks.KnownKiosk(id=kiosk_id, name="", unit_id=desk.unit_id, counter_id=None, carry_key_sealed=b"")
        at = setup.Moment(at=office.now(), day=office.day(office.now()), zone=office.zone)
        return setup.setup_of(reading, kiosk, at, FOLDER)


def test_its_setup_says_whose_it_is_and_offers_the_head_first(desk: Desk, observer: int, theirs: int) -> None:
    office, day = desk.office, desk.office.day(desk.office.now())
    with office.database.read() as reading:
        unit = reading.get_one(setup.Unit, desk.unit_id)
    builders.make_officer(office, unit, name="Aa Phó", title="Phó Chủ tịch UBND xã")
    builders.make_officer(office, unit, name="Zz Trưởng", title="Chủ tịch UBND xã")
    builders.make_officer(office, unit, name="Yên Văn Tên", title="Công chức")
    builders.make_staff(office, "head", unit=unit, name="Yên Văn Tên")
    told = setup_of(desk, theirs)
    assert told.behaviour.observer == "Máy của Mặt trận"
    assert (told.counter, told.duty, dict(told.behaviour.opening_hours)) == (None, (), {})
    assert [each.name for each in told.officers[:2]] == ["Yên Văn Tên", "Zz Trưởng"]
    assert told.officers[1].title == "Người đứng đầu · Chủ tịch UBND xã"
    assert "Người đứng đầu" not in " ".join(each.title for each in told.officers[2:])
    with office.database.write() as writing:
        round_services.open_round(
            writing, unit_id=desk.unit_id, kind="observer", name="Giám sát quý I", owner_id=observer,
            first_day=day, until_day=None, made_by=observer, now=office.now(),
        )  # fmt: skip
    assert setup_of(desk, theirs).behaviour.observer == "Giám sát quý I"
    assert setup_of(desk, desk.kiosk_id).behaviour.observer == ""


def test_it_asks_what_observers_assigned_and_the_others_do_not(desk: Desk, observer: int, theirs: int) -> None:
    office, day = desk.office, desk.office.day(desk.office.now())
    asked = [builders.make_survey(office, question={"vi": f"Câu {n}?"}).id for n in range(2)]
    for survey_id, by in zip(asked, (None, observer), strict=True):
        with office.database.write() as writing:
            assignments.assign(
                writing, unit_id=desk.unit_id, survey_id=survey_id, first_day=day, until_day=None, today=day,
                made_by=by, now=office.now(),
            )  # fmt: skip
    assert [setup_of(desk, kiosk).survey.question["vi"] for kiosk in (desk.kiosk_id, theirs)] == ["Câu 0?", "Câu 1?"]


def test_its_ratings_stand_apart_from_figures_flags_and_cases(desk: Desk, theirs: int) -> None:
    office = desk.office
    grave = desk.rating(source="observer", counter_id=None, level=1, reasons=("rude",))
    desk.send(a_batch(grave), kiosk_id=theirs)
    (stored,) = desk.ratings()
    scales, day = rulebook().scales, stored.day
    assert day is not None
    with office.database.read() as reading:
        assert reading.scalar(select(func.count()).select_from(CaseFile)) == 0
        assert tallies.officer_days(reading, desk.officer_id, day) == []
        assert tallies.tied_days(reading, desk.officer_id, day, scales) == []
        assert tallies.days_between(reading, day, day + 1) == []
        assert tallies.rated_officers(reading) == []
        assert tallies.by_unit(reading, [desk.unit_id], scales, first=day, until=day + 1) == {}
        assert today.results(reading, [desk.unit_id], scales, today=day).today.n == 0
        period = Period(kind="free", first=day, until=day + 1)
        by_source = results.breakdown(reading, [desk.unit_id], scales, period, "source")
        assert [(line.key, line.totals.n) for line in by_source] == [(rounds.OBSERVERS_SOURCE, 1)]
        assert results.breakdown(reading, [desk.unit_id], scales, period, "unit") == []
        assert results.breakdown(reading, [desk.unit_id], scales, period, "officer") == []


@pytest.mark.parametrize("is_theirs", [False, True])
def test_each_kiosk_sends_its_own_kind_of_ratings_only(desk: Desk, theirs: int, is_theirs: bool) -> None:
    sender, source = (theirs, "kiosk") if is_theirs else (desk.kiosk_id, "observer")
    reply = desk.send(a_batch(desk.rating(source=source)), kiosk_id=sender)
    assert [receipt.code for receipt in reply.receipts] == ["bad_field"]
    assert desk.ratings() == []
    assert len(desk.set_aside()) == 1


def test_the_same_dossier_counts_at_the_counter_whatever_observers_heard(desk: Desk, theirs: int) -> None:
    from survey.rating import Dossier

    dossier = Dossier(code="H42.50-260302-0001")
    first = desk.rating(source="observer", counter_id=None, dossier=dossier)
    desk.send(a_batch(first), kiosk_id=theirs)
    desk.send(a_batch(replace(desk.rating(), dossier=dossier)))
    with desk.office.database.read() as reading:
        macs = {row.source: row.dossier_mac for row in reading.scalars(select(Rating))}
    assert macs[rounds.OBSERVERS_SOURCE] is None
    assert desk.counted() == [0, 0]


def test_nobody_else_retires_changes_or_takes_it_over(desk: Desk, observer: int, theirs: int) -> None:
    office = desk.office
    admin = builders.make_staff(office, "administrator").id
    for by in (None, admin):
        with pytest.raises(NotYours), office.database.write() as writing:
            enrolment.retire(writing, theirs, now=office.now(), by=by)
        with pytest.raises(NotYours), office.database.write() as writing:
            remote_services.set_kiosk(writing, theirs, settings={}, shown={}, by=by)
        with pytest.raises(NotYours), office.database.write() as writing:
            enrolment.make_code(
                writing, office.seals, unit_id=desk.unit_id, name="x", now=office.now(), minutes=5, made_by=by,
                replaces_id=theirs,
            )  # fmt: skip
    with pytest.raises(NotYours), office.database.write() as writing:
        remote_services.set_kiosk(writing, desk.kiosk_id, settings={"observer": "x"}, shown={}, by=admin)
    with office.database.write() as writing:
        enrolment.retire(writing, theirs, now=office.now(), by=observer)
