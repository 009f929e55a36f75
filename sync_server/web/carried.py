"""A list on its way from the preview to the confirmation: signed, for one person, for an hour."""

from itsdangerous import BadData, URLSafeTimedSerializer

from sync_server.lists import Row
from sync_server.web.access import current_user, office

LASTS_S = 3600


def carry(kind: str, rows: tuple[Row, ...], summary: object) -> str:
    """The list as the form of the preview holds it. kind: which list it is; summary: what was shown of it."""
    made = _carrier().dumps({"kind": kind, "rows": rows, "by": current_user.id, "summary": summary})
    return made if isinstance(made, str) else made.decode()


def carried(kind: str, text: str) -> tuple[tuple[Row, ...], object] | None:
    """The list and what was shown of it; None when it is forged, too old, of another person or another kind."""
    try:
        found = _carrier().loads(text, max_age=LASTS_S)
        if found["by"] != current_user.id or found["kind"] != kind:
            return None
        return tuple(tuple(row) for row in found["rows"]), found["summary"]
    except (BadData, TypeError, KeyError):
        return None


def _carrier() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(office().seals.derived("import preview"))
