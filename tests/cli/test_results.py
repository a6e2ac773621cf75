from __future__ import annotations

import html
import json
import os
import shutil
from urllib.parse import unquote

import pytest
from support.command_line import HOSTILE, NOW, Inside, put

from recon_core.text import shown


def lines(text: str, start: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if line.startswith(start)]


def test_gaps_stand_by_priority_and_date_with_their_reasons(done: Inside) -> None:
    found = done("gaps", "--format", "json").json()
    assert (found["total"], found["shown"], found["as_of"]) == (5, 5, NOW)
    assert [(gap["priority"], gap["item"], gap["verdict"]) for gap in found["gaps"]] == [
        ("CRITICAL", "toy/games/g5", "missing"),
        ("HIGH", "toy/games/g4", "stale"),
        ("HIGH", "toy/games/g3", "undersized"),
        ("HIGH", "toy/games/g2", "missing"),
        ("MEDIUM", "toy/games/p1", "missing"),
    ]
    assert found["gaps"][0]["fields"] == {"game_id": "g5", "date": "2024-06-17", "home": "A", "away": "B"}
    assert found["gaps"][0]["due_at"] == "2024-06-18T03:00:00Z"
    text = done("gaps").out
    assert "due 2024-06-18T03:00Z; no object under 2 keys; listed 2024-06-20T12:00Z" in text
    assert "2 items are unknown: `recon status` says why" in text


@pytest.mark.parametrize(
    ("options", "items"),
    [
        (["--priority", "critical"], ["g5"]),
        (["--priority", "MEDIUM", "--priority", "critical"], ["g5", "p1"]),
        (["--season", "2023"], ["p1"]),
        (["--season", "previous"], ["p1"]),
        (["--season", "current", "--priority", "high"], ["g4", "g3", "g2"]),
        (["--source", "toy", "--data-type", "days"], []),
        (["--new", "--limit", "2"], ["g5", "g4"]),
        (["--limit", "0"], ["g5", "g4", "g3", "g2", "p1"]),
    ],
)
def test_gaps_can_be_chosen(done: Inside, options: list[str], items: list[str]) -> None:
    found = done("gaps", "--format", "json", *options).json()
    assert [gap["game_id"] for gap in found["gaps"]] == items


def test_new_gaps_are_those_that_the_last_cycle_saw_first(mine: Inside) -> None:
    config, lake = mine.folder / "config/reconciliation_config.yaml", mine.folder / "lake"
    url = config.read_text().split()[-1]
    shutil.copytree(unquote(url.removeprefix("file://")), lake)
    config.write_text(config.read_text().replace(url, lake.as_uri()))
    mine("run", "--now", NOW)
    shutil.rmtree(lake)
    (lake / "toy/games").mkdir(parents=True)
    later = "2024-06-20T13:00:00Z"
    mine("run", "--now", later, "--accept-empty", "--accept-loss")
    found = mine("gaps", "--new", "--format", "json", "--data-type", "games").json()["gaps"]
    assert {gap["game_id"] for gap in found} == {"g1", "g9", "p2"}
    assert {gap["first_seen"] for gap in found} == {later}


