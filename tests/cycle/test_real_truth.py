"""The real schedules of three sources, held against each other.

A source whose plugin is not installed is stood in for by one that knows no more than its team codes.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.fake_distributions import Site

from recon_core.agreement import CompareReport, compare
from recon_core.config import load_inventory
from recon_core.cycle import run_cycle
from recon_core.plugins import load_registry
from recon_core.progress import NoProgress
from recon_core.request import RunRequest
from recon_core.schedules.importing import import_file
from recon_core.workspace import Workspace

pytestmark = pytest.mark.realdata

DATA = Path(os.environ.get("RECON_REAL_DATA") or Path(__file__).parents[3] / "shared" / "data")
NOW = datetime(2025, 8, 1, tzinfo=UTC)
RELEASED = datetime(2024, 8, 16, tzinfo=UTC)

PLUGIN = """
from datetime import date
from recon_core.api import *

@hookimpl
def recon_source():
    return Source(
        name={name!r}, api_version=1, title="A stand-in", timezone="America/New_York", league="nba", teams={teams!r},
        season_types=("regular", "cup_final", "playin", "playoffs"),
        datasets=(DatasetSpec(data_type="games", grain=("game_id",), key_templates=("{name}-games/{{game_id}}",)),),
    )

@hookimpl
def recon_seasons():
    return [Season(label=f"{{y}}-{{(y + 1) % 100:02}}", starts=date(y, 10, 1), ends=date(y + 1, 6, 30))
            for y in range(2020, 2027)]

@hookimpl
def recon_expected_games(season, context):
    return []
"""

Compared = Callable[..., CompareReport]


@pytest.fixture
def compared(tmp_path: Path) -> Compared:
    """Imports schedule files and compares them."""
    if not (DATA / "schedules").is_dir():
        pytest.skip(f"the real schedules are not at {DATA}: set RECON_REAL_DATA")
    with (DATA / "team_abbreviations.csv").open(encoding="utf-8", newline="") as stream:
        today = [row for row in csv.DictReader(stream) if row["years"].endswith("-")]
    site = Site(tmp_path / "site")
    installed = load_registry().names()
    for name, column in (("nba_api", "nba"), ("bbref", "bbref")):
        if name not in installed:
            teams = {row[column]: row["nba"] for row in today}
            site.install_module(name, PLUGIN.format(name=name, teams=teams))
    ws = Workspace(tmp_path / "ws")
    ws.inventory_dir.mkdir(parents=True)
    ws.inventory_file.write_text("expected_coverage: {espn: {seasons: [2023-24]}}\n")

    def run(*files: str) -> CompareReport:
        with site.active():
            registry = load_registry()
            for file in files:
                source = "nba_api" if file.startswith("nba_api") else file.split("_")[0]
                pulled_at = RELEASED if "asof" in file else NOW
                import_file(ws, registry, DATA / "schedules" / file, source, now=NOW, pulled_at=pulled_at)
            return compare(ws, registry, load_inventory(ws), NOW)

    return run


def test_three_schedules_of_2023_24_agree_on_every_game_but_preseason_and_all_star(compared: Compared) -> None:
    report = compared("espn_2023-24.csv", "nba_api_2023-24.csv", "bbref_2023-24.csv")
    assert (report.total, report.problems) == (0, ())
    agreed = {(pair.first, pair.second): pair.agreed for pair in report.pairs}
    # 1,230 regular games, the Cup's final, 6 of the play-in, 82 of the playoffs; bbref has no others.
    assert agreed == {("bbref", "espn"): 1319, ("bbref", "nba_api"): 1319, ("espn", "nba_api"): 1383}
    for pair in report.pairs:
        assert (pair.only_first, pair.only_second, pair.moved, pair.swapped, pair.disputed) == (0, 0, 0, 0, 0)
    assert {one.games - one.known for one in report.totals if one.season_type == "regular"} == {0}


def test_what_a_schedule_lacks_of_2024_25_is_told(compared: Compared) -> None:
    report = compared("espn_2024-25.csv", "nba_api_2024-25.csv")
    # ESPN's file ends with the regular season, but for the 7 games of the Finals: 6 of the play-in and 77 are lacking.
    assert Counter((one["source"], one["kind"]) for one in report.differences) == {("espn", "lacks"): 83}
    (pair,) = report.pairs
    assert (pair.only_second, pair.only_first, pair.disputed) == (83, 0, 0)
    missing = {(one.source, one.season_type): one.games - one.known for one in report.totals}
    assert missing["espn", "playin"] == -6
    assert missing["espn", "regular"] == missing["nba_api", "regular"] == missing["nba_api", "playin"] == 0


def test_a_schedule_as_first_released_is_incomplete_and_has_games_that_moved(compared: Compared) -> None:
    report = compared("espn_2024-25.csv", "nba_api_2024-25_asof_2024-08-16.csv")
    kinds = Counter((one["source"], one["kind"]) for one in report.differences)
    # 18 games were played on another date than first scheduled; of 5 of them ESPN still has the postponed event.
    assert kinds["nba_api", "moved"] == kinds["espn", "moved"] == 13
    assert kinds["nba_api", "status"] == 5
    assert kinds["espn", "lacks"] == 0
    (pair,) = report.pairs
    assert (pair.moved, pair.disputed) == (13, 5)
    missing = {(one.source, one.season_type): one.games - one.known for one in report.totals}
    assert missing["nba_api", "regular"] == -24


def test_a_month_that_is_absent_from_a_sources_own_schedule_is_expected_all_the_same(tmp_path: Path) -> None:
    if not (DATA / "schedules").is_dir():
        pytest.skip(f"the real schedules are not at {DATA}: set RECON_REAL_DATA")
    registry = load_registry()
    ws = Workspace(tmp_path / "ws")
    for folder in ("config", "inventory", "lake"):
        (ws.root / folder).mkdir(parents=True)
    ws.config_file.write_text(f"lake: {{url: {(ws.root / 'lake').as_uri()}}}\n")
    ws.inventory_file.write_text(
        "expected_coverage: {bbref: {seasons: [2023-24], data_types: {box_scores: {allow_empty: true}}}}\n"
    )
    lines = (DATA / "schedules" / "bbref_2023-24.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if ",2024-03-" not in line]
    (tmp_path / "bbref.csv").write_text("\n".join([*kept, ""]), encoding="utf-8")
    import_file(ws, registry, tmp_path / "bbref.csv", "bbref", now=NOW, pulled_at=NOW)
    import_file(ws, registry, DATA / "schedules" / "espn_2023-24.csv", "espn", now=NOW, pulled_at=NOW)
    request = RunRequest(now=NOW, now_given=True, clock=lambda: NOW)
    report = run_cycle(ws, request, NoProgress()).report
    (row,) = report["coverage"]
    assert (row["expected"], row["missing"], report["conflicts"]) == (1319, 1319, [])
    whole = {line.partition(",")[0] for line in lines[1:]}
    assert {one["game_id"] for one in pq.read_table(ws.coverage).to_pylist()} == whole
    assert len(lines) - len(kept) > 200
