"""Structured logs: one JSON object a line on stderr, with no question in it unless the settings allow it."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """time, level, event, and the `fields` that the record brings."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON; a traceback is folded into it."""
        row: dict[str, object] = {
            "time": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            row["exception"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False)


def log_to_stderr() -> None:
    """Send the logs of this process to stderr as JSON lines; those of libraries too, from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.getLogger().handlers = [handler]
    logger = logging.getLogger("wence")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
