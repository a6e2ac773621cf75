"""What the tests need to build hoopR's files, and what stands in for the release and for the core.

The games are made up for the tests, in the columns of hoopR's schedule.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from recon_hoopr.seasons import SEASONS

from recon_core.api import Game, LakeError, Season

NOW = datetime(2025, 1, 15, 12, tzinfo=UTC)
FINAL = ("STATUS_FINAL", "post", True)
SCHEDULED = ("STATUS_SCHEDULED", "pre", False)
POSTPONED = ("STATUS_POSTPONED", "post", False)


def season(label: str = "2024-25") -> Season:
    return next(one for one in SEASONS if one.label == label)


def row(game_id: Any, start: str, home: str = "LAL", away: str = "BOS", **changes: Any) -> dict[str, Any]:
    """A row in the columns of hoopR's schedule; ``state`` is (name, state, completed)."""
    name, state, completed = changes.pop("state", FINAL)
    return {
        "id": game_id,
        "uid": f"s:40~l:46~e:{game_id}",
        "date": start,
        "time_valid": True,
        "neutral_site": False,
        "notes_headline": None,
        "type_abbreviation": "STD",
        "status_type_name": name,
        "status_type_state": state,
        "status_type_completed": completed,
        "home_abbreviation": home,
        "away_abbreviation": away,
        "home_display_name": home,
        "away_display_name": away,
        "game_id": game_id,
        "season": 2025,
        "season_type": 2,
        "game_date": None,
        "PBP": True,
        "team_box": True,
        "player_box": True,
        **changes,
    }


def as_parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(one) for one in rows]), stream)
    return stream.getvalue()


def as_csv(rows: Sequence[Mapping[str, Any]], nothing: str = "") -> bytes:
    def cell(value: Any) -> str:
        return nothing if value is None else '"' + str(value).replace('"', '""') + '"'

    lines = [",".join(rows[0]), *(",".join(map(cell, one.values())) for one in rows)]
    return ("\n".join(lines) + "\n").encode()


ROWS = (
    row(401705001, "2025-01-14T00:30Z", game_date="2025-01-13"),
    row(401705002, "2025-01-10T01:00Z", "NY", "GS", PBP=False, player_box=False),
    row(401705003, "2025-01-14T01:00Z", "UTAH", "SA", PBP=False, team_box=False, player_box=False),
    row(401705004, "2025-01-20T00:00Z", "BOS", "NY", state=SCHEDULED, PBP=False, team_box=False, player_box=False),
)


@dataclass
class Release:
    """The server's side: what it has, when its files were changed, what it does wrong, and what it was asked."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    changed: str | None = "Wed, 15 Jan 2025 09:00:00 GMT"
    faults: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def put(self, content: bytes, year: int = 2025, suffix: str = "parquet") -> None:
        self.files[f"/espn_nba_schedules/nba_schedule_{year}.{suffix}"] = content


@dataclass
class Lent:
    """What the core lends to an enumeration."""

    now: datetime = NOW
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    stored: Sequence[Game] = ()
    scratch: Path | None = None
    from_lake: bool = False
    lake: Mapping[str, bytes] = field(default_factory=dict)

    def keys(self, data_type: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        assert data_type == "schedules"
        for key in self.lake:
            yield key, {"end_year": key.rpartition("_")[2].partition(".")[0]}

    def read(self, key: str) -> bytes:
        if key not in self.lake:
            raise LakeError(f"{key}: there is no such object")
        return self.lake[key]

    def progress(self, done: int, total: int, what: str) -> None:
        assert 0 <= done <= total
        assert what
