"""Many listings at once see what one after the other sees, wherever the key space is cut."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.memory_lake import MemoryLake
from support.s3_server import S3Server

from recon_core.api import LakeError
from recon_core.lake.base import FailedPageError, Lake
from recon_core.lake.known import KnownKeys
from recon_core.lake.retry import Backoff
from recon_core.lake.s3 import S3Lake
from recon_core.lake.s3_errors import Place
from recon_core.lake.scan import scan
from recon_core.lake.spans import prefix_spans
from recon_core.progress import NoProgress
from recon_core.snapshot import KeyRange, Snapshot, SnapshotWriter

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

E = datetime(2025, 1, 15, 12, tzinfo=UTC)

odd_key = st.text(st.sampled_from("ab/+% .\x00\x01\n\xe9\ud7ff\ue000\uffff\U0001f600"), min_size=1, max_size=5)
long_key = st.integers(0, 60).map(lambda number: f"espn/play_by_play/season=2024/{400_000_000 + 7 * number}.json")
other_key = st.integers(0, 30).map(lambda number: f"espn/box/{number:x}")
shared_key = st.integers(0, 15).map(lambda number: "p" * 300 + str(number))
keys = st.sets(odd_key | long_key | other_key | shared_key, max_size=80)
points = st.lists(odd_key | long_key | other_key, max_size=12)


def scanned(folder: Path, lake: Lake, **how: Any) -> tuple[Snapshot, list[str]]:
    """The snapshot and its keys."""
    asked: dict[str, Any] = {"spans": prefix_spans(()), "workers": 5, "evidence_at": E, "simulated": True, **how}
    with SnapshotWriter(folder / "s.parquet", folder / "s.json") as writer:
        snapshot = scan(lake, writer, clock=lambda: E, progress=NoProgress(), **asked)
    found: list[str] = pq.read_table(folder / "s.parquet").column("key").to_pylist()
    return snapshot, found


def states(snapshot: Snapshot) -> list[tuple[str, str | None, str]]:
    return [(found.start, found.end, found.state) for found in snapshot.ranges]


def state_of(key: str, ranges: tuple[KeyRange, ...]) -> str:
    (found,) = [one for one in ranges if one.start <= key and (one.end is None or key < one.end)]
    return found.state


@settings(max_examples=100, deadline=None)
@example(there=set(), known=[], stride=1, page_keys=1, workers=1, prefixes=[])
@example(there={"\U0010ffff" * 3, "\x00"}, known=["\x00", "\U0010ffff"], stride=1, page_keys=1, workers=8, prefixes=[])
@given(
    there=keys,
    known=points,
    stride=st.sampled_from([1, 3, 50]),
    page_keys=st.integers(1, 6),
    workers=st.sampled_from([1, 2, 8]),
    prefixes=st.lists(st.sampled_from(["a", "espn/", "espn/box/", "espn", "p", "\ud7ff"]), max_size=3),
)
def test_wherever_it_is_cut_the_listing_is_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    there: set[str],
    known: list[str],
    stride: int,
    page_keys: int,
    workers: int,
    prefixes: list[str],
) -> None:
    lake = MemoryLake(there, page_keys=page_keys)
    spans = prefix_spans(prefixes)
    guide = KnownKeys(sorted(set(known)), stride)
    snapshot, found = scanned(tmp_path_factory.mktemp("s"), lake, spans=spans, known=guide, workers=workers)
    assert found == sorted(key for key in there if any(span.holds(key) for span in spans))
    assert snapshot.objects == len(found)
    assert snapshot.bytes == sum(len(key) for key in found)
    assert snapshot.requests == len(lake.requests)
    for key in {*there, *known, *(span.start for span in spans)}:
        covered = [one for one in snapshot.ranges if one.start <= key and (one.end is None or key < one.end)]
        assert [one.state for one in covered] == ["listed"] * any(span.holds(key) for span in spans)


@settings(max_examples=30, deadline=None)
@given(there=keys, known=points, page_keys=st.sampled_from([1, 4]))
def test_a_real_server_lists_the_same_in_many_pieces(
    s3_server: S3Server,
    bucket_lake: Callable[..., S3Lake],
    tmp_path_factory: pytest.TempPathFactory,
    there: set[str],
    known: list[str],
    page_keys: int,
) -> None:
    bucket = s3_server.bucket()
    s3_server.seed(bucket, dict.fromkeys(there, 1))
    lake = bucket_lake(bucket, page_keys=page_keys)
    plain = [key for page in lake.list_pages() for key in page.keys]
    _, found = scanned(tmp_path_factory.mktemp("s"), lake, known=KnownKeys(sorted(set(known)), 2))
    assert found == plain == sorted(there)


def test_a_bucket_below_a_prefix_and_with_old_objects_is_listed_in_many_pieces(
    s3_server: S3Server, bucket_lake: Callable[..., S3Lake], tmp_path: Path
) -> None:
    bucket = s3_server.bucket()
    names = [f"{number:03}" for number in range(50)]
    s3_server.seed(bucket, dict.fromkeys([*(f"data/{name}" for name in names), "date", "data", "data/"], 1))
    snapshot, found = scanned(tmp_path, bucket_lake(bucket, prefix="data/"), known=KnownKeys(names[::5], 5))
    assert found == names
    assert states(snapshot) == [("", None, "listed")]


def many(count: int) -> list[str]:
    return [f"espn/{400_000_000 + 3 * number}.json" for number in range(count)]


def test_known_keys_are_where_it_is_cut_and_nearly_no_request_is_wasted(tmp_path: Path) -> None:
    lake = MemoryLake(many(2000), page_keys=10)
    _, found = scanned(tmp_path, lake, known=KnownKeys(many(2000)[4::5], 5), workers=8)
    assert found == many(2000)
    assert len({after for _, after in lake.requests} & set(many(2000)[4::5])) > 8
    assert len(lake.requests) < 2000 / 10 * 1.1


class Together:
    """Lets a request go on only when some are in flight at once, or no other comes."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._in_flight = 0
        self._changed = threading.Condition()
        self.most = 0

    def __call__(self, request: int) -> None:
        with self._changed:
            self._in_flight += 1
            self.most = max(self.most, self._in_flight)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.most >= self._number, timeout=0.2 if request > 1 else 0)
            self._in_flight -= 1


