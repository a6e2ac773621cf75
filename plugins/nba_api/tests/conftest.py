"""A local server that answers as the NBA's two addresses do, and what the tests need to build its answers.

All teams meet as no real game did; the shapes are the NBA's, the contents are made up for the tests.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from recon_nba_api import plugin
from recon_nba_api.seasons import SEASONS
from recon_nba_api.teams import TEAMS

from recon_core.api import Season
from recon_core.testing import Answer, FakeContext, LocalServer, Plugin, load_plugin

_CDN = "/cdn.json"
_STATS = "/stats/scheduleleaguev2?LeagueID=00&Season="
_EASTERN = ZoneInfo("America/New_York")
_NUMBERS = {code: 1610612737 + n for n, code in enumerate(["ATL", "BOS", "CLE", "NOP", "CHI", "DAL", "DEN", "GSW"])}


def make_team(code: str) -> dict[str, Any]:
    return {
        "teamId": _NUMBERS.get(code, 0 if code not in TEAMS else 1),
        "teamName": code.title(),
        "teamCity": "",
        "teamTricode": code,
        "wins": 0,
        "losses": 0,
        "score": 0,
    }


def make_game(
    game_id: str,
    eastern: str,
    home: str = "ATL",
    away: str = "BOS",
    *,
    status: int = 3,
    text: str | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A game in the NBA's shape; ``eastern`` is its time on an Eastern clock, midnight where it has none."""
    clock = datetime.fromisoformat(eastern)
    utc = clock.replace(tzinfo=_EASTERN).astimezone(UTC)
    return {
        "gameId": game_id,
        "gameCode": f"{clock:%Y%m%d}/{away}{home}",
        "gameStatus": status,
        "gameStatusText": text if text is not None else {1: f"{clock:%I:%M} pm ET", 2: "Q2 5:12", 3: "Final"}[status],
        "gameSequence": 1,
        "gameDateEst": f"{clock:%Y-%m-%d}T00:00:00Z",
        "gameTimeEst": f"1900-01-01T{clock:%H:%M}:00Z",
        "gameDateTimeEst": f"{clock:%Y-%m-%dT%H:%M}:00Z",
        "gameDateUTC": f"{clock:%Y-%m-%d}T04:00:00Z",
        "gameTimeUTC": f"1900-01-01T{utc:%H:%M}:00Z",
        "gameDateTimeUTC": f"{utc:%Y-%m-%dT%H:%M}:00Z",
        "ifNecessary": False,
        "seriesGameNumber": "",
        "gameLabel": "",
        "gameSubLabel": "",
        "postponedStatus": "A",
        "isNeutral": False,
        "homeTeam": make_team(home),
        "awayTeam": make_team(away),
        "pointsLeaders": [],
        **fields,
    }


def make_document(
    games: Iterable[dict[str, Any]] = (), season: str = "2024-25", made: str | None = None
) -> dict[str, Any]:
    """A scheduleLeagueV2 document; without ``made`` it does not say when it was made."""
    days: dict[str, list[dict[str, Any]]] = {}
    for game in games:
        year, month, day = game["gameDateEst"][:10].split("-")
        days.setdefault(f"{month}/{day}/{year} 00:00:00", []).append(game)
    return {
        "meta": {"version": 1, "request": "http://nba.example/schedule", **({} if made is None else {"time": made})},
        "leagueSchedule": {
            "seasonYear": season,
            "leagueId": "00",
            "gameDates": [{"gameDate": day, "games": found} for day, found in days.items()],
            "weeks": [],
            "broadcasterList": [],
        },
    }


@dataclass
class Fault:
    """How one answer goes wrong. ``kind``: status, html, empty, half, huge, or a fault of ``Answer``."""

    kind: str
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, body: bytes) -> Answer:
        """What comes instead of ``body``."""
        match self.kind:
            case "status":
                return Answer(b"not now", self.status, self.headers)
            case "html":
                return Answer(b"<!DOCTYPE html><title>Access Denied</title>")
            case "empty":
                return Answer()
            case "half":
                return Answer(body[: len(body) // 2])
            case "huge":
                return Answer(b'{"leagueSchedule": [' + b" " * 200_000 + b"]}")
            case "cut" | "drip" | "drop" | "hang":
                return Answer(body, fault=self.kind)
        raise AssertionError(self.kind)


class FakeNba:
    """The NBA's two addresses; ``asked`` lists ``cdn`` and the seasons asked of the other one, in order."""

    def __init__(self, server: LocalServer) -> None:
        self._server = server
        self.put_cdn(make_document())

    @property
    def url(self) -> str:
        return self._server.url

    def put_cdn(self, document: Any) -> None:
        """The document of the season under way."""
        self._server.routes[_CDN] = json.dumps(document).encode()

    def put_stats(self, label: str, document: Any) -> None:
        """The document that the other address has of a season."""
        self._server.routes[_STATS + label] = json.dumps(document).encode()

    def fail(self, *faults: Fault) -> None:
        """What happens to the next requests, of either address."""
        for path in (_CDN, _STATS + "2024-25"):
            body = self._server.routes.get(path, b"{}")
            self._server.once[path] += [fault.answer(body) for fault in faults]

    @property
    def asked(self) -> list[str]:
        return ["cdn" if path == _CDN else path.removeprefix(_STATS) for path in self._server.asked]

    @property
    def headers(self) -> list[Mapping[str, str]]:
        return self._server.headers


@pytest.fixture
def nba() -> Iterator[FakeNba]:
    with LocalServer() as server:
        yield FakeNba(server)


@pytest.fixture(scope="session")
def loaded() -> Plugin:
    return load_plugin(plugin)


NOW = datetime(2025, 7, 10, 12, tzinfo=UTC)


@pytest.fixture
def context(nba: FakeNba, loaded: Plugin) -> FakeContext:
    """A context whose options lead to the local server, without waits worth mentioning."""
    given: dict[str, str | int | float | bool] = {
        "cdn_url": f"{nba.url}/cdn.json",
        "stats_url": f"{nba.url}/stats",
        "pause_seconds": 0.0,
        "backoff_seconds": 0.001,
        "timeout_seconds": 10.0,
        "retries": 2,
    }
    return FakeContext(plugin=loaded, now=NOW, given=given)


@pytest.fixture
def quiet_context(loaded: Plugin) -> FakeContext:
    """A context that would fail if anything were asked for."""
    nowhere: dict[str, str | int | float | bool] = {
        "cdn_url": "http://127.0.0.1:9/cdn.json",
        "stats_url": "http://127.0.0.1:9/stats",
        "pause_seconds": 0.0,
        "retries": 0,
    }
    return FakeContext(plugin=loaded, now=NOW, given=nowhere, lake={})


@pytest.fixture
def season() -> Season:
    return next(season for season in SEASONS if season.label == "2024-25")


@pytest.fixture
def game() -> Callable[..., dict[str, Any]]:
    return make_game


@pytest.fixture
def document() -> Callable[..., dict[str, Any]]:
    return make_document


@pytest.fixture
def fault() -> type[Fault]:
    return Fault


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real schedules and payloads."""
    root = Path(os.environ.get("RECON_REAL_DATA") or Path(__file__).parents[4] / "shared" / "data")
    if not (root / "payloads" / "nba_api").is_dir():
        pytest.skip(f"no real data at {root}: set RECON_REAL_DATA to the folder that holds payloads/ and schedules/")
    return root
