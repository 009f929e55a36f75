"""The town that the demo shows, as `config/demo/network.toml` describes it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from survey import codec
from survey.errors import BadDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The unit above the communes."""

    name: str
    hotline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune:
    """A commune or ward. kind: `commune | ward`."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A service of a field. share: of the field's visits."""

    name: str
    name_en: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOfWork:
    """A field of procedures. dissatisfied: share of ratings that honest officers get; titles: by kind of unit."""

    name: str
    name_en: str
    dissatisfied: float
    counter: str
    titles: Mapping[str, str]
    services: tuple[Procedure, ...]
    category: str = "civil"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """A person who may sign in. reach: `town | commune | officer`; duty: what the role is for, in a few words."""

    username: str
    role: str
    reach: str
    duty: str

    @property
    def password(self) -> str:
        """Known to everybody, and so good for nothing but a demo."""
        return f"nucuoi-demo-{self.username}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The whole town."""

    town: Town
    communes: tuple[Commune, ...]
    fields: tuple[FieldOfWork, ...]
    staff: tuple[LogIn, ...]

    def of_category(self, category: str) -> tuple[int, ...]:
        """Places of the fields whose work is done by `civil`, `police` or `military`."""
        return tuple(place for place, field in enumerate(self.fields) if field.category == category)


def read_network(file: Path) -> Network:
    """The town of `file`. Raises `BadDocument` with all faults."""
    network = codec.decode(
        Network, tomllib.loads(file.read_text(encoding="utf-8")), at=file.name.removesuffix(".toml"), strict=True
    )
    faults = [
        f"{file.name}: the shares of {field.name}'s services add up to {total:g}, not 1"
        for field in network.fields
        if abs((total := sum(service.share for service in field.services)) - 1) > 1e-9
    ]
    if faults:
        raise BadDocument(faults)
    return network
