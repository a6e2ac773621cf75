"""A scan that ended early is gone on with: what it listed is not listed again, and keeps the time of its evidence."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
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
from recon_core.lake.base import ListingLog, Page
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


def test_a_smaller_scan_leaves_what_a_larger_one_listed_elsewhere(tmp_path: Path) -> None:
    interrupted(tmp_path)
    spans = [Span(KEYS[place], KEYS[place + 4], "espn/") for place in range(0, 390, 50)]
    scanned(tmp_path, MemoryLake(KEYS, page_keys=10), FIRST, spans=spans)
    with Checkpoint(tmp_path / "scan.checkpoint", {"lake": "s3://memory"}) as checkpoint:
        left = list(checkpoint.covered)
    assert left
    assert not any(span.holds(found.start) for found in left for span in spans)
    # What the smaller scan listed is not gone on with: it came to its end.
    snapshot, found = scanned(tmp_path, MemoryLake(KEYS, page_keys=10), LATER)
    assert found == KEYS
    first = [key for key in KEYS if evidence(key, snapshot.ranges) == FIRST]
    assert first == [key for key in KEYS if any(Span(one.start, one.end).holds(key) for one in left)]
    assert len(first) > 100
    assert not any(span.holds(key) for key in first for span in spans)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.json", "s.parquet"]


def test_where_the_rest_cannot_be_kept_the_scan_is_done_all_the_same(tmp_path: Path) -> None:
    interrupted(tmp_path)
    (tmp_path / "scan.checkpoint.rest").mkdir()
    _, found = scanned(tmp_path, MemoryLake(KEYS, page_keys=10), LATER, spans=[Span(KEYS[0], KEYS[9], "espn/")])
    assert found == KEYS[:9]
    assert not (tmp_path / "scan.checkpoint").exists()


class Skipping(MemoryLake):
    """Leaves one object out of each page."""

    def list_pages(
        self, prefix: str = "", start_after: str | None = None, *, log: ListingLog | None = None
    ) -> Iterator[Page]:
        assert log is not None
        for page in super().list_pages(prefix, start_after, log=log):
            log.skipped["odd objects"] += 1
            yield page


def test_what_was_skipped_before_the_end_is_told_after_it(tmp_path: Path) -> None:
    def fault(request: int) -> None:
        if request > 20:
            raise LakeError("it went away")

    with pytest.raises(LakeError, match="it went away"):
        scanned(tmp_path, Skipping(KEYS, page_keys=10, fault=fault), FIRST, workers=1)
    snapshot, found = scanned(tmp_path, Skipping(KEYS, page_keys=10), LATER, workers=1)
    assert found == KEYS
    assert "skipped 40 odd objects" in snapshot.warnings


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
