"""The four steps in order: scan, analyze, detect, generate. Each is a function of the files of the step before."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.api import ConfigError, PriorityRule, UsageError
from recon_core.config import Inventory, Settings, load_inventory, load_settings
from recon_core.engine.analyze import EmptyDataset, analyze
from recon_core.engine.connection import clear, open_engine
from recon_core.engine.detect import Unseen, detect
from recon_core.engine.expressions import compile_rule
from recon_core.engine.generate import QueueHead, generate
from recon_core.engine.inputs import AnalysisInputs, CompiledWaiver, Expectation
from recon_core.engine.prior import Prior
from recon_core.engine.rules import CompiledRule, compiled_rules
from recon_core.engine.summary import coverage_summary, gap_summary, object_summary, unknown_summary
from recon_core.expectation import gather
from recon_core.files import Staging, WorkspaceLock, atomic_write
from recon_core.lake import Lake, open_lake
from recon_core.lake.scan import scan
from recon_core.plan import Plan, build_plan
from recon_core.plugins import PluginFailure, Registry, load_registry, notify_finished
from recon_core.progress import Progress
from recon_core.report import (
    changes_part,
    cycle_id,
    failure_rows,
    new_report,
    scan_part,
    scope_part,
    tasks_part,
    without_bulk,
)
from recon_core.request import CycleResult, RunRequest
from recon_core.snapshot import Snapshot, SnapshotWriter, load_snapshot
from recon_core.text import shown
from recon_core.times import format_utc, parse_utc
from recon_core.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

__all__ = ["run_analyze", "run_cycle", "run_detect", "run_generate", "run_scan"]

_ANALYSIS = "analysis.json"
_DETECTION = "detection.json"


def run_cycle(ws: Workspace, request: RunRequest, progress: Progress) -> CycleResult:
    """Scan (or take the cached snapshot), analyze, detect and generate; publish every output at the end.

    Raises ReconError, with all previous outputs untouched, when something keeps the cycle from being done.
    """
    cycle = _Cycle.open(ws, request, progress)
    with cycle.outputs() as outputs:
        snapshot, snapshot_file, from_cache = cycle.snapshot(outputs)
        expectation, failures = gather(ws, cycle.plan, cycle.registry, cycle.lake, progress)
        with cycle.engine(outputs.path) as engine:
            document = cycle.analyze(
                engine, outputs.path, snapshot, snapshot_file, expectation, failures, from_cache=from_cache
            )
            document = cycle.detect(engine, outputs.path, outputs.path / "coverage.parquet", document)
            report = cycle.generate(engine, outputs.path, outputs.path, document)
        return outputs.finish(cycle, report, _ALL)


def run_scan(ws: Workspace, request: RunRequest, progress: Progress) -> Snapshot:
    """Scan the lake and keep the snapshot."""
    cycle = _Cycle.open(ws, request, progress)
    with cycle.outputs() as outputs, cycle.step("scan"):
        return cycle.scan_into(outputs)


def run_analyze(ws: Workspace, request: RunRequest, progress: Progress) -> CycleResult:
    """Give every item its verdict from the last snapshot."""
    cycle = _Cycle.open(ws, request, progress)
    with cycle.outputs() as outputs:
        snapshot = load_snapshot(ws)
        cycle.refuse_foreign(snapshot)
        expectation, failures = gather(ws, cycle.plan, cycle.registry, cycle.lake, progress)
        with cycle.engine(outputs.path) as engine:
            document = cycle.analyze(
                engine, outputs.path, snapshot, ws.snapshot_parquet, expectation, failures, from_cache=True
            )
        return outputs.finish(cycle, document["report"], _ANALYZED)


def run_detect(ws: Workspace, request: RunRequest, progress: Progress) -> CycleResult:
    """Rank the gaps of the last analysis, as of that analysis."""
    document = _read_step(ws, ws.analysis_json, "recon analyze")
    cycle = _Cycle.open(ws, _at(request, document), progress)
    _require(ws, ws.coverage, "recon analyze")
    with cycle.outputs() as outputs:
        with cycle.engine(outputs.path) as engine:
            document = cycle.detect(engine, outputs.path, ws.coverage, document)
        return outputs.finish(cycle, document["report"], _DETECTED)


def run_generate(ws: Workspace, request: RunRequest, progress: Progress) -> CycleResult:
    """Write the task queue from the last detection, as of that detection."""
    document = _read_step(ws, ws.cache_dir / _DETECTION, "recon detect")
    cycle = _Cycle.open(ws, _at(request, document), progress)
    for path in (ws.gaps, ws.cache_dir / "unverified.parquet"):
        _require(ws, path, "recon detect")
    with cycle.outputs() as outputs:
        with cycle.engine(outputs.path) as engine:
            report = cycle.generate(engine, outputs.path, ws.cache_dir, document)
        return outputs.finish(cycle, report, _GENERATED)


_ANALYZED = ("coverage.parquet", "objects.parquet", _ANALYSIS)
_DETECTED = ("gaps.parquet", "unverified.parquet", _DETECTION)
_GENERATED = ("ledger.parquet", "cycle.json", "gaps.json")
_ALL = (*_ANALYZED, *_DETECTED, *_GENERATED)


@dataclass
class _Cycle:
    """One run: its inputs, resolved, and what it has to say so far."""

    ws: Workspace
    request: RunRequest
    progress: Progress
    settings: Settings
    inventory: Inventory
    registry: Registry
    plan: Plan
    rules: tuple[CompiledRule, ...]
    waivers: tuple[CompiledWaiver, ...]
    steps: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _lake: Lake | None = None

    @classmethod
    def open(cls, ws: Workspace, request: RunRequest, progress: Progress) -> _Cycle:
        """Read and check everything that can be wrong before anything is done."""
        settings, inventory, registry = load_settings(ws), load_inventory(ws), load_registry()
        plan = build_plan(inventory, registry, request.now, only_sources=request.sources, only_seasons=request.seasons)
        given = [
            (PriorityRule(name=rule.name, when=rule.when, priority=rule.priority), rule.where)
            for rule in settings.priorities.rules
        ]
        rules = compiled_rules(plan, given, recent_days=settings.priorities.recent_days)
        waivers = tuple(
            CompiledWaiver(when_sql=compile_rule(waiver.when, waiver.where), reason=waiver.reason)
            for waiver in settings.waivers
            if request.now.date() <= waiver.expires
        )
        return cls(ws, request, progress, settings, inventory, registry, plan, rules, waivers)

    @contextlib.contextmanager
    def outputs(self) -> Iterator[_Outputs]:
        """The folder in which this run's files are made: beside their targets, or elsewhere for a dry run."""
        if self.request.dry_run:
            with tempfile.TemporaryDirectory(prefix="recon-") as folder:
                yield _Outputs(Path(folder), None)
            return
        with WorkspaceLock(self.ws.lock_file):
            for parent in (self.ws.cache_dir, self.ws.inventory_dir):
                Staging.sweep(parent)
            with Staging(self.ws.cache_dir) as staging:
                yield _Outputs(staging.path, staging)

    def lake(self) -> Lake:
        """The lake of this run, opened once."""
        if self._lake is None:
            self._lake = open_lake(self.settings.lake, self.request.lake_url)
        return self._lake

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step and hold it against its target."""
        self.progress.step(name)
        begun = self.request.timer()
        yield
        seconds = self.request.timer() - begun
        target = getattr(self.settings.targets, name)
        on_time = target is None or seconds <= target
        self.steps.append({"name": name, "seconds": round(seconds, 3), "target_seconds": target, "ok": on_time})
        if not on_time:
            self.warnings.append(
                f"{name} took {seconds:.1f} s, longer than targets.{name} ({target:g} s) "
                "in config/reconciliation_config.yaml"
            )

    @contextlib.contextmanager
    def engine(self, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database that may touch the workspace's generated files and this run's folder, and nothing else."""
        spill = folder / "spill"
        options = self.settings.engine
        with open_engine(
            [self.ws.inventory_dir, folder], spill, memory_limit_mb=options.memory_limit_mb, threads=options.threads
        ) as connection:
            yield connection

    def snapshot(self, outputs: _Outputs) -> tuple[Snapshot, Path, bool]:
        """The snapshot to judge by: the cached one where that was asked for and serves, else a new scan."""
        with self.step("scan"):
            if self.request.use_cache:
                cached = self._cached()
                if cached is not None:
                    return cached, self.ws.snapshot_parquet, True
            snapshot = self.scan_into(outputs)
        keep = outputs.staging is not None and not self.request.narrowed
        return snapshot, (self.ws.snapshot_parquet if keep else outputs.path / "snapshot.parquet"), False

    def scan_into(self, outputs: _Outputs) -> Snapshot:
        """Scan; the snapshot is kept at once, so that a later failure does not cost another scan."""
        keep = outputs.staging is not None and not self.request.narrowed
        folder = self.ws.cache_dir if keep else outputs.path
        with SnapshotWriter(folder / "snapshot.parquet", folder / "snapshot.json") as writer:
            return scan(
                self.lake(),
                writer,
                prefixes=self.settings.lake.prefixes,
                evidence_at=self.request.now,
                simulated=self.request.now_given,
                clock=self.request.clock,
                progress=self.progress,
            )

    def _cached(self) -> Snapshot | None:
        if not self.ws.snapshot_json.exists():
            self.progress.log("no snapshot in the cache: scanning")
            return None
        snapshot = load_snapshot(self.ws)
        age = self.request.now - snapshot.evidence_at
        if snapshot.lake != self.lake().url:
            reason = f"is of {snapshot.lake}"
        elif snapshot.simulated and not self.request.now_given:
            reason = "was made with --now"
        elif not timedelta() <= age < timedelta(hours=self.settings.scan.cache_ttl_hours):
            reason = f"is of {format_utc(snapshot.evidence_at)}, outside scan.cache_ttl_hours"
        else:
            return snapshot
        self.progress.log(f"the cached snapshot {reason}: scanning")
        return None

    def refuse_foreign(self, snapshot: Snapshot) -> None:
        """A step by hand takes a snapshot of any age, but of this lake, and no simulated one for real."""
        lake = self.lake().url
        if snapshot.lake != lake:
            raise UsageError(f"the last snapshot is of {snapshot.lake}, not of {lake}: run `recon scan`")
        if snapshot.simulated and not self.request.now_given:
            raise UsageError("the last snapshot was made with --now: give --now here too, or run `recon scan`")

    def analyze(
        self,
        engine: duckdb.DuckDBPyConnection,
        out: Path,
        snapshot: Snapshot,
        snapshot_file: Path,
        expectation: Expectation,
        failures: list[PluginFailure],
        *,
        from_cache: bool,
    ) -> dict[str, Any]:
        """Write the analysis into ``out`` and return its document."""
        inputs = AnalysisInputs(
            plan=self.plan,
            snapshot=snapshot,
            snapshot_file=snapshot_file,
            expectation=expectation,
            waivers=self.waivers,
        )
        identity = cycle_id(
            self.plan,
            snapshot.id,
            [
                self.ws.config_file,
                self.ws.inventory_file,
                *(path for files in expectation.stored.values() for path in files.values()),
            ],
            [f"{plugin.distribution} {plugin.version}" for plugin in self.registry.plugins],
        )
        scope = scope_part(self.plan, redirected=self.request.lake_url is not None)
        report = new_report(identity, self.plan.now, snapshot.lake, scope, snapshot.warnings)
        report["scan"] = scan_part(snapshot, from_cache=from_cache)
        report["failures"] = failure_rows([*self.plan.failures, *failures])
        with self.step("analyze"):
            empty = analyze(engine, inputs, self.registry, out)
            clear(engine)
            report["coverage"] = coverage_summary(engine, self.plan, expectation, out / "coverage.parquet")
            report["unknown"] = unknown_summary(engine, self.plan, out / "coverage.parquet")
            report["objects"] = object_summary(engine, out / "objects.parquet", snapshot.objects)
        report["warnings"] += [
            f"{source}/{data_type} {season}: what should exist is not determined: {shown(reason)}"
            for (source, data_type, season), reason in sorted(expectation.undetermined.items())
        ]
        unseen = [Unseen(name, None, None, f"plugin failed: {line}") for name, line in expectation.failed.items()]
        unseen += [Unseen(*key, f"undetermined: {reason}") for key, reason in expectation.undetermined.items()]
        document = {
            "schema_version": 1,
            "report": report,
            "empty": [[one.source, one.data_type] for one in empty],
            "unseen": [[one.source, one.data_type, one.season, one.reason] for one in unseen],
        }
        return self._kept(out / _ANALYSIS, document)

    def detect(
        self, engine: duckdb.DuckDBPyConnection, out: Path, coverage_file: Path, document: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Write the detection into ``out`` and return its document."""
        report = dict(document["report"])
        unseen = [Unseen(*row) for row in document["unseen"]]
        with self.step("detect"):
            changes = detect(engine, self.plan, coverage_file, self.rules, unseen, prior=self._prior(), out=out)
            clear(engine)
            report["gaps"] = gap_summary(engine, out / "gaps.parquet")
        report["changes"] = changes_part(changes)
        return self._kept(out / _DETECTION, {**document, "report": report})

    def generate(
        self, engine: duckdb.DuckDBPyConnection, out: Path, gaps_folder: Path, document: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Write the queue, its ledger and the report into ``out``; return the report."""
        report = dict(document["report"])
        withheld = self._withheld(report, [EmptyDataset(*row) for row in document["empty"]])
        options = self.settings.task_queue
        with self.step("generate"):
            counts = generate(
                engine,
                self.plan,
                QueueHead(cycle_id=report["cycle_id"], as_of=self.plan.now, lake=report["lake"], scope=report["scope"]),
                gaps_folder / "gaps.parquet",
                gaps_folder / "unverified.parquet",
                withheld,
                batch_size=options.batch_size,
                max_tasks=options.max_tasks,
                max_tasks_per_priority=options.max_tasks_per_priority,
                prior=self._prior(),
                out=out,
            )
        report["tasks"] = tasks_part(counts)
        report["exit_code"] = 2 if withheld or report["failures"] else 0
        return report

    def _kept(self, path: Path, document: dict[str, Any]) -> dict[str, Any]:
        """Write a step's document for the next one, with what the run has said so far."""
        report = {**document["report"], "steps": [*document["report"]["steps"], *self.steps]}
        report["warnings"] = [*document["report"]["warnings"], *self.warnings]
        self.steps, self.warnings = [], []
        document = {**document, "report": report}
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return document

    def _withheld(self, report: dict[str, Any], empty: list[EmptyDataset]) -> list[EmptyDataset]:
        """The datasets that look misconfigured rather than lost; the run says what the lake has instead."""
        accepted = {(dataset.source, dataset.data_type) for dataset in self.plan.datasets if dataset.allow_empty}
        found = []
        for one in empty:
            rows = [
                row for row in report["coverage"] if (row["source"], row["data_type"]) == (one.source, one.data_type)
            ]
            gaps = sum(row["missing"] + row["stale"] + row["undersized"] for row in rows)
            if not gaps or self.request.accept_empty or (one.source, one.data_type) in accepted:
                continue
            found.append(one)
            expected = sum(row["expected"] or 0 for row in rows)
            shapes = report["objects"]["shapes"]
            looks = (
                f"{shapes[0]['objects']:,} unrecognised objects look like {shown(shapes[0]['shape'])}"
                if shapes
                else "the lake holds no unrecognised object"
            )
            self.warnings.append(
                f"{one.source}/{one.data_type}: 0 of {expected:,} keys found; {looks}; its tasks are withheld: "
                "mend prefix or key_templates in inventory/data_inventory.yaml, or give --accept-empty"
            )
        return found

    def _prior(self) -> Prior:
        """Where this run's past is: the queue that it will replace."""
        if self.request.queue_file is not None:
            return Prior(self.request.queue_file, None)
        return Prior(self.queue_file, self.ws.ledger)

    @property
    def queue_file(self) -> Path:
        """The workspace's own queue."""
        return self.ws.output_file(self.settings.task_queue.output_file)


@dataclass
class _Outputs:
    """Where a run's files are made. ``staging`` is ``None`` for a dry run, whose files nobody keeps."""

    path: Path
    staging: Staging | None

    def finish(self, cycle: _Cycle, report: Mapping[str, Any], names: tuple[str, ...]) -> CycleResult:
        """Put the named files into place as far as the run may, queue last, and tell the observers."""
        report = {**report, "steps": [*report["steps"], *cycle.steps]}
        report["warnings"] = [*report["warnings"], *cycle.warnings]
        whole = "gaps.json" in names
        if whole:
            (self.path / "cycle.json").write_text(
                json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
            )
        queue = (self.path / "gaps.json").read_text(encoding="utf-8") if whole else None
        targets = self._targets(cycle, names)
        if self.staging is not None and targets:
            self.staging.publish(targets)
            if whole and not cycle.request.narrowed:
                history = cycle.ws.history_dir / f"{report['cycle_id']}.json"
                atomic_write(history, json.dumps(without_bulk(report), ensure_ascii=False, indent=2) + "\n")
        if whole and not cycle.request.dry_run:
            report["warnings"] = [*report["warnings"], *notify_finished(cycle.registry, report)]
        return CycleResult(dict(report), report["exit_code"], queue, tuple(targets.values()))

    def _targets(self, cycle: _Cycle, names: tuple[str, ...]) -> dict[str, Path]:
        if self.staging is None:
            return {}
        targets = {} if cycle.request.narrowed else {name: cycle.ws.cache_dir / name for name in names}
        targets.pop("gaps.json", None)
        if cycle.request.queue_file is not None:
            # The ledger belongs to the workspace's own queue.
            targets.pop("ledger.parquet", None)
        if "gaps.json" in names:
            if cycle.request.queue_file is not None:
                targets["gaps.json"] = cycle.request.queue_file
            elif not cycle.request.narrowed:
                targets["gaps.json"] = cycle.queue_file
        return targets


def _read_step(ws: Workspace, path: Path, command: str) -> dict[str, Any]:
    _require(ws, path, command)
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        document["report"]["cycle_id"], document["unseen"], document["empty"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{ws.shown(path)}: unreadable ({shown(error)}): run `{command}` again") from None
    return document


def _require(ws: Workspace, path: Path, command: str) -> None:
    if not path.exists():
        raise UsageError(f"no {ws.shown(path)} yet: run `{command}` first")


def _at(request: RunRequest, document: Mapping[str, Any]) -> RunRequest:
    """The request at the time of the analysis that the step goes on from, with the same filters."""
    from dataclasses import replace

    return replace(request, now=parse_utc(document["report"]["as_of"]))
