"""A local server that answers as Basketball-Reference does, and what the tests need to build its pages.

The shapes are the site's, the games are made up for the tests.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from recon_bbref.seasons import SEASONS

from recon_core.api import Game, LakeError, PluginError, Season

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
    """How one answer goes wrong. ``kind``: status, empty, cut, short, html, huge, hang, drop, or body with ``body``."""

    kind: str
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hangs up, which is what several tests are about."""


class FakeSite:
    """The server: ``pages`` and ``faults`` by page name; ``asked`` lists the names of all requests in order."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.closing = threading.Event()
        self._server = Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/site"

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(outer) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes, which would cost 40 ms each time

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                return

            def do_GET(self) -> None:
                folder, _, name = self.path.rpartition("/")
                outer.asked.append(name)
                outer.headers.append(dict(self.headers))
                fault = outer.faults[name].pop(0) if outer.faults.get(name) else None
                if folder != "/site/leagues" or (name not in outer.pages and fault is None):
                    self._send(404, b"Page Not Found", {})
                else:
                    self._answer(outer.pages.get(name, b""), fault)

            def _answer(self, body: bytes, fault: Fault | None) -> None:
                match fault.kind if fault else "":
                    case "":
                        self._send(200, body, {})
                    case "status":
                        assert fault is not None
                        self._send(fault.status, b"not now", fault.headers)
                    case "body":
                        assert fault is not None
                        self._send(200, fault.body, {})
                    case "empty":
                        self._send(200, b"", {})
                    case "cut":
                        self._send(200, body[: len(body) // 2], {})
                    case "short":
                        self._send(200, body[:20], {"Content-Length": str(len(body))})
                        self.close_connection = True
                    case "html":
                        self._send(200, b"<!DOCTYPE html><title>Just a moment...</title>", {})
                    case "huge":
                        self._send(200, b" " * 200_000, {})
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
def site() -> Iterator[FakeSite]:
    server = FakeSite()
    yield server
    server.close()


@dataclass
class FakeContext:
    """A context as the core lends it; ``files`` are the lake's objects by key, written now or
    as ``written`` says, ``denied`` those that are refused."""

    now: datetime = datetime(2024, 7, 10, 12, tzinfo=UTC)
    options: dict[str, str | int | float | bool] = field(default_factory=dict)
    stored: Sequence[Game] = ()
    scratch: Path | None = None
    from_lake: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    written: dict[str, datetime] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    steps: list[tuple[int, int, str]] = field(default_factory=list)

    def keys(self, data_type: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        assert data_type == "schedule_pages"
        for key in self.files:
            league, year, month = key.rpartition("/")[2].removesuffix(".html").split("_")
            yield key, {"league_code": league, "end_year": year, "month": month.removeprefix("games-")}

    def candidate_keys(self, data_type: str, fields: Mapping[str, str]) -> Sequence[str]:
        if data_type != "rosters":
            raise PluginError(data_type)
        return [f"{folder}/rosters/{fields['end_year']}.json" for folder in ("new", "old")]

    def read(self, key: str) -> bytes:
        if key in self.denied:
            raise LakeError(f"{key}: access denied")
        if key not in self.files:
            raise LakeError(f"{key}: there is no such object")
        return self.files[key]

    def last_modified(self, key: str) -> datetime | None:
        if key in self.denied:
            raise LakeError(f"{key}: access denied")
        return self.written.get(key, self.now) if key in self.files else None

    def progress(self, done: int, total: int, what: str) -> None:
        self.steps.append((done, total, what))


@pytest.fixture
def context(site: FakeSite, tmp_path: Path) -> FakeContext:
    """A context whose options lead to the local server, without waits worth mentioning."""
    return FakeContext(
        scratch=tmp_path / "scratch",
        options={
            "base_url": site.url,
            "seconds_between_requests": 0.0,
            "backoff_seconds": 0.001,
            "timeout_seconds": 10.0,
            "retries": 2,
        },
    )


@pytest.fixture
def lake_context() -> FakeContext:
    return FakeContext(from_lake=True)


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
