"""What a command has at hand: its output format, its log, its progress, its time and its workspace."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.cli.formats import LogFormat, OutputFormat
from recon_core.cli.log import Log, clock, start_log
from recon_core.cli.render.blocks import Block
from recon_core.cli.render.emit import emit

if TYPE_CHECKING:
    from recon_core.progress import Progress
    from recon_core.workspace import Workspace

__all__ = ["DEFAULT_LIMIT", "Session", "begin", "open_workspace", "parse_moment", "parse_now"]

DEFAULT_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Session:
    """One run of one command."""

    output: OutputFormat
    log: Log

    def emit(self, document: Any, blocks: Callable[[], Iterable[Block]]) -> None:
        """Write the result: a JSON document, or blocks."""
        emit(self.output, document, blocks)

    @contextlib.contextmanager
    def progress(self) -> Iterator[Progress]:
        """A progress bar where stderr is a terminal."""
        from recon_core.cli.progress import show_progress

        with show_progress(self.log) as progress:
            yield progress

    def limit(self, given: int | None) -> int | None:
        """How many rows to show; ``None`` is all of them."""
        if given is None:
            return None if self.output is OutputFormat.json else DEFAULT_LIMIT
        return given or None


def begin(output: OutputFormat, verbose: int, quiet: bool, log_format: LogFormat) -> Session:
    """Start a command.

    Raises UsageError for options that contradict each other.
    """
    if quiet and verbose:
        from recon_core.api.errors import UsageError

        raise UsageError("-q and -v contradict each other: give one of them")
    log = start_log(log_format, -1 if quiet else verbose)
    _take_over_logging(log)
    return Session(output, log)


def _take_over_logging(log: Log) -> None:
    """Show what libraries warn of to those who asked for more, on one line and without secrets in URLs.

    Left alone, Python writes their warnings to stderr as they come, into the middle of a bar or of JSON lines.
    """
    import logging

    class Taken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            log.say("debug", f"{record.name}: {record.getMessage()}")

    root = logging.getLogger()
    for handler in [one for one in root.handlers if type(one).__name__ == "Taken"]:
        root.removeHandler(handler)
    root.addHandler(Taken(logging.WARNING))


def open_workspace(folder: Path | None) -> Workspace:
    """The workspace that ``-w``, RECON_WORKSPACE or the current folder names; raises UsageError."""
    from recon_core.workspace import find_workspace

    return find_workspace(folder, os.environ, Path.cwd())


def parse_now(given: str | None) -> datetime:
    """The time of ``--now``, else the clock's, in whole seconds; raises UsageError."""
    return clock().replace(microsecond=0) if given is None else parse_moment("--now", given)


def parse_moment(option: str, given: str) -> datetime:
    """The time that an option names; raises UsageError."""
    from recon_core.api.errors import UsageError
    from recon_core.text import shown
    from recon_core.times import parse_utc

    try:
        return parse_utc(given)
    except (ValueError, OverflowError):
        raise UsageError(f"{option} {shown(given)!r} is no ISO 8601 time: write it like 2025-01-15T12:00:00Z") from None
