"""A sudden loss is refused before its tasks are written, and stays refused until someone accepts it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.command_line import NOW, Inside, put

GAMES = 20
LATER = "2024-06-21T12:00:00Z"
SHAPE = "toy/games/n{digits}.json"


@pytest.fixture
def there(mine: Inside) -> Inside:
    """Twenty games, each with its file in a lake of the test's own, and a cycle that saw them."""
    rows = [f"n{n},2024,regular,2024-02-{n + 1:02},,A,B,final" for n in range(GAMES)]
    header = "game_id,season,season_type,date,start_utc,home,away,status"
    (mine.folder / "games.csv").write_text("\n".join([header, *rows]) + "\n")
    (mine.folder / "inventory/data_inventory.yaml").write_text("expected_coverage:\n  toy:\n    seasons: ['2024']\n")
    mine("schedules", "import", "games.csv", "--source", "toy", "--pulled-at", NOW, "--now", NOW, "--force")
    configure(mine)
    for n in range(GAMES):
        put(mine.folder / "lake", f"toy/games/n{n}.json", 20, "2024-06-02T00:00:00Z")
        put(mine.folder / "lake", f"toy/days/202402{n + 1:02}.json", 5, "2024-06-02T00:00:00Z")
    mine("run", "--now", NOW)
    return mine


def configure(mine: Inside, settings: str = "", prefixes: str = "[]", lake: str = "lake") -> None:
    url = (mine.folder / lake).as_uri()
    text = f"lake: {{url: '{url}', prefixes: {prefixes}}}\n{settings}"
    (mine.folder / "config/reconciliation_config.yaml").write_text(text)


def lose(mine: Inside, *numbers: int) -> None:
    for n in numbers:
        (mine.folder / f"lake/toy/games/n{n}.json").unlink()


def cycle(mine: Inside, *options: str, code: int = 0) -> Any:
    return mine("run", "--now", LATER, "--format", "json", *options, code=code).json()


def queue(mine: Inside) -> Any:
    return json.loads((mine.folder / "inventory/gaps.json").read_text())


def losses(report: Any) -> list[tuple[str, int, int]]:
    return [(row["data_type"], row["lost"], row["known"]) for row in report["losses"]]


def refused(report: Any) -> list[tuple[str, str]]:
    return [(row["data_type"], row["reason"]) for row in report["tasks"]["refused"]]


def test_a_loss_up_to_the_ratio_is_work_and_above_it_is_refused(there: Inside) -> None:
    lose(there, 0, 1, 2, 3)  # 20 % of twenty
    report = cycle(there)
    assert losses(report) == [("games", 4, 20)]
    assert report["losses"][0]["shape"] == SHAPE
    assert (refused(report), queue(there)["total_gaps"], queue(there)["total_tasks"]) == ([], 4, 1)
    # Those are accepted. Sixteen are left, and four of them are 25 %.
    lose(there, 4, 5, 6, 7)
    report = cycle(there, code=2)
    assert (losses(report), refused(report)) == ([("games", 4, 16)], [("games", "loss")])
    assert report["gaps"]["total"] == 8
    assert report["tasks"]["withheld"]["gaps"] == 8
    assert (queue(there)["total_tasks"], queue(there)["deferred"]["gaps"], queue(there)["total_gaps"]) == (0, 8, 8)


def test_a_refusal_stands_until_it_is_accepted(there: Inside) -> None:
    lose(there, *range(5))
    (there.folder / "lake/toy/days/20240201.json").unlink()
    for also in ([("days", 1, 20)], []):
        report = cycle(there, code=2)
        assert (losses(report), refused(report)) == ([*also, ("games", 5, 20)], [("games", "loss")])
        # The other dataset's work is written.
        assert [task["data_type"] for task in queue(there)["tasks"]] == ["days"]
    (warning,) = [line for line in report["warnings"] if "withheld" in line]
    assert warning.startswith("toy/games: 5 of 20 items that had a file when they were last seen have none now (25 %,")
    assert f"under keys like {SHAPE}" in warning
    assert "--accept-loss" in warning
    told = there("status").out
    assert "recon scan --show --diff" in told
    assert "a large share vanished at once is more likely misconfigured than lost" in told
    assert "5 items of toy/games that had a file when last seen are missing now, of 20." in told
    # By hand, from what that cycle found.
    assert there("generate", "--format", "json", code=2).json()["tasks"]["total"] == 1
    accepted = there("generate", "--accept-loss", "--format", "json").json()
    assert (refused(accepted), accepted["tasks"]["withheld"]) == ([], {"tasks": 0, "gaps": 0})
    assert {task["data_type"] for task in queue(there)["tasks"]} == {"days", "games"}
    report = cycle(there)
    assert (losses(report), refused(report), report["gaps"]["total"]) == ([], [], 6)


def test_what_comes_back_is_no_loss_any_more(there: Inside) -> None:
    lose(there, *range(10))
    cycle(there, code=2)
    for n in range(9):
        put(there.folder / "lake", f"toy/games/n{n}.json", 20, "2024-06-02T00:00:00Z")
    report = cycle(there)
    assert (losses(report), queue(there)["total_gaps"]) == ([("games", 1, 20)], 1)


