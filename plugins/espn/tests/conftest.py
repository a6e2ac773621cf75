"""A local server that answers as ESPN's scoreboard endpoint does, and what the tests need to build its answers.

All teams meet as no real game did; the shapes are ESPN's, the contents are made up for the tests.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from recon_espn import plugin
from recon_espn.seasons import SEASONS

from recon_core.api import Season
from recon_core.testing import Answer, FakeContext, LocalServer, Plugin, load_plugin

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
    """How one answer goes wrong. ``kind``: status, html, cut, huge, other_day, shape, or short, hang or drop."""

    kind: str
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, day: date, page: Callable[[date], bytes]) -> Answer:
        """What comes instead of the day's page."""
        match self.kind:
            case "status":
                return Answer(b"not now", self.status, self.headers)
            case "html":
                return Answer(b"<!DOCTYPE html><title>Be right back</title>", headers={"Content-Type": "text/html"})
            case "cut":
                return Answer(page(day)[: len(page(day)) // 2])
            case "huge":
                return Answer(b'{"events": [' + b" " * 200_000 + b"]}")
            case "shape":
                return Answer(b'{"code": 400, "message": "Failed to get events endpoint."}')
            case "other_day":
                return Answer(page(day - timedelta(days=30)))
            case "short":
                return Answer(page(day), fault="cut")
            case "drop" | "hang":
                return Answer(fault=self.kind)
        raise AssertionError(self.kind)


class FakeEspn:
    """ESPN's side: ``events`` and ``faults`` by day; ``asked`` lists the days of all requests in order."""

    def __init__(self) -> None:
        self.server = LocalServer(respond=self._respond)
        self.events: dict[date, list[dict[str, Any]]] = defaultdict(list)
        self.calendar: list[date] | None = None
        self.year = 2025
        self.faults: dict[date, list[Fault]] = defaultdict(list)
        self.every: Fault | None = None
        self.asked: list[date] = []
        self.queries: list[dict[str, list[str]]] = []

    @property
    def url(self) -> str:
        return f"{self.server.url}/nba"

    def add(self, *events: dict[str, Any], day: date | None = None) -> None:
        """Put events on the scoreboard of their Eastern day, taken to end at 08:00 UTC, or of the day given."""
        for event in events:
            start = datetime.fromisoformat(event["date"])
            self.events[day or (start - timedelta(hours=8)).date()].append(event)

    def page(self, day: date) -> bytes:
        return json.dumps(make_page(day, self.events.get(day, []), self.calendar, self.year)).encode()

    def _respond(self, path: str) -> Answer | None:
        parts = urlsplit(path)
        if parts.path != "/nba/scoreboard":
            return None
        self.queries.append(parse_qs(parts.query))
        day = datetime.strptime(self.queries[-1]["dates"][0], "%Y%m%d").replace(tzinfo=UTC).date()
        self.asked.append(day)
        fault = self.faults[day].pop(0) if self.faults.get(day) else self.every
        return fault.answer(day, self.page) if fault else Answer(self.page(day))


@pytest.fixture
def espn() -> Iterator[FakeEspn]:
    fake = FakeEspn()
    with fake.server:
        yield fake


@pytest.fixture(scope="session")
def loaded() -> Plugin:
    return load_plugin(plugin)


NOW = datetime(2025, 7, 10, 12, tzinfo=UTC)


@pytest.fixture
def context(espn: FakeEspn, loaded: Plugin, tmp_path: Path) -> FakeContext:
    """A context whose options lead to the local server, without waits worth mentioning."""
    return FakeContext(
        plugin=loaded,
        now=NOW,
        scratch=tmp_path / "scratch",
        given={
            "base_url": espn.url,
            "requests_per_second": 2000.0,
            "max_concurrency": 8,
            "backoff_seconds": 0.001,
            "timeout_seconds": 10.0,
            "retries": 2,
        },
    )


@pytest.fixture
def lake_context(loaded: Plugin) -> FakeContext:
    return FakeContext(plugin=loaded, now=NOW, from_lake=True)


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
