"""A workspace with a small lake, for sources that tests make up: put files, run a cycle, read what came out."""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from recon_core.cycle import run_cycle
from recon_core.progress import NoProgress
from recon_core.request import CycleResult, RunRequest
from recon_core.workspace import Workspace

__all__ = ["ToyLake"]


class ToyLake:
    """A workspace with a lake in a folder, whose files were taken at ``taken`` unless told otherwise."""

    def __init__(self, root: Path, *, now: datetime, taken: datetime) -> None:
        self.now, self.taken = now, taken
        self.ws = Workspace(root)
        self.lake = root / "lake"
        self.lake.mkdir(parents=True)
        self.ws.config_file.parent.mkdir()
        self.ws.config_file.write_text(f"lake: {{url: {self.lake.as_uri()}}}\n")
        self.ws.inventory_file.parent.mkdir()

    def expect(self, inventory: str) -> None:
        self.ws.inventory_file.write_text("expected_coverage:\n" + inventory)

    def put(self, key: str, *, size: int = 10, taken: datetime | None = None) -> None:
        path = self.lake / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        stamp = (taken or self.taken).timestamp()
        os.utime(path, (stamp, stamp))

    def remove(self, key: str) -> None:
        (self.lake / key).unlink()

    def run(self) -> CycleResult:
        request = RunRequest(now=self.now, now_given=True, clock=lambda: self.now)
        return run_cycle(self.ws, request, NoProgress())

    def rows(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = pq.read_table(self.ws.cache_dir / f"{name}.parquet").to_pylist()
        return rows

    def verdicts(self, source: str, data_type: str) -> Counter[str]:
        return Counter(
            row["verdict"] for row in self.rows("coverage") if (row["source"], row["data_type"]) == (source, data_type)
        )
