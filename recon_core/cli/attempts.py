"""``inventory/cache/last_run.json``: how the last attempt at a cycle, or at a step of one, ended."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recon_core.api.errors import DiskError, ReconError
from recon_core.cli.log import clock
from recon_core.files import atomic_write
from recon_core.text import shown
from recon_core.times import format_utc
from recon_core.workspace import Workspace

__all__ = ["Attempt", "attempt", "read_attempt"]

INTERRUPTED = 130
BUG = 1


@dataclass(slots=True)
class Attempt:
    """What a command fills in while it is at work."""

    cycle_id: str | None = None
    exit_code: int = 0


@contextlib.contextmanager
def attempt(workspace: Workspace, command: str, now: datetime, *, dry_run: bool = False) -> Iterator[Attempt]:
    """Record that ``command`` begins and how it ends, whatever ends it. A dry run leaves no record.

    That the record cannot be written never hides the error that it would have told of: the command itself says so
    if the workspace cannot be written to.
    """
    record: dict[str, Any] = {
        "schema_version": 1,
        "command": command,
        "as_of": format_utc(now),
        "started_at": _stamp(),
        "finished_at": None,
        "exit_code": None,
        "cycle_id": None,
        "error": None,
        "pid": os.getpid(),
    }
    made = Attempt()

    def write(**fields: Any) -> None:
        record.update(fields)
        if not dry_run:
            with contextlib.suppress(DiskError):
                atomic_write(workspace.last_run_file, json.dumps(record, indent=2) + "\n")

    def end(code: int, error: str | None) -> None:
        write(finished_at=_stamp(), exit_code=code, cycle_id=made.cycle_id, error=error)

    write()
    try:
        yield made
    except ReconError as error:
        end(error.exit_code, shown(error))
        raise
    except KeyboardInterrupt:
        end(INTERRUPTED, "interrupted")
        raise
    except Exception as error:
        end(BUG, f"a bug: {type(error).__name__}")
        raise
    end(made.exit_code, None)


def _stamp() -> str:
    """The time of the clock, to the millisecond."""
    now = clock()
    return format_utc(now.replace(microsecond=now.microsecond // 1000 * 1000))


def read_attempt(workspace: Workspace) -> dict[str, Any] | None:
    """The last attempt's record; ``None`` where there is none that can be read."""
    try:
        record = json.loads(workspace.last_run_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and "started_at" in record else None
