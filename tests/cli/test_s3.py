"""The command against an S3 server process."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.command_line import NOW, Inside, Recon
from support.s3_server import CREDENTIALS, S3Server, s3_server

from recon_core.schemas import validate_document

__all__ = ["s3_server"]

SECRET = CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
OBJECTS = {"toy/games/g1.json": 20, "old/x9.json": 20, "toy/days/20240601.json": 5}

Onto = Callable[[str], Inside]


@pytest.fixture
def bucket(s3_server: S3Server) -> str:
    name = s3_server.bucket()
    s3_server.seed(name, OBJECTS, datetime(2024, 6, 10, tzinfo=UTC))
    return name


@pytest.fixture
def remote(s3_server: S3Server, bucket: str, mine: Inside) -> Inside:
    """The command in a workspace of the test's own, on the bucket."""
    config = mine.folder / "config/reconciliation_config.yaml"
    config.write_text(f"lake: {{url: 's3://{bucket}', endpoint_url: '{s3_server.endpoint}', region: us-east-1}}\n")
    return Inside(mine.folder, {**mine.environment, **CREDENTIALS}, mine.site)


def denied(prefix: str) -> dict[str, object]:
    return {"match": f"prefix={prefix}", "action": "status", "status": 403, "code": "AccessDenied"}


def test_a_run_on_a_bucket_and_a_look_at_it_now(remote: Inside, s3_server: S3Server, bucket: str) -> None:
    done = remote("run", "--now", NOW, "--format", "json")
    report = done.json()
    validate_document("cycle_report", report)
    assert (report["lake"], report["scan"]["objects"]) == (f"s3://{bucket}", 3)
    s3_server.seed(bucket, {"toy/games/g5.json": 44})
    item = remote("explain", "toy/games/g5", "--live", "--format", "json").json()["items"][0]
    assert [(one["present"], one["live"]["present"]) for one in item["evidence"]["candidates"]] == [
        (False, True),
        (False, False),
    ]
    assert SECRET not in done.out + done.err


def test_a_denied_prefix_is_unknown_and_said_first(remote: Inside, s3_server: S3Server) -> None:
    config = remote.folder / "config/reconciliation_config.yaml"
    config.write_text(config.read_text().replace("}", ", prefixes: [toy/days/, toy/games/, old/]}"))
    with s3_server.faults(denied("toy/games/")):
        done = remote("run", "--now", NOW, "--fail-on", "critical", code=5)
    part = done.out.partition("What it could not see:\n")[2].partition("\n\n")[0]
    assert "toy/games/" in part
    assert "denied" in part
    assert "unknown: the lake denies the keys" in part
    assert "recon doctor" in done.out
    unknown = remote("explain", "g2", "--format", "json").json()["items"][0]
    assert (unknown["verdict"], unknown["line"]) == ("unknown", 4)
    states = [one["state"] for one in unknown["evidence"]["candidates"]]
    assert states == ["denied", "listed"]
    assert "denied" in remote("explain", "g2").out


def test_a_bucket_that_denies_everything_is_exit_code_3(remote: Inside, s3_server: S3Server) -> None:
    with s3_server.faults(denied("")):
        done = remote("run", "--now", NOW, code=3)
        assert "s3:ListBucket" in done.err
        assert done.err.count("\n") == 1
        checked = remote("doctor", "--format", "json", code=3).json()
    failed = {one["name"]: one for one in checked["checks"] if one["state"] == "fail"}
    assert "lake list" in failed
    assert "s3:ListBucket" in failed["lake list"]["advice"]
    assert SECRET not in str(checked)


def test_doctor_tries_credentials_list_read_and_clock(remote: Inside) -> None:
    names = {one["name"]: one["state"] for one in remote("doctor", "--format", "json").json()["checks"]}
    assert {"lake credentials", "lake list", "lake read", "lake clock"} <= names.keys()
    assert "fail" not in names.values()


def test_without_credentials_it_says_so(remote: Inside, recon: Recon, tmp_path: Path) -> None:
    bare = {**recon.environment, "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path)}
    done = Recon(remote.folder, bare)("run", "--now", NOW, code=3)
    assert "credentials" in done.err
    assert done.err.count("\n") == 1


def test_a_snapshot_of_another_endpoint_is_of_another_lake(remote: Inside) -> None:
    config = remote.folder / "config/reconciliation_config.yaml"
    remote("run", "--now", NOW)
    assert remote("run", "--now", NOW, "--use-cache", "--format", "json").json()["scan"]["from_cache"]
    snapshot = json.loads((remote.folder / "inventory/cache/snapshot.json").read_text("utf-8"))
    here = snapshot["endpoint"]
    assert here.startswith("http://127.0.0.1:")
    # The same server, but nothing says so.
    config.write_text(config.read_text("utf-8").replace("127.0.0.1", "localhost"))
    there = here.replace("127.0.0.1", "localhost")
    refused = remote("analyze", "--now", NOW, code=2)
    assert f"is of {snapshot['lake']} at {here}, not of {snapshot['lake']} at {there}: run `recon scan`" in refused.err
    done = remote("run", "--now", NOW, "--use-cache", "--format", "json")
    assert not done.json()["scan"]["from_cache"]
    assert f"the cached snapshot is of {snapshot['lake']} at {here}: scanning" in done.err
    compared = remote("scan", "--show", "--diff", code=2)
    assert f"the snapshot before this one is of {snapshot['lake']} at {here}, not of" in compared.err


def test_what_another_endpoint_lacks_is_no_loss(remote: Inside, s3_server: S3Server, bucket: str) -> None:
    config = remote.folder / "config/reconciliation_config.yaml"
    remote("run", "--now", NOW)
    s3_server.delete(bucket, ["toy/games/g1.json"])
    assert remote("run", "--now", NOW, "--dry-run", "--format", "json", code=None).json()["losses"]
    config.write_text(config.read_text("utf-8").replace("127.0.0.1", "localhost"))
    assert remote("run", "--now", NOW, "--format", "json", code=None).json()["losses"] == []


def test_a_queue_of_another_endpoint_is_gone_on_from_and_told_of(remote: Inside) -> None:
    config = remote.folder / "config/reconciliation_config.yaml"
    first = remote("run", "--now", NOW, "--format", "json").json()
    again = remote("run", "--now", NOW, "--format", "json").json()
    assert first["changes"]["new"] > 0
    assert again["changes"]["new"] == 0
    config.write_text(config.read_text("utf-8").replace("127.0.0.1", "localhost"))
    other = remote("run", "--now", NOW, "--format", "json").json()
    assert other["changes"]["new"] == 0
    (warning,) = [line for line in other["warnings"] if "the last task queue is of" in line]
    assert "at http://127.0.0.1:" in warning
    last = remote("run", "--now", NOW, "--format", "json").json()
    assert not [line for line in last["warnings"] if "the last task queue is of" in line]


def test_a_password_in_an_endpoint_is_never_shown(remote: Inside) -> None:
    config = remote.folder / "config/reconciliation_config.yaml"
    config.write_text(config.read_text().replace("http://", "http://me:hunter2@") + "scan: {workers: 1}\n")
    texts = []
    for command in (["run", "--now", NOW, "-v"], ["doctor"], ["validate", "--now", NOW], ["scan", "--show"]):
        done = remote(*command, code=None)
        texts.append(done.out + done.err)
    texts += [path.read_text("utf-8", "replace") for path in (remote.folder / "inventory/cache").glob("*.json")]
    assert "hunter2" not in "".join(texts)
