"""The team codes of hoopR's files, which are ESPN's, and the code that every source of the league shares.

The canonical code is the NBA's current one of the franchise, so that a game of 2005 meets its row in another source
whichever era's code either of them shows.
"""

from __future__ import annotations

__all__ = ["TEAMS", "canonical"]

# The six of the thirty in which they differ from the NBA.
_DIFFERENT = {"GS": "GSW", "NO": "NOP", "NY": "NYK", "SA": "SAS", "UTAH": "UTA", "WSH": "WAS"}

_SAME = (
    *("ATL", "BKN", "BOS", "CHA", "CHI", "CLE", "DAL", "DEN", "DET", "HOU", "IND", "LAC"),
    *("LAL", "MEM", "MIA", "MIL", "MIN", "OKC", "ORL", "PHI", "PHX", "POR", "SAC", "TOR"),
)

# Codes of former names, and the NBA's spellings of the six, should a payload or an imported file hold them. The NBA
# counts the first Charlotte Hornets (CHH) as part of today's Charlotte and the later New Orleans ones as New Orleans.
_FORMER = {
    "CHH": "CHA",
    "NJ": "BKN",
    "NJN": "BKN",
    "NOH": "NOP",
    "NOK": "NOP",
    "SEA": "OKC",
    "VAN": "MEM",
    "WSB": "WAS",
}

TEAMS: dict[str, str] = {
    **{code: code for code in _SAME},
    **_DIFFERENT,
    **{code: code for code in _DIFFERENT.values()},
    **_FORMER,
}
"""Code -> canonical code. All-star teams and pre-season guests from other leagues are not in it."""


def canonical(code: str | None) -> str | None:
    """The canonical code, or the code itself where it is of no NBA team."""
    return None if code is None else TEAMS.get(code, code)
