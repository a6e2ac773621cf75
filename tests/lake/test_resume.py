"""A scan that ended early is gone on with: what it listed is not listed again, and keeps the time of its evidence."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.memory_lake import MemoryLake

from recon_core.api import LakeError
from recon_core.lake.checkpoint import Checkpoint, Resume
from recon_core.lake.known import KnownKeys
from recon_core.lake.scan import scan
from recon_core.lake.spans import Span, cut, prefix_spans
from recon_core.objects import object_batch
from recon_core.progress import NoProgress
from recon_core.snapshot import KeyRange, Snapshot, SnapshotWriter

FIRST = datetime(2025, 1, 15, 12, tzinfo=UTC)
LATER = FIRST + timedelta(hours=5)
KEYS = [f"espn/{400_000_000 + 3 * number}.json" for number in range(400)]
KNOWN = KnownKeys(KEYS[4::5], 5)


class Messages(NoProgress):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def log(self, message: str) -> None:
        self.lines.append(message)


def resume(folder: Path, now: datetime, **changes: Any) -> Resume:
    return replace(
        Resume(path=folder / "scan.checkpoint", scope={"lake": "s3://memory"}, oldest=now - timedelta(hours=24)),
        **changes,
    )


def scanned(
    folder: Path, lake: MemoryLake, now: datetime, progress: Messages | None = None, **how: Any
) -> tuple[Snapshot, list[str]]:
    asked: dict[str, Any] = {
        "spans": prefix_spans(()),
        "resume": resume(folder, now),
        "workers": 4,
        "known": KNOWN,
        "progress": progress or Messages(),
        **how,
    }
    with SnapshotWriter(folder / "s.parquet", folder / "s.json") as writer:
        snapshot = scan(lake, writer, evidence_at=now, simulated=False, clock=lambda: now, **asked)
    found: list[str] = pq.read_table(folder / "s.parquet").column("key").to_pylist()
    return snapshot, found


def failing(after: int, keys: list[str] = KEYS) -> MemoryLake:
    """A lake that goes away after some requests."""

    def fault(request: int) -> None:
        if request > after:
            raise LakeError("s3://memory: the AWS credentials have expired")

    return MemoryLake(keys, page_keys=10, fault=fault)


def interrupted(folder: Path, after: int = 20) -> None:
    with pytest.raises(LakeError, match="have expired"):
        scanned(folder, failing(after), FIRST)


def evidence(key: str, ranges: tuple[KeyRange, ...]) -> datetime:
    (found,) = [one for one in ranges if one.start <= key and (one.end is None or key < one.end)]
    assert found.state == "listed"
    return found.evidence_at


def test_what_was_listed_is_kept_and_the_rest_is_listed(tmp_path: Path) -> None:
    progress = Messages()
    with pytest.raises(LakeError, match="have expired"):
        scanned(tmp_path, failing(20), FIRST, progress)
    assert [path.name for path in tmp_path.iterdir()] == ["scan.checkpoint"]
    (kept,) = [line for line in progress.lines if "kept" in line]
    lake, progress = MemoryLake(KEYS, page_keys=10), Messages()
    snapshot, found = scanned(tmp_path, lake, LATER, progress)
    assert found == KEYS
    assert len(lake.requests) < 30 < 40
    times = [evidence(key, snapshot.ranges) for key in KEYS]
    assert f"{times.count(FIRST):,} listed objects are kept" in kept
    assert set(times) == {FIRST, LATER}
    assert snapshot.evidence_at == LATER
    (warning,) = snapshot.warnings
    assert warning == (
        f"went on with an interrupted scan: {times.count(FIRST):,} objects were listed by 2025-01-15T12:00:00Z; "
        "--refresh begins anew"
    )
    assert progress.lines == [f"s3://memory: {warning}"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.json", "s.parquet"]


def test_resumed_again_and_again_it_comes_to_an_end(tmp_path: Path) -> None:
    now = FIRST
    for _ in itertools.repeat(None, 40):
        now += timedelta(minutes=1)
        try:
            snapshot, found = scanned(tmp_path, failing(5), now)
        except LakeError:
            continue
        break
    assert found == KEYS
    assert len({one.evidence_at for one in snapshot.ranges}) > 5


@pytest.mark.parametrize(
    ("now", "scope"),
    [
        (FIRST + timedelta(hours=24), {"lake": "s3://memory"}),
        (FIRST - timedelta(seconds=1), {"lake": "s3://memory"}),
        (LATER, {"lake": "s3://another"}),
    ],
    ids=["too old", "of the future", "of another lake"],
)
def test_what_does_not_serve_is_listed_anew(tmp_path: Path, now: datetime, scope: dict[str, str]) -> None:
    interrupted(tmp_path)
    lake = MemoryLake(KEYS, page_keys=10)
    snapshot, found = scanned(tmp_path, lake, now, resume=resume(tmp_path, now, scope=scope))
    assert found == KEYS
    assert [(one.start, one.end, one.evidence_at) for one in snapshot.ranges] == [("", None, now)]
    assert snapshot.warnings == ()


@settings(max_examples=40, deadline=None)
@given(place=st.integers(0, 10**6), cut_off=st.booleans(), more=st.integers(0, 30))
def test_however_a_file_was_cut_off_the_result_is_whole(
    tmp_path_factory: pytest.TempPathFactory, place: int, cut_off: bool, more: int
) -> None:
    folder = tmp_path_factory.mktemp("s")
    keys = KEYS[:60]
    with pytest.raises(LakeError):
        scanned(folder, failing(4, keys), FIRST)
    path = folder / "scan.checkpoint"
    content = bytearray(path.read_bytes())
    place %= len(content)
    if cut_off:
        del content[place:]
    else:
        content[place] ^= 0x41
    path.write_bytes(content + b"\0" * more)
    _, found = scanned(folder, MemoryLake(keys, page_keys=10), LATER)
    assert found == keys


@settings(max_examples=40, deadline=None)
@given(points=st.lists(st.sampled_from(KEYS), max_size=6), wanted=st.lists(st.booleans(), min_size=7, max_size=7))
def test_another_choice_of_spans_takes_from_the_file_what_it_needs(
    tmp_path_factory: pytest.TempPathFactory, points: list[str], wanted: list[bool]
) -> None:
    folder = tmp_path_factory.mktemp("s")
    interrupted(folder)
    spans = [span for span, take in zip(cut(prefix_spans(()), points), wanted, strict=False) if take]
    _, found = scanned(folder, MemoryLake(KEYS, page_keys=10), LATER, spans=spans)
    assert found == [key for key in KEYS if any(span.holds(key) for span in spans)]


def test_a_page_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = object_batch(["a", "é"], [1, 2], [3, 4], ["x", None])
    with Checkpoint(tmp_path / "c", {}) as checkpoint:
        kept = checkpoint.append("", "\U0010ffff\0", FIRST, rows)
        empty = checkpoint.append("\U0010ffff\0", None, LATER, None)
        assert checkpoint.read(kept).equals(rows)
    with Checkpoint(tmp_path / "c", {}) as checkpoint:
        assert checkpoint.covered == [kept, empty]
        assert checkpoint.read(kept).equals(rows)
        assert Span(kept.start, kept.end).holds("é")


KILLED = """
import os, sys
from datetime import datetime, timezone
from pathlib import Path
from support.memory_lake import MemoryLake
from test_resume import KEYS, FIRST, scanned

def die(request):
    if request > 20:
        os.kill(os.getpid(), int(sys.argv[2]))

scanned(Path(sys.argv[1]), MemoryLake(KEYS, page_keys=10, fault=die), FIRST)
"""


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_scan_is_gone_on_with(tmp_path: Path, sent: signal.Signals) -> None:
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(int(sent))],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -sent, done.stderr
    lake = MemoryLake(KEYS, page_keys=10)
    snapshot, found = scanned(tmp_path, lake, LATER)
    assert found == KEYS
    assert FIRST in {one.evidence_at for one in snapshot.ranges}
    assert len(lake.requests) < 45
    json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))


def test_a_scan_without_a_place_for_it_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LakeError):
        scanned(tmp_path, failing(20), FIRST, resume=None)
    assert list(tmp_path.iterdir()) == []
