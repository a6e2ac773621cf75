"""What a season should have beside its games: pages of its months, of its teams and of its players, and the roster.

Months and teams are those of the season's stored schedule, players those of the roster that lies in the lake. What is
made of a whole season is complete when the season is over: then its ranks, awards and last games stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from recon_bbref.seasons import Month, month_on, months_of
from recon_bbref.source import PAGES, PLAYER, PLAYER_LOGS, ROSTERS, SOURCE, TEAM_PAGES, TIMEZONE
from recon_bbref.text import printable
from recon_core.api import Context, DatasetSpec, Game, Items, LakeError, Season, Undetermined

__all__ = ["expected_items"]

_EASTERN = ZoneInfo(TIMEZONE)
_OPEN = frozenset({"scheduled", "in_progress"})
_GAME = timedelta(hours=SOURCE.game_hours)


class _UntoldError(Exception):
    """Why the items cannot be told."""


def expected_items(dataset: DatasetSpec, season: Season, context: Context) -> Iterator[Items | Undetermined]:
    """The items of one of the source's data types, or why they cannot be told."""
    try:
        yield _named(dataset.data_type, season, context)
    except _UntoldError as error:
        yield Undetermined(reason=str(error))


def _named(data_type: str, season: Season, context: Context) -> Items:
    if data_type == PAGES:
        return _month_pages(season, context)
    if data_type == TEAM_PAGES:
        teams = {team for game in _games(season, context) for team in (game.home, game.away) if team is not None}
        return _of_season(season, context, team=sorted(teams))
    if data_type == PLAYER_LOGS:
        return _of_season(season, context, player=_players(season, context))
    return _of_season(season, context)


def _month_pages(season: Season, context: Context) -> Items:
    """A page for every month with a game that was played; it is complete when the month's last game is.

    A schedule that lacks a whole month in the midst of a season lost it, and the page of that month with it.
    """
    by_month: dict[Month, list[Game]] = {}
    for game in _games(season, context):
        by_month.setdefault(month_on(season, game.date), []).append(game)
    for month in months_of(season):
        if month not in by_month and min(by_month) < month < max(by_month):
            raise _UntoldError(
                f"the stored schedule of {season.label} has no game in {month.name}, between months with games: "
                f"{_pull(season, ' --refresh')}"
            )
    times = {month: _complete_at(games, month.last, context.now) for month, games in sorted(by_month.items())}
    for month, games in sorted(by_month.items()):
        if all(game.status in _OPEN for game in games):
            if times[month] <= context.now:
                raise _outdated(season, month.name)
            del times[month]
    return Items(
        columns={"season": [season.label] * len(times), "month": [month.name for month in times]},
        times=list(times.values()),
    )


def _of_season(season: Season, context: Context, **column: Sequence[str]) -> Items:
    """What a whole season makes, one item for each value of the column beside the season."""
    games = _games(season, context)
    complete = _complete_at(games, season.ends, context.now)
    if complete <= context.now and any(game.status in _OPEN for game in games):
        raise _outdated(season, "the season")
    size = max((len(values) for values in column.values()), default=1)
    return Items(columns={"season": [season.label] * size, **column}, times=[complete] * size)


def _games(season: Season, context: Context) -> list[Game]:
    """The stored games that were or will be played."""
    games = [game for game in context.stored if game.status == "final" or game.status in _OPEN]
    if not games:
        raise _UntoldError(f"no schedule of {season.label} is stored: {_pull(season)}")
    return games


def _outdated(season: Season, what: str) -> _UntoldError:
    return _UntoldError(f"the stored schedule of {season.label} was pulled before {what} was over: {_pull(season)}")


def _pull(season: Season, option: str = "") -> str:
    return f"run `recon schedules pull bbref --season {season.label}{option}`"


def _complete_at(games: Sequence[Game], last_day: date, now: datetime) -> datetime:
    """When nothing is added any more to what these games make: at the last one's end, once the days are over.

    Until then, and while games are open, at the end of the last day, with time for its last game.
    """
    over = datetime.combine(last_day + timedelta(days=1), time(), _EASTERN).astimezone(UTC) + _GAME
    if now < over or any(game.status in _OPEN for game in games):
        return over
    return max(map(_final_at, games))


def _final_at(game: Game) -> datetime:
    if game.final_at is not None:
        return game.final_at
    start = game.start_utc or datetime.combine(game.date + timedelta(days=1), time(), _EASTERN).astimezone(UTC)
    return start + _GAME


def _players(season: Season, context: Context) -> list[str]:
    """The ids of the season's players, out of the first roster that can be read and is whole, of whatever layout.

    Once the season is over, one that was written before lacks whoever was signed later. Until then any will do, for
    nothing that it names is due.
    """
    complete = _complete_at(_games(season, context), season.ends, context.now)
    keys = context.candidate_keys(ROSTERS, {"season": season.label, **season.fields})
    problems = []
    for key in keys:
        try:
            if complete > context.now:
                return _listed(json.loads(context.read(key)))
            # Asked first, so that a content that takes the other's place meanwhile is not thought to be older.
            written = context.last_modified(key)
            players = _listed(json.loads(context.read(key)))
            if written is not None and written >= complete:
                return players
            when = "at an unknown time" if written is None else f"{written:%Y-%m-%d}"
            problems.append(
                f"lake object {printable(key)}: written {when}, before the season was over on {complete:%Y-%m-%d}, so "
                "that players may be absent: fetch the roster again"
            )
        except LakeError as error:
            problems.append(f"{error}")
        except (ValueError, RecursionError) as error:
            problems.append(f"lake object {printable(key)}: no list of players ({printable(error)})")
    raise _UntoldError("; ".join(problems))


def _listed(document: Any) -> list[str]:
    """Player ids of a list of ids, or of objects with a ``player_id``, alone or under ``players``."""
    entries = document.get("players") if isinstance(document, dict) else document
    if not isinstance(entries, list) or not entries:
        raise ValueError("expected a list that is not empty")
    players = set()
    for entry in entries:
        player = entry.get("player_id") if isinstance(entry, dict) else entry
        if not isinstance(player, str) or not re.fullmatch(PLAYER, player, re.ASCII):
            raise ValueError(f"{printable(entry)} is no player's id such as jamesle01")
        players.add(player)
    return sorted(players)
