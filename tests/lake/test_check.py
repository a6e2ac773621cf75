"""What doctor learns of a lake."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.s3_server import CREDENTIALS, S3Server

from recon_core.config import LakeSettings
from recon_core.lake import Lake, Probe, open_lake
from recon_core.lake.local import LocalLake


def clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def bucket(s3_server: S3Server) -> str:
    name = s3_server.bucket()
    s3_server.seed(name, {"folder/": 0, "folder/a.json": 1})
    return name


@pytest.fixture
def probe(s3_server: S3Server, bucket: str) -> Callable[..., dict[str, Probe]]:
    def probed(at: Callable[[], datetime] = clock, **settings: object) -> dict[str, Probe]:
        lake: Lake = open_lake(
            LakeSettings(url=f"s3://{bucket}", endpoint_url=s3_server.endpoint, **settings)  # type: ignore[arg-type]
        )
        probes = lake.check(at)
        assert not any(secret in str(probes) for secret in CREDENTIALS.values())
        return {found.name: found for found in probes}

    return probed


def test_a_good_bucket_passes(probe: Callable[..., dict[str, Probe]], bucket: str) -> None:
    found = probe()
    assert {name: one.ok for name, one in found.items()} == dict.fromkeys(
        ("credentials", "list", "read", "clock"), True
    )
    assert found["credentials"].detail == "found by env"
    assert found["list"].detail == f"s3://{bucket} lists 2 objects"
    assert found["read"].detail == f"s3://{bucket}/folder/a.json can be read"
    assert [name for name, one in found.items() if not one.required] == ["read"]


def test_anonymous_access_needs_no_credentials(
    probe: Callable[..., dict[str, Probe]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert probe(anonymous=True)["list"].ok
    found = probe()
    assert list(found) == ["credentials"]
    assert not found["credentials"].ok
    assert "no AWS credentials found" in found["credentials"].detail
    assert "lake.profile" in found["credentials"].advice


def test_a_denied_listing_ends_the_check(probe: Callable[..., dict[str, Probe]], s3_server: S3Server) -> None:
    with s3_server.faults({"match": "list-type=2", "action": "status", "status": 403, "code": "AccessDenied"}):
        found = probe()
    assert list(found) == ["credentials", "list"]
    assert (found["list"].ok, found["list"].required) == (False, True)
    assert "s3:ListBucket" in found["list"].advice


def test_a_denied_read_says_what_it_keeps_from_working(
    probe: Callable[..., dict[str, Probe]], s3_server: S3Server
) -> None:
    with s3_server.faults({"match": "^/[^?]*a.json", "action": "status", "status": 403}):
        found = probe()
    assert (found["read"].ok, found["read"].required) == (False, False)
    assert "s3:GetObject" in found["read"].detail
    assert "--from-lake" in found["read"].advice
    assert found["list"].ok


@pytest.mark.parametrize(
    ("minutes", "ok", "words"),
    [(4, True, "ahead of"), (6, False, "ahead of"), (-4, True, "behind"), (-60, False, "behind")],
)
def test_a_wrong_clock_is_noticed(probe: Callable[..., dict[str, Probe]], minutes: int, ok: bool, words: str) -> None:
    found = probe(at=lambda: clock() + timedelta(minutes=minutes))["clock"]
    assert found.ok is ok
    assert words in found.detail
    assert bool(found.advice) is not ok


def test_a_date_that_is_none_says_nothing_of_the_clock(
    probe: Callable[..., dict[str, Probe]], s3_server: S3Server
) -> None:
    with s3_server.faults({"match": "list-type=2", "action": "headers", "headers": {"Date": "noon"}}):
        assert "clock" not in probe()


def test_an_empty_bucket_has_nothing_to_read(s3_server: S3Server) -> None:
    lake = open_lake(LakeSettings(url=f"s3://{s3_server.bucket()}", endpoint_url=s3_server.endpoint))
    found = {one.name: one for one in lake.check(clock)}
    assert found["read"].detail == "there is no object to read"
    assert found["read"].ok


def test_a_folder_is_listed_and_read(tmp_path: Path) -> None:
    lake = LocalLake(tmp_path)
    assert [(one.name, one.ok, one.detail) for one in lake.check(clock)] == [
        ("list", True, f"{lake.url} lists 0 files"),
        ("read", True, "there is no file to read"),
    ]
    (tmp_path / "a\nb").touch()
    assert lake.check(clock)[1].detail == f"{lake.url}/a\\nb can be read"


def test_an_unreadable_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = LocalLake(tmp_path)

    def refusing(path: Path) -> None:
        raise PermissionError(13, "no", str(path))

    monkeypatch.setattr(os, "scandir", refusing)
    (found,) = lake.check(clock)
    assert (found.name, found.ok, found.required) == ("list", False, True)
    assert "Permission denied" in found.detail
    assert "make the folder readable" in found.advice
