"""The blueprint of /api/v1."""

from flask import Flask


def attach(app: Flask) -> None:
    """Add the kiosk's API to the application."""
