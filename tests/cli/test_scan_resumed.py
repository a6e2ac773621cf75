"""A scan that ended early, from the command line: what is kept, what is said, and how to begin anew."""

from __future__ import annotations

import pytest
from support.command_line import NOW, Inside
from support.s3_server import CREDENTIALS, S3Server, s3_server

__all__ = ["s3_server"]

OBJECTS = 2500


@pytest.fixture
def remote(s3_server: S3Server, mine: Inside) -> Inside:
    """The command on a bucket of three pages, the listing of which ended after the first."""
    bucket = s3_server.bucket()
    s3_server.seed(bucket, {f"x/{number:04}": 1 for number in range(OBJECTS)})
    (mine.folder / "config/reconciliation_config.yaml").write_text(
        f"lake: {{url: 's3://{bucket}', endpoint_url: '{s3_server.endpoint}', region: us-east-1}}\n"
    )
    inside = Inside(mine.folder, {**mine.environment, **CREDENTIALS}, mine.site)
    expired = {"match": "list-type=2", "skip": 1, "action": "status", "status": 400, "code": "ExpiredToken"}
    with s3_server.faults(expired):
        done = inside("scan", "--now", NOW, code=3)
    assert "1,000 listed objects are kept" in done.err
    assert "the AWS credentials have expired" in done.err
    return inside


def listed_anew(s3_server: S3Server) -> bool:
    """Whether some request asked for the first page since this was asked last."""
    return any(
        "list-type=2" in asked and "start-after" not in asked and "continuation-token" not in asked
        for asked in s3_server.requests()
    )


@pytest.mark.parametrize("command", ["scan", "run"])
def test_the_next_command_goes_on_and_says_so(remote: Inside, s3_server: S3Server, command: str) -> None:
    s3_server.requests()
    # None of what should exist is there, which a run refuses to believe.
    document = remote(command, "--now", NOW, "--format", "json", code=None).json()
    assert document.get("objects") == OBJECTS or document["scan"]["objects"] == OBJECTS
    assert f"went on with an interrupted scan: 1,000 objects were listed by {NOW}" in "\n".join(document["warnings"])
    assert not listed_anew(s3_server)
    assert list((remote.folder / "inventory/cache").glob("*.checkpoint")) == []


def test_refresh_begins_anew(remote: Inside, s3_server: S3Server) -> None:
    s3_server.requests()
    document = remote("scan", "--refresh", "--now", NOW, "--format", "json").json()
    assert (document["objects"], document["warnings"]) == (OBJECTS, [])
    assert listed_anew(s3_server)


def test_a_simulated_scan_never_serves_a_real_one(remote: Inside, s3_server: S3Server) -> None:
    s3_server.requests()
    document = remote("scan", "--format", "json").json()
    assert (document["objects"], document["simulated"], document["warnings"]) == (OBJECTS, False, [])
    assert listed_anew(s3_server)
    # It is still there for those with --now.
    assert "went on" in remote("scan", "--now", NOW).out


def test_a_dry_run_and_another_lake_neither_use_nor_keep_it(remote: Inside, s3_server: S3Server) -> None:
    before = {path: path.read_bytes() for path in (remote.folder / "inventory/cache").glob("*.checkpoint")}
    assert before
    s3_server.requests()
    for asked in (["--dry-run"], ["--lake", remote.folder.as_uri()]):
        assert "went on" not in remote("scan", "--now", NOW, *asked).out
    assert {path: path.read_bytes() for path in before} == before
