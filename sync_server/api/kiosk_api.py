"""The API for kiosks, /api/v1 (docs/wire.md): its parts, and what they share."""

from flask import Blueprint, Flask

from sync_server.api import batches, enrolments, openapi, problems, setup

PARTS = (enrolments.api, setup.api, batches.api, problems.api, openapi.api)


def attach(app: Flask) -> None:
    """Add the kiosks' API to the application. Each part is a blueprint; all fail with problem documents."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    problems.attach(app, api)
    for part in PARTS:
        api.register_blueprint(part)
    app.register_blueprint(api)
