"""The cycle report: what a run saw, proved and wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from recon_core import __version__
from recon_core.engine.containers import StrayIds, UnreadContainer
from recon_core.engine.detect import Changes
from recon_core.engine.generate import QueueCounts
from recon_core.engine.losses import Loss
from recon_core.guards import Refusal
from recon_core.plan import Plan
from recon_core.plugins import PluginFailure
from recon_core.snapshot import Sample, Snapshot
from recon_core.text import shown
from recon_core.times import format_utc

__all__ = [
    "changes_part",
    "container_warnings",
    "cycle_id",
    "failure_rows",
    "loss_rows",
    "new_report",
    "scan_part",
    "scope_part",
    "tasks_part",
    "without_bulk",
]

SCHEMA_VERSION = 1

_UNREAD_LISTED = 5


def cycle_id(plan: Plan, snapshot_id: str, files: Iterable[Path], plugins: Iterable[str]) -> str:
    """A name that is the same for the same inputs: the run's time and a digest of all that went in."""
    digest = hashlib.sha256()
    for part in [__version__, snapshot_id, *plugins, *plan.narrowed_sources, "", *plan.narrowed_seasons]:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes() if path.exists() else b"").digest())
    return f"cycle_{format_utc(plan.now).replace('-', '').replace(':', '')}_{digest.hexdigest()[:8]}"


def scope_part(plan: Plan, sample: Sample | None, *, redirected: bool) -> dict[str, Any]:
    """What the run was to look at; ``complete`` unless it was narrowed, pointed elsewhere or saw a sample."""
    labels = {label for dataset in plan.datasets for label in dataset.seasons}
    return {
        "sources": sorted({source.name for source in plan.sources} | {f.source for f in plan.failures if f.source}),
        "seasons": sorted(labels),
        "sample_rate": None if sample is None else sample.rate,
        "complete": not (plan.narrowed_sources or plan.narrowed_seasons or redirected or sample is not None),
    }


def scan_part(snapshot: Snapshot, *, from_cache: bool) -> dict[str, Any]:
    """How the lake was seen, and the holes in what was seen."""
    states = [found.state for found in snapshot.ranges]
    return {
        "snapshot_id": snapshot.id,
        "mode": snapshot.mode,
        "evidence_at": format_utc(snapshot.evidence_at),
        "started_at": format_utc(snapshot.started_at),
        "finished_at": format_utc(snapshot.finished_at),
        "seconds": (snapshot.finished_at - snapshot.started_at).total_seconds(),
        "requests": snapshot.requests,
        "usd": snapshot.usd,
        "objects": snapshot.objects,
        "bytes": snapshot.bytes,
        "from_cache": from_cache,
        "ranges": {state: states.count(state) for state in ("listed", "denied", "sampled_out")},
        "holes": [
            {"start": found.start, "end": found.end, "state": found.state, "error": found.error}
            for found in snapshot.ranges
            if found.state != "listed"
        ],
    }


def failure_rows(failures: Iterable[PluginFailure]) -> list[dict[str, Any]]:
    """Plugin failures as the report holds them."""
    return [
        {
            "source": failure.source,
            "distribution": failure.distribution,
            "version": failure.version,
            "hook": failure.hook,
            "message": failure.message,
        }
        for failure in failures
    ]


def loss_rows(losses: Iterable[Loss]) -> list[dict[str, Any]]:
    """Vanished items as the report holds them, a row a dataset."""
    return [
        {
            "source": loss.source,
            "data_type": loss.data_type,
            "lost": loss.lost,
            "known": loss.known,
            "shape": loss.shape,
        }
        for loss in losses
    ]


def tasks_part(counts: QueueCounts, refused: Iterable[Refusal]) -> dict[str, Any]:
    """What the queue holds, what it leaves for later, and what a guard refused."""
    return {
        "total": counts.tasks,
        "by_priority": dict(counts.by_priority),
        "deferred": {"tasks": counts.deferred_tasks, "gaps": counts.deferred_gaps},
        "withheld": {"tasks": counts.withheld_tasks, "gaps": counts.withheld_gaps},
        "refused": [one.row() for one in refused],
        "unverified": counts.unverified,
    }


def new_report(
    identity: str, as_of: datetime, lake: str, scope: Mapping[str, Any], warnings: Sequence[str]
) -> dict[str, Any]:
    """A report of a cycle of which no step has run; each step adds what it found."""
    return {
        "schema_version": SCHEMA_VERSION,
        "cycle_id": identity,
        "as_of": format_utc(as_of),
        "lake": lake,
        "scope": dict(scope),
        "steps": [],
        "conflicts": [],
        "failures": [],
        "warnings": list(warnings),
        "exit_code": 0,
    }


def without_bulk(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report as the history keeps it: without examples and lists that grow with the lake."""
    small = {name: value for name, value in report.items() if name not in ("conflicts", "runs")}
    if "scan" in small:
        holes = [hole for hole in small["scan"]["holes"] if hole["state"] != "sampled_out"]
        small["scan"] = {**small["scan"], "holes": holes}
    if "objects" in small:
        small["objects"] = {name: value for name, value in small["objects"].items() if name != "shapes"}
    return small


def changes_part(changes: Changes) -> dict[str, int]:
    """How the gaps differ from the previous queue's."""
    return {"new": changes.new, "closed": changes.closed, "reopened": changes.reopened}


def container_warnings(unread: Sequence[UnreadContainer], strays: Sequence[StrayIds]) -> Iterator[str]:
    """What containers leave open: those that could not be read, and ids that only they know.

    Such ids may be a hole in the schedule, so they are told, and nothing is claimed of them.
    """
    for one in unread[:_UNREAD_LISTED]:
        yield f"{one.source}/{one.data_type}: the items in a container are unknown: {one.error}"
    if len(unread) > _UNREAD_LISTED:
        yield f"{len(unread) - _UNREAD_LISTED:,} more containers could not be read, so the items in them are unknown"
    for ids in strays:
        count = "1 id inside" if ids.count == 1 else f"{ids.count:,} ids inside"
        which = "" if ids.count == 1 else " such as"
        yield (
            f"{ids.source}/{ids.data_type}: no stored schedule knows {count} its containers,{which} "
            f"{shown(ids.example)!r} in {shown(ids.key)}: pull the schedule again, or look at the file"
        )