def test_what_nobody_knew_is_cut_by_what_was_seen(tmp_path: Path) -> None:
    together = Together(8)
    lake = MemoryLake(many(2000), page_keys=10, fault=together)
    _, found = scanned(tmp_path, lake, workers=8)
    assert found == many(2000)
    assert together.most == 8
    assert len(lake.requests) < 2000 / 10 * 2


def test_no_more_workers_than_asked_for(tmp_path: Path) -> None:
    together = Together(9)
    lake = MemoryLake(many(300), page_keys=10, fault=together)
    scanned(tmp_path, lake, known=KnownKeys(many(300)[4::5], 5), workers=3)
    assert together.most == 3


def test_keys_that_come_and_go_in_the_meantime_do_no_harm(tmp_path: Path) -> None:
    lake = MemoryLake(many(500), page_keys=10)
    stay = many(500)[::2]

    def change(request: int) -> None:
        with lake.lock:
            lake.keys = sorted(
                {*lake.keys, f"espn/{400_000_000 + 6 * request}.xml"} - {many(500)[(37 * request) % 250 * 2 + 1]}
            )

    lake.fault = change
    snapshot, found = scanned(tmp_path, lake, known=KnownKeys(many(500)[4::5], 5), workers=4)
    assert found == sorted(set(found))
    assert set(stay) <= set(found)
    assert snapshot.objects == len(found)


def test_what_fails_in_one_piece_ends_the_scan(tmp_path: Path) -> None:
    def fail(request: int) -> None:
        if request == 20:
            raise LakeError("it went away")

    lake = MemoryLake(many(2000), page_keys=10, fault=fail)
    with pytest.raises(LakeError, match="it went away"):
        scanned(tmp_path, lake, known=KnownKeys(many(2000)[4::5], 5), workers=8)
    assert list(tmp_path.iterdir()) == []
    assert len(lake.requests) < 60


