"""The hooks that recon calls. Importing this must stay light: the network code is imported by a pull alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recon_core.api import Context, Game, Season, Source, hookimpl
from recon_nba_api.seasons import SEASONS
from recon_nba_api.source import SOURCE

__all__ = ["recon_expected_games", "recon_schedule_notes", "recon_seasons", "recon_source"]


@hookimpl
def recon_source() -> Source:
    """The NBA's own data: play-by-play and box scores per game, and the schedule per season."""
    return SOURCE


@hookimpl
def recon_seasons() -> Sequence[Season]:
    """Every season from 1946-47 on, also those to come, with nominal bounds."""
    return SEASONS


@hookimpl
def recon_expected_games(season: Season, context: Context) -> Iterable[Game]:
    """A season's games: from the NBA, from the file that the options name, or from the lake's schedule files.

    Raises a ReconError that names the address, file or key, and what to do next; never returns a part.
    """
    from recon_nba_api.pull import pull_games

    return pull_games(season, context)


@hookimpl
def recon_schedule_notes(season: Season, games: Sequence[Game]) -> Sequence[str]:
    """What the numbering of the games shows to be absent, and games whose day went by without a word."""
    from recon_nba_api.notes import schedule_notes

    return schedule_notes(season, games)
