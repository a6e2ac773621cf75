"""A local server that answers as the NBA's two addresses do, and what the tests need to build its answers.

All teams meet as no real game did; the shapes are the NBA's, the contents are made up for the tests.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from recon_nba_api.seasons import SEASONS
from recon_nba_api.teams import TEAMS

from recon_core.api import Game, LakeError, Season

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
    """How one answer goes wrong. ``kind``: status, html, cut, short, huge, hang, drip, empty or drop."""

    kind: str
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hangs up, which is what several tests are about."""


class FakeNba:
    """The server: ``cdn`` is the document of the season under way, ``stats`` has one by season.

    ``faults`` are those of the next answers; ``asked`` lists ``cdn`` and the seasons asked of the other address.
    """

    def __init__(self) -> None:
        self.cdn: dict[str, Any] = make_document()
        self.stats: dict[str, dict[str, Any]] = {}
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.queries: list[dict[str, list[str]]] = []
        self.closing = threading.Event()
        self._server = Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _document(self, path: str, query: Mapping[str, Sequence[str]]) -> tuple[str, dict[str, Any] | None]:
        if path == "/cdn.json":
            return "cdn", self.cdn
        if path == "/stats/scheduleleaguev2":
            return query["Season"][0], self.stats.get(query["Season"][0])
        return path, None

    def _handler(outer) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                return

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = parse_qs(parts.query)
                name, document = outer._document(parts.path, query)
                outer.asked.append(name)
                outer.headers.append(dict(self.headers))
                outer.queries.append(query)
                self._answer(document, outer.faults.pop(0) if outer.faults else None)

            def _answer(self, document: dict[str, Any] | None, fault: Fault | None) -> None:
                body = json.dumps(document).encode()
                match fault.kind if fault else "":
                    case "" if document is None:
                        self._send(404, b"no such page", {})
                    case "":
                        self._send(200, body, {})
                    case "status":
                        assert fault is not None
                        self._send(fault.status, b"not now", fault.headers)
                    case "html":
                        self._send(200, b"<!DOCTYPE html><title>Access Denied</title>", {})
                    case "empty":
                        self._send(200, b"", {})
                    case "cut":
                        self._send(200, body[: len(body) // 2], {})
                    case "short":
                        self._send(200, body[:20], {"Content-Length": str(len(body))})
                        self.close_connection = True
                    case "huge":
                        self._send(200, b'{"leagueSchedule": [' + b" " * 200_000 + b"]}", {})
                    case "drop":
                        self.close_connection = True
                    case "hang":
                        outer.closing.wait(20)
                        self.close_connection = True
                    case "drip":
                        self._send(200, b"{", {"Content-Length": str(len(body))})
                        while not outer.closing.wait(0.1):
                            self.wfile.write(b" ")

            def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
                self.send_response_only(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        return Handler


@pytest.fixture
def nba() -> Iterator[FakeNba]:
    server = FakeNba()
    yield server
    server.close()


@dataclass
class FakeContext:
    """A context as the core lends it; ``files`` are the lake's schedule objects by key."""

    now: datetime = datetime(2025, 7, 10, 12, tzinfo=UTC)
    options: dict[str, str | int | float | bool] = field(default_factory=dict)
    stored: Sequence[Game] = ()
    scratch: Path | None = None
    from_lake: bool = False
    files: dict[str, bytes] = field(default_factory=dict)

    def keys(self, data_type: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        assert data_type == "schedule"
        for key in self.files:
            yield key, {"season": key.removesuffix(".json")[-7:]}

    def read(self, key: str) -> bytes:
        if key not in self.files:
            raise LakeError(f"{key}: no such object")
        return self.files[key]

    def progress(self, done: int, total: int, what: str) -> None:
        return


@pytest.fixture
def context(nba: FakeNba) -> FakeContext:
    """A context whose options lead to the local server, without waits worth mentioning."""
    return FakeContext(
        options={
            "cdn_url": f"{nba.url}/cdn.json",
            "stats_url": f"{nba.url}/stats",
            "pause_seconds": 0.0,
            "backoff_seconds": 0.001,
            "timeout_seconds": 10.0,
            "retries": 2,
        }
    )


@pytest.fixture
def quiet_context() -> FakeContext:
    """A context that would fail if anything were asked for."""
    nowhere: dict[str, str | int | float | bool] = {
        "cdn_url": "http://127.0.0.1:9/cdn.json",
        "stats_url": "http://127.0.0.1:9/stats",
        "pause_seconds": 0.0,
        "retries": 0,
    }
    return FakeContext(options=nowhere)


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
