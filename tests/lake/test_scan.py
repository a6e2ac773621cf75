"""Scanning: the snapshot holds what the lake holds, and its ranges say exactly what was covered."""

from __future__ import annotations

import errno
import itertools
import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.s3_server import S3Server

from recon_core.api import LakeError
from recon_core.kept import load_snapshot
from recon_core.lake.base import DEFAULT_READ_CAP, Hole, ListingLog, Page, Probe
from recon_core.lake.local import LocalLake
from recon_core.lake.s3 import S3Lake
from recon_core.lake.scan import scan
from recon_core.lake.spans import Span, cut, prefix_spans
from recon_core.progress import NoProgress
from recon_core.schemas import validate_document
from recon_core.snapshot import KeyRange, Snapshot, SnapshotWriter, prefix_end
from recon_core.workspace import Workspace

E = datetime(2025, 1, 15, 12, tzinfo=UTC)


class Clock:
    """Every look at it is a second later."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Seen(NoProgress):
    def __init__(self) -> None:
        self.updates: list[tuple[int, int | None, str]] = []
        self.messages: list[str] = []

    def update(self, done: int, total: int | None, what: str) -> None:
        self.updates.append((done, total, what))

    def log(self, message: str) -> None:
        self.messages.append(message)


class HolyLake:
    """A lake in memory that does not let some keys be listed."""

    url = "file:///holy"
    endpoint = None
    concurrent = False
    page_keys = 1000

    def __init__(self, keys: Iterable[str], holes: Iterable[Hole]) -> None:
        self._keys, self._holes = sorted(keys), list(holes)

    def list_pages(
        self, prefix: str = "", start_after: str | None = None, *, log: ListingLog | None = None
    ) -> Iterator[Page]:
        assert log is not None
        log.holes += self._holes
        keys = [key for key in self._keys if key.startswith(prefix)]
        if keys:
            yield Page.of(keys, [1] * len(keys), [0] * len(keys), [None] * len(keys))

    def read(self, key: str, max_bytes: int = DEFAULT_READ_CAP) -> bytes:
        raise LakeError("nothing to read")

    def check(self, clock: Callable[[], datetime]) -> list[Probe]:
        return []


def scanned(
    ws: Workspace,
    lake: S3Lake | LocalLake | HolyLake,
    prefixes: tuple[str, ...] = (),
    progress: Seen | None = None,
    spans: list[Span] | None = None,
) -> Snapshot:
    with SnapshotWriter(ws.snapshot_parquet, ws.snapshot_json, group_rows=7) as writer:
        return scan(
            lake,
            writer,
            spans=prefix_spans(prefixes) if spans is None else spans,
            prefixes=prefixes,
            evidence_at=E,
            simulated=True,
            clock=Clock(),
            progress=progress or Seen(),
        )


def stored_keys(ws: Workspace) -> list[str]:
    keys: list[str] = pq.read_table(ws.snapshot_parquet).column("key").to_pylist()
    return keys


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def covered(snapshot: Snapshot) -> list[tuple[str, str | None, str]]:
    return [(found.start, found.end, found.state) for found in snapshot.ranges]


def test_a_bucket_becomes_a_snapshot(s3_server: S3Server, bucket_lake: Callable[..., S3Lake], ws: Workspace) -> None:
    bucket = s3_server.bucket()
    moment = datetime(2025, 1, 1, 10, 11, 12, tzinfo=UTC)
    s3_server.seed(bucket, {f"espn/{number:02} +é.json": number for number in range(20)}, last_modified=moment)
    progress = Seen()
    snapshot = scanned(ws, bucket_lake(bucket), progress=progress)
    table = pq.read_table(ws.snapshot_parquet)
    assert table.column("key").to_pylist() == [f"espn/{number:02} +é.json" for number in range(20)]
    assert table.column("size").to_pylist() == list(range(20))
    assert set(table.column("last_modified").to_pylist()) == {moment.replace(tzinfo=None)}
    assert None not in table.column("etag").to_pylist()
    assert (snapshot.lake, snapshot.mode, snapshot.simulated) == (f"s3://{bucket}", "listing", True)
    assert (snapshot.objects, snapshot.bytes, snapshot.requests) == (20, 190, 5)
    assert covered(snapshot) == [("", None, "listed")]
    assert {found.evidence_at for found in snapshot.ranges} == {snapshot.evidence_at} == {E}
    assert snapshot.finished_at - snapshot.started_at == timedelta(seconds=1)
    assert snapshot.id.startswith("snap_20250115T120000Z_")
    assert {update[1:] for update in progress.updates} == {(None, "objects")}
    counts = [done for done, _, _ in progress.updates]
    assert counts == sorted(counts)
    assert counts[-1] == 20
    assert load_snapshot(ws) == snapshot
    validate_document("snapshot", json.loads(ws.snapshot_json.read_text(encoding="utf-8")))


def test_a_retried_page_counts_as_a_request_and_is_told(
    s3_server: S3Server, bucket_lake: Callable[..., S3Lake], ws: Workspace
) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, {"a": 1})
    progress = Seen()
    with s3_server.faults({"match": "list-type=2", "action": "status", "status": 503, "code": "SlowDown", "times": 2}):
        snapshot = scanned(ws, bucket_lake(bucket), progress=progress)
    assert snapshot.requests == 3
    assert [message.partition(": try")[0] for message in progress.messages] == [f"s3://{bucket}: 503 SlowDown"] * 2


def test_a_denied_prefix_is_a_denied_range_and_the_rest_goes_on(
    s3_server: S3Server, bucket_lake: Callable[..., S3Lake], ws: Workspace
) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys(["a/1", "b/1", "b/2", "c/1", "d/1"], 1))
    denied = {"match": "prefix=b/", "action": "status", "status": 403, "code": "AccessDenied"}
    with s3_server.faults(denied):
        snapshot = scanned(ws, bucket_lake(bucket), ("c/", "b/", "a/"))
    assert stored_keys(ws) == ["a/1", "c/1"]
    assert covered(snapshot) == [("a/", "a0", "listed"), ("b/", "b0", "denied"), ("c/", "c0", "listed")]
    assert "s3:ListBucket" in (snapshot.ranges[1].error or "")
    assert load_snapshot(ws) == snapshot


def test_denied_half_way_what_was_seen_stays(
    s3_server: S3Server, bucket_lake: Callable[..., S3Lake], ws: Workspace
) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys("abcdefghij", 1))
    denied = {"match": "list-type=2", "skip": 1, "action": "status", "status": 403, "code": "AccessDenied"}
    with s3_server.faults(denied):
        snapshot = scanned(ws, bucket_lake(bucket))
    assert stored_keys(ws) == ["a", "b", "c", "d"]
    assert covered(snapshot) == [("", "d\0", "listed"), ("d\0", None, "denied")]


@pytest.mark.parametrize("prefixes", [(), ("a/", "b/")])
def test_where_all_is_denied_there_is_no_snapshot(
    s3_server: S3Server, bucket_lake: Callable[..., S3Lake], ws: Workspace, prefixes: tuple[str, ...]
) -> None:
    denied = {"match": "list-type=2", "action": "status", "status": 403, "code": "AccessDenied"}
    with s3_server.faults(denied), pytest.raises(LakeError, match="s3:ListBucket"):
        scanned(ws, bucket_lake(s3_server.bucket()), prefixes)
    assert list(ws.cache_dir.iterdir()) == []


def test_a_listing_out_of_order_is_refused(
    s3_server: S3Server, bucket_lake: Callable[..., S3Lake], ws: Workspace
) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys(["a", "b\nb", "c"], 1))
    with (
        s3_server.faults({"match": "list-type=2", "action": "reverse"}),
        pytest.raises(LakeError, match=r"lists 'b\\\\nb' after 'c': .* nothing proves"),
    ):
        scanned(ws, bucket_lake(bucket))


def test_a_scan_that_fails_leaves_the_last_snapshot_whole(
    s3_server: S3Server, bucket_lake: Callable[..., S3Lake], ws: Workspace
) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys("abcdefghij", 1))
    lake = bucket_lake(bucket)
    before = scanned(ws, lake)
    files = {path: path.read_bytes() for path in ws.cache_dir.iterdir()}
    expired = {"match": "list-type=2", "skip": 2, "action": "status", "status": 400, "code": "ExpiredToken"}
    with s3_server.faults(expired), pytest.raises(LakeError, match="have expired"):
        scanned(ws, lake)
    assert {path: path.read_bytes() for path in ws.cache_dir.iterdir()} == files
    assert load_snapshot(ws) == before


def test_a_prefix_without_objects_is_worth_a_warning(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "lake/raw").mkdir(parents=True)
    (tmp_path / "lake/raw/x").touch()
    snapshot = scanned(ws, LocalLake(tmp_path / "lake"), ("raw/", "rawx/"))
    assert snapshot.warnings == ("no object lies below the prefix 'rawx/': check lake.prefixes",)
    assert covered(snapshot) == [("raw/", "raw0", "listed"), ("rawx/", "rawx0", "listed")]


def test_the_warning_is_of_configured_prefixes_and_of_no_stretch_that_is_listed(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "lake/raw").mkdir(parents=True)
    (tmp_path / "lake/raw/x").touch()
    lake = LocalLake(tmp_path / "lake")
    empty, full = Span("raw/", "raw/w", "raw/"), Span("raw/w", "raw0", "raw/")
    stretches = [empty, full, *prefix_spans(["rawx/", "toy/days/"])]
    assert scanned(ws, lake, spans=stretches).warnings == ()
    # What is below a prefix may be listed in pieces, and some of it not at all.
    assert scanned(ws, lake, ("raw/", "rawx/", "toy/"), spans=stretches).warnings == (
        "no object lies below the prefix 'rawx/': check lake.prefixes",
    )


def test_what_a_folder_skips_is_worth_a_warning(ws: Workspace, tmp_path: Path) -> None:
    root = tmp_path / "lake"
    root.mkdir()
    (root / "a").touch()
    (root / "link").symlink_to(tmp_path)
    snapshot = scanned(ws, LocalLake(root))
    assert snapshot.warnings == ("skipped 1 links that lead out of the lake or nowhere",)
    assert (snapshot.requests, snapshot.objects) == (0, 1)


def test_an_unreadable_folder_is_a_denied_range(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "lake"
    for name in ("a/1", "b/1", "c/1"):
        (root / name).parent.mkdir(parents=True)
        (root / name).touch()
    scandir = os.scandir

    def refusing(path: Path | int) -> Iterator[os.DirEntry[str]]:
        if path == root / "b":
            raise OSError(errno.EACCES, "no", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    snapshot = scanned(ws, LocalLake(root))
    assert covered(snapshot) == [("", "b/", "listed"), ("b/", "b0", "denied"), ("b0", None, "listed")]
    assert stored_keys(ws) == ["a/1", "c/1"]


def test_an_empty_lake_is_a_snapshot_without_rows(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    snapshot = scanned(ws, LocalLake(tmp_path / "lake"))
    assert (snapshot.objects, snapshot.bytes) == (0, 0)
    assert covered(snapshot) == [("", None, "listed")]
    assert load_snapshot(ws) == snapshot


text = st.text(st.sampled_from("ab\ud7ff\ue000\U0010ffff"), max_size=3)


@settings(max_examples=20, deadline=None)
@given(
    keys=st.sets(text.filter(bool), max_size=20),
    points=st.lists(text, max_size=6),
    listed=st.lists(st.booleans(), min_size=7, max_size=7),
)
def test_spans_are_listed_exactly_and_what_is_left_out_is_kept(
    s3_server: S3Server,
    bucket_lake: Callable[..., S3Lake],
    tmp_path_factory: pytest.TempPathFactory,
    keys: set[str],
    points: list[str],
    listed: list[bool],
) -> None:
    pieces = list(zip(cut(prefix_spans(()), points), listed, strict=False))
    spans = [span for span, wanted in pieces if wanted]
    left_out = [
        KeyRange(start=span.start, end=span.end, state="sampled_out", error=None, evidence_at=E)
        for span, wanted in pieces
        if not wanted
    ]
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys(keys, 1))
    ws = Workspace(tmp_path_factory.mktemp("ws"))
    with SnapshotWriter(ws.snapshot_parquet, ws.snapshot_json) as writer:
        snapshot = scan(
            bucket_lake(bucket),
            writer,
            spans=spans,
            left_out=left_out,
            evidence_at=E,
            simulated=True,
            clock=Clock(),
            progress=Seen(),
        )
    assert stored_keys(ws) == sorted(key for key in keys if any(span.holds(key) for span in spans))
    assert (snapshot.ranges[0].start, snapshot.ranges[-1].end) == ("", None)
    for key in [*keys, *points]:
        (found,) = [one for one in snapshot.ranges if one.start <= key and (one.end is None or key < one.end)]
        assert found.state == ("listed" if any(span.holds(key) for span in spans) else "sampled_out")


@settings(max_examples=40, deadline=None)
@given(
    prefix=text,
    cuts=st.lists(st.tuples(text, text, st.booleans()), max_size=4),
    keys=st.lists(text, max_size=10),
)
def test_ranges_leave_nothing_out_and_never_call_a_hole_listed(
    tmp_path_factory: pytest.TempPathFactory, prefix: str, cuts: list[tuple[str, str, bool]], keys: list[str]
) -> None:
    holes = [
        Hole(prefix + min(one, other), None if open_end and not prefix else prefix + max(one, other), "denied")
        for one, other, open_end in cuts
    ]
    ws = Workspace(tmp_path_factory.mktemp("ws"))
    try:
        snapshot = scanned(ws, HolyLake([], holes), (prefix,) if prefix else ())
    except LakeError:
        ranges = None
    else:
        ranges = snapshot.ranges
        for one, following in itertools.pairwise(ranges):
            assert one.end == following.start
        assert (ranges[0].start, ranges[-1].end) == (prefix, prefix_end(prefix))
    for key in (prefix + key for key in keys):
        in_hole = any(hole.start <= key and (hole.end is None or key < hole.end) for hole in holes)
        if ranges is None:
            assert in_hole
            continue
        (found,) = [found for found in ranges if found.start <= key and (found.end is None or key < found.end)]
        assert (found.state == "denied") == in_hole
