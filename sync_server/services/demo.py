"""Fill an empty server with the demo's town: units, officers, accounts, and a year of ratings, all marked as demo.

Ratings go in by the real intake as batches of real kiosks, so that tallies, ledgers and flags are what they would be.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import resources, wire
from survey.questionnaire import read_reasons
from sync_server import messages
from sync_server.demo import people
from sync_server.demo.history import History, Post, uniformed, world_of
from sync_server.demo.network import LogIn, Network, read_network
from sync_server.errors import Refused, ServerError
from sync_server.models.organisation import SurveyVersion, Unit
from sync_server.models.people import AuditEntry
from sync_server.office import Office
from sync_server.services import (
    arrivals,
    audit,
    demo_cases,
    demo_letters,
    demo_opinions,
    demo_reports,
    demo_rollout,
    demo_surveys,
    flags,
    followup,
    intake,
)
from sync_server.services.demo_town import Builder, Town
from sync_server.simulation import SimulatedOfficer, World, cast, simulate

SEED = 1626
"""Makes a town with one of its truly bad officers in `HOME`, so that its head has something to look into."""
HOME = "Phường Hòa Mạc"
"""Where the demo's own kiosk is to stand, and whose the log-ins of one unit are."""
SILENT = 8
"""The commune (its place in the network) whose kiosk has not been heard of since yesterday, for staff to notice."""
JUDGED_EVERY_WEEKS = 4
DONE = "demo filled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What was made. bad: the officers whom the simulation made truly bad, for whoever wants to check the flags.

    home_unit, home_counter: where a kiosk may be enrolled. log_ins: one a role.
    """

    officers: int
    ratings: int
    bad: tuple[str, ...]
    log_ins: tuple[LogIn, ...]
    home_unit: int
    home_counter: int


def network() -> Network:
    """The demo's town as `config/demo/network.toml` describes it; `.staff` are the log-ins."""
    return read_network(resources.config() / "demo" / "network.toml")


def is_filled(session: Session) -> bool:
    """Whether this database holds the whole demo. Raises `Refused` when it holds anything else, or half of it."""
    marks = session.scalars(select(Unit.is_demo)).all()
    if not all(marks):
        raise Refused(
            f"the database has {marks.count(False)} units that are not demo data, and demo data never mix with real "
            "ones; name an empty database, such as --database sqlite:///demo.db"
        )
    done = session.scalar(select(AuditEntry.id).where(AuditEntry.act == DONE)) is not None
    if marks and not done:
        raise Refused("the database holds half a demo: filling it was interrupted; begin again with an empty database")
    return done


def fill(
    office: Office,
    *,
    seed: int = SEED,
    end_day: date | None = None,
    months: int = 12,
    progress: Callable[[str], object] = print,
) -> Filled:
    """Build the town and let its citizens rate until `end_day` (yesterday, unless given).

    The same seed and days give the same town and ratings; only keys differ. progress is told a line now and then.
    Raises `Refused` for a database that holds anything already, this demo included.
    """
    plan = network()
    last_day = end_day or datetime.fromtimestamp(office.now() / 1000, office.zone).date() - timedelta(days=1)
    first_day = last_day - timedelta(days=round(months * 365 / 12) - 1)
    rng = random.Random(seed)
    world = world_of(plan, first_day, last_day)
    officers = uniformed(plan, cast(world, rng))
    joined_at = int(datetime.combine(first_day, time(), office.zone).timestamp()) * 1000
    with office.database.write() as session:
        if is_filled(session):
            raise Refused("the database has the demo data already; there is nothing to do")
        builder = Builder(office=office, session=session, network=plan, officers=officers, now=joined_at)
        town = builder.build(people.names(seed), HOME)
        demo_rollout.fill(session, office, first_day, random.Random(SEED))
        demo_surveys.fill(session, office, first_day)
    progress(f"{len(plan.communes)} communes with {len(officers)} officers at their counters")
    ratings = _let_rate(office, plan, world, officers, town, rng, progress)
    home = [commune.name for commune in plan.communes].index(HOME)
    return Filled(
        officers=len(officers),
        ratings=ratings,
        bad=tuple(f"{town.names[o.index]}, {plan.communes[o.commune].name}: {o.kind.name}" for o in officers if o.kind),
        log_ins=plan.staff,
        home_unit=town.units[home],
        home_counter=next(town.rows.counters[o.index] for o in officers if o.commune == home),
    )


def _let_rate(
    office: Office,
    plan: Network,
    world: World,
    officers: list[SimulatedOfficer],
    town: Town,
    rng: random.Random,
    progress: Callable[[str], object],
) -> int:
    """Take in each week's batches, and judge everybody now and then, as the nights would have done."""
    with office.database.read() as session:
        asked = session.get_one(SurveyVersion, town.rows.survey).content["reasons"]
    reasons = read_reasons(resources.config() / "reasons.toml")
    history = History(network=plan, rows=town.rows, reasons=reasons, asked=asked, zone=office.zone, rng=rng)
    handling = random.Random(SEED)  # of its own, so that the ratings stay what they are
    ratings = 0
    for number, posts in enumerate(history.weeks(simulate(world, officers, rng)), start=1):
        ratings += _take_in(office, posts)
        if number % JUDGED_EVERY_WEEKS == 0:
            _judge(office, town, max(post.received_at for post in posts), handling)
            progress(f"{ratings} ratings until {posts[-1].batch.sent_at[:10]}")
        demo_reports.in_week(office, [*town.units, town.town], world.first_day, _day_of(office, posts))
    _take_in(office, history.heartbeats(office.now(), silent=SILENT))
    with office.database.write() as session:
        flags.judge_all(session, now=office.now(), zone=office.zone)
        followup.every_night(session, followup.today_of(office))
        demo_cases.handle(session, office, office.now(), handling)
        home = [commune.name for commune in plan.communes].index(HOME)
        demo_opinions.fill(session, office, town.units[home], office.now())
    demo_reports.at_the_end(office, town.town, town.units[home], world.last_day)
    with office.database.write() as session:
        demo_letters.fill(session, office, world.last_day, random.Random(SEED))
        audit.note(session, staff_id=None, act=DONE, detail={"ratings": ratings}, now=office.now())
    return ratings


def _day_of(office: Office, posts: Iterable[Post]) -> int:
    """The day on which the last of a week's posts came."""
    return office.day(max(post.received_at for post in posts))


def _judge(office: Office, town: Town, now: int, rng: random.Random) -> None:
    """Judge everybody as of then, and handle the cases as people would have done.

    Nothing came late: no week that was frozen before got another rating since.
    """
    with office.database.write() as session:
        officers = town.rows.officers
        changes = flags.judge(session, officers, now=now, zone=office.zone, earliest_day=office.day(now))
        followup.after_judging(session, changes, followup.today_of(office, now))
        demo_cases.handle(session, office, now, rng)


def _take_in(office: Office, posts: Iterable[Post]) -> int:
    """Let a week's batches in by the way that a kiosk's request goes, and return how many ratings there were."""
    ratings = 0
    with office.database.write() as session:
        for post in posts:
            incoming = messages.read_batch(wire.to_json(post.batch))
            arrived = arrivals.read(incoming.ratings)
            taken = intake.take(session, office, post.kiosk, incoming, arrived, now=post.received_at, look_up=False)
            faults = {(receipt.verdict, receipt.code) for receipt in taken.reply.receipts} - {("stored", None)}
            if faults:
                raise ServerError(f"intake did not take the demo's ratings: {faults}; please report this fault")
            ratings += len(arrived)
    return ratings
