"""What people may be told of, and which roles are offered what: nobody is told of what they may not see."""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of notices. The values are in the database: only add."""

    HELLO = "hello"  # a channel was added: now its owner knows that it works
    FLAG = "flag"
    GRAVE = "grave"
    DUE = "due"
    OVERDUE = "overdue"
    SILENT = "silent"
    BATTERY = "battery"
    DISK = "disk"
    DIGEST = "digest"
    REPORT = "report"  # a report is to be sent


_CASES = (Kind.FLAG, Kind.GRAVE, Kind.DUE, Kind.OVERDUE)
KIOSKS = (Kind.SILENT, Kind.BATTERY, Kind.DISK)
_EVERYTHING = (*_CASES, *KIOSKS, Kind.DIGEST)
_REPORTING = (*_EVERYTHING, Kind.REPORT)

OFFERED: Mapping[str, tuple[Kind, ...]] = {
    "administrator": KIOSKS,
    "town_staff": _REPORTING,
    "head": _REPORTING,
    "inspector": _EVERYTHING,
    "clerk": KIOSKS,
    "officer": (Kind.DUE, Kind.OVERDUE),
    "observer": (Kind.DIGEST,),
}
"""Role → the kinds that its people may choose."""


def roles_for(kind: Kind) -> tuple[str, ...]:
    """The roles that are offered a kind."""
    return tuple(role for role, kinds in OFFERED.items() if kind in kinds)
