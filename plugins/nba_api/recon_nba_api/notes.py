"""What a season's listed games show of games that are not listed: the NBA numbers the regular season without holes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from recon_core.api import Game, Season
from recon_nba_api.ids import GameId, build_id, decode_id
from recon_nba_api.seasons import regular_games, start_year

__all__ = ["schedule_notes"]

# Boston against Indiana on 16 April 2013, cancelled and not made up: the number is taken, the game may not be listed.
_NEVER_PLAYED = {2012: frozenset({1214})}
# Broken off in March and gone on with under new numbers: there the number of games played is what is known.
_BROKEN_OFF = 2019
_RUNS_NAMED = 3


def schedule_notes(season: Season, games: Sequence[Game]) -> list[str]:
    """Sentences on what the season's games lack; none for a whole season."""
    decoded = {game.game_id: decode_id(game.game_id) for game in games}
    notes = [*_strangers([name for name, said in decoded.items() if said is None])]
    if games:
        notes += _absent(season, games, decoded.values())
    return [*notes, *_overdue(games)]


def _strangers(ids: Sequence[str]) -> Iterator[str]:
    if ids:
        yield (
            f"{_games(len(ids))} an id that is none of the NBA's ten digits (first: {ids[0]!r:.40}), so no file "
            "will be found for it; a spreadsheet takes leading zeros away"
        )


def _absent(season: Season, games: Sequence[Game], decoded: Iterable[GameId | None]) -> Iterator[str]:
    regular = {said.number for said in decoded if said is not None and said.season_type == "regular"}
    begins, known = start_year(season), regular_games(season)
    if begins == _BROKEN_OFF:
        played = sum(game.season_type == "regular" and game.status == "final" for game in games)
        if known is not None and played < known:
            yield f"{played:,} of the {known:,} regular-season games that were played are listed as such"
        return
    never = _NEVER_PLAYED.get(begins, frozenset())
    last = max(regular, default=0) if known is None else known + len(never)
    absent = sorted(set(range(1, last + 1)) - regular - never)
    if absent:
        yield (
            f"{len(absent):,} of {last:,} regular-season games are not listed ({_runs(begins, absent)}): the schedule "
            "is incomplete, and nothing is known of their files; the NBA adds a season's last games in December, so "
            "pull it again"
        )


def _runs(begins: int, numbers: Sequence[int]) -> str:
    """``0022401205 to 0022401228, 0022401230``: the first runs of consecutive numbers."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))

    def named(number: int) -> str:
        return build_id(GameId(season_type="regular", start_year=begins, number=number))

    texts = [named(a) if a == b else f"{named(a)} to {named(b)}" for a, b in runs[:_RUNS_NAMED]]
    more = f" and {len(runs) - _RUNS_NAMED:,} more runs" if len(runs) > _RUNS_NAMED else ""
    return ", ".join(texts) + more


def _overdue(games: Sequence[Game]) -> Iterator[str]:
    """Games whose teams are known and whose day went by: neither played nor put off, as far as the NBA says."""
    latest = max((game.date for game in games if game.status == "final"), default=date.min)
    silent = [game for game in games if game.status == "tbd" and game.home and game.away and game.date < latest]
    if silent:
        yield (
            f"{_games(len(silent))} a day that went by without a word of its being played or put off "
            f"(first: {silent[0].game_id}, {silent[0].date}): its files are not expected"
        )


def _games(number: int) -> str:
    return "1 game has" if number == 1 else f"{number:,} games have"
