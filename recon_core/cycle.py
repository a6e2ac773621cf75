"""The four steps in order: scan, analyze, detect, generate. Each is a function of the files of the step before."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from recon_core.api import ConfigError, ScheduleError, UsageError
from recon_core.engine.analyze import SEASON_TYPES
from recon_core.engine.damage import require_digest
from recon_core.engine.detect import AVAILABLE
from recon_core.engine.matching import MATCHES
from recon_core.expectation import gather
from recon_core.generated import generated_file
from recon_core.kept import load_snapshot
from recon_core.progress import Progress
from recon_core.publishing import Outputs
from recon_core.request import CycleResult, RunRequest
from recon_core.schemas import validate_document
from recon_core.snapshot import Snapshot
from recon_core.steps import ANALYSIS, DETECTION, Cycle
from recon_core.text import shown
from recon_core.times import parse_utc
from recon_core.workspace import Workspace

__all__ = ["run_analyze", "run_cycle", "run_detect", "run_generate", "run_scan", "scanned"]

# The baseline before the coverage: between the two a killed run must not have forgotten what was there.
_ANALYZED = ("baseline.parquet", SEASON_TYPES, MATCHES, "coverage.parquet", "objects.parquet", ANALYSIS)
_DETECTED = (AVAILABLE, "gaps.parquet", "unverified.parquet", DETECTION)
_GENERATED = ("baseline.parquet", "ledger.parquet", "cycle.json", "gaps.json")
_ALL = (*_ANALYZED, *_DETECTED, *_GENERATED)


def run_cycle(ws: Workspace, request: RunRequest, progress: Progress) -> CycleResult:
    """Scan (or take the cached snapshot), analyze, detect and generate; publish every output at the end.

    Raises ReconError, with all previous outputs untouched, when something keeps the cycle from being done.
    """
    cycle = Cycle.open(ws, request, progress)
    with cycle.outputs() as outputs:
        # First what may be wrong at no cost: a schedule that is not there should not be noticed after a long scan.
        expectation, failures = gather(ws, cycle.plan, cycle.registry, cycle.lake, progress)
        with cycle.step("scan"):
            snapshot, snapshot_file, from_cache = cycle.scanner(expectation).snapshot(outputs)
        with cycle.engine(outputs.path) as engine:
            document = cycle.analyze(
                engine, outputs.path, snapshot, snapshot_file, expectation, failures, from_cache=from_cache
            )
            document = cycle.detect(engine, outputs.path, outputs.path / "coverage.parquet", document)
            report = cycle.generate(engine, outputs.path, outputs.path, document)
        return outputs.finish(cycle, report, _ALL)


def run_scan(ws: Workspace, request: RunRequest, progress: Progress) -> Snapshot:
    """Scan the lake and keep the snapshot."""
    with scanned(ws, request, progress) as (_, _, snapshot, _):
        return snapshot


@contextlib.contextmanager
def scanned(ws: Workspace, request: RunRequest, progress: Progress) -> Iterator[tuple[Cycle, Outputs, Snapshot, Path]]:
    """A scan alone: the run, its folder, its snapshot and that one's Parquet file.

    No schedule is needed: what should exist only helps to scan well.
    """
    cycle = Cycle.open(ws, request, progress)
    with cycle.outputs() as outputs:
        try:
            expectation, _ = gather(ws, cycle.plan, cycle.registry, cycle.lake, progress)
        except ScheduleError:
            expectation = None
        with cycle.step("scan"):
            snapshot, file, _ = cycle.scanner(expectation).snapshot(outputs)
        yield cycle, outputs, snapshot, file


def run_analyze(ws: Workspace, request: RunRequest, progress: Progress) -> CycleResult:
    """Give every item its verdict from the last snapshot."""
    cycle = Cycle.open(ws, request, progress)
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
    cycle = Cycle.open(ws, _at(request, document), progress)
    cycle.refuse_changed(document)
    analyzed = [ws.coverage, *(ws.cache_dir / name for name in (SEASON_TYPES, MATCHES))]
    for path in analyzed:
        _require(ws, path, "recon analyze")
    with cycle.outputs() as outputs:
        for path in analyzed:
            _require_pair(ws, path, ws.analysis_json, document)
        with cycle.engine(outputs.path) as engine:
            document = cycle.detect(engine, outputs.path, ws.coverage, document)
        return outputs.finish(cycle, document["report"], _DETECTED)


def run_generate(ws: Workspace, request: RunRequest, progress: Progress) -> CycleResult:
    """Write the task queue from the last detection, as of that detection."""
    document = _read_step(ws, ws.cache_dir / DETECTION, "recon detect")
    cycle = Cycle.open(ws, _at(request, document), progress)
    cycle.refuse_changed(document)
    detected = [ws.gaps, *(ws.cache_dir / name for name in (AVAILABLE, "unverified.parquet"))]
    for path in detected:
        _require(ws, path, "recon detect")
    _require(ws, ws.baseline, "recon analyze")
    with cycle.outputs() as outputs:
        for path in detected:
            _require_pair(ws, path, ws.cache_dir / DETECTION, document)
        with cycle.engine(outputs.path) as engine:
            report = cycle.generate(engine, outputs.path, ws.cache_dir, document)
        return outputs.finish(cycle, report, _GENERATED)


def _read_step(ws: Workspace, path: Path, command: str) -> dict[str, Any]:
    _require(ws, path, command)
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        validate_document("handover", document)
        validate_document("cycle_report", document["report"])
    except (OSError, ValueError, RecursionError) as error:
        reason = shown((str(error).splitlines() or [type(error).__name__])[0][:200])
        raise ConfigError(f"{ws.shown(path)} is damaged ({reason}): run `{command}` to make it anew") from None
    return document


def _require(ws: Workspace, path: Path, command: str) -> None:
    if not path.exists():
        raise UsageError(f"no {ws.shown(path)} yet: run `{command}` first")


def _require_pair(ws: Workspace, path: Path, beside: Path, document: Mapping[str, Any]) -> None:
    require_digest(generated_file(ws, path), document["files"].get(path.name, ""), ws.shown(beside))


def _at(request: RunRequest, document: Mapping[str, Any]) -> RunRequest:
    """The request at the time of the analysis that the step goes on from."""
    from dataclasses import replace

    return replace(request, now=parse_utc(document["report"]["as_of"]))
