"""Monthly sealed totals of observers' surveys: what a seal says, how it is signed, and how the chain is verified.

Each seal names the SHA-256 of the one before and is signed with Ed25519 (RFC 8032), so that anybody who has the public
key can verify an exported file without this server, and nobody can change a month, or take one out, without it showing.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PURPOSE = "observers' months"
"""Of the key that is derived from the server's secret (`Seals.derived`)."""
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Ratings of one month of the calendar (`2026-10`, or "" where the clock was unknown) by one survey version that a
    seal takes in. levels: how many of each level, the worst first; digest: SHA-256 over all that was said in them."""

    month: str
    survey: int
    levels: tuple[int, ...]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One sealed month as it is kept and exported. content: canonical JSON (UTF-8); signature: Ed25519 over it."""

    number: int
    content: bytes
    signature: bytes

    @property
    def said(self) -> dict[str, Any]:
        """The content as a document."""
        found: dict[str, Any] = json.loads(self.content)
        return found

    @property
    def hash(self) -> str:
        """What the next seal names."""
        return hashlib.sha256(self.content + self.signature).hexdigest()


def signing_key(derived: bytes) -> Ed25519PrivateKey:
    """The server's key, from 32 bytes derived from its secret."""
    return Ed25519PrivateKey.from_private_bytes(derived)


def public_key(derived: bytes) -> str:
    """What others verify with: 32 bytes in hexadecimal."""
    key = signing_key(derived).public_key()
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()


def digest_of(digests: Iterable[bytes]) -> str:
    """One digest for many ratings, whatever their order."""
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()


def make(
    derived: bytes,
    *,
    number: int,
    month: str,
    until_at: int,
    counted: Sequence[Counted],
    units: Mapping[str, Sequence[int]],
    before: Seal | None,
) -> Seal:
    """Seal the ratings of a month that were received until `until_at` (ms UTC), and those of earlier months that came
    after their own seals. units: name → levels, as the units were then; signed with the rest, but not counted again."""
    document = {
        "version": VERSION,
        "number": number,
        "month": month,
        "received_until": until_at,
        "counted": [
            {"month": one.month, "survey": one.survey, "levels": list(one.levels), "digest": one.digest}
            for one in counted
        ],
        "units": {name: list(units[name]) for name in sorted(units)},
        "before": before.hash if before else "",
    }
    content = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return Seal(number=number, content=content, signature=signing_key(derived).sign(content))


def chain_faults(seals: Sequence[Seal], key: str) -> list[str]:
    """What is wrong with a chain of seals by the public key alone: a sentence each; empty when nothing is.

    seals: in order of their numbers, from 1. A chain that was cut at its end cannot be told from a shorter one: compare
    its last hash with what was published.
    """
    try:
        verifier = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    except ValueError:
        return [f"{key!r} is no public key: it has 64 hexadecimal digits"]
    faults = []
    before = ""
    for place, seal in enumerate(seals, start=1):
        name = f"seal {seal.number}"
        try:
            verifier.verify(seal.signature, seal.content)
            said = seal.said
        except (InvalidSignature, ValueError):
            faults.append(f"{name}: its content is not what this key signed")
            before = seal.hash
            continue
        if seal.number != place or said.get("number") != place:
            faults.append(f"{name}: stands at place {place}; one before it is missing, or the numbers were changed")
        if said.get("before") != before:
            faults.append(
                f"{name} ({said.get('month')}): does not follow the seal before it; one was changed or taken out"
            )
        before = seal.hash
    return faults


def recount_faults(seal: Seal, found: Sequence[Counted]) -> list[str]:
    """Where the ratings of today are not those that a seal took in: a sentence each."""
    said = seal.said
    kept = {(one["month"], one["survey"]): one for one in said["counted"]}
    now: Mapping[tuple[str, int], Counted] = {(one.month, one.survey): one for one in found}
    faults = []
    for key in sorted(kept.keys() | now.keys()):
        month, survey = key
        name = f"seal {seal.number} ({said['month']}): ratings of {month or 'unknown days'} by survey {survey}"
        if key not in now:
            faults.append(f"{name}: {sum(kept[key]['levels'])} were sealed and are gone")
        elif key not in kept:
            faults.append(f"{name}: {sum(now[key].levels)} are there that were not sealed")
        elif kept[key]["levels"] != list(now[key].levels):
            faults.append(f"{name}: sealed as {kept[key]['levels']}, now {list(now[key].levels)}")
        elif kept[key]["digest"] != now[key].digest:
            faults.append(f"{name}: the same numbers, but not the same ratings")
    return faults


def to_file(seals: Sequence[Seal], key: str) -> bytes:
    """A file with the whole chain, for others to keep and to verify."""
    document = {
        "key": key,
        "seals": [
            {"number": seal.number, "content": seal.content.decode(), "signature": seal.signature.hex()}
            for seal in seals
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def from_file(text: bytes) -> tuple[str, list[Seal]]:
    """The key and the seals of a file. Raises `ValueError` for what is none."""
    try:
        document = json.loads(text)
        seals = [
            Seal(
                number=int(one["number"]),
                content=str(one["content"]).encode(),
                signature=bytes.fromhex(one["signature"]),
            )
            for one in document["seals"]
        ]
        return str(document["key"]), seals
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("this is no file of sealed months; export one again from the page of rounds") from error
