"""Where a run's files are made, and how they get into place: all of them, or none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.files import Staging, atomic_write, disk_errors
from recon_core.plugins import notify_finished
from recon_core.report import without_bulk
from recon_core.request import CycleResult

if TYPE_CHECKING:
    from recon_core.steps import Cycle

__all__ = ["Outputs"]


@dataclass
class Outputs:
    """Where a run's files are made. ``staging`` is ``None`` for a dry run, whose files nobody keeps."""

    path: Path
    staging: Staging | None

    def finish(self, cycle: Cycle, report: Mapping[str, Any], names: tuple[str, ...]) -> CycleResult:
        """Put the named files into place as far as the run may, queue last, and tell the observers."""
        report = {**report, "steps": [*report["steps"], *cycle.steps]}
        report["warnings"] = [*report["warnings"], *cycle.warnings]
        whole = "gaps.json" in names
        if whole:
            self._write("cycle.json", report)
        queue = (self.path / "gaps.json").read_text(encoding="utf-8") if whole else None
        targets = self._targets(cycle, names)
        if self.staging is not None and targets:
            if whole and not cycle.request.narrowed:
                self._write("history.json", without_bulk(report))
                targets = {"history.json": cycle.ws.history_dir / f"{report['cycle_id']}.json", **targets}
            self.staging.publish(targets)
            targets.pop("history.json", None)
        if whole and not cycle.request.dry_run:
            complaints = notify_finished(cycle.registry, report)
            report["warnings"] = [*report["warnings"], *complaints]
            if complaints and "cycle.json" in targets:
                atomic_write(targets["cycle.json"], _text(report))
        return CycleResult(dict(report), report["exit_code"], queue, tuple(targets.values()))

    def _write(self, name: str, document: Mapping[str, Any]) -> None:
        path = self.path / name
        with disk_errors(path):
            path.write_text(_text(document), encoding="utf-8")

    def _targets(self, cycle: Cycle, names: tuple[str, ...]) -> dict[str, Path]:
        if self.staging is None:
            return {}
        targets = {} if cycle.request.narrowed else {name: cycle.ws.cache_dir / name for name in names}
        targets.pop("gaps.json", None)
        if cycle.request.queue_file is not None:
            # The ledger belongs to the workspace's own queue.
            targets.pop("ledger.parquet", None)
        if "gaps.json" in names:
            if cycle.request.queue_file is not None:
                targets["gaps.json"] = cycle.request.queue_file
            elif not cycle.request.narrowed:
                targets["gaps.json"] = cycle.queue_file
        return targets


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
