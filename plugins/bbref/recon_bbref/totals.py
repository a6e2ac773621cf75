"""How many games each of the league's seasons had, by type, from 1946-47 on.

The regular seasons follow from teams and games per team, except for the first ones and the shortened ones, which are
general knowledge; from 2003-04 on everything was counted.
"""

from __future__ import annotations

__all__ = ["known_games"]

# By the year in which the season ends.
_REGULAR: dict[int, int] = {
    **dict(enumerate((331, 192, 360, 561, 354, 330, 351, 324), 1947)),
    **dict.fromkeys(range(1955, 1960), 8 * 72 // 2),
    **{1960: 8 * 75 // 2, 1961: 8 * 79 // 2},
    **dict.fromkeys(range(1962, 1967), 9 * 80 // 2),
    **{1967: 10 * 81 // 2, 1968: 12 * 82 // 2},
    **dict.fromkeys(range(1969, 1971), 14 * 82 // 2),
    **dict.fromkeys(range(1971, 1975), 17 * 82 // 2),
    **dict.fromkeys(range(1975, 1977), 18 * 82 // 2),
    **dict.fromkeys(range(1977, 1981), 22 * 82 // 2),
    **dict.fromkeys(range(1981, 1989), 23 * 82 // 2),
    1989: 25 * 82 // 2,
    **dict.fromkeys(range(1990, 1996), 27 * 82 // 2),
    **dict.fromkeys(range(1996, 2005), 29 * 82 // 2),
    **dict.fromkeys(range(2005, 2027), 30 * 82 // 2),
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


def known_games(year: int) -> dict[str, int]:
    """The games, by type, of the season that ends in that year; empty for one that nobody has counted yet."""
    if year not in _REGULAR:
        return {}
    games = {"regular": _REGULAR[year]}
    if year >= 2020:
        games["playin"] = 1 if year == 2020 else 6
    if year >= 2024:
        games["cup_final"] = 1
    if year in _PLAYOFFS:
        games["playoffs"] = _PLAYOFFS[year]
    return games
