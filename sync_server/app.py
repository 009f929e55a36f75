"""`create_app`: the one place where the server's parts are wired."""

import atexit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from sync_server import config, office
from sync_server.api import kiosk_api, watching
from sync_server.logs import begin_logging
from sync_server.office import Office, open_office
from sync_server.services import judging
from sync_server.web import numbers_asked, site


def create_app(opened: Office) -> Flask:
    """The whole server as a WSGI application over an opened office. Opens nothing by itself."""
    app = Flask(__name__)
    numbers_asked.attach(app)
    app.secret_key = opened.seals.derived("session")
    app.extensions[office.KEY] = opened
    app.extensions[judging.KEY] = judging.Judging(opened)
    watching.attach(app)
    kiosk_api.attach(app)
    site.attach(app)
    hops = opened.settings.trusted_proxies
    if hops:  # without a proxy anybody could write these headers, and be another address at each try
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def application() -> Flask:
    """The application as each worker of `nucuoi-server run` makes it, by its environment's settings.

    It judges in a thread, so that no kiosk waits for that.
    """
    settings = config.with_secret(config.load())
    begin_logging(settings.log_level)
    app = create_app(open_office(settings))
    judges: judging.Judging = app.extensions[judging.KEY]
    judges.start()
    atexit.register(judges.stop)
    return app
