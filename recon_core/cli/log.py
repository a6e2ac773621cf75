"""What goes to stderr: one line a message, as text or as JSON. The only place of the program that reads the clock,
besides the default of ``--now``."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from recon_core.cli.formats import LogFormat
from recon_core.text import redact_urls, shown

__all__ = ["Level", "Log", "clock", "current_log", "start_log"]

Level = Literal["error", "warning", "info", "debug"]
_LEAST_VERBOSE: dict[Level, int] = {"error": -1, "warning": 0, "info": 0, "debug": 1}


def clock() -> datetime:
    """The time, from the machine's clock."""
    return datetime.now(UTC)


class Log:
    """Writes messages to stderr. A terminal that shows a progress bar takes the lines over with ``route``."""

    def __init__(self, log_format: LogFormat = LogFormat.text, verbosity: int = 0, *, started: bool = False) -> None:
        self.format = log_format
        self.verbosity = verbosity
        self.started = started
        self.route: Callable[[str], None] | None = None

    def say(self, level: Level, message: str, **fields: object) -> None:
        """Write one message; ``fields`` go into the JSON form only. A closed stderr is nobody's error.

        Whatever URL a message holds loses its password and its query string.
        """
        if self.verbosity < _LEAST_VERBOSE[level]:
            return
        message = redact_urls(message)
        if self.format is LogFormat.json:
            time = clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")
            line = json.dumps({"time": time, "level": level, "message": message, **fields}, ensure_ascii=True)
        else:
            prefix = {"error": "recon: ", "warning": "warning: ", "info": "", "debug": ""}[level]
            line = prefix + shown(message)
        if self.route is not None:
            self.route(line)
            return
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()


_current = Log()


def current_log() -> Log:
    """The log that the running command was started with."""
    return _current


def start_log(log_format: LogFormat, verbosity: int) -> Log:
    """Start the log of a command, as its options say."""
    global _current
    _current = Log(log_format, verbosity, started=True)
    return _current
