"""Basketball-Reference's game ids: official date, a zero, and the home team's code of the day: ``202410220BOS``.

Of 8,742 ids of 2017-18 to 2023-24 all are made so, those of games on neutral ground included. The digit after the date
is 0 in all of them; what another one would mean is not known, so it is read and never made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from recon_bbref.seasons import end_year, season_on
from recon_bbref.teams import era_code
from recon_core.api import Game

__all__ = ["GAME_ID", "GameId", "game_id_of", "make_id", "read_id"]

GAME_ID = "[0-9]{9}[A-Z]{3}"
"""The pattern of an id in a key."""

_ID = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})[0-9]([A-Z]{3})")

# Neither has games on the source's schedule pages.
_UNLISTED = frozenset({"preseason", "allstar"})


@dataclass(frozen=True, slots=True)
class GameId:
    """What an id says: the official US Eastern date and the home team's code of the day."""

    date: date
    home: str


def read_id(text: str) -> GameId | None:
    """Read an id; ``None`` for any other text."""
    match = _ID.fullmatch(text)
    if match is None:
        return None
    try:
        return GameId(date(int(match[1]), int(match[2]), int(match[3])), match[4])
    except ValueError:
        return None


def make_id(day: date, home: str) -> str:
    """The id of a day's home game of the team with that code of the day."""
    return f"{day.year:04d}{day:%m%d}0{home}"


def game_id_of(game: Game) -> str | None:
    """The id of a game that another source knows, whose teams are canonical codes.

    ``None`` where it cannot be told: home team unknown or of no season on that date, the second game of a day, and
    games that the source does not list at all (pre-season, all-star).
    """
    season = season_on(game.date)
    if season is None or game.home is None or game.ordinal != 1 or game.season_type in _UNLISTED:
        return None
    code = era_code(game.home, end_year(season))
    return None if code is None else make_id(game.date, code)
