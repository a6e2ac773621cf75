"""From a run's settings, request and expectation to the snapshot that it judges by: what is scanned, and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.api import LakeError, ReconError, UsageError
from recon_core.config import Settings
from recon_core.containers import ContainerReader
from recon_core.engine.expected_keys import build_expected_keys, every_expected_key
from recon_core.engine.inputs import Expectation
from recon_core.engine.sample import draw
from recon_core.files import Staging, disk_errors
from recon_core.kept import keep_previous, load_snapshot, snapshot_keys
from recon_core.lake import Lake, place_of
from recon_core.lake.checkpoint import Resume
from recon_core.lake.known import KnownKeys
from recon_core.lake.scan import scan
from recon_core.lake.spans import Span, prefix_spans
from recon_core.plan import Plan
from recon_core.plugins import Registry
from recon_core.progress import Progress
from recon_core.publishing import Outputs
from recon_core.report_scan import ReportScan
from recon_core.request import RunRequest
from recon_core.sampling import sampled_scan
from recon_core.snapshot import KeyRange, Sample, Snapshot, SnapshotWriter
from recon_core.times import format_utc
from recon_core.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

__all__ = ["ScanPlan", "Scanner"]

_MOST_POINTS = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPlan:
    """What a scan lists, in the order of the keys, and what of the lake it leaves out, with the reason as its state.

    ``known`` are keys at which the spans may be cut, so that they are listed side by side. ``sample`` is None for a
    full listing; ``notes`` are lines for the snapshot's warnings.
    """

    spans: tuple[Span, ...]
    left_out: tuple[KeyRange, ...] = ()
    known: KnownKeys = field(default_factory=KnownKeys)
    sample: Sample | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """Makes one run's snapshot.

    ``expectation`` is None where no schedule says what should exist; ``lake`` and ``engine`` open theirs when they are
    needed, the engine for work in a folder; ``containers`` makes what reads containers.
    """

    ws: Workspace
    settings: Settings
    request: RunRequest
    plan: Plan
    registry: Registry
    expectation: Expectation | None
    lake: Callable[[], Lake]
    engine: Callable[[Path], AbstractContextManager[duckdb.DuckDBPyConnection]]
    containers: Callable[[], ContainerReader]
    progress: Progress

    def snapshot(self, outputs: Outputs) -> tuple[Snapshot, Path, bool]:
        """The snapshot to judge by, its Parquet file, and whether it is the cached one."""
        if self.request.use_cache:
            cached = self._cached()
            if cached is not None:
                return cached, self.ws.snapshot_parquet, True
        return self.scan_into(outputs), self._folder(outputs) / "snapshot.parquet", False

    def scan_into(self, outputs: Outputs) -> Snapshot:
        """Scan; the snapshot is kept at once, so that a later failure does not cost another scan."""
        if self.settings.scan.mode == "inventory_report":
            return self._from_report(outputs)
        return self._by_listing(outputs)

    def _from_report(self, outputs: Outputs) -> Snapshot:
        """Read the newest inventory report; where none can be used, list the lake if the settings allow that."""
        folder = self._folder(outputs)
        by_report = ReportScan(
            settings=self.settings,
            request=self.request,
            plan=self.plan,
            registry=self.registry,
            expectation=self.expectation,
            lake=self.lake,
            engine=self.engine,
            containers=self.containers,
            progress=self.progress,
            started_at=self.request.clock(),
        )
        with Staging(folder) as staging:
            try:
                acquired = by_report.acquire(staging.path)
            except LakeError as error:
                if not self.settings.scan.inventory_report.fallback:
                    raise
                note = f"no inventory report was used, and the lake was listed instead: {error}"
            else:
                aside = keep_previous(self.ws) if folder == self.ws.cache_dir else None
                return by_report.finish(acquired, staging, folder / "snapshot.parquet", folder / "snapshot.json", aside)
        return self._by_listing(outputs, note)

    def _by_listing(self, outputs: Outputs, *notes: str) -> Snapshot:
        folder = self._folder(outputs)
        todo = self.scan_plan(outputs.path)
        aside = keep_previous(self.ws) if folder == self.ws.cache_dir else None
        with SnapshotWriter(folder / "snapshot.parquet", folder / "snapshot.json", aside=aside) as writer:
            return scan(
                self.lake(),
                writer,
                spans=todo.spans,
                prefixes=self.settings.lake.prefixes,
                left_out=todo.left_out,
                known=todo.known,
                workers=self.settings.scan.workers,
                resume=self._resume() if folder == self.ws.cache_dir else None,
                sample=todo.sample,
                notes=[*notes, *todo.notes],
                evidence_at=self.request.now,
                simulated=self.request.now_given,
                clock=self.request.clock,
                progress=self.progress,
            )

    @property
    def sample_rate(self) -> float | None:
        """The share of the expected items that this run covers; None for all."""
        rate = self.request.sample_rate if self.request.sample_rate is not None else self.settings.scan.sample_rate
        return None if self.request.full or rate == 1 else rate

    def scan_plan(self, folder: Path) -> ScanPlan:
        """Everything that the settings name, or a sample of it; ``folder`` is for work that goes with it."""
        everything = prefix_spans(self.settings.lake.prefixes)
        if self.sample_rate is not None:
            return self._sampled(everything, self.sample_rate, folder)
        return ScanPlan(
            spans=tuple(everything), known=self._known_keys(folder) if self.lake().concurrent else KnownKeys()
        )

    def _sampled(self, everything: Sequence[Span], rate: float, folder: Path) -> ScanPlan:
        """A sample's spans are about a page each and many, so nothing is gained by cutting them."""
        if self.expectation is None:
            raise UsageError(
                "a sample is one of the items that should exist, and no schedule says which: "
                "run `recon schedules pull` first, or give --full"
            )
        seed = self.settings.scan.seed
        with self.engine(folder) as connection:
            expected = build_expected_keys(connection, self.plan, self.expectation, self.registry)
            drawn = draw(connection, self.plan, expected, rate=rate, seed=seed)
        found = sampled_scan(drawn, everything, rate=rate, seed=seed, now=self.request.now)
        return ScanPlan(spans=found.spans, left_out=found.left_out, sample=found.sample, notes=found.notes)

    def _known_keys(self, folder: Path) -> KnownKeys:
        """The keys at which to cut the key space: the last snapshot's, else those of what should exist, else none."""
        prefixes = sorted({template.literal_prefix for layout in self.plan.layouts for template in layout.templates})
        try:
            last = load_snapshot(self.ws)
        except ReconError:
            last = None
        if last is not None and last.sample is None and last.place == place_of(self.lake()) and last.objects:
            stride = ceil(last.objects / _MOST_POINTS)
            return KnownKeys(snapshot_keys(self.ws.snapshot_parquet, stride), stride, prefixes)
        if self.expectation is None:
            return KnownKeys(prefixes=prefixes)
        with self.engine(folder) as connection:
            expected = build_expected_keys(connection, self.plan, self.expectation, self.registry)
            stride = max(1, ceil(expected.keys / _MOST_POINTS))
            return KnownKeys(every_expected_key(connection, stride), stride, prefixes)

    def _resume(self) -> Resume:
        """Where this scan's pages are kept until it is done. A simulated scan's never serve a real one."""
        path = self.ws.cache_dir / ("scan-simulated.checkpoint" if self.request.now_given else "scan.checkpoint")
        if self.request.refresh:
            with disk_errors(path):
                path.unlink(missing_ok=True)
        return Resume(
            path=path,
            scope={"lake": self.lake().url, "endpoint": self.lake().endpoint},
            oldest=self.request.now - timedelta(hours=self.settings.scan.cache_ttl_hours),
        )

    def _folder(self, outputs: Outputs) -> Path:
        """Where the snapshot goes: into the workspace, unless the run keeps nothing or looks elsewhere."""
        keep = outputs.staging is not None and not self.request.narrowed
        return self.ws.cache_dir if keep else outputs.path

    def _asked_for(self, sample: Sample) -> bool:
        """Whether this run would draw the same sample; a full snapshot serves every run."""
        return (sample.rate, sample.seed) == (self.sample_rate, self.settings.scan.seed)

    def _cached(self) -> Snapshot | None:
        if not self.ws.snapshot_json.exists():
            self.progress.log("no snapshot in the cache: scanning")
            return None
        try:
            snapshot = load_snapshot(self.ws)
        except ReconError as error:
            self.progress.log(f"{error}: scanning")
            return None
        age = self.request.now - snapshot.evidence_at
        if snapshot.place != place_of(self.lake()):
            reason = f"is of {snapshot.place}"
        elif snapshot.simulated and not self.request.now_given:
            reason = "was made with --now"
        elif not timedelta() <= age < timedelta(hours=self.settings.scan.cache_ttl_hours):
            reason = f"is of {format_utc(snapshot.evidence_at)}, outside scan.cache_ttl_hours"
        elif snapshot.sample is not None and not self._asked_for(snapshot.sample):
            reason = f"is a sample of rate {snapshot.sample.rate:g}, seed {snapshot.sample.seed}"
        else:
            return snapshot
        self.progress.log(f"the cached snapshot {reason}: scanning")
        return None
