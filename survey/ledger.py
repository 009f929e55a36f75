"""The chain of a kiosk's ratings: what it proves, and what breaks it. Neither makes a rating unwelcome."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """One rating's place: its number, its own digest and the digest that it says came before (hex)."""

    seq: int
    digest: str
    prev: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers first…last never arrived (yet): they wait on the kiosk, or were lost with its card."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Break:
    """Rating `seq` does not continue the one before it: altered, or from a restored card image."""

    seq: int


@dataclass(frozen=True, slots=True)
class Fork:
    """Number `seq` was given to two ratings: the card was rolled back to an earlier state."""

    seq: int


def faults(links: Iterable[Link]) -> list[Gap | Break | Fork]:
    """What does not fit in a ledger, in order of seq; an empty list when it is whole from 1 on."""
    found: list[Gap | Break | Fork] = []
    last_seq, last_digest = 0, ""
    for link in sorted(links, key=lambda item: item.seq):
        if link.seq == last_seq:
            found.append(Fork(link.seq))
            continue
        if link.seq > last_seq + 1:
            found.append(Gap(last_seq + 1, link.seq - 1))
        elif link.prev != last_digest:
            found.append(Break(link.seq))
        last_seq, last_digest = link.seq, link.digest
    return found
