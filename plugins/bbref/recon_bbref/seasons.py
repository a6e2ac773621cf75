"""The league's seasons from 1946-47 on, with nominal bounds and the months whose pages they have; no clock is read.

A season's bounds are 1 October and 30 June, except where the tables say otherwise; its months are those from the first
game to the last. The tables are general knowledge of the league's history. A whole page lists the months of its season
itself, and that list wins over them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from recon_bbref.totals import known_games
from recon_core.api import Season

__all__ = ["SEASONS", "Month", "end_year", "month_of", "month_on", "months_of", "season_label", "season_on"]

_FIRST = 1947
# Any year will do that no user of this version will live to see the end of; a season is declared, not promised.
_LAST = 2050

# Until 1948-49 the league was the BAA, and so the pages are named.
_LAST_BAA = 1949

_BOUNDS: dict[int, tuple[date, date]] = {
    1999: (date(1999, 2, 1), date(1999, 6, 30)),  # lock-out: first game on 5 February
    2012: (date(2011, 12, 1), date(2012, 6, 30)),  # lock-out: first game on 25 December
    2020: (date(2019, 10, 1), date(2020, 10, 31)),  # suspended in March, resumed on 30 July, ended on 11 October
    2021: (date(2020, 12, 1), date(2021, 7, 31)),  # first game on 22 December, last on 20 July
}
# Seasons whose first game was in November, by end year.
_FROM_NOVEMBER = frozenset({1947, 1948, 1949, 1952, 1956, *range(1988, 1998), 2000, 2005, 2006})
# The month of the last game, where it was not June.
_LAST_MONTH = {
    **dict.fromkeys((*range(1947, 1968), 1971), 4),
    **dict.fromkeys((1968, 1969, 1970, 1972, 1973, 1974, 1975, 1980, 1981, 1983), 5),
}
# Months without a game in the midst of a season.
_IDLE = frozenset({(2020, 4), (2020, 5), (2020, 6)})

_PAGE = re.compile("([a-z]+)(?:-([0-9]{4}))?")
_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a season: its first day, and its name in the address of its page (``october-2019``)."""

    first: date
    name: str = field(compare=False)

    @property
    def last(self) -> date:
        return _next(self.first) - timedelta(days=1)

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def season_label(year: int) -> str:
    """The label of the season that ends in ``year``: 2000 is ``1999-00``."""
    return f"{year - 1}-{year % 100:02d}"


def end_year(season: Season) -> int:
    """The year in which the season ends, by which Basketball-Reference names it."""
    return int(season.fields["end_year"])


def _season(year: int) -> Season:
    starts, ends = _BOUNDS.get(year, (date(year - 1, 10, 1), date(year, 6, 30)))
    league = "BAA" if year <= _LAST_BAA else "NBA"
    return Season(
        label=season_label(year),
        starts=starts,
        ends=ends,
        fields={"end_year": str(year), "league_code": league},
        games=known_games(year),
    )


SEASONS: tuple[Season, ...] = tuple(_season(year) for year in range(_FIRST, _LAST + 1))
"""Every season of the source, oldest first; their bounds do not overlap."""


def season_on(day: date) -> Season | None:
    """The season within whose bounds the day lies; ``None`` in summer and before the first."""
    # Two candidates at most, since the end year is the day's own or the next one.
    candidates = (SEASONS[year - _FIRST] for year in (day.year, day.year + 1) if _FIRST <= year <= _LAST)
    return next((season for season in candidates if season.starts <= day <= season.ends), None)


def months_of(season: Season) -> list[Month]:
    """The months in which the season has games, as far as the tables know; ascending."""
    year, months, first = end_year(season), [], season.starts
    if year in _FROM_NOVEMBER:
        first = _next(first)
    last = date(year, _LAST_MONTH[year], 1) if year in _LAST_MONTH else season.ends
    while first <= last:
        if (first.year, first.month) not in _IDLE:
            months.append(Month(first, _page_name(year, first)))
        first = _next(first)
    return months


def month_of(season: Season, name: str) -> Month | None:
    """The month that a page's name means: ``october``, or ``october-2019`` where a season has two of them."""
    match = _PAGE.fullmatch(name)
    if match is None or match[1] not in _NAMES:
        return None
    number, last = _NAMES.index(match[1]) + 1, end_year(season)
    # The longest season ran from October to October: without a year the earlier of the two is meant.
    usual = last - (number > 9 or (number == 9 and last != 2020))
    year = int(match[2] or usual)
    return Month(date(year, number, 1), name) if last - 1 <= year <= last else None


def month_on(season: Season, day: date) -> Month:
    """The month of a season in which the day lies."""
    first = day.replace(day=1)
    return Month(first, _page_name(end_year(season), first))


def _page_name(year: int, first: date) -> str:
    name = _NAMES[first.month - 1]
    return f"{name}-{first.year}" if (year, first.month) == (2020, 10) else name


def _next(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
