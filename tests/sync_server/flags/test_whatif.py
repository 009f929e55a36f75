"""Replaying a past under other numbers: what would come, go or move; nothing is written."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sync_server import cli
from sync_server.db import Database
from sync_server.errors import Refused
from sync_server.flagging.state import State
from sync_server.flagging.whatif import Fate
from sync_server.models.followup import Flag, Signal
from sync_server.rulebook import rulebook
from sync_server.services import flags, whatif
from tests.sync_server.flags.network import HANOI, MONDAY, Network, noon

WARM = 10
SINCE = MONDAY + timedelta(weeks=WARM)
UNTIL = SINCE + timedelta(weeks=3)


@pytest.fixture
def session(database: Database):
    with database.write() as opened:
        yield opened


@pytest.fixture
def network(session: Session) -> Network:
    """The first officer turns red within two weeks; the second gets a bad rating every other day."""
    made = Network(session, officers=5)
    made.weeks_of_honest_work(WARM)
    for place in range(10):
        day = SINCE + timedelta(weeks=place // 5, days=place % 5)
        made.rated(made.officers[0], day, [1, 1, 5])
        made.rated(made.officers[1], day, [1, 5, 5] if place % 2 else [5, 5])
    return made


def fates(told: whatif.WhatIf) -> set[tuple[int, State, Fate]]:
    return {(one.officer_id, one.state, one.fate) for one in told.differences}


def test_the_numbers_in_force_change_nothing(session: Session, network: Network) -> None:
    told = whatif.what_if(session, {"flag_at": 1000}, since=SINCE, until=UNTIL)
    assert told.differences == ()
    assert told.changed == {}
    assert told.present == told.other
    assert told.present[State.FLAG] == 1


def test_the_present_is_what_was_flagged(session: Session, network: Network) -> None:
    flags.judge_all(session, now=noon(UNTIL), zone=HANOI)
    red = set(session.scalars(select(Signal.officer_id).where(Signal.state == "flag")))
    told = whatif.what_if(session, {"flag_at": 1e12, "watch_at": 1e12}, since=SINCE, until=UNTIL)
    gone = {one.officer_id for one in told.differences if one.state is State.FLAG and one.fate is Fate.GOES}
    assert gone == red == {network.officers[0]}
    recorded = session.scalars(select(Flag).where(Flag.became == "flag")).one()
    first = next(one for one in told.differences if one.state is State.FLAG)
    assert first.present is not None
    assert first.present.isoformat() == recorded.evidence["day"]


def test_a_lower_line_brings_flags_and_moves_them_earlier(session: Session, network: Network) -> None:
    told = whatif.what_if(session, {"flag_at": 60, "watch_at": 8, "watch_off": 4}, since=SINCE, until=UNTIL)
    assert (network.officers[0], State.FLAG, Fate.MOVES) in fates(told)
    assert (network.officers[1], State.WATCH, Fate.COMES) in fates(told)
    for one in told.differences:
        if one.fate is Fate.MOVES:
            assert one.present is not None
            assert one.other is not None
            assert one.other < one.present
    assert told.changed == {"watch_at": (50.0, 8.0), "watch_off": (25.0, 4.0), "flag_at": (1000.0, 60.0)}


def test_a_closed_case_is_taken_into_account(session: Session, network: Network) -> None:
    day = (SINCE + timedelta(weeks=2)).toordinal()
    flags.judge_all(session, now=noon(UNTIL), zone=HANOI)
    flags.restart(session, network.officers[0], after_day=day, now=noon(UNTIL), zone=HANOI)
    told = whatif.what_if(session, {}, since=SINCE, until=UNTIL)
    assert told.present[State.FLAG] == 0


def test_a_replay_writes_nothing(database: Database) -> None:
    with database.write() as session:
        Network(session, officers=4).weeks_of_honest_work(3)
    with database.read() as session:
        whatif.what_if(session, {"tolerance": 1.2}, since=MONDAY, until=MONDAY + timedelta(weeks=4))
        assert not session.new
        assert not session.dirty
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Flag)) == 0


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ({"flagat": 5.0}, "'flagat' is no number of the rule"),
        ({"watch_at": 2000.0}, "watch_off, watch_at, flag_at: must rise"),
        ({"tolerance": 0.5}, "tolerance: must be"),
        ({"min_bad": 2.5}, "min_bad"),
        ({"flag_at": float("nan")}, "flag_at"),
        ({"half_life_days": 0.0, "day_cap": 0.1}, "day_cap: must be"),
    ],
)
def test_impossible_numbers_are_refused_by_name(session: Session, numbers: dict[str, float], told: str) -> None:
    with pytest.raises(Refused, match=told):
        whatif.what_if(session, numbers, since=SINCE, until=UNTIL)


def test_a_period_must_not_be_empty_or_longer_than_a_year(session: Session) -> None:
    for until in (SINCE - timedelta(days=1), SINCE + timedelta(days=400)):
        with pytest.raises(Refused, match="the period from"):
            whatif.what_if(session, {}, since=SINCE, until=until)


def test_the_command_prints_what_changes(sqlite_office, capsys, monkeypatch) -> None:
    with sqlite_office.database.write() as session:
        network = Network(session, officers=5)
        network.weeks_of_honest_work(WARM)
        for place in range(10):
            network.rated(network.officers[0], SINCE + timedelta(weeks=place // 5, days=place % 5), [1, 1, 5])
    monkeypatch.setenv("NUCUOI_SECRET", "a secret for one test, long enough")
    url = ["--database", str(sqlite_office.database.url), "--since", SINCE.isoformat()]
    assert cli.main(["what-if", *url, "--until", UNTIL.isoformat(), "--set", "flag_at=1e12"]) == 0
    printed = capsys.readouterr().out
    assert "flag_at: 1000 → 1e+12" in printed
    assert f"o{network.officers[0]}: to be looked into goes" in printed
    assert "to be looked into: 1 officers → 0" in printed
    assert cli.main(["what-if", *url, "--set", "flag_at", "--set", "tolerance=x"]) == 1
    told = capsys.readouterr().err
    assert "--set flag_at: must be a name and a number" in told
    assert "--set tolerance=x: must be a name and a number" in told
    with pytest.raises(SystemExit) as wrong:
        cli.main(["what-if", "--since", "yesterday"])
    assert wrong.value.code == 2


def test_every_number_of_the_rule_can_be_tried() -> None:
    rule = rulebook().rules.at(SINCE)
    for name in whatif.CHANGEABLE:
        assert whatif.other_rule(rule, {name: getattr(rule, name)}) == whatif.other_rule(rule, {})
