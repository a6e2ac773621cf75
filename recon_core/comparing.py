"""What changed in the lake: a new scan held against the last one, or the last two against each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from recon_core.api import UsageError
from recon_core.cycle import scanned
from recon_core.engine.diff import Seen, diff_snapshots, nothing_compared
from recon_core.kept import load_previous, load_snapshot
from recon_core.progress import Progress
from recon_core.request import RunRequest
from recon_core.snapshot import Snapshot
from recon_core.steps import Cycle
from recon_core.workspace import Workspace

__all__ = ["compare_last", "scan_and_compare"]


def scan_and_compare(ws: Workspace, request: RunRequest, progress: Progress, limit: int | None) -> dict[str, Any]:
    """Scan, and say what changed since the last snapshot (schemas/snapshot_diff.schema.json).

    A scan that cannot be compared is done all the same, and the document says why nothing is.
    """
    with scanned(ws, request, progress) as (cycle, outputs, snapshot, file):
        after = Seen(snapshot, file)
        try:
            # A scan that is kept has set the last snapshot aside; one that is not has left it in place.
            before = _previous(ws) if file == ws.snapshot_parquet else Seen(load_snapshot(ws), ws.snapshot_parquet)
            _refuse(before.snapshot, snapshot)
        except UsageError as error:
            return nothing_compared(snapshot, str(error))
        return _compared(cycle, outputs.path, before, after, limit)


def compare_last(ws: Workspace, request: RunRequest, progress: Progress, limit: int | None) -> dict[str, Any]:
    """Say what changed between the last two snapshots, without a scan.

    Raises UsageError where there are no two that can be compared.
    """
    after, before = Seen(load_snapshot(ws), ws.snapshot_parquet), _previous(ws)
    _refuse(before.snapshot, after.snapshot)
    cycle = Cycle.open(ws, replace(request, dry_run=True), progress)
    with cycle.outputs() as outputs:
        return _compared(cycle, outputs.path, before, after, limit)


def _previous(ws: Workspace) -> Seen:
    return Seen(load_previous(ws), ws.previous_parquet)


def _refuse(before: Snapshot, after: Snapshot) -> None:
    if before.place != after.place:
        raise UsageError(f"the snapshot before this one is of {before.place}, not of {after.place}: scan once more")
    if before.simulated and not after.simulated:
        raise UsageError("the snapshot before this one was made with --now, and this one was not: scan once more")


def _compared(cycle: Cycle, folder: Path, before: Seen, after: Seen, limit: int | None) -> dict[str, Any]:
    plugins = {plugin.source.name: plugin for plugin in cycle.registry.plugins}
    with cycle.engine(folder) as engine:
        return diff_snapshots(engine, cycle.plan, plugins, before, after, limit)
