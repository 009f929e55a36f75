"""Settings of a program: defaults ← TOML file ← environment, with all faults told at once."""

import dataclasses
import os
import tomllib
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from survey import codec
from survey.errors import BadDocument

T = TypeVar("T")


class BadSettings(BadDocument):
    """One or more settings are wrong. Nothing was started; mend the places named and start again."""


def load(kind: type[T], *, file: Path | None, environ: Mapping[str, str] = os.environ, prefix: str) -> T:
    """Read the settings `kind`, a flat frozen dataclass whose fields all have defaults.

    `file` may be None (defaults only); a file that is named but cannot be read is a fault.
    `PREFIX_NAME` in the environment overrides the key `name`; `PREFIX_NAME_FILE` names a file that holds the
    value, so that a secret need not stand in the environment. Raises `BadSettings` with every fault.
    """
    faults: list[str] = []
    given: dict[str, Any] = {}
    if file is not None:
        given.update(_from_file(file, faults))
    given.update(_from_environment(kind, environ, prefix, faults))
    try:
        settings = codec.decode(kind, given, strict=True)
    except BadDocument as error:
        faults.extend(error.faults)
    if faults:
        where = f"{file}: " if file is not None else ""
        raise BadSettings([f"{where}{fault}" for fault in faults])
    return settings


def _from_file(file: Path, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        faults.append(f"cannot be read ({error.strerror}); check the path and its permissions")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"is not valid TOML: {error}")
    return {}


def _from_environment(kind: type[Any], environ: Mapping[str, str], prefix: str, faults: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        name = f"{prefix}_{field.name.upper()}"
        text = environ.get(name)
        if f"{name}_FILE" in environ:
            try:
                text = Path(environ[f"{name}_FILE"]).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                faults.append(f"{name}_FILE: {environ[f'{name}_FILE']} cannot be read ({error})")
                continue
        if text is not None:
            given[field.name] = _typed(hints[field.name], text)
    return given


def _typed(hint: Any, text: str) -> Any:
    """The text of an environment variable as the setting's own type; unreadable text is left for the check."""
    kinds = typing.get_args(hint) or (hint,)
    if bool in kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        if kind in kinds:
            try:
                return kind(text)
            except ValueError:
                continue
    if typing.get_origin(hint) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text
