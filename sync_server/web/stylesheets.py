"""Addresses of our own files that change when the file does, so that browsers may keep them for a year."""

import functools
import hashlib
from pathlib import Path

from flask import Flask, url_for


def attach(app: Flask) -> None:
    """Give templates `file_of("site.css")`."""
    folder = Path(app.static_folder or "static")

    @functools.cache
    def version(name: str) -> str:
        return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]

    def file_of(name: str) -> str:
        return url_for("static", filename=name, v=version(name))

    app.jinja_env.globals["file_of"] = file_of
