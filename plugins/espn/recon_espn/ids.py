"""ESPN's two kinds of game id.

Until 2011-12 an id was the year since 1980, month, day and the home team's ESPN id: ``131105001`` is 1993-11-05 at
Atlanta (team 1). Of 5,395 such ids 5,394 decode so. From 2012-13 on, ids are opaque and begin with 400 or 401. Old
seasons were partly given ids of the new kind later and hold some games under both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

__all__ = ["LAST_OLD_END_YEAR", "OldId", "decode_old_id", "encode_old_id", "is_new_id"]

LAST_OLD_END_YEAR = 2012
"""``season.year`` of the last season whose games were given ids of the old kind."""

_OLD = re.compile(r"(1[3-9]|2[0-9]|3[0-2])([0-9]{2})([0-9]{2})([0-9]{3})")
_NEW = re.compile(r"4[0-9]{8}")
_BASE_YEAR = 1980


@dataclass(frozen=True, slots=True)
class OldId:
    """What an id of the old kind says: the official date and the home team's ESPN id."""

    date: date
    home_team_id: int


def decode_old_id(game_id: str) -> OldId | None:
    """Read an id of the old kind (1993 to 2012); ``None`` for any other text."""
    match = _OLD.fullmatch(game_id)
    if match is None:
        return None
    year, month, day, team = (int(part) for part in match.groups())
    try:
        played = date(_BASE_YEAR + year, month, day)
    except ValueError:
        return None
    return OldId(played, team) if team else None


def encode_old_id(played: date, home_team_id: int) -> str:
    """The id of the old kind that a home game of that day has; the inverse of ``decode_old_id``."""
    return f"{played.year - _BASE_YEAR:02d}{played:%m%d}{home_team_id:03d}"


def is_new_id(game_id: str) -> bool:
    """Whether the id is of the opaque kind."""
    return _NEW.fullmatch(game_id) is not None
