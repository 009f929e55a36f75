"""Which passwords are taken: long ones that are not on the first pages of every guesser's list.

Length and a list instead of rules about signs: NIST SP 800-63B, 5.1.1.2.
"""

from functools import cache
from itertools import pairwise
from pathlib import Path

from survey import resources
from sync_server.services.staff import PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN

TOO_SHORT, TOO_LONG, TOO_COMMON, TOO_SIMPLE, TOO_CLOSE = "short", "long", "common", "simple", "close"


def weakness(password: str, *about: str) -> str | None:
    """Why a password is not taken (one of the constants above), None for a good one.

    about: the person's username and name, which must not be all there is to it.
    """
    if len(password) < PASSWORD_LENGTH_MIN:
        return TOO_SHORT
    if len(password) > PASSWORD_LENGTH_MAX:
        return TOO_LONG
    plain = password.casefold()
    if plain in _common(resources.config() / "common_passwords.txt"):
        return TOO_COMMON
    if len(set(plain)) < 5 or _is_run(plain):
        return TOO_SIMPLE
    for words in about:
        known = "".join(words.casefold().split())
        if len(known) >= 3 and len(plain.replace(" ", "").replace(known, "")) < 5:
            return TOO_CLOSE
    return None


def _is_run(text: str) -> bool:
    """Whether each sign is the next, the same or the one before, as in 1234567890 or abcdefghij."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps <= {-1, 0, 1}


@cache
def _common(file: Path) -> frozenset[str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip().casefold() for line in lines if line.strip() and not line.startswith("#"))
