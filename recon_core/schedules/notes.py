"""What a plugin has to say of a season's games: what they lack, as far as they show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.api import Game, Season
from recon_core.plan import Plan
from recon_core.plugins import PluginCallError
from recon_core.schedules.store import load_notes
from recon_core.text import shown

if TYPE_CHECKING:
    from recon_core.plugins import Plugin

__all__ = ["notes_on", "stored_notes"]


def notes_on(plugin: Plugin, season: Season, games: Sequence[Game]) -> tuple[str, ...]:
    """The plugin's notes on the games that are to be stored, safe to show.

    A plugin that fails at them is no reason to lose the games: that it failed is the note.
    """
    if "recon_schedule_notes" not in plugin.hooks:
        return ()
    try:
        notes: list[str] = plugin.call("recon_schedule_notes", season=season, games=tuple(games))
    except PluginCallError as error:
        return (f"what it lacks is not known: {error}",)
    return tuple(shown(note) for note in notes)


def stored_notes(plan: Plan, stored: Mapping[str, Mapping[str, Path]]) -> Iterator[tuple[str, str, str]]:
    """Source, season and text of each note on a stored schedule on which something of a run rests, safe to show.

    ``stored`` are files by source and season. Raises ScheduleError.
    """
    for source in plan.sources:
        wanted = {label for dataset in source.datasets for label in dataset.seasons}
        for season, file in stored.get(source.name, {}).items():
            if season in wanted:
                for note in load_notes(file):
                    yield source.name, season, shown(note)
