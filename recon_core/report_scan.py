"""A snapshot from an S3 Inventory report, and from a fresh listing of the few keys for which the report is too old."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.api import ReconError
from recon_core.config import Settings
from recon_core.containers import ContainerReader
from recon_core.engine.inputs import AnalysisInputs, Expectation
from recon_core.engine.recheck import stretches_to_recheck
from recon_core.engine.report_rows import (
    ReportFiles,
    Staged,
    UnreadableReportError,
    stage_report,
    write_objects,
)
from recon_core.files import Staging
from recon_core.lake import Lake
from recon_core.lake.scan import scan
from recon_core.lake.spans import Span, asked_for, merged, prefix_spans, within, without
from recon_core.plan import Plan
from recon_core.plugins import Registry
from recon_core.progress import Progress
from recon_core.request import RunRequest
from recon_core.snapshot import (
    ID_METADATA,
    Aside,
    KeyRange,
    ReportFacts,
    Snapshot,
    SnapshotWriter,
    prefix_end,
    publish_snapshot,
    snapshot_id,
)
from recon_core.text import shown

if TYPE_CHECKING:
    import duckdb

    from recon_core.lake.inventory_report import FetchedReport, Report
    from recon_core.lake.s3 import S3Lake

__all__ = ["Acquired", "ReportScan"]

_MOST_STRETCHES = 10_000
_NOTHING_PROVED = datetime(1000, 1, 1, tzinfo=UTC)
"""Evidence that is too old for everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquired:
    """A verified report: what it says of the lake, in the Parquet file ``file``, and which keys that covers. It has
    ``rows`` in all.

    ``claimed`` are the spans that it would cover as well if its configuration was always what it is said to be today;
    ``proved`` is the prefix to which it may have been limited.
    """

    report: Report
    file: Path
    staged: Staged
    rows: int
    ranges: tuple[KeyRange, ...]
    claimed: tuple[Span, ...]
    proved: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportScan:
    """Makes one run's snapshot from the newest report. See ``Scanner`` for the fields."""

    settings: Settings
    request: RunRequest
    plan: Plan
    registry: Registry
    expectation: Expectation | None
    lake: Callable[[], Lake]
    engine: Callable[[Path], AbstractContextManager[duckdb.DuckDBPyConnection]]
    containers: Callable[[], ContainerReader]
    progress: Progress
    started_at: datetime

    def acquire(self, folder: Path) -> Acquired:
        """Find, verify, fetch and read the newest report that is whole; its files are gone afterwards.

        Raises LakeError, most often ReportError, when there is none that can be used.
        """
        from recon_core.lake.inventory_report import (
            DamagedReportError,
            ReportError,
            as_bucket,
            fetch_report,
            usable_reports,
        )

        lake = as_bucket(self.lake())
        options = self.settings.scan.inventory_report
        failed: ReconError = ReportError(f"{lake.url}: no inventory report can be used")
        for number, report in enumerate(usable_reports(lake, options, self.request.now, self._log)):
            # Each its own: a file of the one before may still be on its way, and nothing waits for it.
            files = folder / f"report-{number}"
            try:
                workers = self.settings.scan.workers
                fetched = fetch_report(report, files, workers=workers, progress=self.progress)
                return self._staged(lake, fetched, folder / "staged.parquet")
            except (DamagedReportError, UnreadableReportError) as error:
                self._log(f"{error}: an earlier report is looked for")
                failed = error
            finally:
                shutil.rmtree(files, ignore_errors=True)
        raise failed

    def _log(self, message: str) -> None:
        self.progress.log(message)

    def _staged(self, lake: S3Lake, fetched: FetchedReport, target: Path) -> Acquired:
        from recon_core.lake.inventory_report import covered_prefix, mended, relative_prefix

        report = fetched.report
        columns = report.manifest.columns if report.manifest.format == "CSV" else None
        own = report.root if report.place.bucket == lake.bucket else None
        unreadable = fetched.unreadable

        def stage(files: Sequence[Path]) -> Staged:
            with self.engine(target.parent) as engine:
                return stage_report(
                    engine,
                    ReportFiles(paths=tuple(files), columns=columns),
                    target,
                    lake_prefix=lake.prefix,
                    prefixes=self.settings.lake.prefixes,
                    without=own,
                )

        try:
            staged = stage(fetched.files)
        except UnreadableReportError:
            if columns is not None:
                raise
            # One key that is no UTF-8 makes the engine refuse a Parquet file.
            again = [mended(path) for path in fetched.files]
            unreadable += sum(count for _, count in again)
            staged = stage([path for path, _ in again])
        coverage = covered_prefix(report.place, lake, staged.first, staged.last)
        rows = staged.rows + unreadable
        unreadable += staged.unreadable
        warnings = list(coverage.warnings)
        if unreadable:
            warnings.append(f"skipped {unreadable:,} objects whose key is not UTF-8")
        spans = self._below(coverage.proved, relative_prefix(own, lake))
        margin = timedelta(hours=self.settings.scan.inventory_report.margin_hours)
        claimed: list[Span] = []
        if coverage.claimed is not None:
            claimed = without(self._below(coverage.claimed, relative_prefix(own, lake)), spans)
        return Acquired(
            report=report,
            file=target,
            staged=staged,
            rows=rows,
            ranges=tuple(merged(_range(span.start, span.end, report.started_at - margin) for span in spans)),
            claimed=tuple(claimed),
            proved=coverage.proved,
            warnings=tuple(warnings),
        )

    def _below(self, prefix: str, own: str | None) -> list[Span]:
        """The wanted keys below a prefix. Of the report's own folder nothing is known, for its files are left out."""
        spans = within(prefix_spans(self.settings.lake.prefixes), prefix, prefix_end(prefix))
        return spans if own is None else without(spans, [Span(own, prefix_end(own))])

    def finish(self, acquired: Acquired, staging: Staging, parquet: Path, json: Path, aside: Aside | None) -> Snapshot:
        """List afresh what the report is too old for, merge, and publish the snapshot's two files.

        ``aside`` tells which files go into place before them.
        """
        folder = staging.path
        listed = self._list_afresh(acquired, folder)
        fresh = [one for one in listed.ranges if one.state == "listed"] if listed else []
        ranges = list(acquired.ranges)
        if listed:
            ranges = merged([*_beside(ranges, listed.ranges), *listed.ranges])
        report = acquired.report
        identity = snapshot_id(
            report.started_at,
            [
                self.lake().url,
                report.manifest.identity,
                [one.document() for one in ranges],
                list(self.settings.lake.prefixes),
                listed.id if listed else None,
            ],
        )
        with self.engine(folder) as engine:
            objects, size = write_objects(
                engine,
                acquired.file,
                folder / "snapshot.parquet",
                listed=folder / "listed.parquet" if listed else None,
                afresh=[(one.start, one.end) for one in fresh],
                metadata={ID_METADATA.decode("ascii"): identity},
            )
        snapshot = Snapshot(
            id=identity,
            lake=self.lake().url,
            endpoint=self.lake().endpoint,
            mode="inventory_report",
            evidence_at=report.started_at,
            simulated=self.request.now_given,
            started_at=self.started_at,
            finished_at=self.request.clock(),
            requests=report.store.requests + (listed.requests if listed else 0),
            objects=objects,
            bytes=size,
            ranges=tuple(ranges),
            warnings=(*acquired.warnings, *self._unlisted(acquired), *(listed.warnings if listed else ())),
            report=ReportFacts(
                manifest=report.url,
                started_at=report.started_at,
                created_at=report.manifest.created_at,
                files=len(report.manifest.files),
                bytes=report.manifest.bytes,
                rows=acquired.rows,
            ),
        )
        publish_snapshot(staging, snapshot, parquet, json, aside)
        return snapshot

    def _unlisted(self, acquired: Acquired) -> list[str]:
        """What is to be said where only a listing could tell what lies outside of the keys that the report holds."""
        if self.settings.scan.inventory_report.list_afresh or not any(
            within(acquired.claimed, prefix, prefix_end(prefix)) for prefix in self._expected_prefixes()
        ):
            return []
        warning = (
            f"all keys of the report begin with {shown(acquired.proved)!r}, to which its configuration may have been "
            "limited when it was made: what is expected elsewhere is unknown; scan.inventory_report.list_afresh would "
            "look there"
        )
        return [warning]

    def _expected_prefixes(self) -> list[str]:
        """What the keys of all wanted items begin with."""
        return sorted({prefix for dataset in self.plan.datasets for prefix in dataset.layout.beginnings})

    def _list_afresh(self, acquired: Acquired, folder: Path) -> Snapshot | None:
        """List what fell due since the report, and where gaps rest on evidence that is too old to act upon."""
        if self.expectation is None or not self.settings.scan.inventory_report.list_afresh:
            return None
        # Where the report need not have looked, only what is listed now proves anything.
        claimed = [_range(span.start, span.end, _NOTHING_PROVED) for span in acquired.claimed]
        provisional = Snapshot(
            id="",
            lake=self.lake().url,
            mode="inventory_report",
            evidence_at=acquired.report.started_at,
            simulated=self.request.now_given,
            started_at=self.started_at,
            finished_at=self.started_at,
            requests=0,
            objects=acquired.staged.objects,
            bytes=0,
            ranges=tuple(merged([*acquired.ranges, *claimed])),
        )
        inputs = AnalysisInputs(
            plan=self.plan,
            snapshot=provisional,
            snapshot_file=acquired.file,
            expectation=self.expectation,
            containers=self.containers(),
        )
        oldest = self.request.now - timedelta(hours=self.settings.scan.max_gap_evidence_hours)
        with self.engine(folder) as engine:
            found = stretches_to_recheck(
                engine,
                inputs,
                self.registry,
                gaps_before=oldest,
                most=_MOST_STRETCHES,
                claimed=acquired.claimed,
            )
        # What the report covers or may cover, and nothing of its own folder.
        wanted = [Span(one.start, one.end) for one in provisional.ranges]
        kept = prefix_spans(self.settings.lake.prefixes)
        spans = [
            span
            for start, end in found.ranges
            for part in within(wanted, start, end)
            for span in within(kept, part.start, part.end)
        ]
        # By the least that may be asked for: permissions may allow a folder and refuse what lies around it.
        spans = [replace(span, prefix=asked_for(span)) for span in spans]
        if not spans:
            return None
        self._log(f"listing afresh in {len(spans):,} places, for {found.items:,} items whose evidence is too old")
        with SnapshotWriter(folder / "listed.parquet", folder / "listed.json") as writer:
            return scan(
                self.lake(),
                writer,
                spans=spans,
                known=found.known,
                all_may_be_denied=True,
                workers=self.settings.scan.workers,
                evidence_at=self.request.now,
                simulated=self.request.now_given,
                clock=self.request.clock,
                progress=self.progress,
            )


def _range(start: str, end: str | None, evidence_at: datetime) -> KeyRange:
    return KeyRange(start=start, end=end, state="listed", error=None, evidence_at=evidence_at)


def _beside(ranges: Sequence[KeyRange], listed: Sequence[KeyRange]) -> list[KeyRange]:
    """What of the report's ranges was not listed afresh."""
    return [
        _range(span.start, span.end, one.evidence_at)
        for one in ranges
        for span in without([Span(one.start, one.end)], listed)
    ]
