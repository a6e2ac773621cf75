"""A local server that answers as ESPN's scoreboard endpoint does, and what the tests need to build its answers.

All teams meet as no real game did; the shapes are ESPN's, the contents are made up for the tests.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from recon_espn.seasons import SEASONS

from recon_core.api import Game, LakeError, Season

TEAM_IDS = {"ATL": 1, "BOS": 2, "CHI": 4, "DEN": 7, "GS": 9, "LAL": 13, "NY": 18, "UTAH": 26, "WSH": 27}

_STATUS: dict[str, tuple[str, bool]] = {
    "STATUS_SCHEDULED": ("pre", False),
    "STATUS_IN_PROGRESS": ("in", False),
    "STATUS_HALFTIME": ("in", False),
    "STATUS_END_PERIOD": ("in", False),
    "STATUS_FINAL": ("post", True),
    "STATUS_POSTPONED": ("post", False),
    "STATUS_CANCELED": ("post", False),
}


def make_event(
    event_id: str,
    start: str,
    home: str = "ATL",
    away: str = "BOS",
    *,
    status: str = "STATUS_FINAL",
    year: int = 2025,
    kind: int = 2,
    headline: str | None = None,
    competition_type: str = "STD",
    time_valid: bool = True,
    neutral: bool = False,
) -> dict[str, Any]:
    """An event in ESPN's shape."""
    state, completed = _STATUS[status]
    competition = {
        "id": event_id,
        "date": start,
        "timeValid": time_valid,
        "neutralSite": neutral,
        "type": {"id": "1", "abbreviation": competition_type},
        "notes": [] if headline is None else [{"type": "event", "headline": headline}],
        "competitors": [
            {
                "homeAway": side,
                "order": order,
                "score": "0",
                "team": {"id": str(TEAM_IDS.get(code, 90_000 + len(code))), "abbreviation": code, "displayName": code},
            }
            for order, (side, code) in enumerate([("home", home), ("away", away)])
        ],
        "status": {
            "clock": 0.0,
            "period": 4,
            "type": {"id": "3", "name": status, "state": state, "completed": completed, "description": status},
        },
    }
    return {
        "id": event_id,
        "uid": f"s:40~l:46~e:{event_id}",
        "date": start,
        "name": f"{away} at {home}",
        "season": {"year": year, "type": kind, "slug": "regular-season"},
        "competitions": [competition],
        "status": competition["status"],
    }


def make_calendar(days: Iterable[date]) -> list[str]:
    """Days as ESPN's calendar has them: midnight on the Pacific coast, 07:00Z in summer and 08:00Z in winter."""
    return [f"{day}T{'07' if day.month in (4, 5, 6, 7, 8, 9, 10) else '08'}:00Z" for day in sorted(days)]


def make_page(
    day: date, events: Sequence[dict[str, Any]] = (), calendar: Iterable[date] | None = None, year: int = 2025
) -> dict[str, Any]:
    """A scoreboard in ESPN's shape; without a calendar the league says nothing of its days."""
    league: dict[str, Any] = {"id": "46", "slug": "nba", "season": {"year": year, "type": {"id": "2", "type": 2}}}
    if calendar is not None:
        league |= {
            "calendarType": "day",
            "calendarIsWhitelist": True,
            "calendarStartDate": f"{year}-01-01T08:00Z",
            "calendarEndDate": f"{year}-01-21T07:59Z",
            "calendar": make_calendar(calendar),
        }
    return {"leagues": [league], "season": {"type": 2, "year": year}, "day": {"date": f"{day}"}, "events": list(events)}


