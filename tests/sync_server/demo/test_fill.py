"""The demo's town: what it holds, that it is honest, that it is the same again, and that it never mixes."""

import shutil
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from survey.errors import BadDocument
from sync_server.config import ServerSettings
from sync_server.demo import people
from sync_server.demo.network import read_network
from sync_server.errors import Refused
from sync_server.models.casework import CaseFile
from sync_server.models.followup import Signal
from sync_server.models.kiosk import Kiosk
from sync_server.models.organisation import Counter, Duty, Field, Officer, Unit
from sync_server.models.people import ROLES, Staff
from sync_server.models.rating import Counted, Rating, Tally
from sync_server.office import Office, open_office
from sync_server.queries import case_state, kiosk_list, rounds, surveys
from sync_server.services import backup, demo, demo_beat
from sync_server.services.check import check
from sync_server.services.demo import Filled
from tests.sync_server.builders import make_unit
from tests.sync_server.conftest import SetClock

LAST_DAY = date(2026, 2, 27)
"""A Friday before the tests' clock."""


def fill(office: Office, **changes: object) -> Filled:
    return demo.fill(office, end_day=LAST_DAY, months=1, progress=lambda _: None, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Filled]]:
    """A filled town that no test of this module changes."""
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("demo") / "demo.db")
    settings = ServerSettings(database=f"sqlite:///{file}", secret="the secret of the demo's tests, long enough")
    office = open_office(settings, now=SetClock())
    yield office, fill(office)
    office.database.dispose()


def test_the_town_is_that_of_the_plan_and_marked_as_demo(filled):
    office, made = filled
    with office.database.read() as session:
        units = session.scalars(select(Unit)).all()
        fields = session.scalars(select(Field.name)).all()
        officers = session.scalars(select(Officer)).all()
        roles = session.scalars(select(Staff.role)).all()
    assert all(unit.is_demo for unit in units)
    below = {unit.name for unit in units if unit.parent_id is not None}
    assert len(below) == 16
    assert {"Xã Mộc Bắc", "Phường Hòa Mạc", "Xã Trác Văn", "Phường Duy Hải"} <= below
    assert {"Đất đai", "Hộ tịch", "Chứng thực", "Đăng ký kinh doanh", "Lao động - Thương binh và Xã hội"} <= set(fields)
    assert {officer.category for officer in officers} == {"civil", "police", "military"}
    assert len({officer.name for officer in officers}) == len(officers) == made.officers
    assert sorted(roles) == sorted(ROLES)


def test_every_rating_went_in_whole_and_is_counted_or_has_its_reason(filled):
    office, made = filled
    with office.database.read() as session:
        stored = session.scalar(select(func.count()).select_from(Rating))
        counted = session.scalar(select(func.count()).select_from(Rating).where(Rating.counted == Counted.YES))
        unplaced = session.scalar(select(func.count()).select_from(Rating).where(Rating.day.is_(None)))
        in_tallies = session.scalar(select(func.sum(Tally.n1 + Tally.n2 + Tally.n3 + Tally.n4 + Tally.n5)))
        last = session.scalar(select(func.max(Rating.day)))
        judged = session.scalar(select(func.count()).select_from(Signal))
    assert stored == made.ratings > 3000
    assert in_tallies == counted
    assert 0.97 * stored < counted < stored
    assert unplaced == 0
    assert last == LAST_DAY.toordinal()
    assert judged > 0.9 * made.officers


def test_a_kiosk_may_stand_at_the_home_counter_where_somebody_is_on_duty(filled):
    office, made = filled
    with office.database.read() as session:
        counter = session.get_one(Counter, made.home_counter)
        on_duty = session.scalars(select(Duty).where(Duty.counter_id == made.home_counter)).all()
        unit = session.get_one(Unit, made.home_unit)
    assert counter.unit_id == made.home_unit
    assert unit.name == demo.HOME
    assert [duty.until_at for duty in on_duty] == [None]


def test_each_log_in_opens_with_its_password(filled):
    office, made = filled
    with office.database.read() as session:
        kept = {row.username: row.password_hash for row in session.scalars(select(Staff))}
    assert len(made.log_ins) == len(ROLES)
    for log_in in made.log_ins:
        assert PasswordHasher().verify(kept[log_in.username], log_in.password)


def test_a_second_filling_is_refused_and_changes_nothing(filled):
    office, made = filled
    with office.database.read() as session:
        assert demo.is_filled(session)
    with pytest.raises(Refused, match="already"):
        fill(office)
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Rating)) == made.ratings


