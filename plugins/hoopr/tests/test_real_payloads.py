"""The real excerpt of a schedule file is read as what it says."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hoopr_files import season
from recon_hoopr.games import games_of
from recon_hoopr.table import read_rows
from recon_hoopr.teams import canonical

pytestmark = pytest.mark.realdata


@pytest.fixture
def excerpt() -> bytes:
    root = Path(os.environ.get("RECON_REAL_DATA") or Path(__file__).parents[4] / "shared" / "data")
    file = root / "payloads" / "hoopr" / "nba_schedule_2025_excerpt.csv"
    if not file.is_file():
        pytest.skip(f"no real data at {root}: set RECON_REAL_DATA to the folder that holds payloads/ and schedules/")
    return file.read_bytes()


def test_the_last_games_of_a_season(excerpt):
    found = games_of(
        season(), read_rows(excerpt, "excerpt", parquet=False), "excerpt", datetime.max.replace(tzinfo=UTC)
    )
    assert [(game.game_id, game.date, game.home, game.away) for game in found] == [
        ("401766127", date(2025, 6, 19), "IND", "OKC"),
        ("401766128", date(2025, 6, 22), "OKC", "IND"),
    ]
    # The last night of the season is the next day in UTC.
    assert found[-1].start_utc == datetime(2025, 6, 23, tzinfo=UTC)
    assert {(game.status, game.season_type, game.unavailable) for game in found} == {("final", "playoffs", ())}
    assert all(canonical(game.home) == game.home for game in found)
