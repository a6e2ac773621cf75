"""A source whose items lie inside Parquet files goes through the whole cycle. What must come out is worked out by hand.

2024 has twelve races from 1 May on, one a day: 202401 is a heat and not wanted, the source has no results of 202403,
202402 has a further id. The run is of 10 May, 12:00: nine races are over, and those of up to 9 May are due.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.fake_distributions import ROWING, Site

from recon_core.against.comparing import compare
from recon_core.against.reading import Claim
from recon_core.cli.render.explanation import explanation_blocks
from recon_core.config import load_inventory
from recon_core.cycle import run_analyze, run_cycle
from recon_core.doctor import Check, diagnose
from recon_core.explain import explain
from recon_core.kept import load_snapshot
from recon_core.lake.base import Probe
from recon_core.lake.local import LocalLake
from recon_core.plan import build_plan
from recon_core.plugins import load_registry
from recon_core.progress import NoProgress
from recon_core.request import CycleResult, RunRequest
from recon_core.workspace import Workspace

NOW = datetime(2024, 5, 10, 12, tzinfo=UTC)
RESULTS = "rowing/results_2024.parquet"
RACES = [f"2024{number:02}" for number in range(1, 13)]
DUE = [race for race in RACES[1:9] if race != "202403"]


class World:
    """A workspace with its lake, which counts what is read of it."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ws = Workspace(root)
        self.lake = root / "lake"
        self.lake.mkdir(parents=True)
        self.ws.config_file.parent.mkdir()
        self.ws.config_file.write_text(f"lake: {{url: {self.lake.as_uri()}}}\ntask_queue: {{batch_size: 2}}\n")
        self.ws.inventory_file.parent.mkdir()
        self.expect("results: {}")
        self.reads: list[tuple[str, int]] = []
        read_range = LocalLake.read_range

        def counted(lake: LocalLake, version: Any, start: int, end: int) -> bytes:
            self.reads.append((version.key, end - start))
            return read_range(lake, version, start, end)

        monkeypatch.setattr(LocalLake, "read_range", counted)

    def expect(self, data_types: str, seasons: str = "S2024") -> None:
        self.ws.inventory_file.write_text(
            f"expected_coverage:\n  rowing:\n    seasons: [{seasons}]\n    data_types:\n      {data_types}\n"
        )

    def put(
        self,
        key: str,
        ids: Sequence[Any],
        *,
        column: str = "race_id",
        taken: datetime = NOW - timedelta(hours=1),
        content: bytes | None = None,
    ) -> None:
        path = self.lake / key
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            pq.write_table(pa.table({"x": [0.5] * len(ids), column: ids}), path, row_group_size=5)
        else:
            path.write_bytes(content)
        os.utime(path, (taken.timestamp(), taken.timestamp()))

    def run(self, now: datetime = NOW, **options: Any) -> CycleResult:
        self.reads.clear()
        return run_cycle(self.ws, RunRequest(now=now, now_given=True, clock=lambda: now, **options), NoProgress())

    def rows(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = pq.read_table(self.ws.cache_dir / f"{name}.parquet").to_pylist()
        return rows

    def verdicts(self) -> dict[str, str]:
        return {row["item"].removeprefix("rowing/"): row["verdict"] for row in self.rows("coverage")}

    def kept(self) -> list[Path]:
        return sorted(self.ws.containers_dir.glob("*"))


@pytest.fixture
def world(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Any:
    site.add(ROWING)
    with site.active():
        yield World(tmp_path / "workspace", monkeypatch)


def tasks(result: CycleResult) -> list[dict[str, Any]]:
    assert result.queue is not None
    found: list[dict[str, Any]] = json.loads(result.queue)["tasks"]
    return found


def test_items_are_there_where_a_container_holds_their_id(world: World) -> None:
    # 902 is the further id of 202402; each race has several rows, in several row groups.
    world.put(RESULTS, [int(race) for race in ["202401", "202404", "202405"] for _ in range(4)] + [902])
    result = world.run()
    assert world.verdicts() == {
        **{f"results/{race}": "missing" for race in DUE},
        **{f"results/{race}": "present" for race in ("202402", "202404", "202405")},
        "results/202403": "excused",
        **{f"results/{race}": "not_due" for race in RACES[9:]},
    }
    rows = {row["item"].rpartition("/")[2]: row for row in world.rows("coverage")}
    assert rows["202403"]["reason"] == "the source has no results for it"
    held, gap = rows["202404"], rows["202406"]
    size = (world.lake / RESULTS).stat().st_size
    assert (held["found_key"], held["target_key"], held["size"], held["copies"]) == (RESULTS, RESULTS, size, 1)
    assert held["last_modified"] == datetime(2024, 5, 10, 11)  # noqa: DTZ001 - as the file has it
    assert (gap["found_key"], gap["target_key"], gap["size"], gap["copies"]) == (None, RESULTS, None, 0)
    assert gap["reason"] == "due 2024-05-06T18:00Z; in no container under 1 key; listed 2024-05-10T12:00Z"
    # The container is a copy, and neither a duplicate nor unrecognised; the heat inside is known and not wanted.
    assert world.rows("objects") == []
    assert result.report["objects"]["items"] == 1
    assert not [text for text in result.report["warnings"] if "no stored schedule knows" in text]
    # One file closes them all, whatever batch_size is.
    (task,) = tasks(result)
    assert (task["missing_files"], task["scraper"], task["estimated_time_minutes"]) == (4, "results_scraper", 2)
    assert {item["target_key"] for item in task["items"]} == {RESULTS}


def test_each_container_has_its_task(world: World) -> None:
    world.expect("logs: {}")
    world.put("rowing/logs/20240501.parquet", ["Argo"], column="boat")
    world.put("rowing/logs/20240502.parquet", ["Argo", "Le Rêve/2", "50%", None], column="boat")
    result = world.run()
    assert world.verdicts() == {
        "logs/2024-05-01/Argo": "present",
        "logs/2024-05-01/Le%20R%C3%AAve%2F2": "missing",
        "logs/2024-05-01/50%25": "missing",
        **{f"logs/2024-05-02/{boat}": "present" for boat in ("Argo", "Le%20R%C3%AAve%2F2", "50%25")},
        **{f"logs/2024-05-03/{boat}": "missing" for boat in ("Argo", "Le%20R%C3%AAve%2F2", "50%25")},
    }
    found = {tuple({item["target_key"] for item in task["items"]}): task["missing_files"] for task in tasks(result)}
    assert found == {("rowing/logs/20240501.parquet",): 2, ("rowing/logs/20240503.parquet",): 3}


def test_a_container_that_is_older_than_the_game_holds_no_good_copy(world: World) -> None:
    world.put(RESULTS, RACES, taken=datetime(2024, 5, 5, 11, 59, tzinfo=UTC))
    world.run()
    assert [world.verdicts()[f"results/{race}"] for race in ("202404", "202405", "202409")] == [
        "present",
        "stale",
        "stale",
    ]


def test_the_floor_is_the_files_own_and_no_share_of_others(world: World) -> None:
    world.expect("logs: {undersized_min_copies: 1, undersized_ratio: 1, min_size_bytes: 100}")
    world.put("rowing/logs/20240501.parquet", ["Argo"] * 50_000, column="boat")
    world.put("rowing/logs/20240502.parquet", ["Argo"], column="boat")
    world.run()
    assert {name: verdict for name, verdict in world.verdicts().items() if name.endswith("Argo")} == {
        "logs/2024-05-01/Argo": "present",
        "logs/2024-05-02/Argo": "present",
        "logs/2024-05-03/Argo": "missing",
    }
    world.expect("logs: {min_size_bytes: 100000000}")
    world.run()
    assert world.verdicts()["logs/2024-05-01/Argo"] == "undersized"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no readable Parquet file ("),
        (b"PAR1 not really PAR1", "is no readable Parquet file ("),
        (None, "has no column 'race_id' (did you mean 'race_ids'?)"),
    ],
)
def test_a_container_that_cannot_be_read_proves_nothing(world: World, content: bytes | None, told: str) -> None:
    world.put(RESULTS, RACES, column="race_ids", content=content)
    result = world.run()
    rows = world.rows("coverage")
    assert {row["verdict"] for row in rows if row["game_id"] in DUE} == {"unknown"}
    reason = next(row["reason"] for row in rows if row["verdict"] == "unknown")
    assert reason.startswith(f"unreadable: {RESULTS} {told}")
    assert result.report["unknown"]["by_reason"] == {"unreadable": len(DUE)}
    assert any(
        text.startswith(f"rowing/results: the items in a container are unknown: {RESULTS} {told}")
        for text in result.report["warnings"]
    )
    assert tasks(result) == []
    # It is known what it is, and nothing is claimed of what it holds.
    assert [(row["key"], row["kind"], row["item"]) for row in world.rows("objects")] == [
        (RESULTS, "out_of_scope", None)
    ]
    assert world.kept() == []


def test_a_good_copy_elsewhere_needs_no_unreadable_container(world: World) -> None:
    world.expect("results: {extra_key_templates: ['old/{year}.parquet']}")
    world.put(RESULTS, [], content=b"broken")
    world.put("old/2024.parquet", DUE[:3])
    world.run()
    assert [world.verdicts()[f"results/{race}"] for race in DUE] == ["present"] * 3 + ["unknown"] * (len(DUE) - 3)


def test_further_containers_are_duplicates(world: World) -> None:
    world.expect("results: {extra_key_templates: ['old/{year}.parquet']}")
    world.put(RESULTS, DUE)
    world.put("old/2024.parquet", DUE, taken=NOW - timedelta(hours=2))
    world.run()
    rows = world.rows("coverage")
    assert {(row["found_key"], row["copies"]) for row in rows if row["game_id"] in DUE} == {(RESULTS, 2)}
    assert [(row["key"], row["kind"]) for row in world.rows("objects")] == [("old/2024.parquet", "duplicate")]


def test_containers_of_other_seasons_and_of_nobody(world: World) -> None:
    world.put("rowing/results_2023.parquet", ["202302"])
    world.put("rowing/results_1066.parquet", ["106601"])
    world.put("rowing/results_2024.csv", ["202402"])
    world.put(RESULTS, ["x1", "x2"])
    result = world.run()
    # That of 2023 is not wanted and so not read: nobody can say that it is nobody's.
    kinds = {row["key"]: row["kind"] for row in world.rows("objects")}
    assert kinds == {
        "rowing/results_2023.parquet": "out_of_scope",
        "rowing/results_1066.parquet": "out_of_scope",
        "rowing/results_2024.csv": "unrecognised",
        RESULTS: "out_of_scope",
    }
    assert {key for key, _ in world.reads} == {RESULTS}
    assert (
        f"rowing/results: no stored schedule knows 2 ids inside its containers, such as 'x1' in {RESULTS}: "
        "pull the schedule again, or look at the file"
    ) in result.report["warnings"]
    world.expect("results: {}", seasons="S2023, S2024")
    world.run()
    assert {row["key"]: row["kind"] for row in world.rows("objects")}[RESULTS] == "orphan"


def test_a_container_is_read_once_and_only_its_column(world: World) -> None:
    rows = 20_000
    table = pa.table(
        {"text": [f"{number * 7919 % 1_000_003} and more" for number in range(rows)], "race_id": [202402] * rows}
    )
    path = world.lake / RESULTS
    path.parent.mkdir(parents=True)
    pq.write_table(table, path, row_group_size=5_000, compression="none")
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    world.run()
    assert path.stat().st_size > 400_000
    # The footer, which is asked for with 64 KiB around it, and a piece of the column for each of four row groups.
    assert sum(size for _, size in world.reads) < 80_000
    assert len(world.kept()) == 1
    before = world.ws.coverage.read_bytes()

    world.run()
    assert world.reads == []
    assert world.ws.coverage.read_bytes() == before

    # Another version of it is another container, and the old one's column is not kept.
    old = world.kept()
    world.put(RESULTS, DUE, taken=NOW + timedelta(minutes=5))
    world.run()
    assert {key for key, _ in world.reads} == {RESULTS}
    assert len(world.kept()) == 1
    assert world.kept() != old


def test_a_kept_column_that_is_damaged_is_read_again(world: World) -> None:
    world.put(RESULTS, DUE)
    world.run()
    (kept,) = world.kept()
    whole = kept.read_bytes()
    for damaged in (b"", whole[:-9], whole[:20] + bytes([whole[20] ^ 4]) + whole[21:]):
        kept.write_bytes(damaged)
        world.run()
        assert world.reads
        assert {world.verdicts()[f"results/{race}"] for race in DUE} == {"present"}
        assert kept.read_bytes() == whole


def test_dry_and_narrowed_runs_leave_what_is_kept_alone(world: World) -> None:
    world.put(RESULTS, DUE)
    world.run(dry_run=True)
    assert world.reads
    assert not world.ws.containers_dir.exists()
    world.run()
    kept = world.kept()
    world.expect("logs: {}")
    world.run(seasons=("S2024",))
    assert world.kept() == kept
    world.run()
    assert world.kept() == []


def test_a_container_that_changed_after_the_scan_proves_nothing(world: World) -> None:
    world.put(RESULTS, DUE)
    world.run()
    world.kept()[0].unlink()
    world.put(RESULTS, DUE, taken=NOW)
    request = RunRequest(now=NOW, now_given=True, clock=lambda: NOW)
    run_analyze(world.ws, request, NoProgress())
    reasons = {row["reason"] for row in world.rows("coverage") if row["verdict"] == "unknown"}
    assert reasons == {f"unreadable: {world.lake.as_uri()}/{RESULTS}: it has changed since the scan: scan again"}


def test_the_steps_by_hand_need_no_lake_for_what_is_kept(world: World) -> None:
    world.put(RESULTS, DUE)
    world.run()
    before = world.ws.coverage.read_bytes()
    (world.lake / RESULTS).unlink()
    run_analyze(world.ws, RunRequest(now=NOW, now_given=True, clock=lambda: NOW), NoProgress())
    assert world.ws.coverage.read_bytes() == before


def test_a_container_that_was_not_listed_proves_nothing(world: World) -> None:
    world.ws.config_file.write_text(f"lake: {{url: {world.lake.as_uri()}, prefixes: [elsewhere/]}}\n")
    world.put(RESULTS, DUE)
    world.run()
    assert {row["reason"].partition(":")[0] for row in world.rows("coverage") if row["game_id"] in DUE} == {
        "not scanned"
    }


def test_without_any_container_the_dataset_looks_misconfigured(world: World) -> None:
    world.put("rowing/result-2024.parquet", DUE)
    result = world.run()
    assert result.exit_code == 2
    assert tasks(result) == []
    assert result.report["tasks"]["withheld"] == {"tasks": 2, "gaps": len(DUE)}
    assert {world.verdicts()[f"results/{race}"] for race in DUE} == {"missing"}
    assert date(2024, 5, 9) in {row["date"] for row in world.rows("gaps")}


def test_explain_says_which_container_holds_an_item(world: World) -> None:
    world.expect("results: {extra_key_templates: ['old/{year}.parquet', 'older/{year}.parquet']}")
    world.put(RESULTS, ["202404"])
    world.put("old/2024.parquet", ["902"])
    world.put("older/2024.parquet", [], content=b"broken")
    report = world.run().report

    def held(item: str) -> list[bool | None]:
        found = explain(world.ws, item, report, None, None)
        assert "holds the item" in "".join(map(str, explanation_blocks(found)))
        return [one["holds"] for one in found["items"][0]["evidence"]["candidates"]]

    # The plugin computes its games, so an explanation knows no further ids and cannot say that none is there.
    assert held("rowing/results/202402") == [None, True, None]
    assert held("rowing/results/202404") == [True, None, None]
    about = explain(world.ws, "older/2024.parquet", report, None, None)
    # A few of its items show what a container is.
    assert len(explain(world.ws, RESULTS, report, None, None)["items"]) == 3
    assert "Recognised as a container: it was not read, or what it holds" in "".join(
        map(str, explanation_blocks(about))
    )
    (world.lake / "old/2024.parquet").unlink()
    report = world.run().report
    assert held("rowing/results/202402") == [None, False, None]


def test_doctor_fails_where_containers_cannot_be_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Probe("read", False, False, "access denied", "grant s3:GetObject")
    monkeypatch.setattr(LocalLake, "check", lambda *_: [refused])

    def check() -> Check:
        return next(one for one in diagnose(world.ws, load_registry(), NOW, lambda: NOW, None) if "read" in one.name)

    assert check().state == "fail"
    assert "rowing/results lie in containers, and stay unknown where these cannot be read" in check().advice
    world.ws.inventory_file.write_text("expected_coverage: {}\n")
    assert check().state == "warn"


def test_what_another_tool_misses_is_looked_for_inside_containers(world: World) -> None:
    world.put(RESULTS, ["202402", "777"])
    world.expect("results: {}", seasons="S2023, S2024")
    world.put("rowing/results_2023.parquet", [], content=b"broken")
    result = world.run()
    plan = build_plan(load_inventory(world.ws), load_registry(), NOW)

    def answer(name: str, season: str = "S2024") -> tuple[str, str]:
        claim = Claim(place="line 1", name=name, source="rowing", data_type="results", season=season)
        (one,) = compare(world.ws, [claim], result.report["lake"], plan, load_snapshot(world.ws))
        return one.answer, one.evidence

    assert answer("202402")[0] == "disproved"
    assert answer("202405")[0] == "agrees"
    # Of what no schedule knows the container itself tells.
    held, evidence = answer("777")
    assert (held, "recon does not expect it" in evidence) == ("disproved", True)
    absent, evidence = answer("888")
    assert (absent, evidence.partition(";")[0]) == ("unexpected", "in no container under 1 key")
    assert answer("888", "S2023") == (
        "undecided",
        "rowing/results_2023.parquet, in which it may lie, was not read",
    )
