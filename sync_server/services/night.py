"""What is done every night: everybody is judged, cases and reminders follow, officers' own sums are made, signs of
stuffing are looked for, the observers' last month is sealed.

In portions, each a transaction of its own: a kiosk that syncs at night waits for one portion, not for the province.
Each portion leaves the database whole, and the whole night may be run again at any time, also after it was cut off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sync_server.office import Office
from sync_server.queries import tallies
from sync_server.services import flags, followup, integrity, own, sealing_months
from sync_server.services.flags import Change

PORTION = 20
"""Officers judged in one transaction: some 0.3 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What a night brought. alerts, cases, reminders: how many are new."""

    changes: tuple[Change, ...]
    alerts: int
    cases: int
    reminders: int


def pass_over(office: Office) -> Night:
    """Do all that is due in a night. Opens its own transactions."""
    now, zone, database = office.now(), office.zone, office.database
    today = followup.today_of(office, now)
    with database.read() as session:
        officers = tallies.rated_officers(session)
    for portion in _portions(officers):
        with database.write() as session:
            flags.mend(session, portion, now=now, zone=zone)
    with database.write() as session:
        flags.sum_up(session, now=now, zone=zone)
    changes: list[Change] = []
    for portion in _portions(officers):
        with database.write() as session:
            changes += flags.judge(session, portion, now=now, zone=zone, earliest_day=office.day(now), praise=True)
    with database.write() as session:
        followed = followup.every_night(session, today)
    for portion in _portions(officers):
        with database.write() as session:
            own.make_all_summaries(session, portion, today)
    with database.write() as session:
        alerts = integrity.look(session, now=now, zone=zone)
    with database.read() as session:
        observers_began = sealing_months.began(session)
    if observers_began:
        with database.write() as session:
            sealing_months.seal_due(session, office, now=now)
    return Night(changes=tuple(changes), alerts=alerts, cases=len(followed.opened), reminders=len(followed.reminders))


def _portions(officers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(officers), PORTION):
        yield officers[start : start + PORTION]
