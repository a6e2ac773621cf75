"""What a scan would do is said before it, and holds against what the scan then did."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from support.command_line import NOW, Inside
from support.s3_server import CREDENTIALS, S3Server, s3_server

from recon_core.cli.render.numbers import dollars
from recon_core.schemas import validate_document

__all__ = ["s3_server"]

OBJECTS = {
    **{f"toy/games/n{number:04}.json": 20 for number in range(2400)},
    **{"old/x9.json": 20, "toy/days/20240601.json": 5},
}


@pytest.fixture
def remote(s3_server: S3Server, mine: Inside) -> Inside:
    """The command in a workspace without a snapshot, on a bucket of three pages."""
    bucket = s3_server.bucket()
    s3_server.seed(bucket, OBJECTS, datetime(2024, 6, 10, tzinfo=UTC))
    configure(mine, s3_server, bucket)
    for path in (mine.folder / "inventory/cache").glob("snapshot.*"):
        path.unlink()
    return Inside(mine.folder, {**mine.environment, **CREDENTIALS}, mine.site)


def configure(mine: Inside, server: S3Server, bucket: str, prefixes: str = "[]") -> None:
    (mine.folder / "config/reconciliation_config.yaml").write_text(
        f"lake: {{url: 's3://{bucket}', endpoint_url: '{server.endpoint}', region: us-east-1, prefixes: {prefixes}}}\n"
    )


def estimate(mine: Inside, *options: str) -> Any:
    found = mine("scan", "--estimate", "--now", NOW, "--format", "json", *options).json()
    validate_document("scan_estimate", found)
    return found


def mode(found: Any, name: str) -> Any:
    (row,) = [row for row in found["modes"] if row["mode"] == name]
    return row


def test_an_estimate_by_the_last_snapshot_is_what_the_scan_then_does(remote: Inside, s3_server: S3Server) -> None:
    s3_server.requests()
    first = remote("run", "--now", NOW, "--format", "json").json()["scan"]
    assert len(s3_server.requests()) == first["requests"]
    found = estimate(remote)
    assert s3_server.requests() == []
    assert found["objects"] == {"number": 2402, "basis": "last_snapshot", "as_of": NOW}
    each = first["seconds"] / first["requests"]
    assert found["timing"] == {"seconds_per_request": pytest.approx(each), "basis": "last_scan"}
    row = mode(found, "listing")
    assert row["seconds"] == pytest.approx(each * row["requests"], abs=0.001)
    assert (row["unknown_items"], row["unknown_because"]) == (0, None)
    done = remote("run", "--now", NOW)
    scan = remote("status", "--format", "json").json()["report"]["scan"]
    # Workers that have nothing left to do take a part of another's range, at the price of a request.
    assert row["requests"] <= scan["requests"] <= 2 * row["requests"]
    assert row["usd"] == pytest.approx(row["requests"] * 0.005 / 1000)
    assert scan["usd"] == pytest.approx(scan["requests"] * 0.005 / 1000)
    assert f"; {scan['requests']} requests, {dollars(scan['usd'])} USD" in done.out.splitlines()[1]
    assert (
        f"with {scan['requests']} requests, {dollars(scan['usd'])} USD at S3's list prices"
        in remote("scan", "--show").out
    )


def test_without_a_snapshot_what_should_exist_is_counted(remote: Inside) -> None:
    found = estimate(remote)
    expected = sum(
        row["expected"] for row in remote("run", "--now", NOW, "--format", "json", "--dry-run").json()["coverage"]
    )
    assert found["objects"] == {"number": expected, "basis": "expected_items", "as_of": None}
    assert (found["expected_items"], found["timing"]["basis"], found["cheapest"]) == (expected, "assumed", "listing")
    assert (mode(found, "listing")["requests"], mode(found, "listing")["usd"]) == (1, 0.000005)
    told = remote("scan", "--estimate", "--now", NOW).out
    assert f"would see about {expected} objects" in told
    assert "One for each item that should exist; no whole snapshot tells what else there is." in told
    assert "s a request is assumed." in told


def test_what_nobody_knows_is_not_guessed(remote: Inside) -> None:
    for stored in (remote.folder / "inventory/schedules/toy").iterdir():
        stored.unlink()
    found = estimate(remote)
    assert found["objects"] == {"number": None, "basis": "not_known", "as_of": None}
    assert (mode(found, "listing")["requests"], mode(found, "listing")["usd"], found["cheapest"]) == (None, None, None)
    assert (found["expected_items"], mode(found, "listing")["unknown_items"]) == (None, None)
    told = remote("scan", "--estimate", "--now", NOW, "--format", "markdown").out
    assert "would see is not known" in told
    assert "recon schedules pull" in told


def test_what_is_not_listed_would_stay_unknown(remote: Inside, s3_server: S3Server) -> None:
    bucket = remote("scan", "--now", NOW, "--format", "json").json()["lake"].removeprefix("s3://")
    everything = estimate(remote)
    configure(remote, s3_server, bucket, "[toy/]")
    games = mode(estimate(remote), "listing")
    # Each game may lie under old/ too; the days may not.
    unknown = remote("run", "--now", NOW, "--format", "json", "--dry-run").json()["unknown"]["by_reason"]
    assert games["unknown_items"] == unknown["not scanned"] > 0
    assert games["unknown_because"] == "a key of theirs lies outside lake.prefixes"
    assert games["requests"] == 3  # of 2,401 objects
    assert mode(everything, "listing")["requests"] == 3
    configure(remote, s3_server, bucket, "[toy/games/, toy/days/, old/]")
    assert mode(estimate(remote), "listing")["requests"] == 5
    denial = {"match": "prefix=old/", "action": "status", "status": 403, "code": "AccessDenied"}
    with s3_server.faults(denial):
        remote("scan", "--now", NOW)
    denied = mode(estimate(remote), "listing")
    assert denied["unknown_items"] > 0
    assert denied["unknown_because"] == (
        "a key of theirs lies outside lake.prefixes, or where the lake denied the last listing"
    )
    # That snapshot does not speak for what is listed now.
    configure(remote, s3_server, bucket)
    assert estimate(remote)["objects"]["basis"] == "expected_items"


def test_a_folder_costs_nothing(done: Inside) -> None:
    found = estimate(done)
    row = mode(found, "listing")
    assert (row["requests"], row["usd"], found["cheapest"]) == (None, None, None)
    assert found["objects"]["basis"] == "last_snapshot"
    assert done("status", "--format", "json").json()["report"]["scan"]["usd"] is None


@pytest.mark.parametrize("option", ["--show", "--diff", "--dry-run"])
def test_an_estimate_is_all_there_is(done: Inside, option: str) -> None:
    assert "--estimate scans nothing" in done("scan", "--estimate", option, code=2).err


def test_a_sample_is_told_of_beside_a_listing(remote: Inside, s3_server: S3Server) -> None:
    remote("run", "--now", NOW)
    found = estimate(remote)
    whole, sample = mode(found, "listing"), mode(found, "sample")
    assert (whole["rate"], sample["rate"], found["configured"]) == (None, 0.1, "listing")
    assert sample["unknown_items"] > whole["unknown_items"] == 0
    assert sample["unknown_because"].startswith("a sample of 0.1 leaves them out")
    # So small a lake is cheaper to list whole: a sample takes a request for each of its places.
    assert found["cheapest"] == "listing"
    half = estimate(remote, "--sample-rate", "0.5")
    assert (mode(half, "sample")["rate"], half["configured"]) == (0.5, "sample")
    s3_server.requests()
    scan = remote("scan", "--sample-rate", "0.5", "--now", NOW, "--format", "json").json()
    assert mode(half, "sample")["ranges"] == len([one for one in scan["ranges"] if one["state"] == "listed"])
    assert mode(half, "sample")["requests"] == scan["requests"] == len(s3_server.requests())
    # The sample cannot speak for the whole lake.
    assert estimate(remote)["objects"]["basis"] == "expected_items"
    assert "sample of 50.0 %" in remote("scan", "--estimate", "--now", NOW, "--sample-rate", "0.5").out