def test_an_option_of_the_run_accepts_it_at_once(there: Inside) -> None:
    lose(there, *range(10))
    assert queue(there)["total_gaps"] == 0
    assert cycle(there, "--accept-loss")["tasks"]["total"] == 1
    assert losses(cycle(there)) == []


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ("", 2),
        ("task_queue: {max_loss_ratio: 0.5}", 0),
        ("task_queue: {max_loss_ratio: 0.45}", 2),
        ("task_queue: {max_loss_ratio: 1}", 0),
        ("task_queue: {max_loss_items: 10}", 0),
        ("task_queue: {max_loss_items: 9}", 2),
        ("task_queue: {max_loss_ratio: 0, max_loss_items: 0}", 2),
    ],
)
def test_the_limits_are_settings(there: Inside, settings: str, code: int) -> None:
    lose(there, *range(10))
    configure(there, settings)
    cycle(there, code=code)


def test_a_few_files_of_a_small_dataset_are_no_sudden_loss(there: Inside) -> None:
    for n in range(4, GAMES):
        (there.folder / f"lake/toy/days/202402{n + 1:02}.json").unlink()
    assert losses(cycle(there, "--accept-loss")) == [("days", 16, 20)]
    for n in range(3):
        (there.folder / f"lake/toy/days/202402{n + 1:02}.json").unlink()
    report = cycle(there)
    assert (losses(report), refused(report)) == ([("days", 3, 4)], [])


def test_steps_by_hand_and_a_further_analysis_forget_nothing(there: Inside) -> None:
    lose(there, *range(5))
    there("scan", "--now", LATER)
    there("analyze", "--now", LATER)
    there("analyze", "--now", LATER)
    there("detect")
    assert refused(there("generate", "--format", "json", code=2).json()) == [("games", "loss")]
    # A detection from before cannot accept what a later analysis finds lost.
    lose(there, *range(5, 15))
    there("scan", "--now", LATER)
    there("analyze", "--now", LATER)
    assert losses(there("generate", "--accept-loss", "--format", "json").json()) == [("games", 5, 20)]
    there("detect")
    assert losses(there("generate", "--format", "json", code=2).json()) == [("games", 15, 20)]


def test_a_file_that_was_not_seen_for_a_while_is_remembered(there: Inside) -> None:
    configure(there, prefixes="[toy/days/]")
    report = cycle(there)
    assert (losses(report), report["unknown"]["by_reason"]) == ([], {"not scanned": 20})
    lose(there, *range(5))
    cycle(there)
    configure(there, prefixes="[toy/, old/]")
    report = cycle(there, code=2)
    assert (losses(report), refused(report)) == ([("games", 5, 20)], [("games", "loss")])


def test_only_what_can_be_told_counts(there: Inside) -> None:
    """Of ten games that are looked at four are gone: a share of ten, not of twenty."""
    keys = ", ".join(f"toy/games/n{n}.json, old/n{n}.json" for n in range(10, GAMES))
    lose(there, *range(10, 14))
    configure(there, "task_queue: {max_loss_ratio: 0.39}\n", prefixes=f"[toy/days/, {keys}]")
    report = cycle(there, code=2)
    assert losses(report) == [("games", 4, 10)]


def test_all_gone_is_told_of_once_and_accepted_by_either_option(there: Inside) -> None:
    lose(there, *range(GAMES))
    report = cycle(there, code=2)
    assert (losses(report), refused(report)) == ([("games", 20, 20)], [("games", "empty")])
    assert len([line for line in report["warnings"] if "withheld" in line]) == 1
    for option in ("--accept-empty", "--accept-loss"):
        assert refused(cycle(there, option, "--dry-run")) == []
    # That a dataset may be empty does not mean that it may lose all at once.
    inventory = there.folder / "inventory/data_inventory.yaml"
    inventory.write_text(inventory.read_text() + "    data_types: {days: {}, games: {allow_empty: true}}\n")
    assert refused(cycle(there, code=2)) == [("games", "loss")]


def test_runs_that_keep_nothing_refuse_as_well(there: Inside) -> None:
    lose(there, *range(5))
    before = {path: path.read_bytes() for path in (there.folder / "inventory").rglob("*.parquet")}
    assert refused(cycle(there, "--dry-run", "--accept-empty", code=2)) == [("games", "loss")]
    own = there.folder / "own.json"
    assert refused(cycle(there, "--season", "2024", "--queue-file", str(own), code=2)) == [("games", "loss")]
    assert json.loads(own.read_text())["total_tasks"] == 0
    assert {path: path.read_bytes() for path in before} == before


def test_another_lake_has_lost_nothing(there: Inside) -> None:
    put(there.folder / "other", "toy/games/n0.json", 20, "2024-06-02T00:00:00Z")
    report = cycle(there, "--lake", (there.folder / "other").as_uri(), "--accept-empty")
    assert (losses(report), refused(report)) == ([], [])
    configure(there, lake="other")
    assert losses(cycle(there, "--accept-empty")) == []


@pytest.mark.parametrize("name", ["coverage", "baseline"])
@pytest.mark.parametrize("kept", [0, 100, -1])
def test_a_damaged_baseline_is_none_and_the_run_says_so(there: Inside, name: str, kept: int) -> None:
    path: Path = there.folder / f"inventory/cache/{name}.parquet"
    path.write_bytes(path.read_bytes()[:kept])
    lose(there, *range(5))
    report = cycle(there)
    (warning,) = report["warnings"]
    assert f"inventory/cache/{name}.parquet of the last analysis is damaged" in warning
    assert losses(report) == []
    # The next one has a baseline again.
    lose(there, *range(5, 10))
    assert losses(cycle(there, code=2)) == [("games", 5, 15)]
