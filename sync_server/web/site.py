"""The blueprints of the pages for people."""

from flask import Flask


def attach(app: Flask) -> None:
    """Add the pages to the application."""
