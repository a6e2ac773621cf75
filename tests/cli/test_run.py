from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command_line import NOW, Inside, Recon

from recon_core.schemas import validate_document

Tree = Callable[[Path], dict[str, bytes]]

ORDER = [
    "What it could not see",
    "What changed",
    "Gaps by priority",
    "Incomplete datasets",
    "Stretches of days without any data",
]


def test_the_result_says_what_matters_in_its_order(here: Recon) -> None:
    done = here("run", "--now", NOW)
    places = [done.out.index(f"\n{part}:\n") for part in [*ORDER, "What to do next"]]
    assert places == sorted(places)
    assert "CRITICAL     1      1\n" in done.out
    assert "total        5      3\n" in done.out
    assert "Of these 3 missing, 1 stale, 1 undersized." in done.out
    assert "2 items are unknown: the schedule was not pulled" in done.out
    assert "inventory/gaps.json" in done.out.splitlines()[-1]
    assert "\x1b" not in done.out
    assert done.err == ""


def test_json_is_one_document_that_keeps_to_its_schema(here: Recon) -> None:
    done = here("run", "--now", NOW, "--format", "json")
    report = done.json()
    validate_document("cycle_report", report)
    assert report["gaps"]["by_priority"] == {"critical": 1, "high": 3, "medium": 1, "low": 0}
    assert json.loads((here.folder / "inventory/cache/cycle.json").read_text()) == report


def test_markdown_has_headings_and_tables(here: Recon) -> None:
    lines = here("run", "--now", NOW, "--dry-run", "--format", "markdown").out.splitlines()
    assert [line[3:] for line in lines if line.startswith("## ")] == ORDER
    assert "| CRITICAL | 1 | 1 |" in [line.replace("*", "") for line in lines]
    assert "| --- | ---: | ---: |" in lines


def test_a_dry_run_writes_nothing_at_all(mine: Inside, tree: Tree) -> None:
    (mine.folder / "inventory/gaps.json").unlink()
    before = tree(mine.folder)
    done = mine("run", "--now", NOW, "--dry-run")
    assert "nothing was written" in done.out
    assert "5      3" in done.out
    assert tree(mine.folder) == before


def test_a_narrowed_run_leaves_the_queue_alone_and_writes_where_it_is_told(mine: Inside, tree: Tree) -> None:
    before = tree(mine.folder)
    done = mine("run", "--now", NOW, "--season", "2023", "--source", "toy", "--format", "json")
    assert done.json()["scope"] == {"sources": ["toy"], "seasons": ["2023"], "sample_rate": None, "complete": False}
    after = tree(mine.folder)
    assert after.pop("inventory/cache/last_run.json") != before.pop("inventory/cache/last_run.json")
    assert after == before
    done = mine("run", "--now", NOW, "--season", "previous", "--queue-file", "own.json")
    assert "narrowed" in done.out
    assert done.out.splitlines()[-1].endswith("own.json")
    queue = json.loads((mine.folder / "own.json").read_text())
    validate_document("task_queue", queue)
    assert [task["season"] for task in queue["tasks"]] == ["2023"]


def test_another_lake(mine: Inside, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    url = (tmp_path / "empty").as_uri()
    done = mine("run", "--now", NOW, "--lake", url, "--accept-empty", "--format", "json")
    assert done.json()["lake"] == url
    assert done.json()["scan"]["objects"] == 0


def test_an_empty_dataset_is_refused_unless_it_is_accepted(mine: Inside, tmp_path: Path) -> None:
    (tmp_path / "empty/raw").mkdir(parents=True)
    (tmp_path / "empty/raw/1.json").write_text("{}")
    url = (tmp_path / "empty").as_uri()
    done = mine("run", "--now", NOW, "--lake", url, code=2)
    assert "toy/games: 0 of 11 keys found" in done.out
    assert "raw/{digits}.json" in done.out
    assert "recon objects --unrecognised" in done.out
    assert done.err == "recon: refused: see the warnings of the result\n"
    done = mine("run", "--now", NOW, "--lake", url, "--accept-empty")
    assert "keys found" not in done.out


def test_the_cache_is_used_on_request_only(mine: Inside) -> None:
    scans = [
        mine("run", "--now", NOW, "--dry-run", "--format", "json", *more).json()["scan"]["from_cache"]
        for more in ([], ["--use-cache"])
    ]
    assert scans == [False, True]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--fail-on", "critical"], 4, "--fail-on critical: there are gaps"),
        (["--fail-on", "LOW"], 4, "--fail-on low"),
        (["--fail-on", "critical", "--season", "2023"], 0, ""),
        (["--fail-on", "high", "--season", "2023", "--allow-unknown", "3"], 0, ""),
    ],
)
def test_fail_on_gaps(done: Inside, options: list[str], code: int, words: str) -> None:
    result = done("run", "--now", NOW, "--dry-run", *options, code=code)
    assert "Gaps by priority" in result.out
    assert result.err.count("\n") == (1 if code else 0)
    assert words in result.err


