"""Which addresses a page may send a browser on to."""

from urllib.parse import urlsplit

from flask import url_for


def is_local(address: str) -> bool:
    """Whether `address` is a path of our own: it can lead to no other host, however a browser reads it."""
    if not address.startswith("/") or address[1:2] in ("/", "\\"):
        return False
    if any(ord(letter) < 32 or letter == "\\" for letter in address):
        return False  # browsers drop tabs and line ends, and take a backslash for a slash
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc


def local_or_home(address: str | None) -> str:
    """`address` where it is our own, else the first page."""
    return address if address and is_local(address) else url_for("home.page")
