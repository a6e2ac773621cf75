"""Scanning: a lake's listing becomes a snapshot that says which keys it covered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from recon_core.api.errors import LakeError
from recon_core.lake.base import Lake
from recon_core.lake.checkpoint import Checkpoint, Resume
from recon_core.lake.known import KnownKeys
from recon_core.lake.listing import Denied, Listing, Part
from recon_core.lake.spans import Span, least_prefixes, merged, without
from recon_core.objects import rows_within
from recon_core.progress import Progress
from recon_core.snapshot import KeyRange, Sample, Snapshot, SnapshotWriter, prefix_end
from recon_core.text import shown
from recon_core.times import format_utc

__all__ = ["scan"]


def scan(
    lake: Lake,
    writer: SnapshotWriter,
    *,
    spans: Sequence[Span],
    prefixes: Sequence[str] = (),
    left_out: Sequence[KeyRange] = (),
    known: KnownKeys | None = None,
    workers: int = 1,
    resume: Resume | None = None,
    sample: Sample | None = None,
    notes: Sequence[str] = (),
    all_may_be_denied: bool = False,
    evidence_at: datetime,
    simulated: bool,
    clock: Callable[[], datetime],
    progress: Progress,
) -> Snapshot:
    """List the spans, which ascend and do not overlap, into ``writer`` and publish the snapshot.

    ``prefixes`` are the configured ones, of which each is named in a warning that was listed whole and holds nothing.
    ``left_out`` are ranges beside the spans that are not listed; the snapshot holds them, ``sample`` and ``notes``
    (lines for its warnings) as they are. ``known`` says where to cut, for up to ``workers`` listings at once.
    ``evidence_at`` is the run's ``now``, ``simulated`` whether ``--now`` gave it; ``clock`` tells when the scan began
    and ended. A prefix or folder that is denied, or fails for good, becomes a ``denied`` range and the rest goes on.
    With ``resume`` a scan that ends early is gone on with by the next.

    Raises LakeError when nothing could be listed (unless ``all_may_be_denied``) or the lake fails half-way, DiskError
    when the snapshot cannot be written; the previous snapshot is then untouched.
    """
    started_at = clock()
    kept = resume or Resume(path=writer.folder / "pages", scope={}, oldest=evidence_at)
    warnings = list(notes)
    listed: list[KeyRange] = []
    found_below: set[str] = set()
    with Checkpoint(kept.path, kept.scope) as checkpoint:
        done = kept.usable(checkpoint, spans, evidence_at)
        if done:
            times = sorted({part.evidence_at for part in done})
            warnings.append(
                f"went on with an interrupted scan: {sum(part.rows for part in done):,} objects were listed by "
                f"{' and '.join(format_utc(moment) for moment in times)}; --refresh begins anew"
            )
            progress.log(f"{lake.url}: {warnings[-1]}")
        listing = Listing(
            lake,
            without(spans, done),
            known=known or KnownKeys(),
            workers=workers,
            checkpoint=checkpoint,
            evidence_at=evidence_at,
            retried=lambda message: progress.log(f"{lake.url}: {message}"),
        )
        try:
            for span, part in listing.parts(spans, done, lambda objects: progress.update(objects, None, "objects")):
                if not isinstance(part, Denied) and part.rows:
                    rows = rows_within(checkpoint.read(part), part.start, part.end)
                    writer.add_batch(rows)
                    if rows.num_rows:
                        found_below.add(span.prefix)
                _extend(listed, _range(part, evidence_at))
        except BaseException:
            if resume is not None and listing.objects:
                progress.log(
                    f"{lake.url}: {listing.objects:,} listed objects are kept: the next scan goes on from there"
                )
            raise
        if listed and not all_may_be_denied and all(found.state == "denied" for found in listed):
            raise LakeError(listed[0].error or f"{lake.url}: nothing could be listed")
        ranges = merged([*listed, *left_out])
        warnings += [
            f"no object lies below the prefix {shown(prefix)!r}: check lake.prefixes"
            for prefix in least_prefixes(prefixes)
            if prefix and not any(found.startswith(prefix) for found in found_below) and _listed_whole(prefix, ranges)
        ]
        warnings += [f"skipped {count:,} {what}" for what, count in sorted(listing.skipped.items())]
        snapshot = writer.finish(
            lake=lake.url,
            endpoint=lake.endpoint,
            mode="listing",
            evidence_at=evidence_at,
            simulated=simulated,
            started_at=started_at,
            finished_at=clock(),
            requests=listing.requests,
            ranges=ranges,
            sample=sample,
            warnings=warnings,
        )
        checkpoint.discard(spans)
    return snapshot


def _listed_whole(prefix: str, ranges: Sequence[KeyRange]) -> bool:
    end = prefix_end(prefix)
    return any(
        found.state == "listed"
        and found.start <= prefix
        and (found.end is None or (end is not None and end <= found.end))
        for found in ranges
    )


def _range(part: Part, evidence_at: datetime) -> KeyRange:
    if isinstance(part, Denied):
        return KeyRange(start=part.start, end=part.end, state="denied", error=part.error, evidence_at=evidence_at)
    return KeyRange(start=part.start, end=part.end, state="listed", error=None, evidence_at=part.evidence_at)


def _extend(ranges: list[KeyRange], following: KeyRange) -> None:
    """Add a range at the end; there are as many as pages, so those that say the same become one at once."""
    ranges[-1:] = merged([*ranges[-1:], following])
