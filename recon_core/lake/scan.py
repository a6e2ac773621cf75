"""Scanning: a lake's listing becomes a snapshot that says which keys it covered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from recon_core.api.errors import LakeError
from recon_core.lake.base import Hole, Lake, ListingLog
from recon_core.progress import Progress
from recon_core.snapshot import KeyRange, Snapshot, SnapshotWriter, prefix_end
from recon_core.text import shown

__all__ = ["least_prefixes", "scan"]


def scan(
    lake: Lake,
    writer: SnapshotWriter,
    *,
    prefixes: Sequence[str] = (),
    evidence_at: datetime,
    simulated: bool,
    clock: Callable[[], datetime],
    progress: Progress,
) -> Snapshot:
    """List the lake, or what lies below ``prefixes`` of it, into ``writer`` and publish the snapshot.

    ``evidence_at`` is the run's ``now``, ``simulated`` whether ``--now`` gave it; ``clock`` tells when the scan began
    and ended. A denied prefix or folder becomes a ``denied`` range and the rest goes on.

    Raises LakeError when nothing could be listed or the lake fails half-way, DiskError when the snapshot cannot be
    written; the previous snapshot is then untouched.
    """
    started_at = clock()
    log = ListingLog(on_retry=lambda message: progress.log(f"{lake.url}: {message}"))
    ranges: list[KeyRange] = []
    warnings: list[str] = []
    for prefix in least_prefixes(prefixes):
        before = writer.objects
        log.holes.clear()
        for page in lake.list_pages(prefix, log=log):
            writer.add(page.keys, page.sizes, page.last_modified_us, page.etags)
            progress.update(writer.objects, None, "objects")
        ranges += _ranges(prefix, log.holes, evidence_at)
        if prefix and writer.objects == before and not log.holes:
            warnings.append(f"no object lies below the prefix {shown(prefix)!r}: check lake.prefixes")
    if all(found.state == "denied" for found in ranges):
        raise LakeError(ranges[0].error or f"{lake.url}: nothing could be listed")
    warnings += [f"skipped {count:,} {what}" for what, count in sorted(log.skipped.items())]
    return writer.finish(
        lake=lake.url,
        mode="listing",
        evidence_at=evidence_at,
        simulated=simulated,
        started_at=started_at,
        finished_at=clock(),
        requests=log.requests,
        ranges=ranges,
        warnings=warnings,
    )


def least_prefixes(prefixes: Iterable[str]) -> list[str]:
    """The fewest prefixes below which the same keys lie, in order; none given means the whole lake."""
    least: list[str] = []
    for prefix in sorted(set(prefixes)) or [""]:
        if not least or not prefix.startswith(least[-1]):
            least.append(prefix)
    return least


def _ranges(prefix: str, holes: Sequence[Hole], evidence_at: datetime) -> list[KeyRange]:
    """What lies below a prefix, cut at the holes: the pieces leave nothing out and do not overlap."""
    ranges: list[KeyRange] = []
    position: str | None = prefix
    for hole in sorted(holes, key=lambda hole: hole.start):
        if position is None:
            break
        start = max(position, hole.start)
        if hole.end is not None and hole.end <= start:
            continue
        if position < start:
            ranges.append(KeyRange(start=position, end=start, state="listed", error=None, evidence_at=evidence_at))
        ranges.append(KeyRange(start=start, end=hole.end, state="denied", error=hole.error, evidence_at=evidence_at))
        position = hole.end
    end = prefix_end(prefix)
    if position is not None and (end is None or position < end):
        ranges.append(KeyRange(start=position, end=end, state="listed", error=None, evidence_at=evidence_at))
    return ranges
