"""A made-up league in ESPN's id format, for ``recon demo``. No team, game or id of it is real.

Twelve teams play each other home and away, thirty rounds of six games, with what makes real schedules hard: pre-season
games, late tip-offs that fall on the next day in UTC, postponed games with a make-up under a new id, a cancelled game,
and a playoff series whose last games may not be needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from recon_core.api import Game, Season
from recon_espn.merge import sort_games
from recon_espn.seasons import end_year
from recon_espn.source import TIMEZONE

__all__ = ["DEMO_TEAMS", "demo_games"]

DEMO_TEAMS = ("ASH", "BRW", "CRV", "DUN", "ELM", "FAL", "GLN", "HRW", "IVY", "JUN", "KST", "LUN")

_EASTERN = ZoneInfo(TIMEZONE)
_OPENING = timedelta(days=21)
_ROUND_DAYS = 5
_ROUNDS = 30
_PLAYOFF_DAYS = 30
_TIPS = (time(19), time(19, 30), time(20), time(20, 30), time(22), time(22, 30))
_PRESEASON_GAMES = 6
_POSTPONED = (34, 35, 101, 150)
_SERIES = ((0, 3), (1, 2))
_SERIES_GAMES, _SERIES_SURE = 5, 3


def demo_games(season: Season) -> list[Game]:
    """The season's made-up games, by date; about 180 regular ones, fewer where the season is short."""
    ids = _ids(season)
    opening = season.starts + min(_OPENING, (season.ends - season.starts) / 8)
    rounds = max(1, min(_ROUNDS, ((season.ends - opening).days - _PLAYOFF_DAYS) // _ROUND_DAYS))
    games = [*_preseason(season, ids), *_regular(season, ids, opening, rounds)]
    games += _make_ups(games, ids, opening + timedelta(days=rounds * _ROUND_DAYS))
    games += _playoffs(season, ids, opening + timedelta(days=rounds * _ROUND_DAYS + 4))
    return sort_games(games)


def _ids(season: Season) -> Iterator[str]:
    # Nine digits beginning with 4, as ESPN's, in a range that ESPN is a hundred million events away from.
    first = 499_000_000 + end_year(season) % 100 * 10_000 + 1
    return (str(first + n) for n in range(9_999))


def _game(season: Season, game_id: str, day: date, tip: time, home: str, away: str, kind: str) -> Game:
    start = datetime.combine(day, tip, _EASTERN).astimezone(UTC)
    return Game(
        game_id=game_id,
        season=season.label,
        date=day,
        status="scheduled",
        season_type=kind,
        start_utc=start,
        home=home,
        away=away,
    )


def _preseason(season: Season, ids: Iterator[str]) -> Iterator[Game]:
    for n in range(_PRESEASON_GAMES):
        day = season.starts + timedelta(days=3 + n)
        game = _game(season, next(ids), day, time(20), DEMO_TEAMS[n], DEMO_TEAMS[-1 - n], "preseason")
        yield replace(game, status="cancelled") if n == 2 else game


def _pairs(number: int) -> Iterator[tuple[str, str]]:
    """The six games of a round: everybody meets everybody else once in eleven rounds, home and away by turns."""
    cycle, turned = divmod(number, len(DEMO_TEAMS) - 1)
    around = range(1, len(DEMO_TEAMS))
    circle = (0, *around[turned:], *around[:turned])
    for one, other in zip(circle[:6], reversed(circle[6:]), strict=True):
        hosts, guests = (one, other) if (one > other) == bool((one + other + cycle) % 2) else (other, one)
        yield DEMO_TEAMS[hosts], DEMO_TEAMS[guests]


def _regular(season: Season, ids: Iterator[str], opening: date, rounds: int) -> Iterator[Game]:
    for number in range(rounds):
        for n, (home, away) in enumerate(_pairs(number)):
            day = opening + timedelta(days=number * _ROUND_DAYS + n * _ROUND_DAYS // 6)
            yield _game(season, next(ids), day, _TIPS[n], home, away, "regular")


def _make_ups(games: list[Game], ids: Iterator[str], regular_ends: date) -> Iterator[Game]:
    """Postpone some regular games in place; yield their make-ups, each on the first day free for both teams."""
    regular = [n for n, game in enumerate(games) if game.season_type == "regular"]
    busy = {(game.date, team) for game in games for team in (game.home, game.away)}
    for place in _POSTPONED:
        if place >= len(regular):
            break
        old = games[regular[place]]
        games[regular[place]] = replace(old, status="postponed")
        day = old.date + timedelta(days=18)
        while day < regular_ends and {(day, old.home), (day, old.away)} & busy:
            day += timedelta(days=1)
        busy |= {(day, old.home), (day, old.away)}
        start = datetime.combine(day, time(15), _EASTERN).astimezone(UTC)
        yield replace(old, game_id=next(ids), date=day, start_utc=start)


def _playoffs(season: Season, ids: Iterator[str], first: date) -> Iterator[Game]:
    for number, (better, worse) in enumerate(_SERIES):
        for n in range(_SERIES_GAMES):
            hosts, guests = (better, worse) if n in (0, 1, 4) else (worse, better)
            day = first + timedelta(days=number + 2 * n)
            game = _game(season, next(ids), day, time(20), DEMO_TEAMS[hosts], DEMO_TEAMS[guests], "playoffs")
            yield game if n < _SERIES_SURE else replace(game, status="tbd", start_utc=None)
