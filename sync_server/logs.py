"""Logs as JSON lines on standard error: what happened, where and how long, and nothing about a citizen.

Addresses are told by their pattern (`/r/<token>`), never as they were asked for: they hold tickets and receipt codes.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

FIELDS = ("rule", "method", "status", "ms", "kiosk")
"""What a log call may add by `extra=`, beside the message."""


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, name, message, the `FIELDS` that are there, and a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "name": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def begin_logging(level: str, stream: TextIO | None = None) -> None:
    """Send all logs of this process to a stream (standard error) from a level on. Replaces what was set before."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
