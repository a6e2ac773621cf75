"""Measures the scan of an S3 Inventory report beside a bare DuckDB statement over the same files, in turns.

Usage, from the project's root with its environment: ``python benchmarks/report.py [ROWS] [Parquet|CSV] [ROUNDS]``;
10 million rows in Parquet, three rounds, unless told otherwise. recon fetches the report from a server on this machine,
verifies every file, and writes a snapshot; the bare statement reads the files where they are, and verifies nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from report_world import NOW, REPORTS, ROOT, workspace
from run import HERE, RECON, Timed, timed

MEMORY_MB = "1024"


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[int]:
    """A process that serves the folder; its port."""
    command = [sys.executable, str(HERE / "report_server.py"), str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait()


def ours(world: Path) -> Timed:
    keys = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
    return timed([str(RECON), "scan", "-w", str(world), "--now", NOW, "-q"], keys)


def bare(folder: Path) -> Timed:
    shutil.rmtree(folder / "bare", ignore_errors=True)
    data = folder / REPORTS / ROOT / "data"
    return timed([sys.executable, str(HERE / "bare_report.py"), str(data), str(folder / "bare"), MEMORY_MB])


def main(rows: int = 10_000_000, file_format: str = "Parquet", rounds: int = 3) -> None:
    # TMPDIR may be small.
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        timed([sys.executable, str(HERE / "report_world.py"), str(folder), str(rows), file_format])
        size = sum(path.stat().st_size for path in (folder / REPORTS / ROOT / "data").iterdir()) / 1e6
        with serving(folder) as port:
            world = workspace(folder, port)
            pairs = [(ours(world), bare(folder)) for _ in range(rounds)]
        ratio = statistics.median(mine.seconds / theirs.seconds for mine, theirs in pairs)
        cpu = [statistics.median(run.cpu for run in column) for column in zip(*pairs, strict=True)]
        seconds = [statistics.median(run.seconds for run in column) for column in zip(*pairs, strict=True)]
        peaks = [max(run.peak_mb for run in column) for column in zip(*pairs, strict=True)]
        print(
            f"report    {rows:,} rows, {file_format}, {size:,.0f} MB: recon scan {seconds[0]:.1f} s and {peaks[0]:.0f} "
            f"MB, the bare statement {seconds[1]:.1f} s and {peaks[1]:.0f} MB, ratio {ratio:.2f}; "
            f"of the processor {cpu[0]:.1f} and {cpu[1]:.1f} s"
        )


if __name__ == "__main__":
    rows, file_format, rounds = [*sys.argv[1:], *("10000000", "Parquet", "3")[len(sys.argv) - 1 :]]
    main(int(rows), file_format, int(rounds))
