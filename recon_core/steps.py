"""One run: its inputs resolved, its four steps, and what it has to say so far."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.api import PriorityRule, UsageError
from recon_core.config import Inventory, Settings, load_inventory, load_settings
from recon_core.containers import ContainerReader
from recon_core.containers.cache import ColumnCache
from recon_core.engine.analyze import SEASON_TYPES, Analysis, analyze
from recon_core.engine.connection import clear, open_engine, side_by_side
from recon_core.engine.damage import damage_named, footer_digest
from recon_core.engine.detect import AVAILABLE, Unseen, detect
from recon_core.engine.expressions import compile_rule
from recon_core.engine.generate import QueueHead, generate
from recon_core.engine.inputs import AnalysisInputs, CompiledWaiver, Expectation
from recon_core.engine.losses import Baseline, find_losses, settle_losses
from recon_core.engine.matching import MATCHES
from recon_core.engine.prior import Prior, other_place
from recon_core.engine.rules import CompiledRule, compiled_rules
from recon_core.engine.summary import coverage_summary, gap_summary, object_summary, run_summary, unknown_summary
from recon_core.files import Staging, WorkspaceLock, disk_errors
from recon_core.generated import generated_file, generated_files
from recon_core.guards import refusals
from recon_core.lake import Lake, open_lake, place_of
from recon_core.plan import Plan, build_plan
from recon_core.plugins import PluginFailure, Registry, load_registry
from recon_core.progress import Progress
from recon_core.publishing import Outputs
from recon_core.report import (
    changes_part,
    container_warnings,
    cycle_id,
    failure_rows,
    loss_rows,
    new_report,
    scan_part,
    scope_part,
    tasks_part,
)
from recon_core.request import RunRequest
from recon_core.scanning import Scanner
from recon_core.schedules.notes import stored_notes
from recon_core.snapshot import Snapshot
from recon_core.text import shown
from recon_core.times import format_utc
from recon_core.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

__all__ = ["ANALYSIS", "DETECTION", "Cycle"]

ANALYSIS = "analysis.json"
DETECTION = "detection.json"


@dataclass
class Cycle:
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
    def open(cls, ws: Workspace, request: RunRequest, progress: Progress) -> Cycle:
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
    def outputs(self) -> Iterator[Outputs]:
        """The folder in which this run's files are made: beside their targets, or elsewhere for a dry run."""
        if self.request.dry_run:
            with tempfile.TemporaryDirectory(prefix="recon-") as folder:
                yield Outputs(Path(folder), None)
            return
        with WorkspaceLock(self.ws.lock_file):
            for parent in (self.ws.cache_dir, self.ws.inventory_dir):
                Staging.sweep(parent)
            with Staging(self.ws.cache_dir) as staging:
                yield Outputs(staging.path, staging)

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
        with (
            open_engine(
                [self.ws.inventory_dir, folder], spill, memory_limit_mb=options.memory_limit_mb, threads=options.threads
            ) as connection,
            damage_named(generated_files(self.ws)),
        ):
            yield connection

    def scanner(self, expectation: Expectation | None) -> Scanner:
        """What makes this run's snapshot; ``expectation`` is None where no schedule says what should exist."""
        return Scanner(
            ws=self.ws,
            settings=self.settings,
            request=self.request,
            plan=self.plan,
            registry=self.registry,
            expectation=expectation,
            lake=self.lake,
            engine=self.engine,
            containers=self._containers,
            progress=self.progress,
        )

    def expected_by(self) -> str:
        """A digest of what says what should exist: later steps go on only from an analysis by the same."""
        versions = [f"{plugin.distribution} {plugin.version}" for plugin in self.registry.plugins]
        return hashlib.sha256(self.ws.inventory_file.read_bytes() + "\n".join(versions).encode()).hexdigest()

    def refuse_changed(self, document: Mapping[str, Any]) -> None:
        """A step by hand goes on from an analysis of the same inventory; the rules may be others."""
        if document["expected_by"] != self.expected_by():
            raise UsageError(
                "inventory/data_inventory.yaml or a plugin has changed since the last analysis: "
                "run `recon analyze` again"
            )

    def refuse_foreign(self, snapshot: Snapshot) -> None:
        """A step by hand takes a snapshot of any age, but of this lake, and no simulated one for real."""
        place = place_of(self.lake())
        if snapshot.place != place:
            raise UsageError(f"the last snapshot is of {snapshot.place}, not of {place}: run `recon scan`")
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
        containers = self._containers()
        inputs = AnalysisInputs(
            plan=self.plan,
            snapshot=snapshot,
            snapshot_file=snapshot_file,
            expectation=expectation,
            containers=containers,
            waivers=self.waivers,
            gaps_before=self.plan.now - timedelta(hours=self.settings.scan.max_gap_evidence_hours),
        )
        identity = cycle_id(
            self.plan,
            snapshot.id,
            [
                self.ws.config_file,
                self.ws.inventory_file,
                self.ws.adopted_file,
                *(path for files in expectation.stored.values() for path in files.values()),
            ],
            [f"{plugin.distribution} {plugin.version}" for plugin in self.registry.plugins],
        )
        scope = scope_part(self.plan, snapshot.sample, redirected=self.request.lake_url is not None)
        report = new_report(identity, self.plan.now, snapshot.lake, scope, snapshot.warnings)
        report["scan"] = scan_part(snapshot, from_cache=from_cache)
        report["failures"] = failure_rows([*self.plan.failures, *failures])
        with self.step("analyze"):
            analysis = analyze(engine, inputs, self.registry, out)
            clear(engine)
            expectation = inputs.with_failures(analysis.failures).expectation
            report["failures"] += failure_rows(analysis.failures)
            report["conflicts"] = list(analysis.disagreement.conflicts)
            self._warn_of_old_evidence(analysis)
            coverage, sampled = out / "coverage.parquet", snapshot.sample is not None
            report["coverage"], report["objects"] = side_by_side(
                engine,
                lambda own: coverage_summary(own, self.plan, expectation, coverage, sampled=sampled),
                lambda own: object_summary(own, out / "objects.parquet", snapshot.objects),
            )
            report["unknown"], report["runs"] = side_by_side(
                engine,
                lambda own: unknown_summary(own, self.plan, expectation, coverage),
                lambda own: run_summary(own, coverage),
            )
        if not (self.request.dry_run or self.request.narrowed):
            containers.kept.sweep(containers.used)
        report["warnings"] += container_warnings(analysis.unread, analysis.strays)
        report["warnings"] += [
            f"{source} {season}: {note}" for source, season, note in stored_notes(self.plan, expectation.stored)
        ]
        report["warnings"] += [
            f"{source}/{data_type} {season}: what should exist is not determined: {shown(reason)}"
            for (source, data_type, season), reason in sorted(expectation.undetermined.items())
        ]
        report["warnings"] += analysis.disagreement.warnings
        left_out = analysis.disagreement.total - len(report["conflicts"])
        if left_out:
            report["warnings"].append(
                f"{left_out:,} more conflicts between schedules: `recon schedules compare` tells them"
            )
        report["warnings"] += [
            f"{name}: its schedule is left out of the comparison with others: {reason}"
            for name, reason in sorted(expectation.unread.items())
        ]
        unseen = [Unseen(name, None, None, f"plugin failed: {line}") for name, line in expectation.failed.items()]
        unseen += [Unseen(*key, f"undetermined: {reason}") for key, reason in expectation.undetermined.items()]
        if expectation.unread:
            # What was expected for a schedule that cannot be read now is neither closed nor open.
            reason = f"schedule: that of {', '.join(sorted(expectation.unread))} cannot be read"
            unseen += [
                Unseen(source.name, None, None, reason)
                for source in self.plan.sources
                if "recon_game_id" in source.plugin.hooks
            ]
        baseline = Baseline(generated_file(self.ws, self.ws.coverage), generated_file(self.ws, self.ws.baseline))
        losses, warnings = find_losses(
            engine, baseline, out / "coverage.parquet", unseen, lake=snapshot.place, cycle_id=identity, out=out
        )
        clear(engine)
        report["losses"] = loss_rows(losses)
        report["warnings"] += warnings
        document = {
            "schema_version": 1,
            "report": report,
            "expected_by": self.expected_by(),
            "place": snapshot.place,
            "empty": [[one.source, one.data_type] for one in analysis.empty],
            "unseen": [[one.source, one.data_type, one.season, one.reason] for one in unseen],
        }
        return self._kept(out / ANALYSIS, document, "coverage.parquet", SEASON_TYPES, MATCHES)

    def _containers(self) -> ContainerReader:
        """What reads containers; a dry run keeps nothing of what it read."""
        kept = ColumnCache(self.ws.containers_dir)
        return ContainerReader(self.lake, self.lake().url, kept, None if self.request.dry_run else kept, self.progress)

    def detect(
        self, engine: duckdb.DuckDBPyConnection, out: Path, coverage_file: Path, document: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Write the detection into ``out`` and return its document."""
        report = dict(document["report"])
        unseen = [Unseen(*row) for row in document["unseen"]]
        prior = self._prior(document)
        other = other_place(engine, prior)
        if other is not None:
            self.warnings.append(
                f"the last task queue is of {other}: since when gaps are open and what has changed is told by it; "
                "move inventory/gaps.json away to start afresh"
            )
        with self.step("detect"):
            changes = detect(
                engine,
                self.plan,
                coverage_file,
                self.rules,
                unseen,
                sampled=report["scope"]["sample_rate"] is not None,
                prior=prior,
                out=out,
            )
            clear(engine)
            report["gaps"] = gap_summary(engine, out / "gaps.parquet")
        report["changes"] = changes_part(changes)
        files = ("gaps.parquet", AVAILABLE, "unverified.parquet")
        return self._kept(out / DETECTION, {**document, "report": report}, *files)

    def generate(
        self, engine: duckdb.DuckDBPyConnection, out: Path, gaps_folder: Path, document: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Write the queue, its ledger and the baseline of the next run into ``out``; return the report."""
        report = dict(document["report"])
        options = self.settings.task_queue
        empty = [(source, data_type) for source, data_type in document["empty"]]
        refused = refusals(self.plan, self.request, options, report, empty)
        withheld = [(one.source, one.data_type) for one in refused]
        self.warnings += [one.message for one in refused]
        with self.step("generate"):
            counts = generate(
                engine,
                self.plan,
                QueueHead(cycle_id=report["cycle_id"], as_of=self.plan.now, lake=report["lake"], scope=report["scope"]),
                gaps_folder / "gaps.parquet",
                gaps_folder / AVAILABLE,
                gaps_folder / "unverified.parquet",
                withheld,
                batch_size=options.batch_size,
                max_tasks=options.max_tasks,
                max_tasks_per_priority=options.max_tasks_per_priority,
                prior=self._prior(document),
                out=out,
            )
            settle_losses(engine, gaps_folder / "baseline.parquet", withheld, cycle_id=report["cycle_id"], out=out)
        report["tasks"] = tasks_part(counts, refused)
        report["exit_code"] = 2 if withheld or report["failures"] else 0
        return report

    def _kept(self, path: Path, document: dict[str, Any], *names: str) -> dict[str, Any]:
        """Write a step's document for the next one, with what the run has said so far and which files belong to it."""
        report = {**document["report"], "steps": [*document["report"]["steps"], *self.steps]}
        report["warnings"] = [*document["report"]["warnings"], *self.warnings]
        self.steps, self.warnings = [], []
        with disk_errors(path):
            document = {
                **document,
                "report": report,
                "files": {name: footer_digest(path.parent / name) for name in names},
            }
            path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return document

    def _warn_of_old_evidence(self, analysis: Analysis) -> None:
        """Gaps are proved for the time of the listing: what was put there since is not seen."""
        limit, gaps = self.settings.scan.max_gap_evidence_hours, analysis.old_gaps
        if analysis.oldest is not None:
            self.warnings.append(
                f"{gaps:,} {'gap rests' if gaps == 1 else 'gaps rest'} on what the lake held at "
                f"{format_utc(analysis.oldest)}, longer ago than scan.max_gap_evidence_hours ({limit:g}): run without "
                "--use-cache, or `recon scan` before `recon analyze`"
            )

    def _prior(self, document: Mapping[str, Any]) -> Prior:
        """Where this run's past is: the workspace's queue, wherever the new one goes; another lake's is its own."""
        if self.request.lake_url is not None:
            return Prior(self.request.queue_file, None)
        return Prior(self.queue_file, self.ws.ledger, document.get("place"))

    @property
    def queue_file(self) -> Path:
        """The workspace's own queue."""
        return self.ws.output_file(self.settings.task_queue.output_file)
