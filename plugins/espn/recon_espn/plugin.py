"""The hooks that recon calls. Importing this must stay light: the network code is imported by a pull alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recon_core.api import Context, Game, Season, Source, hookimpl
from recon_espn.seasons import SEASONS
from recon_espn.source import SOURCE

__all__ = ["recon_demo_games", "recon_expected_games", "recon_seasons", "recon_source"]


@hookimpl
def recon_source() -> Source:
    """ESPN's NBA data: three datasets per game and the scoreboard per day."""
    return SOURCE


@hookimpl
def recon_seasons() -> Sequence[Season]:
    """Every season from 1993-94 on, also those to come, with nominal bounds."""
    return SEASONS


@hookimpl
def recon_expected_games(season: Season, context: Context) -> Iterable[Game]:
    """A season's games, from ESPN's scoreboard or, with ``context.from_lake``, from the lake's scoreboard files.

    Raises a ReconError that names the address or key, the day, and what to do next; never returns a part.
    """
    if context.from_lake:
        from recon_espn.from_lake import games_from_lake

        return games_from_lake(season, context)
    from recon_espn.pull import pull_games

    return pull_games(season, context)


@hookimpl
def recon_demo_games(season: Season) -> Iterable[Game]:
    """A made-up league's season in ESPN's id format."""
    from recon_espn.demo import demo_games

    return demo_games(season)
