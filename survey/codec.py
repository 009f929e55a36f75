"""Plain values (from JSON or TOML) to frozen dataclasses and back, with every fault told at once.

It knows the few shapes that our documents use: `str`, `int`, `float`, `bool`, `None`, `Path`, unions of these,
`tuple[X, ...]`, `Mapping[str, X]` and dataclasses of such fields. A field with a default may be left out.
"""

import dataclasses
import difflib
import functools
import math
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from survey.errors import BadDocument

T = TypeVar("T")
_PLAIN_TYPES = frozenset({str, int, float, bool})
_PLAIN = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}


def decode(kind: type[T], value: object, *, at: str = "", strict: bool = False) -> T:
    """Build a `kind` from plain values.

    `strict` makes an unknown key a fault, with the nearest known key named (for settings that people type);
    without it unknown keys are passed over, so that a newer sender is understood.
    Raises `BadDocument` with all faults; nothing is returned in part.
    """
    faults: list[str] = []
    result = _read(kind, value, at, strict, faults)
    if faults:
        raise BadDocument(faults)
    return typing.cast(T, result)


def encode(value: object) -> Any:
    """The plain values of a dataclass, ready for `json.dumps`; keys in the order of the fields."""
    if value is None or type(value) in _PLAIN_TYPES:  # most values by far: a tap's time on disk shows it
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: encode(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    return str(value) if isinstance(value, Path) else value


@functools.cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@functools.cache
def _fields(kind: type) -> dict[str, tuple[Any, bool]]:
    """Name → (type, may be left out) of a dataclass."""
    hints = typing.get_type_hints(kind)
    missing = dataclasses.MISSING
    return {
        f.name: (hints[f.name], f.default is not missing or f.default_factory is not missing)
        for f in dataclasses.fields(kind)
    }


def _read(kind: Any, value: object, at: str, strict: bool, faults: list[str]) -> Any:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _read_union(typing.get_args(kind), value, at, strict, faults)
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            return _fault(faults, at, "a list", value)
        inner = typing.get_args(kind)[0]
        return tuple(_read(inner, item, f"{at}[{i}]", strict, faults) for i, item in enumerate(value))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            return _fault(faults, at, "a table", value)
        inner = typing.get_args(kind)[1]
        return {str(k): _read(inner, v, _join(at, str(k)), strict, faults) for k, v in value.items()}
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(typing.cast(type, kind), value, at, strict, faults)
    return _read_plain(kind, value, at, faults)


def _read_union(kinds: tuple[Any, ...], value: object, at: str, strict: bool, faults: list[str]) -> Any:
    if value is None and type(None) in kinds:
        return None
    others = [k for k in kinds if k is not type(None)]
    for index, kind in enumerate(others):
        tried: list[str] = []
        result = _read(kind, value, at, strict, tried)
        if not tried:
            return result
        if index == len(others) - 1:
            faults.extend(tried)
    return None


def _read_dataclass(kind: type, value: object, at: str, strict: bool, faults: list[str]) -> Any:
    if not isinstance(value, Mapping):
        return _fault(faults, at, "a table", value)
    known = _fields(kind)
    if strict:
        for key in value:
            if key not in known:
                faults.append(f"{_join(at, str(key))}: no such key{_did_you_mean(str(key), known)}")
    given: dict[str, Any] = {}
    before = len(faults)
    for name, (hint, optional) in known.items():
        if name in value:
            given[name] = _read(hint, value[name], _join(at, name), strict, faults)
        elif not optional:
            faults.append(f"{_join(at, name)}: is missing")
    if len(faults) > before:
        return None
    try:
        return kind(**given)
    except BadDocument as error:  # __post_init__ found values that do not go together
        faults.extend(_join(at, fault) for fault in error.faults)
    return None


def _read_plain(kind: Any, value: object, at: str, faults: list[str]) -> Any:
    if kind is Any or kind is object:
        return value
    if kind is Path and isinstance(value, str):
        return Path(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind or (kind is float and not math.isfinite(typing.cast(float, value))):
        return _fault(faults, at, _PLAIN.get(kind, str(kind)), value)
    return value


def _fault(faults: list[str], at: str, wanted: str, value: object) -> None:
    shown = repr(value)
    faults.append(f"{at or 'document'}: must be {wanted}, not {shown if len(shown) <= 60 else shown[:57] + '…'}")


def _join(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _did_you_mean(key: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; known keys: {', '.join(sorted(known))}"
