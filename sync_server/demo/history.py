"""A year of ratings as its kiosks would have sent them: simulated visits in, batches of chained ratings out."""

import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import accumulate, groupby

from survey import wire
from survey.questionnaire import Reason
from survey.rating import Dossier, Rating, chained, digest
from survey.wire import MAX_RATINGS, Batch, Status
from sync_server import ids
from sync_server.demo.network import Network
from sync_server.simulation import SimulatedOfficer, SimulatedRating, SimulatedService, World

POLICE_EVERY, MILITARY_EVERY = 2, 3
"""A policeman sits in every second commune's one-stop, a serviceman in every third: peers enough to compare with."""
SWITCHED_ON = time(7, 0)
SENT_AFTER_MS = 5 * 60_000
HOUR_MS = 3_600_000
STATUS = Status(app_version="0.1.0", clock="sure", disk_free_mb=24_000)
REASON_WHEN_SATISFIED = 0.35
GRAVE_SHARE = 0.02
ENGLISH_SHARE = 0.01


def world_of(network: Network, first_day: date, last_day: date) -> World:
    """The simulated world for a demo: smaller than the benchmark's, with this network's fields."""
    return World(
        first_day=first_day,
        last_day=last_day,
        judged_from=first_day + (last_day - first_day) / 4,
        communes=len(network.communes),
        officers_min=4,
        officers_max=8,
        services=tuple(SimulatedService(f.name, f.dissatisfied) for f in network.fields),
        median_ratings=4.5,
        spread_ratings=0.7,
    )


def uniformed(network: Network, officers: Sequence[SimulatedOfficer]) -> list[SimulatedOfficer]:
    """The same officers with work that fits: civil ones do civil fields; some last ones of a commune are in uniform."""
    kinds = [kind_of(network, officers, officer) for officer in officers]
    return [
        replace(officer, mix=_kept(officer.mix, network.of_category(kind)))
        for officer, kind in zip(officers, kinds, strict=True)
    ]


def kind_of(network: Network, officers: Sequence[SimulatedOfficer], officer: SimulatedOfficer) -> str:
    """`civil`, `police` or `military`: the last honest officers of some communes are in uniform."""
    honest = [other.index for other in officers if other.commune == officer.commune and other.kind is None]
    if officer.commune % POLICE_EVERY == 0 and officer.index == honest[-1]:
        return "police"
    if officer.commune % MILITARY_EVERY == 1 and officer.index == honest[-2]:
        return "military"
    return "civil"


def _kept(mix: Sequence[float], places: Sequence[int]) -> tuple[float, ...]:
    kept = [part if place in places else 0.0 for place, part in enumerate(mix)]
    return tuple(part / sum(kept) for part in kept)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows that the simulated numbers stand for. services: a field's, in order of the network file."""

    officers: Sequence[int]
    counters: Sequence[int]  # by officer
    services: Sequence[Sequence[int]]
    kiosks: Sequence[int]  # by commune
    survey: int
    scale: str


@dataclass(frozen=True, kw_only=True)
class Post:
    """A batch on its way: from this kiosk, received then (milliseconds UTC)."""

    kiosk: int
    received_at: int
    batch: Batch


@dataclass(slots=True)
class _Ledger:
    """How far a kiosk's ledger has come."""

    seq: int = 0
    prev: str = ""