DENIED: dict[str, tuple[Callable[[str, str], bool], tuple[str, ...]]] = {
    # As a policy with a condition on s3:prefix does.
    "all but two folders": (lambda prefix, after: not prefix.startswith(("a/", "c/")), ("a/", "c/")),
    "one folder, asked for by name": (lambda prefix, after: prefix.startswith("b/"), ("a/", "b/", "c/", "d/")),
    # As a server does that looks at where a page begins.
    "pages that begin in a folder": (lambda prefix, after: "b/" < max(prefix, after) < "b0", ("a/", "c/", "d/")),
    "a folder in a folder": (lambda prefix, after: "c/x/" <= max(prefix, after) < "c/x0", ("a/", "b/", "c/0", "d/")),
}
"""Which requests are denied, by prefix and position, and below which prefixes all keys can be had nevertheless."""


@pytest.mark.parametrize("case", DENIED)
@pytest.mark.parametrize("stride", [1, 40])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_denied_stretch_does_not_take_its_neighbours_with_it(
    tmp_path: Path, case: str, stride: int, workers: int
) -> None:
    denied, allowed = DENIED[case]
    there = [f"{folder}{number:02}" for folder in ("a/", "b/", "c/", "c/x/", "d/") for number in range(40)]
    lake = MemoryLake(there, page_keys=7, denied=denied)
    guide = KnownKeys(sorted(there)[stride - 1 :: stride], stride, ["a/", "b/", "c/", "d/"])
    snapshot, found = scanned(tmp_path, lake, known=guide, workers=workers)
    listed = {key for key in there if state_of(key, snapshot.ranges) == "listed"}
    assert set(found) == listed
    for one, following in itertools.pairwise(snapshot.ranges):
        assert one.end == following.start
    assert (snapshot.ranges[0].start, snapshot.ranges[-1].end) == ("", None)
    assert {key for key in there if key.startswith(allowed)} <= listed
    assert all("denied" in (one.error or "") for one in snapshot.ranges if one.state == "denied")


def test_where_nothing_may_be_listed_few_requests_tell(tmp_path: Path) -> None:
    there = [f"{number:04}/x" for number in range(3000)]
    lake = MemoryLake(there, denied=lambda prefix, after: True)
    with pytest.raises(LakeError, match="denied"):
        scanned(tmp_path, lake, known=KnownKeys(there), workers=4)
    assert len(lake.requests) < 250


def test_a_service_that_bears_few_requests_at_once_is_soon_asked_no_more(
    s3_server: S3Server, s3_client: S3Client, tmp_path: Path
) -> None:
    bucket, there = s3_server.bucket(), [f"{number:03}" for number in range(400)]
    s3_server.seed(bucket, dict.fromkeys(there, 1))
    place = Place(bucket, "", s3_server.endpoint, None)
    lake = S3Lake(s3_client, place, backoff=Backoff(attempts=50, base=0.02, cap=0.1), page_keys=4)
    busy = {"match": "list-type=2", "action": "status", "status": 503, "code": "SlowDown", "crowd": 3}
    with s3_server.faults(busy):
        snapshot, found = scanned(tmp_path, lake, workers=24, known=KnownKeys(there[::4]))
    assert found == there
    assert lake.in_flight_limit <= 8
    # 100 pages. Were all 24 sent again and again, most would be refused, for as long as there is something to list.
    assert snapshot.requests < 250


FOLDERS = [f"{folder}{number:02}" for folder in ("a/", "b/", "c/", "d/") for number in range(40)]


@pytest.mark.parametrize("known", [FOLDERS, []], ids=["known", "unknown"])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_folder_that_fails_for_ever_does_not_take_its_neighbours_with_it(
    tmp_path: Path, known: list[str], workers: int
) -> None:
    lake = MemoryLake(FOLDERS, page_keys=7, broken=lambda key: key.startswith("b/"))
    guide = KnownKeys(known, 1, ["a/", "b/", "c/", "d/"])
    snapshot, found = scanned(tmp_path, lake, known=guide, workers=workers)
    assert found == [key for key in FOLDERS if not key.startswith("b/")]
    for one, following in itertools.pairwise(snapshot.ranges):
        assert one.end == following.start
    assert (snapshot.ranges[0].start, snapshot.ranges[-1].end) == ("", None)
    for key in FOLDERS:
        assert state_of(key, snapshot.ranges) == ("denied" if key.startswith("b/") else "listed")
    assert {one.error for one in snapshot.ranges if one.state == "denied"} >= {
        "s3://memory/b/: still answers 500 after many tries: try again later"
    }
    assert len(lake.requests) < 150


