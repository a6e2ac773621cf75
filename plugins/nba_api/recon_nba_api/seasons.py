"""The NBA's seasons with nominal bounds, by rule and by exception; no clock is read.

A season runs from 1 October to 30 June, which holds pre-season, play-in, playoffs and Finals, except where the table
says otherwise (general knowledge of the league's history: lock-outs, the pandemic, early exhibition games abroad).
"""

from __future__ import annotations

from datetime import date

from recon_core.api import Season
from recon_nba_api.ids import FIRST_START_YEAR, LAST_START_YEAR
from recon_nba_api.totals import COUNTED, known_games

__all__ = ["SEASONS", "regular_games", "season_label", "start_year"]

_EXCEPTIONS: dict[int, tuple[date, date]] = {
    1998: (date(1999, 1, 15), date(1999, 6, 30)),  # lock-out: first game on 5 February
    2011: (date(2011, 12, 9), date(2012, 6, 30)),  # lock-out: first game on 25 December
    2017: (date(2017, 9, 29), date(2018, 6, 30)),  # pre-season began in September
    2018: (date(2018, 9, 28), date(2019, 6, 30)),  # pre-season began in September
    2019: (date(2019, 9, 29), date(2020, 10, 15)),  # suspended in March, ended on 11 October
    2020: (date(2020, 12, 1), date(2021, 7, 31)),  # first game on 22 December, last on 20 July
    2022: (date(2022, 9, 29), date(2023, 6, 30)),  # pre-season began in September
}

_THIRTY_TEAMS = 30 * 82 // 2


def season_label(begins: int) -> str:
    """The label of the season that begins in that year: 1999 is ``1999-00``."""
    return f"{begins}-{(begins + 1) % 100:02d}"


def _season(begins: int) -> Season:
    starts, ends = _EXCEPTIONS.get(begins, (date(begins, 10, 1), date(begins + 1, 6, 30)))
    fields = {"end_year": str(begins + 1)}
    return Season(label=season_label(begins), starts=starts, ends=ends, fields=fields, games=known_games(begins))


SEASONS: tuple[Season, ...] = tuple(_season(begins) for begins in range(FIRST_START_YEAR, LAST_START_YEAR + 1))
"""Every season that an id can say, oldest first; their bounds do not overlap."""


def regular_games(season: Season) -> int | None:
    """How many regular-season games were numbered, or are to be; ``None`` where nobody counted the numbers."""
    begins = start_year(season)
    if begins in COUNTED:
        return season.games["regular"]
    return _THIRTY_TEAMS if begins >= COUNTED.stop else None


def start_year(season: Season) -> int:
    """The year in which the season begins, of which an id has the last two digits."""
    return int(season.label[:4])
