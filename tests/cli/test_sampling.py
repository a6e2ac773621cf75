"""The command with a sample: what it says of it, and what it does not say."""

from __future__ import annotations

import json

import pytest
from support.command_line import NOW, Inside
from support.s3_server import CREDENTIALS, S3Server, s3_server

from recon_core.engine import sample
from recon_core.schemas import validate_document

__all__ = ["s3_server"]


def sampled(mine: Inside, *more: str, code: int = 0) -> str:
    return mine("run", "--now", NOW, "--sample-rate", "0.5", *more, code=code).out


def test_the_result_says_that_it_is_of_a_sample(mine: Inside) -> None:
    text = " ".join(sampled(mine).split())
    assert "(a sample, rate 0.5: not all that the workspace expects)" in text
    assert "in the sampled key ranges" in text
    assert "a sample of 10 of 22 expected items, in 10 clusters (rate 0.5): the rest is unknown" in text
    assert "a full listing costs no more: what is expected fills about 1 page" in text
    assert "give --full" in text
    assert "items are unknown: the sample left out their keys" in text
    assert "still in the queue as unverified" in text
    status = " ".join(mine("status").out.split())
    assert "(a sample, rate 0.5: not all that the workspace expects)" in status
    assert "In the sampled key ranges: " in mine("objects").out
    assert "Of a sample: " in mine("objects", "--unrecognised").out
    assert mine("objects", "--format", "json").json()["sample_rate"] == 0.5
    shown = mine("scan", "--show").out
    assert "sampled out" in shown


def test_files_and_reports_hold_the_rate(mine: Inside) -> None:
    report = json.loads(sampled(mine, "--format", "json"))
    validate_document("cycle_report", report)
    queue = json.loads((mine.folder / "inventory/gaps.json").read_text())
    validate_document("task_queue", queue)
    assert report["scope"] == queue["scope"]
    assert (queue["scope"]["sample_rate"], queue["scope"]["complete"]) == (0.5, False)
    snapshot = json.loads((mine.folder / "inventory/cache/snapshot.json").read_text())
    validate_document("snapshot", snapshot)
    assert (snapshot["sample"]["rate"], snapshot["sample"]["seed"]) == (0.5, 0)
    assert {entry["reason"] for entry in queue["unverified"]} == {"sampled out: outside the sample"}
    (history,) = [
        json.loads(path.read_text())
        for path in (mine.folder / "inventory/history").iterdir()
        if path.stem == report["cycle_id"]
    ]
    assert any(hole["state"] == "sampled_out" for hole in report["scan"]["holes"])
    assert history["scan"]["holes"] == []


def test_the_steps_by_hand_say_the_same(mine: Inside) -> None:
    whole = json.loads(sampled(mine, "--format", "json"))
    mine("scan", "--now", NOW, "--sample-rate", "0.5")
    mine("analyze", "--now", NOW)
    mine("detect")
    report = mine("generate", "--format", "json").json()
    for part in ("scope", "coverage", "unknown", "gaps", "tasks", "objects"):
        assert report[part] == whole[part]


def test_the_configured_rate_holds_until_it_is_overridden(mine: Inside) -> None:
    config = mine.folder / "config/reconciliation_config.yaml"
    config.write_text(config.read_text() + "scan: {sample_rate: 0.5, seed: 3}\n")
    assert mine("run", "--now", NOW, "--format", "json").json()["scope"]["sample_rate"] == 0.5
    assert mine("run", "--now", NOW, "--sample-rate", "0.3", "--format", "json").json()["scope"]["sample_rate"] == 0.3
    for everything in (["--full"], ["--sample-rate", "1"]):
        scope = mine("run", "--now", NOW, *everything, "--format", "json").json()["scope"]
        assert (scope["sample_rate"], scope["complete"]) == (None, True)
    assert mine("scan", "--now", NOW, "--format", "json").json()["sample"]["seed"] == 3
    assert mine("scan", "--now", NOW, "--full", "--format", "json").json()["sample"] is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sample-rate", "0"], "--sample-rate 0: write a share above 0 up to 1"),
        (["--sample-rate", "1.5"], "--sample-rate 1.5: write a share above 0 up to 1"),
        (["--sample-rate", "nan"], "--sample-rate nan: write a share above 0 up to 1"),
        (["--sample-rate", "0.1", "--full"], "--full covers everything, but --sample-rate a part"),
    ],
)
@pytest.mark.parametrize("command", ["run", "scan"])
def test_rates_that_cannot_be(mine: Inside, command: str, options: list[str], message: str) -> None:
    assert message in mine(command, *options, code=2).err


