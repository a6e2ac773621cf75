"""The real schedules of the installed sources, imported."""

from __future__ import annotations

import csv
import os
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from recon_core.plugins import load_registry
from recon_core.schedules.importing import import_file
from recon_core.schedules.store import load_games
from recon_core.workspace import Workspace

pytestmark = pytest.mark.realdata

DATA = Path(os.environ.get("RECON_REAL_DATA") or Path(__file__).parents[3] / "shared" / "data")


@pytest.fixture(scope="module")
def files() -> list[tuple[str, Path]]:
    """Every schedule whose source is installed, with the source."""
    folder = DATA / "schedules"
    if not folder.is_dir():
        pytest.skip(f"the real schedules are not at {folder}: set RECON_REAL_DATA")
    names = load_registry().names()
    return [
        (path.name.split("_2")[0], path) for path in sorted(folder.glob("*.csv")) if path.name.split("_2")[0] in names
    ]


def test_every_game_of_every_file_is_stored_as_it_stands(files: list[tuple[str, Path]], ws: Workspace) -> None:
    registry = load_registry()
    assert {path.name for _, path in files} >= {
        *("espn_2023-24.csv", "espn_2024-25.csv", "nba_api_2023-24.csv", "nba_api_2024-25.csv"),
        "nba_api_2024-25_asof_2024-08-16.csv",
    }
    for source, path in files:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = {row["game_id"]: row for row in csv.DictReader(stream)}
        # A schedule as of a day has games that were still to be played.
        _, _, taken = path.stem.partition("_asof_")
        pulled_at = datetime.fromisoformat(taken).replace(tzinfo=UTC) if taken else None
        found = import_file(ws, registry, path, source, pulled_at=pulled_at, force=True)
        games = [one for season in found for one in load_games(season.file)]
        assert sum(season.games for season in found) == len(games) == len(rows)
        assert Counter(one.status for one in games) == Counter(row["status"] for row in rows.values())
        for one in games:
            row = rows[one.game_id]
            assert (one.season, one.season_type, one.date) == (
                row["season"],
                row["season_type"],
                date.fromisoformat(row["date"]),
            )
            assert (one.home or "", one.away or "", one.status) == (row["home"], row["away"], row["status"])
            start = one.start_utc.strftime("%Y-%m-%dT%H:%MZ") if one.start_utc else ""
            assert start == row["start_utc"]
