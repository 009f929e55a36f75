"""Acts as they are kept: a kind and plain content, and back again."""

from typing import Any

from survey import codec
from sync_server.casework import steps
from sync_server.casework.steps import Act, Finding, Measure

KINDS: dict[str, type[Act]] = {
    "take_up": steps.TakeUp,
    "ask_officer": steps.AskOfficer,
    "explain": steps.Explain,
    "no_explanation": steps.NoExplanation,
    "verify": steps.Verify,
    "decide": steps.Decide,
    "propose_unfounded": steps.ProposeUnfounded,
    "agree_unfounded": steps.AgreeUnfounded,
    "disagree_unfounded": steps.DisagreeUnfounded,
    "tell": steps.Tell,
    "close": steps.Close,
    "reopen": steps.Reopen,
}
"""The names that are in the database: only add."""

_NAMES = {kind: name for name, kind in KINDS.items()}


def name_of(kind: type[Act]) -> str:
    """What a kind of act is called in the database and in addresses."""
    return _NAMES[kind]


def write_act(act: Act) -> tuple[str, dict[str, Any]]:
    """The kind's name and the content as plain values."""
    return _NAMES[type(act)], codec.encode(act)


def read_act(kind: str, content: dict[str, Any]) -> Act:
    """The act again. Raises `KeyError` for a kind that this program does not know: it was made by a newer one."""
    given = dict(content)
    for name, values in (("finding", Finding), ("measure", Measure)):
        if name in given:
            given[name] = values(given[name])
    for name in ("attachments", "untrue_ratings"):
        if name in given:
            given[name] = tuple(given[name])
    return KINDS[kind](**given)
