"""Measures what docs/performance.md claims: ratios of commands that take turns in one run.

Usage, from the project's root with its environment: ``python benchmarks/run.py [startup] [lake] [many] [large]``.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
RECON = Path(sysconfig.get_path("scripts")) / "recon"
NOW = "2025-01-15T12:00:00Z"


@dataclass(frozen=True)
class Timed:
    """One finished process: seconds on the wall and of the processor, peak memory in MB, what it wrote to stdout."""

    seconds: float
    cpu: float
    peak_mb: float
    output: str


def timed(command: Sequence[str], environment: dict[str, str] | None = None) -> Timed:
    """Run a command to its end; a failure is an error."""
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(command)}: exit {process.returncode}")
        output.seek(0)
        return Timed(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.read().decode())


def startup(rounds: int = 15) -> None:
    """``recon --help`` beside the import of the library that it is written with."""
    pairs = [
        (timed([str(RECON), "--help"]).seconds, timed([sys.executable, "-c", "import typer"]).seconds)
        for _ in range(rounds + 1)
    ][1:]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"startup   recon --help {ours:.3f} s, import typer {theirs:.3f} s, ratio {ratio:.2f}")


def lake(rounds: int = 7) -> None:
    """A lake of 172,754 objects and 88,000 expected items: everything after the scan."""
    with tempfile.TemporaryDirectory() as folder:
        world = _world(Path(folder), games=22_000, objects=172_754)
        after, bare = [], []
        for _ in range(rounds + 1):
            report = json.loads(_cycle(world).output)
            after.append(sum(step["seconds"] for step in report["steps"] if step["name"] != "scan"))
            bare.append(_bare(world).seconds)
        ours, theirs = statistics.median(after[1:]), statistics.median(bare[1:])
        print(
            f"lake      after the scan {ours:.2f} s (of {min(after[1:]):.2f} to {max(after[1:]):.2f}); "
            f"the bare script, start of the process included, {theirs:.2f} s"
        )


def many(rounds: int = 5) -> None:
    """Four sources, 30 seasons, 12 data types a game, and season files whose columns were read before."""
    with tempfile.TemporaryDirectory() as folder:
        code = f"import pathlib, many; print(many.build(pathlib.Path({folder!r})))"
        objects = int(timed([sys.executable, "-c", code], {"PYTHONPATH": str(HERE)}).output)
        command = [str(RECON), "run", "-w", folder, "--use-cache", "--now", "2024-09-01T12:00:00Z"]
        runs = [timed([*command, "--format", "json", "-q"]) for _ in range(rounds + 1)][1:]
        reports = [json.loads(run.output) for run in runs]
        after = [sum(step["seconds"] for step in one["steps"] if step["name"] != "scan") for one in reports]
        items = sum(row["expected"] for row in reports[0]["coverage"])
        print(
            f"many      {objects:,} objects, {items:,} items of 4 sources: after the scan "
            f"{statistics.median(after):.2f} s (of {min(after):.2f} to {max(after):.2f}), "
            f"{max(run.peak_mb for run in runs):.0f} MB"
        )


def large(rounds: int = 3) -> None:
    """10 M objects against 5 M expected items: the whole process, beside a bare script that writes the same rows."""
    with tempfile.TemporaryDirectory() as folder:
        world = _world(Path(folder), games=1_250_000, objects=10_000_000)
        pairs = [(_cycle(world), _bare(world)) for _ in range(rounds)]
        ratio = statistics.median(ours.seconds / theirs.seconds for ours, theirs in pairs)
        ours, theirs = (statistics.median(run.seconds for run in column) for column in zip(*pairs, strict=True))
        peak, bare_peak = (max(run.peak_mb for run in column) for column in zip(*pairs, strict=True))
        print(
            f"large     recon run --use-cache {ours:.1f} s and {peak:.0f} MB, the bare script {theirs:.1f} s and "
            f"{bare_peak:.0f} MB, ratio {ratio:.2f}"
        )


def _world(folder: Path, games: int, objects: int) -> Path:
    # A process of its own: the making of it must not warm anything up here.
    code = f"import pathlib, world; world.build(pathlib.Path({str(folder)!r}), {games}, {objects})"
    timed([sys.executable, "-c", code], {"PYTHONPATH": str(HERE)})
    return folder


def _cycle(world: Path) -> Timed:
    command = [str(RECON), "run", "-w", str(world), "--use-cache", "--now", NOW, "--format", "json", "-q"]
    return timed(command, {"PYTHONPATH": str(world / "plugins")})


def _bare(world: Path) -> Timed:
    return timed([sys.executable, str(HERE / "bare.py"), str(world), "1024"])


if __name__ == "__main__":
    for name in sys.argv[1:] or ["startup", "lake", "many", "large"]:
        {"startup": startup, "lake": lake, "many": many, "large": large}[name]()
