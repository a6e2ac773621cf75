"""S3 when it fails: what passes is asked again, what does not is said in one line, and a denied prefix is a hole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from support.s3_server import CREDENTIALS, S3Server

from recon_core.api import LakeError
from recon_core.lake.base import DeniedError, Hole, ListingLog
from recon_core.lake.checkpoint import Resume
from recon_core.lake.known import KnownKeys
from recon_core.lake.s3 import S3Lake
from recon_core.lake.scan import scan
from recon_core.lake.spans import prefix_spans
from recon_core.progress import NoProgress
from recon_core.snapshot import Snapshot, SnapshotWriter

E = datetime(2025, 1, 15, 12, tzinfo=UTC)
LIST = "list-type=2"
KEYS = [f"espn/{number}.json" for number in range(10)]
OpenBucket = Callable[..., S3Lake]

PASSING = {
    "slow down": {"action": "status", "status": 503, "code": "SlowDown"},
    "internal error": {"action": "status", "status": 500, "code": "InternalError"},
    "bad gateway": {"action": "status", "status": 502},
    "too many requests": {"action": "status", "status": 429, "code": "TooManyRequestsException"},
    "request timeout": {"action": "status", "status": 400, "code": "RequestTimeout"},
    "reset": {"action": "reset"},
    "truncated body": {"action": "truncate"},
    "whole answer, half a page": {"action": "cut"},
    "no answer in time": {"action": "hang", "seconds": 1.5},
    "garbled page": {"action": "replace", "old": "<Key>", "new": "<Kez>"},
    "garbled time": {"action": "replace", "old": "<LastModified>2", "new": "<LastModified>x"},
    "lost object": {"action": "replace", "old": "<KeyCount>4", "new": "<KeyCount>5"},
    "error in a good answer": {"action": "body", "text": "<Error><Code>InternalError</Code></Error>"},
    "another document": {"action": "body", "text": "<html></html>"},
    "empty answer": {"action": "body", "text": ""},
    "entities": {"action": "body", "text": '<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult>&a;</ListBucketResult>'},
    "no way on": {"action": "replace", "old": "NextContinuationToken", "new": "Nothing"},
}


@pytest.fixture
def bucket(s3_server: S3Server) -> str:
    name = s3_server.bucket()
    s3_server.seed(name, dict.fromkeys(KEYS, 5))
    return name


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_page_that_fails_in_passing_is_asked_for_again(
    s3_server: S3Server, bucket_lake: OpenBucket, bucket: str, fault: dict[str, Any]
) -> None:
    retries: list[str] = []
    log = ListingLog(on_retry=retries.append)
    with s3_server.faults({"match": LIST, "skip": 1, "times": 1, **fault}):
        keys = [key for page in bucket_lake(bucket).list_pages(log=log) for key in page.keys]
    assert keys == KEYS
    assert log.requests == 4
    assert len(retries) == 1
    assert "try 2 in" in retries[0]


@pytest.mark.parametrize("fault", [*PASSING.values(), {"action": "hang", "seconds": 0.2}], ids=[*PASSING, "slow pages"])
def test_a_scan_in_many_pieces_bears_what_passes(
    s3_server: S3Server, bucket_lake: OpenBucket, tmp_path: Path, fault: dict[str, Any]
) -> None:
    name = s3_server.bucket()
    keys = [f"espn/{number:03}.json" for number in range(120)]
    s3_server.seed(name, dict.fromkeys(keys, 5))
    with (
        s3_server.faults({"match": LIST, "skip": 3, "times": 5, **fault}),
        SnapshotWriter(tmp_path / "s.parquet", tmp_path / "s.json") as writer,
    ):
        snapshot = scan(
            bucket_lake(name),
            writer,
            spans=prefix_spans(()),
            known=KnownKeys(keys[1::2], 2),
            workers=4,
            evidence_at=E,
            simulated=True,
            clock=lambda: E,
            progress=NoProgress(),
        )
    assert pq.read_table(tmp_path / "s.parquet").column("key").to_pylist() == keys
    assert [(one.start, one.end, one.state) for one in snapshot.ranges] == [("", None, "listed")]


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_prefix_that_fails_for_ever_is_denied_and_the_rest_is_listed(
    s3_server: S3Server, bucket_lake: OpenBucket, tmp_path: Path, status: int, workers: int
) -> None:
    name = s3_server.bucket()
    keys = [f"{folder}{number:02}.json" for folder in ("a/", "b/", "c/") for number in range(9)]
    s3_server.seed(name, dict.fromkeys(keys, 5))
    fault = {"match": "prefix=b/", "action": "status", "status": status, "code": "Odd"}
    with (
        s3_server.faults(fault),
        SnapshotWriter(tmp_path / "s.parquet", tmp_path / "s.json") as writer,
    ):
        snapshot = scan(
            bucket_lake(name),
            writer,
            spans=prefix_spans(["a/", "b/", "c/"]),
            workers=workers,
            evidence_at=E,
            simulated=True,
            clock=lambda: E,
            progress=NoProgress(),
        )
    found = pq.read_table(tmp_path / "s.parquet").column("key").to_pylist()
    assert found == [key for key in keys if not key.startswith("b/")]
    assert [(one.start, one.end, one.state) for one in snapshot.ranges] == [
        ("a/", "a0", "listed"),
        ("b/", "b0", "denied"),
        ("c/", "c0", "listed"),
    ]
    assert f"s3://{name}/b/" in (snapshot.ranges[1].error or "")
    assert f"{status} Odd" in (snapshot.ranges[1].error or "")


@pytest.mark.parametrize(
    ("status", "code"), [(503, "SlowDown"), (429, "TooManyRequestsException"), (400, "Throttling")]
)
def test_a_prefix_that_is_throttled_for_ever_ends_the_scan_and_the_next_goes_on(
    s3_server: S3Server, bucket_lake: OpenBucket, tmp_path: Path, status: int, code: str
) -> None:
    name = s3_server.bucket()
    keys = [f"{folder}{number:02}.json" for folder in ("a/", "b/", "c/") for number in range(9)]
    s3_server.seed(name, dict.fromkeys(keys, 5))

    def scanned() -> Snapshot:
        with SnapshotWriter(tmp_path / "s.parquet", tmp_path / "s.json") as writer:
            return scan(
                bucket_lake(name),
                writer,
                spans=prefix_spans(["a/", "b/", "c/"]),
                workers=1,
                resume=Resume(path=tmp_path / "scan.checkpoint", scope={}, oldest=E - timedelta(hours=1)),
                evidence_at=E,
                simulated=True,
                clock=lambda: E,
                progress=NoProgress(),
            )

    with (
        s3_server.faults({"match": "prefix=b/", "action": "status", "status": status, "code": code}),
        pytest.raises(LakeError, match=f"{status} {code} after many tries: try again later"),
    ):
        scanned()
    assert not (tmp_path / "s.parquet").exists()
    snapshot = scanned()
    assert {one.state for one in snapshot.ranges} == {"listed"}
    assert pq.read_table(tmp_path / "s.parquet").column("key").to_pylist() == keys
    assert any("went on with an interrupted scan: 9 objects" in warning for warning in snapshot.warnings)


def test_a_key_that_an_endpoint_cannot_say_costs_its_page_only(
    s3_server: S3Server, bucket_lake: OpenBucket, tmp_path: Path
) -> None:
    name = s3_server.bucket()
    keys = [f"{folder}{number:02}.json" for folder in ("a/", "b/", "c/") for number in range(9)]
    s3_server.seed(name, dict.fromkeys([*keys, "b/\x01"], 5))
    with (
        s3_server.faults({"match": LIST, "action": "unencoded"}),
        SnapshotWriter(tmp_path / "s.parquet", tmp_path / "s.json") as writer,
    ):
        snapshot = scan(
            bucket_lake(name),
            writer,
            spans=prefix_spans(()),
            known=KnownKeys(keys, prefixes=["a/", "b/", "c/"]),
            workers=4,
            evidence_at=E,
            simulated=True,
            clock=lambda: E,
            progress=NoProgress(),
        )
    found = pq.read_table(tmp_path / "s.parquet").column("key").to_pylist()
    assert [key for key in keys if key not in found] == keys[9:13]
    assert {one.state for one in snapshot.ranges} == {"listed", "denied"}


def test_waits_grow_up_to_a_cap_and_then_it_is_an_error(
    s3_server: S3Server, bucket_lake: OpenBucket, bucket: str, waits: list[float]
) -> None:
    waits.clear()
    with (
        s3_server.faults({"match": LIST, "action": "status", "status": 503, "code": "SlowDown"}),
        pytest.raises(LakeError, match="503 SlowDown after many tries: try again later"),
    ):
        list(bucket_lake(bucket).list_pages())
    assert len(waits) == 7
    assert all(low <= wait <= 2 * low for wait, low in zip(waits, [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0], strict=True))


def test_a_denied_prefix_is_a_hole_where_there_is_a_log_and_an_error_where_not(
    s3_server: S3Server, bucket_lake: OpenBucket, bucket: str
) -> None:
    lake = bucket_lake(bucket)
    log = ListingLog()
    with s3_server.faults({"match": LIST, "action": "status", "status": 403, "code": "AccessDenied"}):
        assert list(lake.list_pages("espn/", log=log)) == []
        with pytest.raises(DeniedError, match=rf"s3://{bucket}/espn/: access denied: .* s3:ListBucket .*{bucket}"):
            list(lake.list_pages("espn/"))
    (hole,) = log.holes
    assert (hole.start, hole.end) == ("espn/", "espn0")
    assert "s3:ListBucket" in hole.error


def test_denied_half_way_the_hole_begins_at_the_last_key_seen(
    s3_server: S3Server, bucket_lake: OpenBucket, bucket: str
) -> None:
    log = ListingLog()
    with s3_server.faults({"match": LIST, "skip": 2, "action": "status", "status": 403, "code": "AccessDenied"}):
        keys = [key for page in bucket_lake(bucket).list_pages(log=log) for key in page.keys]
    assert keys == KEYS[:8]
    assert log.holes == [Hole(KEYS[7], None, log.holes[0].error)]


FINAL = {
    "no such bucket": (
        {"status": 404, "code": "NoSuchBucket"},
        "does not exist at http://127.0.0.1.*: check lake.url and lake.endpoint_url",
    ),
    "expired": ({"status": 400, "code": "ExpiredToken"}, "have expired: log in again"),
    "unknown key": ({"status": 403, "code": "InvalidAccessKeyId"}, "does not accept the AWS credentials"),
    "wrong secret": ({"status": 403, "code": "SignatureDoesNotMatch"}, "does not accept the AWS credentials"),
    "clock": ({"status": 403, "code": "RequestTimeTooSkewed"}, "clock is wrong by more than 15 minutes"),
    "region by header": (
        {"status": 301, "code": "PermanentRedirect", "headers": {"x-amz-bucket-region": "eu-west-3"}},
        "is in the region eu-west-3, .*: set lake.region to eu-west-3",
    ),
    "region by body": (
        {"status": 400, "code": "AuthorizationHeaderMalformed", "region": "eu-west-3"},
        "is in the region eu-west-3, .*: set lake.region to eu-west-3",
    ),
    "region unsaid": ({"status": 301, "code": "PermanentRedirect"}, "set lake.region to the bucket's region"),
    "not implemented": (
        {"status": 501, "code": "NotImplemented", "message": "no\nsuch \x9bthing"},
        r"501 NotImplemented \(no\\nsuch \\x9bthing\): check lake.url",
    ),
}


@pytest.mark.parametrize(("fault", "message"), FINAL.values(), ids=FINAL)
def test_what_does_not_pass_is_one_line_that_says_what_next(
    s3_server: S3Server, bucket_lake: OpenBucket, bucket: str, fault: dict[str, Any], message: str
) -> None:
    lake = bucket_lake(bucket)
    s3_server.requests()
    with (
        s3_server.faults({"match": "bucket-", "action": "status", **fault}),
        pytest.raises(LakeError, match=message) as raised,
    ):
        list(lake.list_pages(log=ListingLog()))
    assert raised.value.exit_code == 3
    assert "\n" not in str(raised.value)
    assert not any(secret in str(raised.value) for secret in [*CREDENTIALS.values(), "Signature=", "list-type"])
    assert len(s3_server.requests()) <= 3


def test_a_bucket_elsewhere_is_followed_when_the_answer_says_where(
    s3_server: S3Server, bucket_lake: OpenBucket, bucket: str
) -> None:
    redirect = {"status": 301, "code": "PermanentRedirect", "headers": {"x-amz-bucket-region": "eu-west-3"}}
    with s3_server.faults({"match": LIST, "action": "status", "times": 1, **redirect}):
        keys = [key for page in bucket_lake(bucket).list_pages() for key in page.keys]
    assert keys == KEYS


def test_reading_asks_again_after_a_truncated_object(s3_server: S3Server, bucket_lake: OpenBucket, bucket: str) -> None:
    for fault in ({"action": "truncate"}, {"action": "reset"}, {"action": "status", "status": 500}):
        with s3_server.faults({"match": "espn/1", "times": 1, **fault}):
            assert bucket_lake(bucket).read("espn/1.json") == b"xxxxx"


def test_reading_says_what_is_wrong(s3_server: S3Server, bucket_lake: OpenBucket, bucket: str) -> None:
    lake = bucket_lake(bucket)
    with pytest.raises(LakeError, match=rf"s3://{bucket}/espn/none: there is no such object"):
        lake.read("espn/none")
    with pytest.raises(LakeError, match="never empty"):
        lake.read("")
    with pytest.raises(LakeError, match="larger than 4 bytes"):
        lake.read("espn/1.json", max_bytes=4)
    assert lake.read("espn/1.json", max_bytes=5) == b"xxxxx"
    denied = {"match": "espn/1", "action": "status", "status": 403, "code": "AccessDenied"}
    with s3_server.faults(denied), pytest.raises(LakeError, match="reading needs the permission s3:GetObject"):
        lake.read("espn/1.json")
    archived = {"match": "espn/1", "action": "status", "status": 403, "code": "InvalidObjectState"}
    with s3_server.faults(archived), pytest.raises(LakeError, match="is archived: restore it"):
        lake.read("espn/1.json")


@pytest.mark.parametrize("key", ["a//b", "/lead", "a/../b", "..", "sp ace+%25", "\U0001f600", "trail/", "q?x#y"])
def test_reading_finds_odd_keys(s3_server: S3Server, bucket_lake: OpenBucket, key: str) -> None:
    name = s3_server.bucket()
    s3_server.seed(name, {key: key.encode("utf-8"), "b": b"other", "lead": b"other", "trail": b"other"})
    assert bucket_lake(name).read(key) == key.encode("utf-8")
