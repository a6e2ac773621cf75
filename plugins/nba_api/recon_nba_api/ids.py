"""The NBA's game ids: ten digits that say the kind of game, the season and a number.

``0022400061`` is league ``00``, type 2 (regular season), the season that began in 2024, number 61. Regular seasons are
numbered from 1 on. The number of a playoff game is ``00RSG``: round, series, game; every one from 2003-04 to 2025-26
is. Play-in games are numbered alike. The quarter- and semi-finals of the Cup are regular games; only its final, which
does not count, has a type of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["FIRST_START_YEAR", "LAST_START_YEAR", "GameId", "SeasonType", "SeriesGame", "build_id", "decode_id"]

SeasonType = Literal["preseason", "regular", "allstar", "playoffs", "playin", "cup_final"]

FIRST_START_YEAR = 1946
"""The league's first season. Two digits of a year say the century as long as none is a hundred years later."""

LAST_START_YEAR = FIRST_START_YEAR + 99

_TYPES: dict[SeasonType, int] = {
    "preseason": 1,
    "regular": 2,
    "allstar": 3,
    "playoffs": 4,
    "playin": 5,
    "cup_final": 6,
}
_NAMES = {number: name for name, number in _TYPES.items()}

_ID = re.compile(r"00([1-6])([0-9]{2})([0-9]{5})")
_MOST = 99_999

# How many series the rounds of the playoffs have, first to last.
_SERIES = (8, 4, 2, 1)
_GAMES = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesGame:
    """One game of a playoff series: round 1 to 4, series from 0 on within the round, game 1 to 7."""

    round: int
    series: int
    game: int

    def __post_init__(self) -> None:
        fits = 1 <= self.round <= len(_SERIES) and 1 <= self.game <= _GAMES
        if not fits or not 0 <= self.series < _SERIES[self.round - 1]:
            raise ValueError(f"no playoffs have a round {self.round}, series {self.series}, game {self.game}")

    @property
    def number(self) -> int:
        """The last five digits of the id."""
        return self.round * 100 + self.series * 10 + self.game


@dataclass(frozen=True, slots=True, kw_only=True)
class GameId:
    """What an id says. ``start_year`` is the year in which the season begins."""

    season_type: SeasonType
    start_year: int
    number: int

    def __post_init__(self) -> None:
        if not FIRST_START_YEAR <= self.start_year <= LAST_START_YEAR:
            raise ValueError(f"{self.start_year} is not from {FIRST_START_YEAR} to {LAST_START_YEAR}")
        if not 1 <= self.number <= _MOST:
            raise ValueError(f"{self.number} is not from 1 to {_MOST}")

    @property
    def series_game(self) -> SeriesGame | None:
        """Round, series and game of a playoff game; ``None`` for other kinds and for a number that is none such."""
        if self.season_type != "playoffs":
            return None
        rest, game = divmod(self.number, 10)
        number, series = divmod(rest, 10)
        try:
            return SeriesGame(round=number, series=series, game=game)
        except ValueError:
            return None


def decode_id(text: str) -> GameId | None:
    """Read an NBA game id; ``None`` for any other text."""
    match = _ID.fullmatch(text)
    if match is None:
        return None
    kind, year, number = (int(part) for part in match.groups())
    if number == 0:
        return None
    start_year = FIRST_START_YEAR + (year - FIRST_START_YEAR) % 100
    return GameId(season_type=_NAMES[kind], start_year=start_year, number=number)


def build_id(game: GameId) -> str:
    """The id that says so; the inverse of ``decode_id``."""
    return f"00{_TYPES[game.season_type]}{game.start_year % 100:02d}{game.number:05d}"
