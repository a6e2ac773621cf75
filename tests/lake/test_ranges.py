"""Ranges of an object as it was listed, on S3 and in a folder: the bytes asked for, or a word that it changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.s3_server import S3Server

from recon_core.api import LakeError
from recon_core.lake.base import Lake, ObjectVersion, UnreadableError
from recon_core.lake.local import LocalLake
from recon_core.lake.s3 import S3Lake
from recon_core.times import from_us

CONTENT = bytes(range(256)) * 4
THEN = datetime(2025, 1, 15, 12, tzinfo=UTC)
OpenBucket = Callable[..., S3Lake]


def listed(lake: Lake, key: str) -> ObjectVersion:
    (page,) = lake.list_pages(key)
    return ObjectVersion(page.keys[0], page.sizes[0], page.last_modified_us[0], page.etags[0])


@pytest.fixture
def bucket(s3_server: S3Server) -> str:
    name = s3_server.bucket()
    s3_server.seed(name, {"lake/season.parquet": CONTENT, "season.parquet": b"another"}, THEN)
    return name


@pytest.fixture(params=["s3", "folder"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    if request.param == "s3":
        opened: Lake = request.getfixturevalue("bucket_lake")(request.getfixturevalue("bucket"), "lake/")
        return opened
    (tmp_path / "season.parquet").write_bytes(CONTENT)
    return LocalLake(tmp_path)


@pytest.mark.parametrize(("start", "end"), [(0, 1), (0, 1024), (1000, 1024), (255, 258)])
def test_a_range_is_the_bytes_asked_for(lake: Lake, start: int, end: int) -> None:
    assert lake.read_range(listed(lake, "season.parquet"), start, end) == CONTENT[start:end]


@pytest.mark.parametrize("change", [{"size": 2000}, {"size": 1023}, {"key": "gone"}])
def test_what_is_not_as_it_was_listed_is_not_read(lake: Lake, change: dict[str, Any]) -> None:
    version = replace(listed(lake, "season.parquet"), **change)
    with pytest.raises(UnreadableError, match=r"has changed since the scan: scan again|there is no such object"):
        lake.read_range(version, 0, 10)


def test_another_version_of_the_same_size_is_noticed(
    s3_server: S3Server, bucket_lake: OpenBucket, bucket: str, tmp_path: Path
) -> None:
    remote = bucket_lake(bucket, "lake/")
    version = listed(remote, "season.parquet")
    s3_server.seed(bucket, {"lake/season.parquet": CONTENT[::-1]}, THEN)
    (tmp_path / "season.parquet").write_bytes(CONTENT)
    local = LocalLake(tmp_path)
    before = listed(local, "season.parquet")
    os.utime(tmp_path / "season.parquet", (1, 1))
    for lake, old in ((remote, version), (local, before)):
        with pytest.raises(UnreadableError, match="has changed since the scan"):
            lake.read_range(old, 0, 10)


def test_without_an_etag_the_time_tells_the_version(s3_server: S3Server, bucket_lake: OpenBucket, bucket: str) -> None:
    lake = bucket_lake(bucket, "lake/")
    version = replace(listed(lake, "season.parquet"), etag=None)
    assert lake.read_range(version, 0, 4) == CONTENT[:4]
    s3_server.seed(bucket, {"lake/season.parquet": CONTENT[::-1]}, THEN + timedelta(seconds=1))
    with pytest.raises(UnreadableError, match="has changed"):
        lake.read_range(version, 0, 4)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"status": 403, "code": "AccessDenied"}, "access denied: reading needs the permission s3:GetObject"),
        ({"status": 403, "code": "InvalidObjectState"}, "is archived: restore it before it can be read"),
        ({"status": 416, "code": "InvalidRange"}, "it has changed since the scan: scan again"),
    ],
)
def test_one_object_that_cannot_be_read_is_told_apart(
    s3_server: S3Server, bucket_lake: OpenBucket, bucket: str, fault: dict[str, Any], told: str
) -> None:
    lake = bucket_lake(bucket, "lake/")
    version = listed(lake, "season.parquet")
    with (
        s3_server.faults({"match": "season.parquet", "action": "status", **fault}),
        pytest.raises(UnreadableError, match=told) as caught,
    ):
        lake.read_range(version, 0, 10)
    assert f"s3://{bucket}/lake/season.parquet" in str(caught.value)


def test_a_lake_that_cannot_be_asked_is_no_object_that_cannot_be_read(
    s3_server: S3Server, bucket_lake: OpenBucket, bucket: str
) -> None:
    lake = bucket_lake(bucket, "lake/")
    version = listed(lake, "season.parquet")
    expired = {"match": "season.parquet", "action": "status", "status": 400, "code": "ExpiredToken"}
    with s3_server.faults(expired), pytest.raises(LakeError, match="have expired") as caught:
        lake.read_range(version, 0, 10)
    assert not isinstance(caught.value, UnreadableError)


@pytest.mark.parametrize("action", ["truncate", "reset"])
def test_an_answer_that_breaks_off_is_asked_for_again(
    s3_server: S3Server, bucket_lake: OpenBucket, bucket: str, action: str
) -> None:
    lake = bucket_lake(bucket, "lake/")
    version = listed(lake, "season.parquet")
    with s3_server.faults({"match": "season.parquet", "action": action, "times": 1}):
        assert lake.read_range(version, 100, 900) == CONTENT[100:900]


def test_a_shorter_answer_is_not_taken_for_the_range(s3_server: S3Server, bucket_lake: OpenBucket, bucket: str) -> None:
    lake = bucket_lake(bucket, "lake/")
    version = listed(lake, "season.parquet")
    with s3_server.faults({"match": "season.parquet", "action": "cut"}), pytest.raises(UnreadableError):
        lake.read_range(version, 100, 900)


def test_an_endpoint_that_knows_no_ranges(s3_server: S3Server, bucket_lake: OpenBucket, bucket: str) -> None:
    lake = bucket_lake(bucket, "lake/")
    version = listed(lake, "season.parquet")
    with s3_server.faults({"match": "season.parquet", "action": "unranged"}):
        assert lake.read_range(version, 100, 200) == CONTENT[100:200]


def test_the_time_of_an_object_is_told_without_listing(lake: Lake, s3_server: S3Server) -> None:
    version = listed(lake, "season.parquet")
    assert version.last_modified_us is not None
    with s3_server.faults({"match": "list-type=2", "action": "status", "status": 403, "code": "AccessDenied"}):
        assert lake.last_modified("season.parquet") == from_us(version.last_modified_us)
        assert lake.last_modified("season") is None
    with s3_server.faults({"match": "season.parquet", "action": "status", "status": 403, "code": "AccessDenied"}):
        if isinstance(lake, S3Lake):
            with pytest.raises(LakeError, match="reading needs the permission s3:GetObject"):
                lake.last_modified("season.parquet")
