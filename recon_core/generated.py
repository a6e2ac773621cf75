"""The Parquet files that steps hand to each other: what makes each anew when it is damaged."""

from __future__ import annotations

from pathlib import Path

from recon_core.engine.analyze import COVERAGE_COLUMNS, SEASON_TYPES
from recon_core.engine.damage import GeneratedFile
from recon_core.engine.detect import AVAILABLE
from recon_core.engine.losses import BASELINE_COLUMNS
from recon_core.engine.matching import MATCHES
from recon_core.workspace import Workspace

__all__ = ["generated_file", "generated_files"]

_MATCHES = (
    "source",
    "season",
    "game_id",
    "league",
    "date",
    "home",
    "away",
    "ordinal",
    "status",
    "pulled_at",
    "derived",
)
_UNVERIFIED = ("item", "source", "data_type", "season", "first_seen")


def generated_files(ws: Workspace) -> list[GeneratedFile]:
    """Every generated Parquet file that some step reads, whether it is there or not."""
    coverage = COVERAGE_COLUMNS.split(", ")
    ledger = ws.shown(ws.ledger)
    found = [
        (ws.snapshot_parquet, "run `recon scan` to make it anew", ["key", "size", "last_modified", "etag"]),
        (ws.previous_parquet, "run `recon scan` twice to make it anew", ["key", "size", "last_modified", "etag"]),
        (ws.coverage, "run `recon analyze` to make it anew", coverage),
        (ws.cache_dir / SEASON_TYPES, "run `recon analyze` to make it anew", ["season_type", "cluster"]),
        (ws.cache_dir / MATCHES, "run `recon analyze` to make it anew", _MATCHES),
        (ws.baseline, "run `recon analyze` to make it anew", BASELINE_COLUMNS),
        (ws.gaps, "run `recon detect` to make it anew", [*coverage, "priority", "rule", "age_days", "first_seen"]),
        (ws.cache_dir / AVAILABLE, "run `recon detect` to make it anew", ["item", "available_from"]),
        (ws.cache_dir / "unverified.parquet", "run `recon detect` to make it anew", [*_UNVERIFIED, "since", "reason"]),
        (
            ws.ledger,
            f"move {ledger} away and run again: deferred and closed gaps of the past are then forgotten",
            [*_UNVERIFIED, "state", "unverified_since"],
        ),
    ]
    return [GeneratedFile(path, ws.shown(path), mend, columns) for path, mend, columns in found]


def generated_file(ws: Workspace, path: Path) -> GeneratedFile:
    """One of them."""
    return next(file for file in generated_files(ws) if file.path == path)
