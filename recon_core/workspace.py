"""A workspace: the folder that holds what should exist, how to check it, and what the checks produced."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from recon_core.api.errors import ConfigError, UsageError
from recon_core.text import shown

__all__ = ["CONFIG_FILE", "INVENTORY_FILE", "NAME", "Workspace", "find_workspace"]

CONFIG_FILE = "config/reconciliation_config.yaml"
INVENTORY_FILE = "inventory/data_inventory.yaml"

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What names of sources, seasons and data types match as a whole."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The paths of a workspace. ``root`` is absolute; nothing is read or made here."""

    root: Path

    @property
    def config_file(self) -> Path:
        return self.root / CONFIG_FILE

    @property
    def inventory_file(self) -> Path:
        return self.root / INVENTORY_FILE

    @property
    def inventory_dir(self) -> Path:
        return self.root / "inventory"

    @property
    def adopted_file(self) -> Path:
        """Items that are expected because another tool named them."""
        return self.inventory_dir / "adopted.json"

    @property
    def schedules_dir(self) -> Path:
        return self.inventory_dir / "schedules"

    @property
    def cache_dir(self) -> Path:
        return self.inventory_dir / "cache"

    @property
    def containers_dir(self) -> Path:
        """Columns of containers that were read before."""
        return self.cache_dir / "containers"

    @property
    def history_dir(self) -> Path:
        return self.inventory_dir / "history"

    @property
    def queue_file(self) -> Path:
        return self.inventory_dir / "gaps.json"

    @property
    def last_run_file(self) -> Path:
        return self.cache_dir / "last_run.json"

    @property
    def lock_file(self) -> Path:
        return self.cache_dir / "recon.lock"

    @property
    def snapshot_parquet(self) -> Path:
        return self.cache_dir / "snapshot.parquet"

    @property
    def snapshot_json(self) -> Path:
        return self.cache_dir / "snapshot.json"

    @property
    def previous_parquet(self) -> Path:
        """The snapshot before the last one."""
        return self.cache_dir / "snapshot.previous.parquet"

    @property
    def previous_json(self) -> Path:
        return self.cache_dir / "snapshot.previous.json"

    @property
    def coverage(self) -> Path:
        return self.cache_dir / "coverage.parquet"

    @property
    def gaps(self) -> Path:
        return self.cache_dir / "gaps.parquet"

    @property
    def objects(self) -> Path:
        return self.cache_dir / "objects.parquet"

    @property
    def baseline(self) -> Path:
        """The items that had a copy when they were last seen, where that was not in the last analysis."""
        return self.cache_dir / "baseline.parquet"

    @property
    def analysis_json(self) -> Path:
        return self.cache_dir / "analysis.json"

    @property
    def cycle_json(self) -> Path:
        return self.cache_dir / "cycle.json"

    @property
    def ledger(self) -> Path:
        """When each gap was first seen, and the gaps that were closed."""
        return self.cache_dir / "ledger.parquet"

    def schedule_file(self, source: str, season: str) -> Path:
        """Where the games of a source's season are stored.

        Raises ConfigError for a name that could lead out of the workspace.
        """
        for what, name in (("source", source), ("season", season)):
            if not NAME.fullmatch(name):
                raise ConfigError(
                    f"{what} {shown(name)!r}: a name has 1 to 64 letters, digits, dots, underscores or hyphens, and "
                    "begins with a letter or a digit"
                )
        return self.schedules_dir / source / f"{season}.parquet"

    def output_file(self, text: str) -> Path:
        """The file that ``task_queue.output_file`` names: relative to the workspace, or absolute.

        Raises ValueError, which says why, when the path leaves the workspace or is that of one of its other files.
        """
        path = Path(os.path.normpath(self.root / text))
        if not PurePosixPath(text).is_absolute() and not path.is_relative_to(self.root):
            raise ValueError("leads out of the workspace: give an absolute path if that is meant")
        by_hand = (self.config_file, self.inventory_file, self.adopted_file)
        if path in by_hand or path == self.root or path in self.root.parents:
            raise ValueError("is not a place for the task queue: name a file of its own")
        for kept in (self.schedules_dir, self.cache_dir, self.history_dir):
            if path == kept or path.is_relative_to(kept):
                raise ValueError(f"lies in {kept.relative_to(self.root).as_posix()}/, which recon keeps for itself")
        return path

    def shown(self, path: Path) -> str:
        """A path for messages: relative to the workspace where it lies inside."""
        return shown(path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path)


def find_workspace(explicit: Path | None, environ: Mapping[str, str], cwd: Path) -> Workspace:
    """The workspace that ``-w`` names, else the one that RECON_WORKSPACE names, else the nearest one from ``cwd`` up.

    Raises UsageError, which names ``recon init``, when there is none.
    """
    given = environ.get("RECON_WORKSPACE", "")
    if explicit is not None:
        return _named(explicit, cwd, "-w")
    if given:
        return _named(Path(given), cwd, "RECON_WORKSPACE")
    start = cwd.resolve()
    for folder in (start, *start.parents):
        if _is_workspace(folder):
            return Workspace(folder)
    raise UsageError(
        f"{shown(start)} is in no workspace: neither it nor a folder above it holds {CONFIG_FILE} or {INVENTORY_FILE}; "
        "make one here with `recon init`, or name one with -w"
    )


def _named(folder: Path, cwd: Path, origin: str) -> Workspace:
    try:
        root = (cwd / folder).resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a path that is none
        root = cwd / folder
    if _is_workspace(root):
        return Workspace(root)
    why = f"holds neither {CONFIG_FILE} nor {INVENTORY_FILE}" if root.is_dir() else "is no folder"
    raise UsageError(
        f"{origin}: {shown(root)} {why}: name a workspace, or make this one with `recon init -w {shown(folder)}`"
    )


def _is_workspace(folder: Path) -> bool:
    try:
        return (folder / CONFIG_FILE).is_file() or (folder / INVENTORY_FILE).is_file()
    except OSError:
        return False
