"""ESPN's words for a game's state and kind, in recon's words."""

from __future__ import annotations

import re

from recon_core.api import Status
from recon_espn.teams import TEAMS

__all__ = ["advance", "game_status", "season_type"]

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

# A later word in this order is later knowledge: ESPN never takes a postponement back, the make-up game has a new id.
_ORDER: tuple[Status, ...] = ("tbd", "scheduled", "in_progress", "postponed", "cancelled", "final")

_SEASON_TYPES = {1: "preseason", 2: "regular", 3: "playoffs", 5: "playin"}

_CUP = re.compile(r"\bcup\b|\bin-season tournament\b", re.IGNORECASE)
_CUP_DECIDER = re.compile(r"\b(championship|finals?)\b", re.IGNORECASE)
_ALL_STAR = re.compile(r"\ball-star\b|\brising stars\b", re.IGNORECASE)


def game_status(name: str, state: str, completed: bool | None) -> Status:
    """Map ``status.type`` of a competition.

    A name that is not known never becomes ``final`` by itself: only ``state`` ``post`` together with ``completed``
    does. ``post`` without it says that nothing more will happen under this id and not that anything did, so the game
    is ``tbd``: listed, but not sure to be played. ``STATUS_FINAL`` with ``completed`` false is not final yet.
    """
    if name == "STATUS_FINAL":
        return "in_progress" if completed is False else "final"
    if name in _BY_NAME:
        return _BY_NAME[name]
    if state == "post":
        return "final" if completed else "tbd"
    return _BY_STATE.get(state, "tbd")


def advance(status: Status) -> int:
    """How late in a game's life the status is; of two rows of one id, the later one is the newer knowledge."""
    return _ORDER.index(status)


def season_type(number: int, headline: str, kind: str, home: str | None, away: str | None) -> str | None:
    """The season type of ``season.type``, or ``None`` where the number is of no known one.

    ``season.type`` is 2 for the Cup final and the all-star games as well. The Cup final says so in the headline of its
    notes ("NBA Cup Championship") and in ``competition.type`` (``CC``); its quarter- and semi-finals are regular games
    that count. All-star games have ``ALLSTAR``, a headline, or two teams that are none of the NBA's.
    """
    named = _SEASON_TYPES.get(number)
    if named != "regular":
        return named
    if kind.upper() == "CC" or (_CUP.search(headline) and _CUP_DECIDER.search(headline)):
        return "cup_final"
    guests = home is not None and away is not None and home not in TEAMS and away not in TEAMS
    if kind.upper() == "ALLSTAR" or _ALL_STAR.search(headline) or guests:
        return "allstar"
    return named
