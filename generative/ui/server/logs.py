"""The log: a JSON object a line, on the standard error stream.

No line names a visitor, an address or a file.
"""

from __future__ import annotations

import json
import logging
import time

PACKAGE = "generative"

FIELDS = "fields"
"""Attribute of a record: a dictionary that its line shows beside the message."""


def configure(level: str) -> None:
    """Log this program's records from a level up, and other packages' from warnings up.

    Args:
        level: "debug", "info", "warning" or "error".
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    others = "ERROR" if level == "error" else "WARNING"
    logging.basicConfig(handlers=[handler], level=others, force=True)
    logging.getLogger(PACKAGE).setLevel(level.upper())


class JsonLines(logging.Formatter):
    """Format a record as one line: time (UTC), level, logger, message, fields and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": _utc(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _utc(seconds: float) -> str:
    """Return a time as ISO 8601 writes it, to the millisecond."""
    whole, milliseconds = divmod(round(1000 * seconds), 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{milliseconds:03d}Z"
