"""Reads one month's page of a season's schedule: every game on it, or an error; never a part, and never no game."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from recon_bbref.ids import read_id
from recon_bbref.seasons import Month, month_of
from recon_bbref.source import TIMEZONE
from recon_bbref.text import printable
from recon_core.api import ScheduleError, Season, Status

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

__all__ = ["CutOffError", "Page", "Row", "page_name", "parse_page"]

_EASTERN = ZoneInfo(TIMEZONE)
_CHANGED = "the site's format may have changed: look for a newer recon-bbref"

_TABLE = re.compile(r"""<table\b[^>]*\bid\s*=\s*["']?schedule["'\s>]""", re.IGNORECASE)
_START = re.compile(r"(1[0-2]|0?[1-9]):([0-5][0-9])\s*([ap])m?", re.IGNORECASE)
_DAY = re.compile(r"(?:[A-Za-z]{3},\s*)?([A-Za-z]{3})[a-z]*\s+([0-9]{1,2}),\s*([0-9]{4})")
_TEAM_LINK = re.compile(r"/teams/([A-Z]{3})/")
_BOX_LINK = re.compile(r"/boxscores/([0-9A-Z]+)\.html")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class CutOffError(ScheduleError):
    """A page that is empty, broken off or no schedule page: asking for it again may help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One game of a page. ``home`` and ``away`` are codes of the day, ``start_utc`` is ``None`` where not stated.

    ``boxed``: the row leads to a box score. ``remark`` is the text of the column Notes. ``playoffs`` says on which side
    of the page's separator row the game stands; ``None`` on a page without one.
    """

    game_id: str
    date: date
    start_utc: datetime | None
    home: str
    away: str
    status: Status
    boxed: bool
    remark: str
    playoffs: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A month's games in the order of the page, and the season's months as far as the page lists them.

    ``months`` is empty on a page that was saved without its list. ``fetched_at`` is ``None`` for a page of this very
    pull.
    """

    month: Month
    rows: tuple[Row, ...]
    months: tuple[Month, ...] = ()
    fetched_at: datetime | None = None


def page_name(season: Season, month: Month) -> str:
    """The file name of a month's page at the site: ``NBA_2020_games-october-2019.html``."""
    return f"{season.fields['league_code']}_{season.fields['end_year']}_games-{month.name}.html"


def parse_page(body: bytes, season: Season, month: Month, where: str) -> Page:
    """Read the page of a month.

    Raises CutOffError naming ``where`` for a body that is empty, broken off, or has no schedule; ScheduleError naming
    ``where`` and the row for a page of another month and for a row that cannot be understood.
    """
    from selectolax.lexbor import LexborHTMLParser

    text = body.decode("utf-8", "replace")
    if not text.strip():
        raise CutOffError(f"{where}: empty, expected the schedule of {month.name}")
    opened = _TABLE.search(text)
    if opened is None:
        raise CutOffError(f"{where}: no table 'schedule' in it, so no page of {month.name}; {_CHANGED}")
    if "</table" not in text[opened.end() :].lower():
        raise CutOffError(f"{where}: broken off within the schedule of {month.name}")
    tree = LexborHTMLParser(text)
    table = tree.css_first("table#schedule")
    rows = _rows(table.css("tr") if table is not None else [], month, where)
    if not rows:
        raise CutOffError(f"{where}: no game in the schedule of {month.name}, and a month without games has no page")
    return Page(month=month, rows=rows, months=_listed(tree.css("a[href]"), season))


def _rows(nodes: list[LexborNode], month: Month, where: str) -> tuple[Row, ...]:
    rows: list[Row] = []
    playoffs_from: int | None = None
    for number, node in enumerate(nodes):
        if node.text().strip().lower() == "playoffs":
            playoffs_from = len(rows)
            continue
        # Header rows are repeated within the table.
        if "thead" in (node.attributes.get("class") or "").split() or not node.css("td"):
            continue
        try:
            rows.append(_row(node, month))
        except ValueError as error:
            raise ScheduleError(f"{where}: row {number + 1}: {printable(error)}; {_CHANGED}") from None
    if playoffs_from is None:
        return tuple(rows)
    return tuple(replace(row, playoffs=place >= playoffs_from) for place, row in enumerate(rows))


def _row(node: LexborNode, month: Month) -> Row:
    game_id = _attribute(node, "th", "date_game", "csk")
    told = read_id(game_id)
    if told is None:
        raise ValueError(f"the id '{game_id}' is no date and team")
    home, away = _team(node, "home_team_name"), _team(node, "visitor_team_name")
    stated = _day(_text(node, "date_game"))
    if home != told.home or stated not in (None, told.date):
        raise ValueError(f"game {game_id} stands under {stated or told.date} at {home}")
    if home == away:
        raise ValueError(f"game {game_id}: {home} plays itself")
    if not month.holds(told.date):
        raise ValueError(f"game {game_id} is not of the month of this page, {month.name} ({month.first:%Y-%m})")
    link = _BOX_LINK.search(_attribute(node, "td", "box_score_text", "href", below="a"))
    if link is not None and link[1] != game_id:
        raise ValueError(f"game {game_id} leads to the box score of {link[1]}")
    remark = " ".join(_text(node, "game_remarks").split())
    played = link is not None or all(_text(node, name).isdigit() for name in ("visitor_pts", "home_pts"))
    return Row(
        game_id=game_id,
        date=told.date,
        start_utc=_start(_text(node, "game_start_time"), told.date),
        home=home,
        away=away,
        status=_status(played, remark),
        boxed=link is not None,
        remark=remark,
    )


def _status(played: bool, remark: str) -> Status:
    if played:
        return "final"
    words = remark.lower()
    return "postponed" if "postponed" in words else "cancelled" if "cancel" in words else "scheduled"


def _cell(node: LexborNode, name: str) -> LexborNode | None:
    return node.css_first(f'[data-stat="{name}"]')


def _text(node: LexborNode, name: str) -> str:
    cell = _cell(node, name)
    return "" if cell is None else cell.text().strip()


def _attribute(node: LexborNode, tag: str, name: str, attribute: str, below: str = "") -> str:
    found = node.css_first(f'{tag}[data-stat="{name}"] {below}'.rstrip())
    return (found.attributes.get(attribute) or "") if found is not None else ""


def _team(node: LexborNode, name: str) -> str:
    """The code of a team: out of the link to its page, or before the id in the cell's sort key."""
    link = _TEAM_LINK.search(_attribute(node, "td", name, "href", below="a"))
    code = link[1] if link else _attribute(node, "td", name, "csk").partition(".")[0]
    if not re.fullmatch("[A-Z]{3}", code):
        raise ValueError(f"no team code in the column {name}")
    return code


def _day(text: str) -> date | None:
    """The day of ``Tue, Oct 24, 2023``; ``None`` where there is no text."""
    if not text:
        return None
    match = _DAY.fullmatch(text)
    if match is None or match[1].lower() not in _MONTHS:
        raise ValueError(f"'{text}' is no date")
    return date(int(match[3]), _MONTHS.index(match[1].lower()) + 1, int(match[2]))


def _start(text: str, day: date) -> datetime | None:
    """The moment of ``7:30p``, US Eastern time; ``None`` where there is no text."""
    if not text:
        return None
    match = _START.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is no start time")
    hour = int(match[1]) % 12 + (12 if match[3].lower() == "p" else 0)
    return datetime.combine(day, time(hour, int(match[2])), _EASTERN).astimezone(UTC)


def _listed(links: list[LexborNode], season: Season) -> tuple[Month, ...]:
    """The months to whose pages the page leads."""
    address = re.compile(rf"/leagues/[A-Z]{{3}}_{season.fields['end_year']}_games-([a-z]+(?:-[0-9]{{4}})?)\.html")
    names = {match[1] for link in links if (match := address.search(link.attributes.get("href") or ""))}
    return tuple(sorted(month for name in names if (month := month_of(season, name)) is not None))