def test_demo_data_never_mix_with_real_ones(sqlite_office):
    make_unit(sqlite_office, name="Xã thật")
    with pytest.raises(Refused, match="1 units that are not demo data"):
        fill(sqlite_office)
    with sqlite_office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == 1


def test_half_a_demo_is_told_from_a_whole_one(sqlite_office):
    make_unit(sqlite_office, name="Xã mẫu", is_demo=True)
    with sqlite_office.database.read() as session, pytest.raises(Refused, match="half a demo"):
        demo.is_filled(session)


def test_the_same_seed_makes_the_same_town_on_any_database(filled, office):
    first, _ = filled
    fill(office)
    assert contents(office) == contents(first)


def test_another_seed_makes_other_people():
    names = list(islice(people.names(1), 50))
    assert names == list(islice(people.names(1), 50))
    assert names != list(islice(people.names(2), 50))
    assert len(set(names)) == 50
    assert all(2 < len(name.split()) < 6 for name in names)


def contents(office: Office) -> tuple[list[object], list[object]]:
    """What a visitor can see: who there is, and every daily tally."""
    with office.database.read() as session:
        officers = session.execute(select(Officer.id, Officer.name, Officer.title).order_by(Officer.id)).all()
        columns = [Tally.officer_id, Tally.day, Tally.service_id, Tally.n1, Tally.n2, Tally.n3, Tally.n4, Tally.n5]
        tallies = session.execute(select(*columns).order_by(*columns[:3])).all()
    return [tuple(row) for row in officers], [tuple(row) for row in tallies]


def test_shares_that_do_not_add_up_are_a_fault(tmp_path):
    text = (Path(__file__).parents[3] / "config" / "demo" / "network.toml").read_text(encoding="utf-8")
    file = tmp_path / "network.toml"
    file.write_text(text.replace("share = 0.7 }", "share = 0.8 }"), encoding="utf-8")
    with pytest.raises(BadDocument, match=r"Chứng thực's services add up to 1\.1, not 1"):
        read_network(file)


def test_all_kiosks_but_one_were_heard_of_just_now(filled):
    office, _ = filled
    with office.database.read() as session:
        heard = session.scalars(select(Kiosk.last_contact_at)).all()
    assert sum(at == office.now() for at in heard) == len(heard) - 1 == 15


def test_its_older_cases_came_to_their_end_and_its_young_ones_wait(filled):
    office, _ = filled
    with office.database.read() as session:
        files = session.scalars(select(CaseFile).order_by(CaseFile.id)).all()
        found = [(file, case_state.replayed(session, file)) for file in files]
    month_ago = office.now() - 21 * 86_400_000
    old = [file for file, _ in found if file.opened_at < month_ago and file.trigger == "grave"]
    assert old
    assert {file.state for file in old} == {"closed"}
    assert all(file.state == case.state for file, case in found)


def test_only_the_kiosk_that_is_meant_to_be_silent_is_however_long_the_demo_runs(filled, tmp_path):
    backup.back_up(filled[0].database, tmp_path / "copy.db")
    settings = ServerSettings(database=f"sqlite:///{tmp_path / 'copy.db'}", secret=filled[0].settings.secret)
    office = open_office(settings, now=SetClock())

    def silent() -> list[str]:
        with office.database.read() as session:
            units = set(session.scalars(select(Unit.id)))
            lines = kiosk_list.listing(session, units, now=office.now(), zone=office.zone)
        return [line.unit for line in lines if line.is_silent]

    for hour in range(3):
        office.now.advance(minutes=59)
        assert demo_beat.beat(office, boot_id="demo", monotonic_ms=1 + hour * 3_540_000) == 15
        office.now.advance(minutes=59)
        assert silent() == [demo.network().communes[demo.SILENT].name]
    with office.database.read() as session:
        assert check(session, zone=office.zone) == []
    office.database.dispose()


def test_the_demo_has_a_baseline_before_its_running_round_and_a_draft(filled):
    office, _ = filled
    with office.database.read() as session:
        units = set(session.scalars(select(Unit.id)))
        running, baseline = rounds.listing(session, units)
        (draft,) = surveys.drafts(session)
    assert (baseline.kind, running.kind, baseline.until_day) == ("baseline", "running", running.first_day)
    assert running.standing(office.day(office.now())) == "running"
    assert draft.survey.scale == "hl4"
