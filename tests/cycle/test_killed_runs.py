"""Killed, interrupted, out of disk or crowded out: what stands is whole, and the next run works."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.command_line import NOW, Inside, Recon

from recon_core.schemas import validate_document

LATER = "2024-06-27T12:00:00Z"
KILLS = 12


def assert_whole(root: Path) -> None:
    cache = root / "inventory/cache"
    for path in cache.glob("*.parquet"):
        pq.read_table(path)
    for name, path in [
        ("task_queue", root / "inventory/gaps.json"),
        ("cycle_report", cache / "cycle.json"),
        ("snapshot", cache / "snapshot.json"),
        *(("snapshot", path) for path in cache.glob("snapshot.previous.json")),
        ("handover", cache / "analysis.json"),
        ("last_run", cache / "last_run.json"),
        *(("cycle_report", path) for path in (root / "inventory/history").iterdir()),
    ]:
        document = json.loads(path.read_text(encoding="utf-8"))
        if path.parent.name != "history":
            validate_document(name, document)


def left_over(root: Path) -> list[Path]:
    return [path for path in (root / "inventory").rglob(".*") if path.name not in (".gitignore",)]


def start(here: Recon, now: str) -> subprocess.Popen[str]:
    return here.start("run", "--now", now, "-q", stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_kill_9_at_any_moment_leaves_whole_files_and_a_workspace_that_works(here: Recon, mine: Inside) -> None:
    begun = time.monotonic()
    start(here, LATER).communicate(timeout=60)
    whole = time.monotonic() - begun
    draw = random.Random(7)
    queues = set()
    for number in range(KILLS):
        process = start(here, (NOW, LATER)[number % 2])
        time.sleep(draw.uniform(0.4, 1.05) * whole)
        process.kill()
        process.communicate(timeout=30)
        assert_whole(here.folder)
        queues.add((here.folder / "inventory/gaps.json").read_bytes())
    assert len(queues) <= 3  # of the first run, and of the two times: never anything between
    mine("run", "--now", LATER)
    assert_whole(here.folder)
    assert left_over(here.folder) == []


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_in_the_middle_of_a_statement_ends_the_run_cleanly(mine: Inside, sent: signal.Signals) -> None:
    # DuckDB tells of a signal in its own way; this is a statement that would take minutes.
    program = f"""
import os, signal, sys, threading
from pathlib import Path
from recon_core.cli import main
from recon_core import cycle
from recon_core.engine.connection import open_engine

def run(*_):
    with open_engine([Path('.')], Path('spill'), memory_limit_mb=256, threads=1) as engine:
        threading.Timer(0.5, os.kill, (os.getpid(), {int(sent)})).start()
        engine.execute("SELECT sum(a.range * b.range) FROM range(1000000) AS a, range(1000000) AS b").fetchall()

cycle.run_cycle = run
sys.exit(main.run_command_line(["run"]))
"""
    before = (mine.folder / "inventory/gaps.json").read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=mine.folder, env=dict(mine.environment), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "recon: interrupted; previous outputs are untouched\n"
    assert (mine.folder / "inventory/gaps.json").read_bytes() == before


@pytest.mark.parametrize("limit", [0, 300, 2_000, 5_000])
def test_a_disk_that_takes_no_more_is_one_line_and_leaves_all_as_it_was(here: Recon, limit: int) -> None:
    kept = {path: path.read_bytes() for path in (here.folder / "inventory").rglob("*") if path.is_file()}
    # A file size limit acts as a full disk does, for root and in any file system. The process sets its own: what is
    # forked from one with many threads may wait for ever for a lock that one of them held.
    program = (
        "import os, resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, here.program, "run", "--now", LATER], cwd=here.folder,
        env=dict(here.environment), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    out, told = done.stdout, done.stderr
    assert (done.returncode, out) == (3, ""), told
    assert told.count("\n") == 1
    assert "cannot" in told
    for path, content in kept.items():
        # The scan is kept at once and the attempt recorded, where they fit.
        if not path.name.startswith(("snapshot.", "last_run.")):
            assert path.read_bytes() == content, path
    assert left_over(here.folder) == []


def test_two_at_once_and_a_dead_holder(here: Recon, mine: Inside) -> None:
    held = (
        "import sys; from pathlib import Path; from recon_core.files import WorkspaceLock\n"
        f"with WorkspaceLock(Path({str(here.folder / 'inventory/cache/recon.lock')!r})): print('held', flush=True); "
        "sys.stdin.read()"
    )
    holder = subprocess.Popen([sys.executable, "-c", held], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdin is not None
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == "held\n"
        done = mine("run", "--now", NOW, code=3)
        assert f"another recon is at work in this workspace (process {holder.pid}, " in done.err
        assert done.err.count("\n") == 1
        holder.kill()
        holder.wait(timeout=30)
        mine("run", "--now", NOW)


def test_a_queue_on_another_file_system(mine: Inside) -> None:
    # Where the machine has no other file system this is the same one, and the queue must arrive as well.
    parent = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        mine("run", "--now", LATER, "--queue-file", str(folder / "own.json"))
        validate_document("task_queue", json.loads((folder / "own.json").read_text()))
        assert [path.name for path in folder.iterdir()] == ["own.json"]
    finally:
        shutil.rmtree(folder)
