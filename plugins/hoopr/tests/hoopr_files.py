"""What the tests need to build hoopR's files, and what stands in for the release and for the core.

The games are made up for the tests, in the columns of hoopR's schedule.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from recon_hoopr import plugin
from recon_hoopr.seasons import SEASONS

from recon_core.api import Season
from recon_core.testing import Answer, FakeContext, LocalServer, load_plugin

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


class Release:
    """hoopR's side: the files it has by path, when they were ``changed``, and the ``faults`` of the next requests,
    whatever they ask for.
    """

    def __init__(self) -> None:
        self.server = LocalServer(respond=self._respond)
        self.url = self.server.url
        self.files: dict[str, bytes] = {}
        self.changed: str | None = "Wed, 15 Jan 2025 09:00:00 GMT"
        self.faults: list[Answer] = []

    @property
    def asked(self) -> list[str]:
        return self.server.asked

    def put(self, content: bytes, year: int = 2025, suffix: str = "parquet") -> None:
        self.files[f"/espn_nba_schedules/nba_schedule_{year}.{suffix}"] = content

    def _respond(self, path: str) -> Answer | None:
        if self.faults:
            return self.faults.pop(0)
        headers = {} if self.changed is None else {"Last-Modified": self.changed}
        return Answer(self.files[path], headers=headers) if path in self.files else None


def lent(now: datetime = NOW, **more: Any) -> FakeContext:
    """What the core lends to an enumeration."""
    return FakeContext(plugin=load_plugin(plugin), now=now, **more)
