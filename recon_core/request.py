"""What a run is asked for, and what it answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

__all__ = ["CycleResult", "RunRequest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """One run's input beyond the workspace's files.

    ``now`` is the run's time, ``now_given`` whether the user set it. ``clock`` gives the wall clock (UTC), for what a
    report says of its own making; ``timer`` seconds of a clock that never jumps. ``lake_url``, ``sources`` and
    ``seasons`` narrow or redirect the run; such a run leaves the workspace's outputs alone and writes ``queue_file``,
    if one is given. ``refresh``: an interrupted scan is not gone on with. ``sample_rate`` and ``full`` override the
    configured rate. ``dry_run`` writes nothing at all.
    """

    now: datetime
    clock: Callable[[], datetime]
    timer: Callable[[], float] = time.perf_counter
    now_given: bool = False
    lake_url: str | None = None
    sources: tuple[str, ...] = ()
    seasons: tuple[str, ...] = ()
    use_cache: bool = False
    refresh: bool = False
    sample_rate: float | None = None
    full: bool = False
    dry_run: bool = False
    queue_file: Path | None = None
    accept_empty: bool = False
    accept_loss: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether the run looks at less than, or elsewhere than, the workspace says."""
        return bool(self.sources or self.seasons or self.lake_url)


@dataclass(frozen=True, slots=True)
class CycleResult:
    """``report`` as in ``cycle_report.schema.json``, as far as the steps went; ``exit_code`` is 0 or 2.

    ``queue`` is the text of the task queue, ``None`` for a step that writes none. ``written`` are the files that were
    put into place.
    """

    report: dict[str, Any]
    exit_code: int
    queue: str | None
    written: tuple[Path, ...]
