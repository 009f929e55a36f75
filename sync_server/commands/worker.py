"""What each worker of `nucuoi-server run` loads."""

import signal
from typing import Any


def application() -> Any:
    """The WSGI application, by the environment's settings.

    A worker inherits the signal handlers of the process that forked it, which only set a flag there: told to stop
    while it still loads the application, it would not, and be killed half a minute later. Until granian sets its own
    handlers it has nothing to finish, so that it may end at once.
    """
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)
    from sync_server import app, printing  # takes a second or two: only now may it be interrupted

    printing.sweep()
    return app.application()