@dataclass(kw_only=True)
class History:
    """Turns simulated visits into what the kiosks send, week by week."""

    network: Network
    rows: Rows
    reasons: Mapping[str, Reason]
    asked: Sequence[str]
    zone: tzinfo
    rng: random.Random
    _ledgers: dict[int, _Ledger] = field(default_factory=dict)
    _dossiers: dict[tuple[int, date], int] = field(default_factory=dict)

    def weeks(self, visits: Iterator[SimulatedRating]) -> Iterator[list[Post]]:
        """The posts of each week, oldest week first; within it, commune by commune."""
        for monday, of_week in groupby(visits, key=lambda visit: visit.day - timedelta(days=visit.day.weekday())):
            by_commune: dict[int, list[SimulatedRating]] = {}
            for visit in of_week:
                by_commune.setdefault(visit.commune, []).append(visit)
            yield [post for commune in sorted(by_commune) for post in self._posts(commune, monday, by_commune[commune])]

    def heartbeats(self, now: int, *, silent: int) -> Iterator[Post]:
        """What every kiosk but that of one commune says this moment, with nothing to send."""
        for commune, kiosk in enumerate(self.rows.kiosks):
            if commune != silent:
                batch = Batch(
                    sent_at=self._written(now), boot_id=str(self._uuid()), monotonic_ms=HOUR_MS, status=STATUS
                )
                yield Post(kiosk=kiosk, received_at=now, batch=batch)

    def _posts(self, commune: int, monday: date, visits: list[SimulatedRating]) -> Iterator[Post]:
        """A kiosk is switched on on Monday, runs all week and sends once enough waits, the rest on the last evening."""
        boot_at = self._at(monday, SWITCHED_ON)
        boot_id = str(self._uuid())
        times = sorted(
            (self._at(visit.day, time()) + visit.second_of_day * 1000 + self.rng.randrange(1000), place)
            for place, visit in enumerate(visits)
        )
        for first in range(0, len(times), MAX_RATINGS):
            part = times[first : first + MAX_RATINGS]
            ratings = tuple(self._rating(commune, visits[place], at, boot_at, boot_id) for at, place in part)
            sent_at = part[-1][0] + SENT_AFTER_MS
            yield Post(
                kiosk=self.rows.kiosks[commune],
                received_at=sent_at,
                batch=Batch(
                    sent_at=self._written(sent_at),
                    boot_id=boot_id,
                    monotonic_ms=sent_at - boot_at,
                    status=STATUS,
                    ratings=ratings,
                ),
            )

    def _rating(self, commune: int, visit: SimulatedRating, at: int, boot_at: int, boot_id: str) -> Rating:
        ledger = self._ledgers.setdefault(commune, _Ledger())
        ledger.seq += 1
        rating = chained(
            Rating(
                id=str(self._uuid()),
                officer_id=ids.write_id(ids.OFFICER, self.rows.officers[visit.officer]),
                counter_id=ids.write_id(ids.COUNTER, self.rows.counters[visit.officer]),
                service_id=ids.write_id(ids.SERVICE, self._service(visit.service)),
                survey_id=ids.write_id(ids.SURVEY, self.rows.survey),
                scale=self.rows.scale,
                level=visit.level,
                reasons=self._reasons(visit.level),
                language="en" if self.rng.random() < ENGLISH_SHARE else "vi",
                dossier=self._dossier(commune, visit.day) if visit.has_dossier else None,
                tapped_at=self._written(at),
                boot_id=boot_id,
                monotonic_ms=at - boot_at,
            ),
            ledger.seq,
            ledger.prev,
        )
        ledger.prev = digest(rating)
        return rating

    def _service(self, place: int) -> int:
        shares = list(accumulate(service.share for service in self.network.fields[place].services))
        return self.rng.choices(self.rows.services[place], cum_weights=shares)[0]

    def _reasons(self, level: int) -> tuple[str, ...]:
        """Most who are dissatisfied say why; of the satisfied about a third; a grave reason is rare."""
        after = "dissatisfied" if level <= 2 else "satisfied" if level >= 4 else None
        if after is None or (after == "satisfied" and self.rng.random() > REASON_WHEN_SATISFIED):
            return ()
        fit = [code for code in self.asked if after in self.reasons[code].after]
        grave = [code for code in fit if self.reasons[code].grave]
        if grave and self.rng.random() < GRAVE_SHARE:
            return (self.rng.choice(grave),)
        usual = [code for code in fit if code not in grave]
        return tuple(sorted(self.rng.sample(usual, self.rng.choice((1, 1, 1, 2)))))

    def _dossier(self, commune: int, day: date) -> Dossier:
        number = self._dossiers.get((commune, day), 0) + 1
        self._dossiers[commune, day] = number
        return Dossier(code=f"H42.{commune + 10}-{day:%y%m%d}-{number:04d}")

    def _at(self, day: date, clock: time) -> int:
        return int(datetime.combine(day, clock, self.zone).timestamp()) * 1000

    def _written(self, at: int) -> str:
        return wire.write_time(datetime.fromtimestamp(at / 1000, self.zone))

    def _uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)
