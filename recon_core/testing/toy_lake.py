"""A workspace with a small lake: put files, run a whole cycle of the installed plugins, read what came out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from recon_core.api import Game
from recon_core.cycle import run_cycle
from recon_core.progress import NoProgress
from recon_core.request import CycleResult, RunRequest
from recon_core.schedules.store import save_games
from recon_core.workspace import Workspace

__all__ = ["ToyLake"]


class ToyLake:
    """A workspace with a lake in a folder, whose files were taken at ``taken`` unless told otherwise.

    A run has the time ``now``. ``lake`` is the lake's folder, ``ws`` the workspace.
    """

    def __init__(self, root: Path, *, now: datetime, taken: datetime) -> None:
        self.now, self.taken = now, taken
        self.ws = Workspace(root)
        self.lake = root / "lake"
        self.lake.mkdir(parents=True)
        self.ws.config_file.parent.mkdir()
        self.ws.config_file.write_text(f"lake: {{url: {self.lake.as_uri()}}}\n")
        self.ws.inventory_file.parent.mkdir()

    def expect(self, inventory: str) -> None:
        """Write what stands below ``expected_coverage:`` in the inventory, indented."""
        self.ws.inventory_file.write_text("expected_coverage:\n" + inventory)

    def store(self, source: str, season: str, games: Iterable[Game], pulled_at: datetime) -> None:
        """Store a season's schedule, as a pull at this time would."""
        save_games(self.ws.schedule_file(source, season), games, pulled_at)

    def put(self, key: str, *, size: int = 10, taken: datetime | None = None, content: bytes | None = None) -> None:
        """Put an object of so many bytes, or of this content, into the lake."""
        path = self.lake / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size if content is None else content)
        stamp = (taken or self.taken).timestamp()
        os.utime(path, (stamp, stamp))

    def remove(self, key: str) -> None:
        """Remove an object."""
        (self.lake / key).unlink()

    def run(self) -> CycleResult:
        """Run a whole cycle; ``report`` of the result is the cycle report."""
        request = RunRequest(now=self.now, now_given=True, clock=lambda: self.now)
        return run_cycle(self.ws, request, NoProgress())

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of ``coverage``, ``gaps`` or ``objects`` of the last run."""
        rows: list[dict[str, Any]] = pq.read_table(self.ws.cache_dir / f"{name}.parquet").to_pylist()
        return rows

    def verdicts(self, source: str, data_type: str) -> Counter[str]:
        """How many items of a dataset have which verdict."""
        return Counter(
            row["verdict"] for row in self.rows("coverage") if (row["source"], row["data_type"]) == (source, data_type)
        )
