"""``recon schedules show``: what is stored, and what is wanted and not stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.api import ScheduleError
from recon_core.config import Inventory
from recon_core.schedules.checks import counts
from recon_core.schedules.store import load_schedule, pull_command, stored_seasons
from recon_core.seasons import CURRENT, PREVIOUS, current_and_previous, season_labels
from recon_core.text import shown, suggest
from recon_core.workspace import NAME, Workspace

if TYPE_CHECKING:
    from recon_core.plugins import Registry

__all__ = ["ScheduleRow", "show"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """One season of one source.

    ``by_type`` counts games without a type under ``""``. ``pulled_oldest`` and ``pulled_newest`` are of the games that
    have a time of pull. ``problem`` says what is wrong and the command that mends it; ``file`` is then ``None`` if
    nothing is stored. ``notes`` are what the plugin had to say of the games.
    """

    source: str
    season: str
    file: Path | None
    games: int = 0
    by_status: Mapping[str, int] = field(default_factory=dict)
    by_type: Mapping[str, int] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None
    pulled_oldest: datetime | None = None
    pulled_newest: datetime | None = None
    problem: str | None = None
    notes: tuple[str, ...] = ()


def show(
    ws: Workspace,
    registry: Registry,
    inventory: Inventory,
    now: datetime,
    *,
    sources: tuple[str, ...] = (),
    seasons: tuple[str, ...] = (),
) -> tuple[ScheduleRow, ...]:
    """Every stored season and every wanted one that is not stored, by source and label.

    Raises ScheduleError for a source or season of which nothing is stored and nothing is wanted, ConfigError for a
    configured season that the plugin does not have.
    """
    wanted = _wanted(registry, inventory, now)
    stored = {name: stored_seasons(ws, name) for name in sorted({*wanted, *_stored_sources(ws)})}
    pairs = sorted(
        {(n, s) for n, files in stored.items() for s in files} | {(n, s) for n, ls in wanted.items() for s in ls}
    )
    for name in sources:
        if name not in stored:
            raise ScheduleError(f"no schedule of {shown(name)!r} is stored or wanted{suggest(name, stored)}")
    chosen = {name: _labels(registry, name, seasons, now) for name in stored}
    for label in seasons:
        if label not in (CURRENT, PREVIOUS) and label not in {season for _, season in pairs}:
            near = suggest(label, sorted({season for _, season in pairs}))
            raise ScheduleError(f"no schedule of season {shown(label)!r} is stored or wanted{near}")
    return tuple(
        _row(name, season, stored[name].get(season))
        for name, season in pairs
        if (not sources or name in sources) and (not seasons or season in chosen[name])
    )


def _wanted(registry: Registry, inventory: Inventory, now: datetime) -> dict[str, tuple[str, ...]]:
    """The configured seasons of the sources whose schedules are pulled; a plugin that failed is passed over."""
    wanted = {}
    for plugin in registry.plugins:
        source = plugin.source
        coverage = inventory.sources.get(source.name)
        if coverage is not None and source.schedule == "pulled":
            wanted[source.name] = season_labels(
                plugin.seasons,
                coverage.seasons,
                now,
                source.timezone,
                where=coverage.where("seasons"),
                source=source.name,
            )
    return wanted


def _stored_sources(ws: Workspace) -> list[str]:
    if not ws.schedules_dir.is_dir():
        return []
    return [folder.name for folder in ws.schedules_dir.iterdir() if folder.is_dir() and NAME.fullmatch(folder.name)]


def _labels(registry: Registry, name: str, seasons: tuple[str, ...], now: datetime) -> set[str | None]:
    """The labels that ``--season`` means for one source."""
    meant: dict[str, str | None] = {}
    if name in registry.names():
        plugin = registry.get(name)
        current, previous = current_and_previous(plugin.seasons, now, plugin.source.timezone)
        meant = {CURRENT: current, PREVIOUS: previous}
    return {meant.get(label, label) for label in seasons}


def _row(source: str, season: str, file: Path | None) -> ScheduleRow:
    if file is None:
        problem = f"not stored: run `{pull_command(source, [season])}`"
        return ScheduleRow(source=source, season=season, file=None, problem=problem)
    try:
        stored = load_schedule(file)
    except ScheduleError as error:
        return ScheduleRow(source=source, season=season, file=file, problem=str(error))
    games = stored.games
    days = [game.date for game in games]
    pulls = [game.pulled_at for game in games if game.pulled_at is not None]
    return ScheduleRow(
        source=source,
        season=season,
        file=file,
        games=len(games),
        by_status=counts(game.status for game in games),
        by_type=counts(game.season_type for game in games),
        first=min(days, default=None),
        last=max(days, default=None),
        pulled_oldest=min(pulls, default=None),
        pulled_newest=max(pulls, default=None),
        notes=stored.notes,
    )
