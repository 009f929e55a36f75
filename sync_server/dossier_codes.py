"""What a dossier code looks like: the dated patterns of `config/rules.toml`."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path


@cache
def _patterns(file: Path) -> tuple[tuple[int, str], ...]:
    """First day and pattern of each block, the earliest first. Read once in the life of the program."""
    blocks = tomllib.loads(file.read_text(encoding="utf-8"))["dossier_code"]
    return tuple(sorted((date.fromisoformat(block["effective"]).toordinal(), block["pattern"]) for block in blocks))


def pattern_on(day: int, folder: Path) -> str:
    """The regular expression in force on a day (`date.toordinal()`), to be matched against a whole text.

    A day before the first block has the first pattern: a code of that time looked no other way that we know of.
    """
    blocks = _patterns(folder / "rules.toml")
    in_force = [pattern for effective, pattern in blocks if effective <= day]
    return in_force[-1] if in_force else blocks[0][1]