def test_a_table_that_is_cut_says_so(done: Inside) -> None:
    text = done("gaps", "--limit", "1").out
    assert "4 more: --limit 0 shows all." in text
    assert "toy/games/g4" not in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gaps", "--source", "tyo"], "did you mean 'toy'"),
        (["gaps", "--season", "2025"], "it looked at 2023, 2024"),
        (["tasks", "--data-type", "game"], "did you mean 'games'"),
        (["objects", "--source", "x"], "--source x"),
        (["objects", "--unrecognised", "--kind", "orphan"], "--unrecognised"),
        (["tasks", "task_0"], "recon tasks --limit 0"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(done: Inside, arguments: list[str], words: str) -> None:
    result = done(*arguments, code=2)
    assert result.out == ""
    assert words in result.err


def test_tasks(done: Inside) -> None:
    found = done("tasks", "--format", "json").json()
    queue = json.loads((done.folder / "inventory/gaps.json").read_text())
    assert found["tasks"] == queue["tasks"]
    assert (found["total"], found["shown"]) == (3, 3)
    text = done("tasks").out
    assert text.startswith("3 tasks for 5 files as of 2024-06-20T12:00:00Z\n")
    assert [row[1:5] for row in lines(text, "task_")] == [
        ["CRITICAL", "toy/games", "2024", "toy_scraper"],
        ["HIGH", "toy/games", "2024", "toy_scraper"],
        ["MEDIUM", "toy/games", "2023", "toy_scraper"],
    ]
    chosen = done("tasks", "--priority", "medium", "--season", "previous", "--format", "json").json()["tasks"]
    assert [task["season"] for task in chosen] == ["2023"]
    assert done("tasks", "--season", "2024", "--limit", "1", "--format", "json").json()["total"] == 2


def test_one_task(done: Inside) -> None:
    high = done("tasks", "--priority", "high", "--format", "json").json()["tasks"][0]
    assert done("tasks", high["id"], "--format", "json").json() == high
    text = done("tasks", high["id"]).out
    assert text.startswith(f"{high['id']}: HIGH, toy/games 2024, 3 files for toy_scraper")
    assert [row[0] for row in lines(text, "toy/games/")] == ["toy/games/g4", "toy/games/g3", "toy/games/g2"]


def test_objects_are_shown_escaped_whoever_looks(done: Inside) -> None:
    found = done("objects", "--format", "json")
    assert [one["key"] for one in found.json()["objects"] if one["kind"] == "unrecognised"] == [HOSTILE]
    for output in ("json", "table", "markdown"):
        text = done("objects", "--format", output).out
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[red]bold[/red]" in html.unescape(text)
    assert shown(HOSTILE) in done("objects").out
    row = next(line for line in done("objects", "--format", "markdown").out.splitlines() if "bold" in line)
    assert row.count("|") == 6
    assert "<code>weird/" in row


def test_objects_can_be_chosen(done: Inside) -> None:
    duplicates = done("objects", "--kind", "duplicate", "--format", "json").json()["objects"]
    assert [(one["key"], one["item"]) for one in duplicates] == [("old/g1.json", "toy/games/g1")]
    mine = done("objects", "--source", "toy", "--data-type", "games", "--format", "json").json()
    assert {one["kind"] for one in mine["objects"]} == {"duplicate", "out_of_scope"}
    assert "13 best copies, 1 duplicate" in done("objects", "--limit", "1").out


def test_unrecognised_objects_are_grouped_by_shape(done: Inside) -> None:
    shapes = done("objects", "--unrecognised", "--format", "json").json()["shapes"]
    assert [(one["objects"], one["bytes"], one["example"]) for one in shapes] == [(1, 20, HOSTILE)]
    assert done("objects", "--unrecognised").out.startswith("1 object in 1 shape")


def test_shapes_have_counts_sizes_times_and_examples(mine: Inside) -> None:
    config = mine.folder / "config/reconciliation_config.yaml"
    lake = mine.folder / "lake"
    config.write_text(f"lake: {{url: '{lake.as_uri()}'}}\n")
    put(lake, "toy/games/g1.json", 20, "2024-06-02T00:00:00Z")
    for number, (size, day) in enumerate([(5, "02"), (7, "09"), (1, "01"), (2, "03")]):
        put(lake, f"dump/{number}.csv", size, f"2024-06-{day}T00:00:00Z")
    put(lake, "big/a1", 900, "2024-06-05T00:00:00Z")
    put(lake, "all/b1", 100, "2024-06-05T00:00:00Z")
    mine("run", "--now", NOW, code=None)
    found = mine("objects", "--unrecognised", "--format", "json").json()
    assert (found["total"], found["shown"]) == (3, 3)
    assert found["shapes"][0] == {
        "shape": "dump/{digits}.csv",
        "objects": 4,
        "bytes": 15,
        "oldest": "2024-06-01T00:00:00Z",
        "newest": "2024-06-09T00:00:00Z",
        "example": "dump/0.csv",
        "examples": ["dump/0.csv", "dump/1.csv", "dump/3.csv"],
    }
    # Of equally common ones the larger comes first.
    assert [one["shape"] for one in found["shapes"]] == ["dump/{digits}.csv", "big/a{digits}", "all/b{digits}"]
    assert [one["examples"] for one in found["shapes"][1:]] == [["big/a1"], ["all/b1"]]
    text = mine("objects", "--unrecognised").out
    assert lines(text, "      4")[0][1:] == ["15", "B", "2024-06-01", "2024-06-09", "dump/{digits}.csv", "dump/0.csv"]
    assert "- dump/1.csv\n- dump/3.csv\n" in text
    cut = mine("objects", "--unrecognised", "--limit", "1", "--format", "markdown").out
    assert "| 4 | 15 B | 2024-06-01 | 2024-06-09 | `dump/{digits}.csv` | `dump/0.csv` |" in cut
    assert "2 more: --limit 0 shows all." in cut
    assert "big/" not in cut


@pytest.mark.parametrize("command", [["gaps"], ["tasks"], ["objects"], ["explain", "g1"]])
def test_what_is_not_there_yet_is_told_with_the_command_that_makes_it(mine: Inside, command: list[str]) -> None:
    for path in (mine.folder / "inventory/cache").iterdir():
        path.unlink()
    (mine.folder / "inventory/gaps.json").unlink()
    result = mine(*command, code=2)
    assert result.out == ""
    assert "is not there yet" in result.err
    assert "`recon run`" in result.err


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("inventory/cache/gaps.parquet", "gaps"),
        ("inventory/cache/detection.json", "gaps"),
        ("inventory/cache/objects.parquet", "objects"),
        ("inventory/cache/cycle.json", "status"),
    ],
)
def test_a_broken_output_is_told_and_no_bug(mine: Inside, file: str, command: str) -> None:
    (mine.folder / file).write_text("{broken")
    result = mine(command, code=2)
    assert file in result.err
    assert result.err.count("\n") == 1
    assert "anew" in result.err


