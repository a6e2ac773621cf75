"""From month pages to a season's games: their season types, and what became of games that a page lists no more."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from recon_bbref.month_page import Page, Row
from recon_bbref.source import PER_GAME
from recon_core.api import Game, Season

__all__ = ["games_of", "sort_games"]

_PLAY_IN = re.compile(r"\bplay-in\b", re.IGNORECASE)
_CUP = re.compile(r"\bcup\b|\bin-season tournament\b", re.IGNORECASE)
_OPEN = frozenset({"scheduled", "in_progress"})
# Box scores are there the next morning. A game that is so long over and has none will not get one: some games of the
# league's first decades.
_BOXED_WITHIN = timedelta(days=60)
_OFF = frozenset({"postponed", "cancelled"})


def games_of(season: Season, pages: Iterable[Page], stored: Sequence[Game], today: date | None = None) -> list[Game]:
    """The games of the pages, and of the stored ones those that the pages say nothing of; by date, start and id.

    A stored game that had not been played and stands on its month's page no more, while the same two teams have a new
    game, was moved: the site gives it a new id. Its row stays, as ``postponed``, so that nothing vanishes without a
    word. Any other stored game that is gone from its page is left out, for the core to ask about. ``today`` is when the
    pages were fetched, where that is known.
    """
    ordered = sorted(pages, key=lambda page: page.month)
    found: dict[str, tuple[Row, datetime | None]] = {}
    for page in ordered:
        for row in page.rows:
            known = found.get(row.game_id)
            if known is None or known[0].status != "final":
                found[row.game_id] = (row, page.fetched_at)
    playoffs_from = _playoffs_from([row for row, _ in found.values()], stored)
    cup_final = _cup_final(row for row, _ in found.values())
    known_types = {game.game_id: game.season_type for game in stored}
    fresh: dict[str, Game] = {}
    for game_id, (row, fetched_at) in found.items():
        kind = _season_type(row, playoffs_from, cup_final) or known_types.get(game_id)
        fresh[game_id] = _game(season, row, kind, fetched_at, today)
    kept: list[Game] = []
    lost: list[Game] = []
    for game in stored:
        if game.game_id in fresh:
            continue
        if game.status not in _OFF and any(page.month.holds(game.date) for page in ordered):
            lost.append(game)
        else:
            # Its type may not have been told when its own page was read.
            kept.append(replace(game, season_type=game.season_type or _by_date(game.date, playoffs_from)))
    new = [game for game_id, game in fresh.items() if game_id not in known_types]
    return sort_games([*fresh.values(), *kept, *_moved(lost, new)])


def sort_games(games: Iterable[Game]) -> list[Game]:
    """The games by date, start (unknown ones last) and id."""
    latest = datetime.max.replace(tzinfo=UTC)
    return sorted(games, key=lambda game: (game.date, game.start_utc or latest, game.game_id))


def _moved(lost: Iterable[Game], new: Iterable[Game]) -> list[Game]:
    """The lost games that were moved: each has a new game of its own between the same teams at the same home."""
    places: dict[tuple[str | None, str | None], int] = defaultdict(int)
    for game in new:
        places[game.home, game.away] += 1
    moved = []
    for game in sort_games(lost):
        if game.status in _OPEN and places[game.home, game.away]:
            places[game.home, game.away] -= 1
            moved.append(replace(game, status="postponed", pulled_at=None))
    return moved


def _season_type(row: Row, playoffs_from: date | None, cup_final: str | None) -> str | None:
    """What the pages tell of a game's season type; ``None`` where they do not.

    Play-in games say so in their notes. Playoffs stand below a separator row on older pages, and after the first
    play-in game of newer seasons; games before the first of either are regular. The site lists neither pre-season nor
    all-star games.
    """
    if _PLAY_IN.search(row.remark):
        return "playin"
    if row.game_id == cup_final:
        return "cup_final"
    if row.playoffs is not None:
        return "playoffs" if row.playoffs else "regular"
    return _by_date(row.date, playoffs_from)


def _by_date(day: date, playoffs_from: date | None) -> str | None:
    if playoffs_from is None:
        return None
    return "playoffs" if day >= playoffs_from else "regular"


def _playoffs_from(rows: Iterable[Row], stored: Iterable[Game]) -> date | None:
    """The day of the season's first game of the play-in or the playoffs, as far as it is known."""
    late = [row.date for row in rows if row.playoffs or _PLAY_IN.search(row.remark)]
    late += [game.date for game in stored if game.season_type in ("playin", "playoffs")]
    return min(late, default=None)


def _cup_final(rows: Iterable[Row]) -> str | None:
    """The id of the Cup final, which looks like all other Cup games.

    It is the game of the last Cup day, if it is alone there and its teams came out of the two games of the day before.
    """
    days: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        if _CUP.search(row.remark):
            days[row.date].append(row)
    if len(days) < 2:
        return None
    before, last = (days[day] for day in sorted(days)[-2:])
    semi_finalists = {team for row in before for team in (row.home, row.away)}
    came_through = {last[0].home, last[0].away} <= semi_finalists
    return last[0].game_id if len(last) == 1 and len(before) == 2 and came_through else None


def _game(season: Season, row: Row, kind: str | None, fetched_at: datetime | None, today: date | None) -> Game:
    # Playoff games that may not be needed have no start time; every game of a regular season has one.
    perhaps = row.status == "scheduled" and row.start_utc is None and kind in (None, "playoffs")
    unboxed = row.status == "final" and not row.boxed and today is not None and today - row.date > _BOXED_WITHIN
    return Game(
        game_id=row.game_id,
        season=season.label,
        date=row.date,
        status="tbd" if perhaps else row.status,
        season_type=kind,
        start_utc=row.start_utc,
        home=row.home,
        away=row.away,
        pulled_at=fetched_at,
        unavailable=PER_GAME if unboxed else (),
    )
