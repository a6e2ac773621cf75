"""The hooks that recon calls. Importing this must stay light: network and Parquet are imported by a pull alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recon_core.api import Context, Game, Season, Source, hookimpl
from recon_hoopr.seasons import SEASONS
from recon_hoopr.source import SOURCE

__all__ = ["recon_expected_games", "recon_seasons", "recon_source"]


@hookimpl
def recon_source() -> Source:
    """hoopR's NBA data: play-by-play and box scores inside season files, and the schedule files themselves."""
    return SOURCE


@hookimpl
def recon_seasons() -> Sequence[Season]:
    """Every season from 2001-02 on, also those to come, with nominal bounds."""
    return SEASONS


@hookimpl
def recon_expected_games(season: Season, context: Context) -> Iterable[Game]:
    """A season's games, from hoopR's schedule release or, with ``context.from_lake``, from the lake's schedule file.

    Raises a ReconError that names the address or key and what to do next; never returns a part.
    """
    from recon_hoopr.pull import games_from_lake, pull_games

    return games_from_lake(season, context) if context.from_lake else pull_games(season, context)
