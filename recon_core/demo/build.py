"""Builds the demo workspace, so that nothing in it is special: the schedules, files and outputs are a real one's."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from recon_core.api import ConfigError, Game, Season, UsageError
from recon_core.cycle import run_cycle
from recon_core.demo.lake import plant
from recon_core.files import atomic_write, disk_errors
from recon_core.plugins import Plugin, Registry, install_command, load_registry
from recon_core.progress import Progress
from recon_core.request import CycleResult, RunRequest
from recon_core.schedules.store import save_games
from recon_core.seasons import current_and_previous
from recon_core.setup import SourceOutline, workspace_files
from recon_core.text import shown
from recon_core.workspace import Workspace

__all__ = ["Demo", "build_demo"]

# How the made-up seasons lie around now: long enough ago to have history, recent enough to have urgent gaps.
_BEGAN = timedelta(days=110)
_ENDS = timedelta(days=60)
_YEAR = timedelta(days=365)
# The schedule is older than the last games, so that some of them are not proved.
_PULLED = timedelta(hours=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A built demo: its workspace, whose layout it imitates, what was planted in its lake, and what the cycle found."""

    workspace: Workspace
    source: str
    title: str
    planted: Mapping[str, int]
    result: CycleResult


def build_demo(
    folder: Path, source: str | None, now: datetime, clock: Callable[[], datetime], progress: Progress
) -> Demo:
    """Build a workspace with a lake in ``folder`` and run a cycle in it.

    Raises UsageError when the folder holds anything, ConfigError when no installed source offers a demo.
    """
    plugin = _plugin(load_registry(), source)
    with disk_errors(folder):
        folder = folder.resolve()
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{shown(folder)} is not empty: name another folder, or remove it first")
    ws = Workspace(folder)
    lake = folder / "lake"
    _write_workspace(ws, plugin, lake, now)
    request = RunRequest(now=now, clock=clock, accept_empty=True)
    # A first cycle over the empty lake says what a whole lake would hold; the files are made from its answer.
    with disk_errors(lake):
        lake.mkdir(parents=True)
    run_cycle(ws, request, progress)
    planted = plant(ws, lake, now)
    shutil.rmtree(ws.cache_dir)
    shutil.rmtree(ws.history_dir)
    ws.queue_file.unlink()
    result = run_cycle(ws, replace(request, accept_empty=False), progress)
    return Demo(workspace=ws, source=plugin.source.name, title=plugin.source.title, planted=planted, result=result)


def _plugin(registry: Registry, source: str | None) -> Plugin:
    if source is not None:
        plugin = registry.get(source)
        if "recon_demo_games" not in plugin.hooks:
            raise ConfigError(
                f"source {shown(source)!r} makes up no games for a demo: try `recon demo` without --source"
            )
        return plugin
    for plugin in registry.plugins:
        if "recon_demo_games" in plugin.hooks:
            return plugin
    raise ConfigError(f"no installed source offers a demo: install one that does, such as with {install_command()}")


def _write_workspace(ws: Workspace, plugin: Plugin, lake: Path, now: datetime) -> None:
    current, previous = current_and_previous(plugin.seasons, now, plugin.source.timezone)
    outline = SourceOutline(
        name=plugin.source.name,
        title=plugin.source.title,
        datasets=plugin.source.datasets,
        current=current,
        previous=previous,
    )
    for name, text in workspace_files([outline], lake.as_uri()).items():
        atomic_write(ws.root / name, text)
    for label, shift in ((previous, _YEAR), (current, timedelta())):
        season = next((season for season in plugin.seasons if season.label == label), None)
        if season is not None:
            games = [_as_of(game, plugin, now - _PULLED) for game in _made_up(plugin, season, now - shift)]
            save_games(ws.schedule_file(plugin.source.name, season.label), games, now - _PULLED)


def _made_up(plugin: Plugin, season: Season, around: datetime) -> list[Game]:
    """A season's made-up games, laid around a moment so that the demo looks the same all year round."""
    moved = replace(season, starts=(around - _BEGAN).date(), ends=(around + _ENDS).date())
    games: list[Game] = plugin.call("recon_demo_games", season=moved)
    return games


def _as_of(game: Game, plugin: Plugin, moment: datetime) -> Game:
    """The game as a schedule pulled at a moment has it."""
    if game.status != "scheduled" or game.start_utc is None:
        return game
    over = game.final_at or game.start_utc + timedelta(hours=plugin.source.game_hours)
    return replace(game, status="final") if over <= moment else game
