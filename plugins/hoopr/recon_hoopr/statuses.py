"""The words of hoopR's schedule for a game's state and kind, which are ESPN's, in recon's words."""

from __future__ import annotations

import re

from recon_core.api import Status
from recon_hoopr.teams import TEAMS

__all__ = ["ORDER", "game_status", "season_type"]

_BY_STATE: dict[str, Status] = {"pre": "scheduled", "in": "in_progress"}

_BY_NAME: dict[str, Status] = {
    "STATUS_SCHEDULED": "scheduled",
    "STATUS_IN_PROGRESS": "in_progress",
    "STATUS_HALFTIME": "in_progress",
    "STATUS_END_PERIOD": "in_progress",
    "STATUS_POSTPONED": "postponed",
    "STATUS_CANCELED": "cancelled",
    "STATUS_CANCELLED": "cancelled",
}

ORDER: tuple[Status, ...] = ("tbd", "scheduled", "in_progress", "postponed", "cancelled", "final")
"""A later word is later knowledge: a postponement is never taken back, the make-up game has a new id."""

_SEASON_TYPES = {1: "preseason", 2: "regular", 3: "playoffs", 5: "playin"}

_CUP = re.compile(r"\bcup\b|\bin-season tournament\b", re.IGNORECASE)
_CUP_DECIDER = re.compile(r"\b(championship|finals?)\b", re.IGNORECASE)
_ALL_STAR = re.compile(r"\ball-star\b|\brising stars\b", re.IGNORECASE)


def game_status(name: str | None, state: str | None, completed: bool | None) -> Status:
    """Map ``status_type_name``, ``_state`` and ``_completed``.

    A name that is not known never becomes ``final`` by itself: only ``state`` ``post`` together with ``completed``
    does. ``post`` without it says that nothing more will happen under this id and not that anything did, so the game
    is ``tbd``. ``STATUS_FINAL`` with ``completed`` false is not final yet.
    """
    if name == "STATUS_FINAL":
        return "in_progress" if completed is False else "final"
    if name in _BY_NAME:
        return _BY_NAME[name]
    if state == "post":
        return "final" if completed else "tbd"
    return _BY_STATE.get(state or "", "tbd")


def season_type(number: int, headline: str, kind: str, home: str | None, away: str | None) -> str:
    """The season type; all-star games and the Cup final are told from regular ones by headline, kind or teams.

    Raises ValueError for a number of no known type.
    """
    named = _SEASON_TYPES.get(number)
    if named is None:
        raise ValueError(f"season_type is {number}, none of 1, 2, 3 and 5")
    if named != "regular":
        return named
    if kind.upper() == "CC" or (_CUP.search(headline) and _CUP_DECIDER.search(headline)):
        return "cup_final"
    guests = home is not None and away is not None and home not in TEAMS and away not in TEAMS
    return "allstar" if kind.upper() == "ALLSTAR" or _ALL_STAR.search(headline) or guests else named
