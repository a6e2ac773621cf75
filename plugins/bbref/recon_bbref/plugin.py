"""The hooks that recon calls. Importing this must stay light: parser and network code are imported by a pull alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recon_bbref.ids import game_id_of
from recon_bbref.seasons import SEASONS
from recon_bbref.source import SOURCE
from recon_core.api import Context, DatasetSpec, Game, Items, Season, Source, Undetermined, hookimpl

__all__ = ["recon_expected_games", "recon_expected_items", "recon_game_id", "recon_seasons", "recon_source"]


@hookimpl
def recon_source() -> Source:
    """Basketball-Reference's NBA data: three datasets per game, and pages per month, season, team and player."""
    return SOURCE


@hookimpl
def recon_seasons() -> Sequence[Season]:
    """Every season from 1946-47 on, also those to come, with nominal bounds."""
    return SEASONS


@hookimpl
def recon_expected_games(season: Season, context: Context) -> Iterable[Game]:
    """A season's games, from the site's month pages or, with ``context.from_lake``, from those in the lake.

    Raises a ReconError that names the page and what to do next; never returns a part.
    """
    if context.from_lake:
        from recon_bbref.from_lake import games_from_lake

        return games_from_lake(season, context)
    from recon_bbref.pull import pull_games

    return pull_games(season, context)


@hookimpl
def recon_game_id(game: Game) -> str | None:
    """The id of a game that another source knows: its date, and the code of the day of its home team."""
    return game_id_of(game)


@hookimpl
def recon_expected_items(dataset: DatasetSpec, season: Season, context: Context) -> Iterable[Items | Undetermined]:
    """The pages of a season's months, teams and players, as its stored schedule and the lake's roster tell them."""
    from recon_bbref.items import expected_items

    return expected_items(dataset, season, context)
