"""The NBA's team codes and the code that every source of the league shares.

The canonical code is the NBA's current one of the franchise, so that a game of 2005 meets its row in another source
whichever era's code either of them shows.
"""

from __future__ import annotations

__all__ = ["TEAMS", "team_code"]

# The thirty by the NBA's own number, which stays with a franchise when it moves or changes its name.
_FRANCHISES: dict[int, str] = {
    1610612737: "ATL",
    1610612738: "BOS",
    1610612739: "CLE",
    1610612740: "NOP",
    1610612741: "CHI",
    1610612742: "DAL",
    1610612743: "DEN",
    1610612744: "GSW",
    1610612745: "HOU",
    1610612746: "LAC",
    1610612747: "LAL",
    1610612748: "MIA",
    1610612749: "MIL",
    1610612750: "MIN",
    1610612751: "BKN",
    1610612752: "NYK",
    1610612753: "ORL",
    1610612754: "IND",
    1610612755: "PHI",
    1610612756: "PHX",
    1610612757: "POR",
    1610612758: "SAC",
    1610612759: "SAS",
    1610612760: "OKC",
    1610612761: "TOR",
    1610612762: "UTA",
    1610612763: "MEM",
    1610612764: "WAS",
    1610612765: "DET",
    1610612766: "CHA",
}

# Codes of former names. The NBA counts the first Charlotte Hornets (CHH) as part of today's Charlotte and the later
# New Orleans ones as New Orleans.
_FORMER = {
    "CHH": "CHA",
    "NJN": "BKN",
    "NOH": "NOP",
    "NOK": "NOP",
    "SEA": "OKC",
    "VAN": "MEM",
    "WSB": "WAS",
}

TEAMS: dict[str, str] = {**{code: code for code in _FRANCHISES.values()}, **_FORMER}
"""NBA code -> canonical code. All-star teams and pre-season guests from other leagues are not in it."""


def team_code(tricode: str, team_id: int, name: str) -> str | None:
    """The code that stands for a team; ``None`` for one that is yet to be found out.

    A code that is known stays as it is. One that is not gives way to its franchise's where the number is an NBA
    team's, as for spellings of early eras, and stands for itself where it is a guest's or an all-star team's.
    """
    code = tricode.strip()
    if code in TEAMS:
        return code
    found = _FRANCHISES.get(team_id) or code or name.strip()
    return None if found.upper() in ("", "TBD") else found
