"""Pulls schedules, for ``recon schedules pull`` and ``recon run --pull``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from recon_core.api.errors import ReconError
from recon_core.config import load_inventory, load_settings
from recon_core.files import WorkspaceLock
from recon_core.plugins import load_registry
from recon_core.progress import Progress
from recon_core.schedules.outcome import PullReport, PullRequest
from recon_core.schedules.pull import pull
from recon_core.workspace import Workspace

if TYPE_CHECKING:
    from recon_core.lake import Lake

__all__ = ["pull_first", "pull_schedules"]


def pull_schedules(
    ws: Workspace, progress: Progress, request: PullRequest, *, lake_url: str | None = None
) -> PullReport:
    """Pull, holding the workspace; raises ReconError for what was asked wrongly."""
    settings, inventory, registry = load_settings(ws), load_inventory(ws), load_registry()

    def lake() -> Lake:
        from recon_core.lake import open_lake

        return open_lake(settings.lake, lake_url)

    with WorkspaceLock(ws.lock_file):
        return pull(ws, registry, inventory, request, lake=lake, progress=progress)


def pull_first(
    ws: Workspace, progress: Progress, *, now: datetime, sources: Sequence[str], seasons: Sequence[str]
) -> None:
    """Pull before a cycle. Raises the first season's error: a cycle on half a pull would not be what was asked for."""
    report = pull_schedules(ws, progress, PullRequest(now=now, sources=tuple(sources), seasons=tuple(seasons)))
    for outcome in report.outcomes:
        if outcome.error is not None:
            error = ReconError(f"{outcome.error}; no cycle was run: leave --pull out to go on with what is stored")
            error.exit_code = outcome.exit_code
            raise error
        progress.log(f"{outcome.source} {outcome.season}: schedule {outcome.state}, {outcome.games:,} games")
