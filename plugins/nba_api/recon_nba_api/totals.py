"""How many games each of the league's seasons had, by type, from 1946-47 on.

The regular seasons follow from teams and games per team, except for the first ones and the shortened ones, which are
general knowledge; from 2003-04 on everything was counted.
"""

from __future__ import annotations

__all__ = ["COUNTED", "known_games"]

# By the year in which the season begins.
_REGULAR: dict[int, int] = {
    **dict(enumerate((331, 192, 360, 561, 354, 330, 351, 324), 1946)),
    **dict.fromkeys(range(1954, 1959), 8 * 72 // 2),
    **{1959: 8 * 75 // 2, 1960: 8 * 79 // 2},
    **dict.fromkeys(range(1961, 1966), 9 * 80 // 2),
    **{1966: 10 * 81 // 2, 1967: 12 * 82 // 2},
    **dict.fromkeys(range(1968, 1970), 14 * 82 // 2),
    **dict.fromkeys(range(1970, 1974), 17 * 82 // 2),
    **dict.fromkeys(range(1974, 1976), 18 * 82 // 2),
    **dict.fromkeys(range(1976, 1980), 22 * 82 // 2),
    **dict.fromkeys(range(1980, 1988), 23 * 82 // 2),
    1988: 25 * 82 // 2,
    **dict.fromkeys(range(1989, 1995), 27 * 82 // 2),
    **dict.fromkeys(range(1995, 2004), 29 * 82 // 2),
    **dict.fromkeys(range(2004, 2026), 30 * 82 // 2),
    1998: 29 * 50 // 2,  # lock-out
    2011: 30 * 66 // 2,  # lock-out
    2012: 1229,  # BOS at IND on 15 April was cancelled and not made up
    2019: 1059,  # suspended in March, finished by 22 teams
    2020: 30 * 72 // 2,  # began in December
}
# Playoff series end when they are decided, so the number of games is no rule: counted, from 2003-04 on.
_PLAYOFFS = dict(
    enumerate(
        (
            *(82, 84, 89, 79, 86, 85, 82, 81, 84, 85, 89, 81, 86, 79, 82),
            *(82, 83, 85, 87, 84, 82, 84, 85),
        ),
        2003,
    )
)

COUNTED = range(2003, 2026)
"""The seasons of which every game was counted, by the NBA's ids."""


def known_games(year: int) -> dict[str, int]:
    """The games, by type, of the season that begins in that year; empty for one that nobody has counted yet."""
    if year not in _REGULAR:
        return {}
    games = {"regular": _REGULAR[year]}
    if year >= 2019:
        games["playin"] = 1 if year == 2019 else 6
    if year >= 2023:
        games["cup_final"] = 1
    if year in _PLAYOFFS:
        games["playoffs"] = _PLAYOFFS[year]
    return games