@dataclass
class Fault:
    """How one answer goes wrong. ``kind``: status, html, cut, short, huge, hang, other_day, shape or drop."""

    kind: str
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # a client that finds the queue full tries again only after a second

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hangs up, which is what several tests are about."""


class FakeEspn:
    """The server: ``events`` and ``faults`` by day; ``asked`` lists the days of all requests in order."""

    def __init__(self) -> None:
        self.events: dict[date, list[dict[str, Any]]] = defaultdict(list)
        self.calendar: list[date] | None = None
        self.year = 2025
        self.faults: dict[date, list[Fault]] = defaultdict(list)
        self.every: Fault | None = None
        self.asked: list[date] = []
        self.headers: list[Mapping[str, str]] = []
        self.queries: list[dict[str, list[str]]] = []
        self.most_at_once = 0
        self.linger = 0.0
        self.closing = threading.Event()
        self._at_once = 0
        self._lock = threading.Lock()
        self._server = Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/nba"

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def add(self, *events: dict[str, Any], day: date | None = None) -> None:
        """Put events on the scoreboard of their Eastern day, taken to end at 08:00 UTC, or of the day given."""
        for event in events:
            start = datetime.fromisoformat(event["date"])
            self.events[day or (start - timedelta(hours=8)).date()].append(event)

    def page(self, day: date) -> dict[str, Any]:
        return make_page(day, self.events.get(day, []), self.calendar, self.year)

    def _handler(outer) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes, which would cost 40 ms each time

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                return

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = parse_qs(parts.query)
                if parts.path != "/nba/scoreboard":
                    self._send(404, b"no such page", {})
                    return
                day = datetime.strptime(query["dates"][0], "%Y%m%d").replace(tzinfo=UTC).date()
                with outer._lock:
                    outer.asked.append(day)
                    outer.headers.append(dict(self.headers))
                    outer.queries.append(query)
                    outer._at_once += 1
                    outer.most_at_once = max(outer.most_at_once, outer._at_once)
                    fault = outer.faults[day].pop(0) if outer.faults.get(day) else outer.every
                try:
                    time.sleep(outer.linger)
                    self._answer(day, fault)
                finally:
                    with outer._lock:
                        outer._at_once -= 1

            def _answer(self, day: date, fault: Fault | None) -> None:
                body = json.dumps(outer.page(day)).encode()
                match fault.kind if fault else "":
                    case "":
                        self._send(200, body, {})
                    case "status":
                        assert fault is not None
                        self._send(fault.status, b"not now", fault.headers)
                    case "html":
                        self._send(200, b"<!DOCTYPE html><title>Be right back</title>", {"Content-Type": "text/html"})
                    case "cut":
                        self._send(200, body[: len(body) // 2], {})
                    case "short":
                        self._send(200, body[:20], {"Content-Length": str(len(body))})
                        self.close_connection = True
                    case "huge":
                        self._send(200, b'{"events": [' + b" " * 200_000 + b"]}", {})
                    case "shape":
                        self._send(200, b'{"code": 400, "message": "Failed to get events endpoint."}', {})
                    case "other_day":
                        self._send(200, json.dumps(outer.page(day - timedelta(days=30))).encode(), {})
                    case "drop":
                        self.close_connection = True
                    case "hang":
                        outer.closing.wait(20)
                        self.close_connection = True

            def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
                self.send_response_only(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        return Handler


@pytest.fixture
def espn() -> Iterator[FakeEspn]:
    server = FakeEspn()
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
    steps: list[tuple[int, int, str]] = field(default_factory=list)

    def keys(self, data_type: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        assert data_type == "schedule"
        for key in self.files:
            digits = key.rpartition("/")[2].removesuffix(".json")
            yield key, {"date": f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"}

    def read(self, key: str) -> bytes:
        if key not in self.files:
            raise LakeError(f"{key}: no such object")
        return self.files[key]

    def progress(self, done: int, total: int, what: str) -> None:
        self.steps.append((done, total, what))


@pytest.fixture
def context(espn: FakeEspn, tmp_path: Path) -> FakeContext:
    """A context whose options lead to the local server, without waits worth mentioning."""
    return FakeContext(
        scratch=tmp_path / "scratch",
        options={
            "base_url": espn.url,
            "requests_per_second": 2000.0,
            "max_concurrency": 8,
            "backoff_seconds": 0.001,
            "timeout_seconds": 10.0,
            "retries": 2,
        },
    )


@pytest.fixture
def lake_context() -> FakeContext:
    return FakeContext(from_lake=True)


@pytest.fixture
def season() -> Season:
    """A short season, so that asking for all its days is quick; ESPN's year of it is 2025."""
    return Season(label="2024-25", starts=date(2025, 1, 1), ends=date(2025, 1, 20), fields={"end_year": "2025"})


@pytest.fixture
def full_season() -> Season:
    return next(season for season in SEASONS if season.label == "2024-25")


@pytest.fixture
def event() -> Callable[..., dict[str, Any]]:
    return make_event


@pytest.fixture
def page() -> Callable[..., dict[str, Any]]:
    return make_page


@pytest.fixture
def fault() -> type[Fault]:
    return Fault


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real schedules and payloads."""
    root = Path(os.environ.get("RECON_REAL_DATA") or Path(__file__).parents[4] / "shared" / "data")
    if not (root / "payloads" / "espn").is_dir():
        pytest.skip(f"no real data at {root}: set RECON_REAL_DATA to the folder that holds payloads/ and schedules/")
    return root
