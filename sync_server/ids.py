"""Ids on the wire are the row's number behind a letter that says what it is, so that one cannot pass for another."""

UNIT, COUNTER, OFFICER, SERVICE, SURVEY, KIOSK = "u", "c", "o", "s", "q", "k"


def write_id(kind: str, number: int) -> str:
    """`o17` for officer 17."""
    return f"{kind}{number}"


def read_id(kind: str, text: str) -> int | None:
    """The number in `text` when it is an id of this kind, else None."""
    digits = text[1:]
    if not text.startswith(kind) or not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        return None
    return int(digits)