@pytest.mark.parametrize("workers", [1, 4])
def test_one_object_with_which_no_page_can_be_had_costs_its_page(tmp_path: Path, workers: int) -> None:
    there = many(5000)
    lake = MemoryLake(there, page_keys=10, broken=lambda key: key == there[2345])
    snapshot, found = scanned(tmp_path, lake, known=KnownKeys(there[4::5], 5), workers=workers)
    assert len(found) >= 4900
    assert {key for key in there if state_of(key, snapshot.ranges) == "listed"} == set(found)
    assert state_of(there[2345], snapshot.ranges) == "denied"


@pytest.mark.parametrize("first", ["a/00", "d/39"])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_failure_before_the_first_answer_is_judged_by_later_ones(tmp_path: Path, first: str, workers: int) -> None:
    lake = MemoryLake(FOLDERS, page_keys=200, broken=lambda key: key == first)
    snapshot, found = scanned(tmp_path, lake, known=KnownKeys(FOLDERS), workers=workers)
    assert found == [key for key in FOLDERS if key[:2] != first[:2]]
    assert state_of(first, snapshot.ranges) == "denied"


@pytest.mark.parametrize("after", [0, 1, 20])
@pytest.mark.parametrize("workers", [1, 8])
def test_a_lake_that_fails_from_some_moment_on_is_an_error_and_no_denied_range(
    tmp_path: Path, after: int, workers: int
) -> None:
    def fail(request: int) -> None:
        if request > after:
            raise FailedPageError("still answers 500")

    lake = MemoryLake(many(2000), page_keys=10, fault=fail)
    with pytest.raises(LakeError, match="still answers 500"):
        scanned(tmp_path, lake, known=KnownKeys(many(2000)[4::5], 5), workers=workers)
    assert len(lake.requests) <= after + 2 * workers + 5


@pytest.mark.parametrize("workers", [1, 8])
def test_what_failed_for_a_while_is_listed(tmp_path: Path, workers: int) -> None:
    asked: set[tuple[str, str]] = set()

    def fail(request: int) -> None:
        page = lake.requests[request - 1]
        if request > 20 and page not in asked:
            asked.add(page)
            raise FailedPageError("still answers 500")
        asked.add(page)

    lake = MemoryLake(many(2000), page_keys=10, fault=fail)
    snapshot, found = scanned(tmp_path, lake, known=KnownKeys(many(2000)[4::5], 5), workers=workers)
    assert (states(snapshot), found) == ([("", None, "listed")], many(2000))


@pytest.mark.parametrize("known", [FOLDERS, []], ids=["known keys follow", "folders follow"])
def test_what_follows_a_range_that_fails_for_good_is_not_denied_for_one_failure(
    tmp_path: Path, known: list[str]
) -> None:
    asked: set[tuple[str, str]] = set()

    def fail_at_first(request: int) -> None:
        page = lake.requests[request - 1]
        if page not in asked:
            asked.add(page)
            if request > 1:
                raise FailedPageError("still answers 500")

    def broken(key: str) -> bool:
        return "b/" < key < "b/2"

    guide = KnownKeys(known, 1, ["a/", "b/", "c/", "d/"])
    lake = MemoryLake(FOLDERS, page_keys=7, broken=broken)
    sound = scanned(tmp_path, lake, known=guide, workers=1)
    lake = MemoryLake(FOLDERS, page_keys=7, broken=broken, fault=fail_at_first)
    snapshot, found = scanned(tmp_path, lake, known=guide, workers=1)
    assert (states(snapshot), found) == (states(sound[0]), sound[1])
    assert "denied" in {one.state for one in snapshot.ranges}


@pytest.mark.parametrize("workers", [1, 4])
def test_a_long_stretch_that_fails_for_good_is_passed_by_in_growing_steps(tmp_path: Path, workers: int) -> None:
    there = many(5000)
    lake = MemoryLake(there, page_keys=10, broken=lambda key: there[1000] <= key < there[2000])
    snapshot, found = scanned(tmp_path, lake, known=KnownKeys(there[4::5], 5), workers=workers)
    assert set(found) >= set(there[:990])
    assert all(state_of(key, snapshot.ranges) == "denied" for key in there[1000:2000])
    pages = len(found) / 10
    # Two tries for each step and a sound page after each.
    assert len(lake.requests) < pages + 100
