"""A local server that answers as Basketball-Reference does, and what the tests need to build its pages.

The shapes are the site's, the games are made up for the tests.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from recon_bbref import plugin
from recon_bbref.seasons import SEASONS

from recon_core.api import Season
from recon_core.testing import Answer, FakeContext, LocalServer, Plugin, load_plugin

_COLUMNS = (
    *(("date_game", "Date"), ("game_start_time", "Start (ET)"), ("visitor_team_name", "Visitor/Neutral")),
    *(("visitor_pts", "PTS"), ("home_team_name", "Home/Neutral"), ("home_pts", "PTS"), ("box_score_text", "&nbsp;")),
    *(("overtimes", "&nbsp;"), ("attendance", "Attend."), ("arena_name", "Arena"), ("game_remarks", "Notes")),
)
HEADER = "".join(f'<th aria-label="{text}" data-stat="{name}" scope="col">{text}</th>' for name, text in _COLUMNS)
REPEATED = f'<tr class="thead">{HEADER}</tr>'
PLAYOFFS = '<tr class="thead"><th colspan="11">Playoffs</th></tr>'


def make_row(
    day: str,
    home: str = "ATL",
    away: str = "BOS",
    *,
    time: str = "7:30p",
    points: tuple[str, str] | None = ("99", "101"),
    box: bool | None = None,
    note: str = "",
    game_id: str | None = None,
    text: str | None = None,
) -> str:
    """A game's row in the site's shape; without ``points`` it was not played."""
    on = date.fromisoformat(day)
    own = game_id or f"{on:%Y%m%d}0{home}"
    year = on.year + (on.month >= 9)
    shown = f"{on:%a, %b} {on.day}, {on.year}" if text is None else text
    link = f'<a href="/boxscores/{own}.html">Box Score</a>' if (points is not None if box is None else box) else ""
    away_points, home_points = points or ("", "")

    def team(name: str, code: str) -> str:
        return f'<td data-stat="{name}" csk="{code}.{own}"><a href="/teams/{code}/{year}.html">The {code}</a></td>'

    return (
        f'<tr ><th scope="row" class="left " data-stat="date_game" csk="{own}"><a href="/x">{shown}</a></th>'
        f'<td class="right " data-stat="game_start_time">{time}</td>'
        f'{team("visitor_team_name", away)}<td data-stat="visitor_pts">{away_points}</td>'
        f'{team("home_team_name", home)}<td data-stat="home_pts">{home_points}</td>'
        f'<td class="center " data-stat="box_score_text">{link}</td><td data-stat="overtimes"></td>'
        f'<td data-stat="attendance">19,156</td><td data-stat="arena_name">A Hall</td>'
        f'<td class="left iz" data-stat="game_remarks">{note}</td></tr>\n'
    )


def make_page(*rows: str, year: int = 2024, months: Sequence[str] = (), whole: bool = False) -> bytes:
    """A month's page: the part with the table, or with its list of ``months``, or as a ``whole`` document."""
    links = "".join(f'<div><a href="/leagues/NBA_{year}_games-{name}.html">{name.title()}</a></div>' for name in months)
    table = (
        f'<div class="filter">{links}</div><table class="stats_table" id="schedule"><caption>Schedule</caption>'
        f"<colgroup><col></colgroup><thead><tr>{HEADER}</tr></thead>\n<tbody>{''.join(rows)}</tbody></table>\n"
    )
    document = f"<!DOCTYPE html><html><head><title>x</title></head><body>{table}</body></html>" if whole else table
    return document.encode()


@dataclass
class Fault:
    """How one answer goes wrong. ``kind``: status, empty, cut, html, huge, body (``body``), short, hang or drop."""

    kind: str
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def answer(self, page: bytes) -> Answer:
        """What comes instead of the page."""
        match self.kind:
            case "status":
                return Answer(b"not now", self.status, self.headers)
            case "body":
                return Answer(self.body)
            case "empty":
                return Answer()
            case "cut":
                return Answer(page[: len(page) // 2])
            case "html":
                return Answer(b"<!DOCTYPE html><title>Just a moment...</title>")
            case "huge":
                return Answer(b" " * 200_000)
            case "short":
                return Answer(page, fault="cut")
            case "drop" | "hang":
                return Answer(fault=self.kind)
        raise AssertionError(self.kind)


class FakeSite:
    """The site: ``pages`` and ``faults`` by page name; ``asked`` lists the names of all requests in order."""

    def __init__(self) -> None:
        self.server = LocalServer(respond=self._respond)
        self.pages: dict[str, bytes] = {}
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"{self.server.url}/site"

    def _respond(self, path: str) -> Answer | None:
        folder, _, name = path.rpartition("/")
        self.asked.append(name)
        fault = self.faults[name].pop(0) if self.faults.get(name) else None
        if folder != "/site/leagues" or (name not in self.pages and fault is None):
            return None
        page = self.pages.get(name, b"")
        return fault.answer(page) if fault else Answer(page)


@pytest.fixture
def site() -> Iterator[FakeSite]:
    fake = FakeSite()
    with fake.server:
        yield fake


@pytest.fixture(scope="session")
def loaded() -> Plugin:
    return load_plugin(plugin)


NOW = datetime(2024, 7, 10, 12, tzinfo=UTC)


@pytest.fixture
def context(site: FakeSite, loaded: Plugin, tmp_path: Path) -> FakeContext:
    """A context whose options lead to the local server, without waits worth mentioning."""
    return FakeContext(
        plugin=loaded,
        now=NOW,
        scratch=tmp_path / "scratch",
        given={
            "base_url": site.url,
            "seconds_between_requests": 0.0,
            "backoff_seconds": 0.001,
            "timeout_seconds": 10.0,
            "retries": 2,
        },
    )


@pytest.fixture
def lake_context(loaded: Plugin) -> FakeContext:
    return FakeContext(plugin=loaded, now=NOW, from_lake=True)


@pytest.fixture
def season_of() -> Callable[[str], Season]:
    return lambda label: next(season for season in SEASONS if season.label == label)


@pytest.fixture
def season(season_of: Callable[[str], Season]) -> Season:
    return season_of("2023-24")


@pytest.fixture
def row() -> Callable[..., str]:
    return make_row


@pytest.fixture
def page() -> Callable[..., bytes]:
    return make_page


@pytest.fixture
def fault() -> type[Fault]:
    return Fault


@pytest.fixture(scope="session")
def repeated_header() -> str:
    return REPEATED


@pytest.fixture(scope="session")
def separator() -> str:
    return PLAYOFFS


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real schedules and payloads."""
    root = Path(os.environ.get("RECON_REAL_DATA") or Path(__file__).parents[4] / "shared" / "data")
    if not (root / "payloads" / "bbref").is_dir():
        pytest.skip(f"no real data at {root}: set RECON_REAL_DATA to the folder that holds payloads/ and schedules/")
    return root
