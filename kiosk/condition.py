"""How the kiosk is, as its store knows it: for staff, the server, and the command line beside a running kiosk."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk import device
from kiosk.clock import Clock
from kiosk.store import Store
from kiosk.sync import difference
from survey import wire
from survey.clock import Meeting
from survey.questionnaire import Words
from survey.wire import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedRating:
    """A parked rating as staff see it: no answer, no dossier. code: one of `survey.wire.RATING_CODES`."""

    id: str
    code: str | None
    officer_name: str
    tapped_at: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStatus:
    """How the kiosk is, for the line that staff read.

    last_sent_at: when ratings last reached the server, None for never; clock: `sure` or `unsure`; difference: how
    many ratings the server has more or (negative) fewer than it should, 0 when all agrees; fault: what a person
    must mend, in Vietnamese, None when nothing; trouble: why the server was not reached the last time, None when it
    was. `fault_words` and `trouble_words` hold the same in each language.
    """

    waiting: int = 0
    parked: tuple[ParkedRating, ...] = ()
    last_sent_at: datetime | None = None
    last_met_at: datetime | None = None
    clock: str = "unsure"
    difference: int = 0
    disk_free_mb: int | None = None
    paired: bool = False
    fault_words: Words | None = None
    trouble_words: Words | None = None

    @property
    def fault(self) -> str | None:
        """What a person must mend, in Vietnamese."""
        return self.fault_words["vi"] if self.fault_words else None

    @property
    def trouble(self) -> str | None:
        """Why the server was not reached, in Vietnamese."""
        return self.trouble_words["vi"] if self.trouble_words else None


def last_meeting(store: Store) -> Meeting | None:
    """When the server was last met."""
    anchors = store.anchors()
    met = wire.read_time(anchors[-1].server_time) if anchors else None
    if met is None:
        return None
    at = round(met.timestamp() * 1000)
    return Meeting(boot_id=anchors[-1].boot_id, monotonic_ms=anchors[-1].monotonic_ms, server_at=at)


def describe_store(store: Store, clock: Clock) -> DeskStatus:
    """What the store knows of how the kiosk is."""
    contact, kept, waiting = store.contact(), store.setup(), store.count_waiting()
    names = {officer.id: officer.name for officer in kept.setup.officers} if kept else {}
    parked = tuple(
        ParkedRating(
            id=item.rating.id,
            code=item.code,
            officer_name=names.get(item.rating.officer_id, item.rating.officer_id),
            tapped_at=item.rating.tapped_at,
            meaning=wire.RATING_CODES.get(item.code or "", item.verdict),
        )
        for item in store.parked()
    )
    return DeskStatus(
        waiting=waiting,
        parked=parked,
        last_sent_at=wire.read_time(contact.last_sent_at) if contact and contact.last_sent_at else None,
        last_met_at=wire.read_time(contact.last_met_at) if contact else None,
        clock="sure" if clock.is_sure(last_meeting(store)) else "unsure",
        difference=difference(contact.server_total, store.stored_count(), waiting, store.unsure_count())
        if contact
        else 0,
        paired=store.identity() is not None,
    )


def wire_status(store: Store, clock: Clock, directory: Path) -> Status:
    """How the kiosk is, as each batch says it."""
    kept = store.setup()
    return Status(
        app_version=device.app_version(),
        setup_etag=kept.etag if kept else None,
        waiting=store.count_waiting(),
        parked=store.count_parked(),
        clock="sure" if clock.is_sure(last_meeting(store)) else "unsure",
        disk_free_mb=device.disk_free_mb(directory),
        battery_percent=device.battery_percent(),
    )


def damage_words(store: Store) -> Words | None:
    """What staff must know of lines that were set aside, None when there are none."""
    damaged = store.damage()
    if not damaged:
        return None
    return {
        "vi": f"{damaged} dòng dữ liệu bị hỏng đã được để riêng trong {store.aside_path}. "
        "Xin báo người phụ trách kỹ thuật.",
        "en": f"{damaged} damaged lines were set aside in {store.aside_path}. Please tell the technician.",
    }


def low_disk_words(free_mb: int | None, low_mb: int) -> Words | None:
    """What staff must know of a disk that is nearly full."""
    if free_mb is None or free_mb >= low_mb:
        return None
    return {"vi": f"Bộ nhớ sắp đầy: còn {free_mb} MB.", "en": f"The disk is nearly full: {free_mb} MB left."}
