"""The NBA's seasons with nominal bounds, by rule and by exception; no clock is read.

A season runs from 1 October to 30 June, which holds pre-season, play-in, playoffs and Finals, except where the table
says otherwise (general knowledge of the league's history: lock-outs, the pandemic, early exhibition games abroad).
"""

from __future__ import annotations

from datetime import date

from recon_core.api import Season

__all__ = ["SEASONS", "end_year", "season_label"]

# ESPN ids of 1993-94 are the oldest that are known to stand in a lake (131105001 = 1993-11-05).
_FIRST = 1994
# Any year will do that no user of this version will live to see the end of; a season is declared, not promised.
_LAST = 2050

_EXCEPTIONS: dict[int, tuple[date, date]] = {
    1999: (date(1999, 1, 15), date(1999, 6, 30)),  # lock-out: first game on 5 February
    2012: (date(2011, 12, 9), date(2012, 6, 30)),  # lock-out: first game on 25 December
    2018: (date(2017, 9, 29), date(2018, 6, 30)),  # pre-season began in September
    2019: (date(2018, 9, 28), date(2019, 6, 30)),  # pre-season began in September
    2020: (date(2019, 9, 29), date(2020, 10, 15)),  # suspended in March, ended on 11 October
    2021: (date(2020, 12, 1), date(2021, 7, 31)),  # first game on 22 December, last on 20 July
    2023: (date(2022, 9, 29), date(2023, 6, 30)),  # pre-season began in September
}

# Regular seasons in which not every team played 82 games.
_SHORTENED = {
    1999: 29 * 50 // 2,  # lock-out
    2012: 30 * 66 // 2,  # lock-out
    2013: 1229,  # BOS at IND on 15 April was cancelled and not made up
    2020: 1059,  # suspended in March, finished by 22 teams
    2021: 30 * 72 // 2,  # began in December
}
# Playoff series end when they are decided, so the number of games is no rule: counted, from 2003-04 on.
_PLAYOFFS = dict(
    enumerate(
        (
            *(82, 84, 89, 79, 86, 85, 82, 81, 84, 85, 89, 81, 86, 79, 82),
            *(82, 83, 85, 87, 84, 82, 84, 85),
        ),
        2004,
    )
)
# No season after this one is known to be whole.
_COUNTED = 2026


def season_label(year: int) -> str:
    """The label of the season that ends in ``year``: 2000 is ``1999-00``."""
    return f"{year - 1}-{year % 100:02d}"


def _games(year: int) -> dict[str, int]:
    """How many games the season has, by type, as far as that is known."""
    if year > _COUNTED:
        return {}
    teams = 30 if year >= 2005 else 29 if year >= 1996 else 27
    games = {"regular": _SHORTENED.get(year, teams * 82 // 2)}
    if year >= 2020:
        games["playin"] = 1 if year == 2020 else 6
    if year >= 2024:
        games["cup_final"] = 1
    if year in _PLAYOFFS:
        games["playoffs"] = _PLAYOFFS[year]
    return games


def _season(year: int) -> Season:
    starts, ends = _EXCEPTIONS.get(year, (date(year - 1, 10, 1), date(year, 6, 30)))
    return Season(
        label=season_label(year), starts=starts, ends=ends, fields={"end_year": str(year)}, games=_games(year)
    )


SEASONS: tuple[Season, ...] = tuple(_season(year) for year in range(_FIRST, _LAST + 1))
"""Every season of the source, oldest first; their bounds do not overlap."""


def end_year(season: Season) -> int:
    """The year in which the season ends, which is ESPN's ``season.year``."""
    return int(season.fields["end_year"])