def test_a_sample_needs_to_know_what_should_exist(mine: Inside) -> None:
    for schedule in (mine.folder / "inventory/schedules/toy").iterdir():
        schedule.unlink()
    assert "recon schedules pull" in mine("scan", "--now", NOW, "--sample-rate", "0.5", code=2).err
    mine("scan", "--now", NOW)


def test_what_a_sample_leaves_out_is_no_reason_for_exit_code_5(mine: Inside) -> None:
    done = mine("run", "--now", NOW, "--sample-rate", "0.1", "--fail-on", "critical", "--format", "json", code=None)
    report = done.json()
    assert report["unknown"]["by_reason"]["sampled out"] > 0
    others = sum(number for reason, number in report["unknown"]["by_reason"].items() if reason != "sampled out")
    assert report["unknown"]["required_due"] <= others


def test_a_dataset_of_which_a_sample_finds_nothing_is_withheld(mine: Inside) -> None:
    inventory = mine.folder / "inventory/data_inventory.yaml"
    inventory.write_text(inventory.read_text() + "    prefix: wrong/\n")
    out = " ".join(sampled(mine, code=2).split())
    assert "keys of the sample found" in out
    assert "its tasks are withheld" in out
    sampled(mine, "--accept-empty")


def test_requests_fall_by_about_the_rate(mine: Inside, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = s3_server.bucket()
    games = [f"2024-{number:05}" for number in range(20_000)]
    s3_server.seed(bucket, {f"toy/games/{game}.json": 20 for game in games})
    rows = [f"{game},2024,regular,2024-06-01,2024-06-01T18:00:00Z,A,B,final,," for game in games]
    (mine.folder / "many.csv").write_text(
        "\n".join(["game_id,season,season_type,date,start_utc,home,away,status,alt_ids,ordinal", *rows]) + "\n"
    )
    config = mine.folder / "config/reconciliation_config.yaml"
    config.write_text(f"lake: {{url: 's3://{bucket}', endpoint_url: '{s3_server.endpoint}', region: us-east-1}}\n")
    (mine.folder / "inventory/data_inventory.yaml").write_text(
        "expected_coverage: {toy: {seasons: ['2024'], data_types: {games: "
        "{key_templates: ['toy/games/{game_id}.json']}}}}\n"
    )
    remote = Inside(mine.folder, {**mine.environment, **CREDENTIALS}, mine.site)
    remote("schedules", "import", "many.csv", "--source", "toy", "--force", "--now", NOW)
    # Twenty pages stand for a thousand.
    monkeypatch.setattr(sample, "WORTH_PAGES", 20)
    s3_server.requests()
    report = remote("run", "--now", "2024-06-20T12:00:00Z", "--sample-rate", "0.2", "--format", "json").json()
    asked = [line for line in s3_server.requests() if "list-type=2" in line]
    assert len(asked) == report["scan"]["requests"]
    (row,) = report["coverage"]
    assert row["present"] / row["expected"] == pytest.approx(0.2, abs=0.05)
    assert len(asked) <= 5
    assert not any("costs no more" in warning for warning in report["warnings"])
    remote("run", "--now", "2024-06-20T12:00:00Z", "--full")
    assert len([line for line in s3_server.requests() if "list-type=2" in line]) >= 20