def test_fail_on_unknown_items(mine: Inside) -> None:
    waivers = "waivers: [{when: \"verdict <> 'unknown'\", reason: known, expires: 2030-01-01}]\n"
    config = mine.folder / "config/reconciliation_config.yaml"
    config.write_text(config.read_text() + waivers)
    run = ["run", "--now", NOW, "--dry-run", "--fail-on", "low"]
    done = mine(*run, code=5)
    assert "1 required due items are unknown" in done.err
    mine(*run, "--allow-unknown", "1")
    mine(*run[:-2])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--allow-unknown", "3"], "--fail-on"),
        (["--dry-run", "--pull"], "schedules pull"),
        (["--dry-run", "--queue-file", "x.json"], "--queue-file"),
        (["-q", "-v"], "-q and -v"),
        (["--now", "tomorrow"], "2025-01-15T12:00:00Z"),
        (["--source", "toi"], "did you mean 'toy'"),
        (["--season", "1850"], "--season 1850"),
        (["--lake", "ftp://x"], "--lake"),
    ],
)
def test_options_that_cannot_work(done: Inside, options: list[str], words: str) -> None:
    result = done("run", *options, code=2)
    assert result.out == ""
    assert result.err.count("\n") == 1
    assert words in result.err


def test_pull_comes_before_the_cycle(mine: Inside) -> None:
    done = mine("run", "--pull", "--now", "2025-01-01T00:00:00Z", "--format", "json", code=2)
    assert "are not in what was pulled" in done.err
    assert done.out == ""
    assert "leave --pull out" in done.err
    for stored in (mine.folder / "inventory/schedules/toy").iterdir():
        stored.unlink()
    done = mine("run", "--pull", "--now", "2025-01-01T00:00:00Z", "--format", "json", "--accept-empty")
    assert {row["season"]: row["expected"] for row in done.json()["coverage"] if row["data_type"] == "games"} == {
        "2023": 6,
        "2024": 6,
    }
    assert "toy 2023: schedule stored, 6 games\n" in done.err


def test_a_workspace_elsewhere(recon: Recon, done: Inside) -> None:
    by_option = recon("run", "-w", done.folder, "--now", NOW, "--dry-run").out
    by_environment = recon("run", "--now", NOW, "--dry-run", RECON_WORKSPACE=str(done.folder)).out
    upwards = recon.at(done.folder / "inventory/cache")("run", "--now", NOW, "--dry-run").out
    assert by_option == by_environment == upwards
    assert "Gaps by priority" in by_option
    missing = recon("run", code=2)
    assert "recon init" in missing.err


def test_verbose_quiet_and_json_logs(done: Inside) -> None:
    run = ["run", "--now", NOW, "--dry-run"]
    steps = ["scan", "analyze", "detect", "generate"]
    said = done(*run, "-v").err.splitlines()
    assert [line.split()[0] for line in said if line.endswith("...")] == steps
    assert done(*run, "-q", "--use-cache", "--fail-on", "low", code=4).err.startswith("recon: --fail-on")
    logged = [
        json.loads(line) for line in done(*run, "--log-format", "json", "--fail-on", "low", code=4).err.splitlines()
    ]
    assert [entry["step"] for entry in logged if "step" in entry] == steps
    assert logged[-1]["level"] == "error"
    assert logged[-1]["exit_code"] == 4
    assert {"time", "level", "message"} <= logged[0].keys()


def test_the_steps_one_by_one_say_what_a_run_says(mine: Inside) -> None:
    whole = (mine.folder / "inventory/gaps.json").read_text()
    for path in (mine.folder / "inventory/cache").iterdir():
        path.unlink()
    (mine.folder / "inventory/gaps.json").unlink()
    for step, missing in (("analyze", "recon scan"), ("detect", "recon analyze"), ("generate", "recon detect")):
        done = mine(step, code=None)
        assert done.code in (2, 3)
        assert f"`{missing}`" in done.err
    scan = mine("scan", "--now", NOW, "--format", "json").json()
    validate_document("snapshot", scan)
    assert mine("scan", "--show", "--format", "json").json() == scan
    assert "recon analyze" in mine("scan", "--show").out
    assert "toy/games" in mine("analyze", "--now", NOW).out
    assert "CRITICAL     1\n" in mine("detect").out
    mine("detect", "--fail-on", "critical", code=4)
    generated = mine("generate", "--format", "json", "--queue-file", "other.json").json()
    assert generated["tasks"]["total"] == 3
    assert not (mine.folder / "inventory/gaps.json").exists()
    mine("generate")
    assert (mine.folder / "inventory/gaps.json").read_text() == whole
    assert "--show only reads" in mine("scan", "--show", "--dry-run", code=2).err


def test_dry_steps_write_nothing(mine: Inside, tree: Tree) -> None:
    before = tree(mine.folder)
    assert "not kept" in mine("scan", "--now", NOW, "--dry-run").out
    for step in (["analyze", "--now", NOW], ["detect"], ["generate"]):
        assert mine(*step, "--dry-run").out.endswith("Nothing was written.\n")
    assert tree(mine.folder) == before
    narrowed = mine("analyze", "--now", NOW, "--season", "2023", "--source", "toy", "--format", "json").json()
    assert {row["season"] for row in narrowed["coverage"]} == {"2023"}
