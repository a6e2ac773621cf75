"""Scanning: a lake's listing becomes a snapshot that says which keys it covered."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from recon_core.api.errors import LakeError
from recon_core.lake.base import Hole, Lake, ListingLog, Page
from recon_core.lake.spans import Span, before, merged, within
from recon_core.progress import Progress
from recon_core.snapshot import KeyRange, RangeState, Snapshot, SnapshotWriter, prefix_end
from recon_core.text import shown

__all__ = ["scan"]


def scan(
    lake: Lake,
    writer: SnapshotWriter,
    *,
    spans: Sequence[Span],
    left_out: Sequence[KeyRange] = (),
    evidence_at: datetime,
    simulated: bool,
    clock: Callable[[], datetime],
    progress: Progress,
) -> Snapshot:
    """List the spans, which ascend and do not overlap, into ``writer`` and publish the snapshot.

    ``left_out`` are ranges beside the spans that are not listed; the snapshot holds them as they are. ``evidence_at``
    is the run's ``now``, ``simulated`` whether ``--now`` gave it; ``clock`` tells when the scan began and ended. A
    denied prefix or folder becomes a ``denied`` range and the rest goes on.

    Raises LakeError when nothing could be listed or the lake fails half-way, DiskError when the snapshot cannot be
    written; the previous snapshot is then untouched.
    """
    started_at = clock()
    log = ListingLog(on_retry=lambda message: progress.log(f"{lake.url}: {message}"))
    listed: list[KeyRange] = []
    found_below: Counter[str] = Counter()
    for span in spans:
        objects = writer.objects
        log.holes.clear()
        for page in _pages(lake, span, log):
            writer.add(page.keys, page.sizes, page.last_modified_us, page.etags)
            progress.update(writer.objects, None, "objects")
        listed += _ranges(span, log.holes, evidence_at)
        found_below[span.prefix] += writer.objects - objects
    if listed and all(found.state == "denied" for found in listed):
        raise LakeError(listed[0].error or f"{lake.url}: nothing could be listed")
    ranges = merged([*listed, *left_out])
    warnings = [
        f"no object lies below the prefix {shown(prefix)!r}: check lake.prefixes"
        for prefix, objects in found_below.items()
        if prefix and not objects and _listed_whole(prefix, ranges)
    ]
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


def _pages(lake: Lake, span: Span, log: ListingLog) -> Iterator[Page]:
    """The pages of a span. What the lake lists before and after it is cut off here, so that any start and end serve."""
    start_after = None if span.start <= span.prefix else before(span.start)
    for page in lake.list_pages(span.prefix, start_after, log=log):
        first = bisect_left(page.keys, span.start)
        last = len(page.keys) if span.end is None else bisect_left(page.keys, span.end)
        if (first, last) != (0, len(page.keys)):
            columns = (page.keys, page.sizes, page.last_modified_us, page.etags)
            page = Page(*(column[first:last] for column in columns))  # type: ignore[arg-type]
        if page.keys:
            yield page
        if last < len(page.keys):
            return


def _listed_whole(prefix: str, ranges: Sequence[KeyRange]) -> bool:
    end = prefix_end(prefix)
    return any(
        found.state == "listed"
        and found.start <= prefix
        and (found.end is None or (end is not None and end <= found.end))
        for found in ranges
    )


def _ranges(span: Span, holes: Sequence[Hole], evidence_at: datetime) -> list[KeyRange]:
    """What a span became, cut at the holes: the pieces leave nothing out and do not overlap."""
    ranges: list[KeyRange] = []
    position: str | None = span.start
    for hole in sorted(holes, key=lambda hole: hole.start):
        if position is None or position == span.end:
            break
        denied = next(iter(within([span], max(position, hole.start), hole.end)), None)
        if denied is None:
            continue
        if position < denied.start:
            ranges.append(_range(position, denied.start, None, evidence_at))
        ranges.append(_range(denied.start, denied.end, hole.error, evidence_at))
        position = denied.end
    if position is not None and position != span.end:
        ranges.append(_range(position, span.end, None, evidence_at))
    return ranges


def _range(start: str, end: str | None, error: str | None, evidence_at: datetime) -> KeyRange:
    state: RangeState = "listed" if error is None else "denied"
    return KeyRange(start=start, end=end, state=state, error=error, evidence_at=evidence_at)