@pytest.mark.parametrize("text", ["{broken", "[]", '{"tasks": []}'])
def test_a_damaged_queue_is_not_to_be_made_anew(mine: Inside, text: str) -> None:
    (mine.folder / "inventory/gaps.json").write_text(text)
    result = mine("tasks", code=2)
    assert "inventory/gaps.json: not a task queue" in result.err
    assert "restore it, or move it away to start afresh" in result.err
    assert "Error" not in result.err


def test_status_tells_the_last_report_and_the_last_attempt(mine: Inside) -> None:
    found = mine("status", "--format", "json").json()
    assert found["report"] == json.loads((mine.folder / "inventory/cache/cycle.json").read_text())
    assert found["last_attempt"]["state"] == "done"
    text = mine("status").out
    assert text.index("Last attempt:") < text.index("Last report:") < text.index("What it could not see:")
    assert "done, exit code 0" in text
    mine("run", "--now", NOW, "--lake", "file:///no/such/lake", code=3)
    text = mine("status").out
    assert "failed, exit code 3: " in text
    assert "/no/such/lake" in text
    assert "not of the last attempt" in text


def test_status_knows_a_killed_run_from_one_at_work(mine: Inside) -> None:
    record_file = mine.folder / "inventory/cache/last_run.json"
    record = json.loads(record_file.read_text()) | {"finished_at": None, "exit_code": None, "cycle_id": None}
    record_file.write_text(json.dumps(record | {"pid": os.getpid()}))
    assert f"still at work (process {os.getpid()})" in mine("status").out
    record_file.write_text(json.dumps(record | {"pid": 2**30}))
    assert "killed before it could say" in mine("status").out


def test_status_of_a_new_workspace(mine: Inside) -> None:
    for path in (mine.folder / "inventory/cache").iterdir():
        path.unlink()
    assert mine("status", "--format", "json").json() == {"report": None, "last_attempt": None}
    assert "recon run --dry-run" in mine("status").out


def test_stretches_of_days_without_data(done: Inside) -> None:
    found = done("gaps", "--runs", "--format", "json").json()
    stretch = {"source": "toy", "data_type": "games", "season": "2024", "first": "2024-06-02", "last": "2024-06-03"}
    assert found["runs"] == [{**stretch, "days": 2, "items": 2}]
    assert json.loads((done.folder / "inventory/cache/cycle.json").read_text())["runs"] == found["runs"]
    assert lines(done("gaps", "--runs").out, "toy/") == [["toy/games", "2024", "2024-06-02", "2024-06-03", "2", "2"]]
    assert done("gaps", "--runs", "--season", "2023", "--format", "json").json()["total"] == 0
    assert "--priority" in done("gaps", "--runs", "--priority", "low", code=2).err
