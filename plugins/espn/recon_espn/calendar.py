"""ESPN's own calendar of a season, which every scoreboard carries, and the days that it allows to leave out.

The calendar is a list of days with games. It is as good as the moment it was made: it ends with the last game that
was listed then (before the playoffs are drawn, with the regular season), and it gains days as games are added. So a
day is left out only where every calendar at hand reaches beyond it and none lists it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from recon_core.api import Season
from recon_espn.seasons import end_year
from recon_espn.source import TIMEZONE

__all__ = ["Calendar", "contradicted", "days_between", "read_calendar", "season_days"]

_EASTERN = ZoneInfo(TIMEZONE)
# How far ESPN's bounds of a season may lie outside the nominal ones before they are taken for a mistake.
_STRETCH = timedelta(days=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The game days that ESPN lists for the season ``end_year``, and the season's bounds as ESPN gives them."""

    end_year: int
    days: frozenset[date]
    starts: date | None
    ends: date | None

    def leaves_out(self, day: date) -> bool:
        """Whether the day lies among the listed days without being one."""
        return min(self.days) < day < max(self.days) and day not in self.days


def read_calendar(document: dict[str, Any]) -> Calendar | None:
    """The calendar of a scoreboard; ``None`` unless it is, beyond doubt, a list of the days of one season."""
    try:
        league = document["leagues"][0]
        year = league["season"]["year"]
        if league["calendarType"] != "day" or league["calendarIsWhitelist"] is not True or type(year) is not int:
            return None
        days = frozenset(day for entry in league["calendar"] for day in _dates(entry))
        bounds = league.get("calendarStartDate"), league.get("calendarEndDate")
        starts, ends = (max(_dates(bound)) if bound else None for bound in bounds)
    except (LookupError, TypeError, ValueError, AttributeError):
        return None
    return Calendar(end_year=year, days=days, starts=starts, ends=ends) if days else None


def _dates(entry: str) -> set[date]:
    # A day stands as its midnight in some American zone (07:00Z or 08:00Z). Should that ever be another zone's, both
    # days that the moment can mean are listed: one request too many rather than a day lost.
    moment = datetime.fromisoformat(entry)
    if moment.tzinfo is None:
        raise ValueError(entry)
    return {moment.astimezone(UTC).date(), moment.astimezone(_EASTERN).date()}


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def season_days(season: Season, calendars: Iterable[Calendar]) -> list[date]:
    """The days on which the season may have games, ascending.

    They are the nominal bounds, widened by what ESPN says of the season, less the days that every calendar leaves
    out. Calendars of other seasons say nothing.
    """
    own = _own(season, calendars)
    earliest, latest = season.starts - _STRETCH, season.ends + _STRETCH
    listed = {day for calendar in own for day in calendar.days if earliest <= day <= latest}
    bounds = {bound for c in own for bound in (c.starts, c.ends) if bound and earliest <= bound <= latest}
    first, last = min({season.starts} | listed | bounds), max({season.ends} | listed | bounds)
    return [day for day in days_between(first, last) if not _left_out(day, own)]


def contradicted(season: Season, calendars: Iterable[Calendar], busy: Iterable[date]) -> bool:
    """Whether a day that the calendars leave out is busy after all: then they are not to be trusted with any day."""
    own = _own(season, calendars)
    return any(_left_out(day, own) for day in busy)


def _own(season: Season, calendars: Iterable[Calendar]) -> list[Calendar]:
    return [calendar for calendar in calendars if calendar.end_year == end_year(season)]


def _left_out(day: date, calendars: Sequence[Calendar]) -> bool:
    return bool(calendars) and all(calendar.leaves_out(day) for calendar in calendars)
