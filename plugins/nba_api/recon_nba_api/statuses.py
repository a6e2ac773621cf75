"""The NBA's words for a game's state, in recon's words."""

from __future__ import annotations

from recon_core.api import Status

__all__ = ["advance", "game_status"]

_BY_NUMBER: dict[int, Status] = {1: "scheduled", 2: "in_progress", 3: "final"}

# A later word in this order is later knowledge of one date; a game that moves keeps its id and begins anew.
_ORDER: tuple[Status, ...] = ("tbd", "scheduled", "in_progress", "postponed", "cancelled", "final")


def game_status(number: int, text: str) -> Status:
    """Map ``gameStatus`` and ``gameStatusText``.

    ``gameStatus`` is 1 before a game, 2 during and 3 after it, and stays 1 for one that is postponed or cancelled: only
    the text says so ("PPD", "Postponed", "Cancelled"). ``postponedStatus`` says nothing: it has had one value for all
    games of a payload, and another for all of the next. A number that is not known makes a game ``tbd``.
    """
    word = text.strip().casefold()
    if word == "ppd" or word.startswith("postponed"):
        return "postponed"
    if word.startswith("cancel"):
        return "cancelled"
    return _BY_NUMBER.get(number, "tbd")


def advance(status: Status) -> int:
    """How late in a game's life the status is."""
    return _ORDER.index(status)
