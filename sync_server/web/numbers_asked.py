"""Numbers that browsers send, in addresses and in forms: one that no database holds is no number, and never an error.

Without this a long number in an address, also in that of a public page, fails within the database.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Map

MOST = 2**31 - 1
"""What an INTEGER of PostgreSQL holds."""


def attach(app: Flask) -> None:
    """Let an application read numbers this way. Before any of its routes is added."""
    app.url_map.converters["int"] = _Number
    app.request_class = _Asked


def small_int(text: str) -> int:
    """A number that a database holds. Raises `ValueError` for another one, also for one of thousands of digits."""
    number = int(text)
    if abs(number) > MOST:
        raise ValueError(f"a number of {len(text)} digits is more than {MOST}")
    return number


class _Number(IntegerConverter):
    """`<int:…>` of an address."""

    def __init__(
        self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = MOST, signed: bool = False
    ) -> None:
        super().__init__(map, fixed_digits, min, max, signed)


class _Entered(ImmutableMultiDict[str, str]):
    """What stands behind the question mark, or in a form; `type=int` takes numbers that a database holds."""

    def get(self, key: str, default: Any = None, type: Callable[[str], Any] | None = None) -> Any:  # type: ignore[override]
        return super().get(key, default, small_int if type is int else type)  # type: ignore[arg-type]

    def getlist(self, key: str, type: Callable[[str], Any] | None = None) -> list[Any]:
        return super().getlist(key, small_int if type is int else type)  # type: ignore[arg-type]


class _Asked(Request):
    parameter_storage_class = _Entered
