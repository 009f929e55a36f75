"""`create_app`: the one place where the server's parts are wired."""

from flask import Flask

from sync_server import office
from sync_server.api import kiosk_api
from sync_server.office import Office
from sync_server.web import site


def create_app(opened: Office) -> Flask:
    """The whole server as a WSGI application over an opened office. Opens nothing by itself."""
    app = Flask(__name__)
    app.secret_key = opened.seals.derived("session")
    app.extensions[office.KEY] = opened
    kiosk_api.attach(app)
    site.attach(app)
    return app
