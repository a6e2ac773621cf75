"""``recon schedules compare``: the stored schedules of each league, against each other and against known totals."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.api import ScheduleError, Season
from recon_core.config import Inventory
from recon_core.engine.agreement import Pair, compare_schedules
from recon_core.engine.connection import open_engine
from recon_core.engine.matching import Member
from recon_core.schedules.store import check_schedule, stored_seasons
from recon_core.seasons import CURRENT, PREVIOUS, current_and_previous
from recon_core.text import shown, suggest
from recon_core.times import day_end
from recon_core.workspace import Workspace

if TYPE_CHECKING:
    from recon_core.plugins import Plugin, Registry

__all__ = ["CompareReport", "Total", "compare"]

_MEMORY_MB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """How many games of a type a schedule has of a season, and how many there are, as ``told_by``'s plugin says.

    ``untyped`` games of the season may be of this type or another. ``over``: whether the season is, so that it should
    have them all.
    """

    source: str
    season: str
    season_type: str
    games: int
    known: int
    told_by: str
    untyped: int
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareReport:
    """``differences`` are the first of ``total``, as conflicts stand in a cycle's report.

    ``problems`` says, a line each, which schedules are left out.
    """

    pairs: tuple[Pair, ...]
    totals: tuple[Total, ...]
    differences: tuple[dict[str, Any], ...]
    total: int
    warnings: tuple[str, ...]
    problems: tuple[str, ...]


def compare(
    ws: Workspace,
    registry: Registry,
    inventory: Inventory,
    now: datetime,
    *,
    sources: Sequence[str] = (),
    seasons: Sequence[str] = (),
    limit: int | None = None,
) -> CompareReport:
    """Compare all stored schedules, those of ``sources`` only, or of these ``seasons`` of any of them.

    A schedule that cannot be read is a problem and left out. Raises ScheduleError for a source or a season of which
    nothing is stored, and for an id that stands in two seasons of a source.
    """
    stored, problems = _readable(ws, registry)
    for name in sources:
        if name not in stored:
            raise ScheduleError(f"no schedule of {shown(name)!r} is stored{suggest(name, stored)}")
    plugins = [
        plugin
        for plugin in registry.plugins
        if plugin.source.name in stored and (not sources or plugin.source.name in sources)
    ]
    members = [_member(plugin, number, stored, inventory) for number, plugin in enumerate(plugins)]
    chosen = set(_chosen(plugins, members, seasons, now))
    with tempfile.TemporaryDirectory(prefix="recon-") as folder:
        spill = Path(folder) / "spill"
        with open_engine([ws.inventory_dir], spill, memory_limit_mb=_MEMORY_MB, threads=None) as connection:
            found = compare_schedules(connection, members, stored, chosen, now, limit=limit)
    return CompareReport(
        pairs=found.pairs,
        totals=tuple(_totals(plugins, members, chosen, found.games, now)),
        differences=found.differences,
        total=found.total,
        warnings=found.warnings,
        problems=tuple(problems),
    )


def _readable(ws: Workspace, registry: Registry) -> tuple[dict[str, dict[str, Path]], list[str]]:
    stored: dict[str, dict[str, Path]] = {}
    problems: list[str] = []
    for plugin in registry.plugins:
        for season, path in stored_seasons(ws, plugin.source.name).items():
            try:
                check_schedule(path)
            except ScheduleError as error:
                problems.append(str(error))
            else:
                stored.setdefault(plugin.source.name, {})[season] = path
    problems += [f"no schedule of it is compared: {failure.line()}" for failure in registry.failures]
    return stored, problems


def _member(plugin: Plugin, number: int, stored: Mapping[str, Mapping[str, Path]], inventory: Inventory) -> Member:
    source = plugin.source
    coverage = inventory.sources.get(source.name)
    types = None if coverage is None else coverage.season_types
    return Member(
        number=number,
        name=source.name,
        league=source.league,
        teams=source.teams,
        seasons=tuple(season for season in plugin.seasons if season.label in stored[source.name]),
        season_types=source.season_types if types is None else types,
        timezone=source.timezone,
        game_us=0,
        derives=False,
    )


def _chosen(
    plugins: Sequence[Plugin], members: Sequence[Member], labels: Sequence[str], now: datetime
) -> Iterator[tuple[str, str]]:
    """The seasons that are asked for, by source."""
    known = {season.label for one in members for season in one.seasons}
    for label in labels:
        if label not in (CURRENT, PREVIOUS) and label not in known:
            raise ScheduleError(f"no schedule of season {shown(label)!r} is stored{suggest(label, sorted(known))}")
    for plugin, one in zip(plugins, members, strict=True):
        current, previous = current_and_previous(plugin.seasons, now, plugin.source.timezone)
        meant = {{CURRENT: current, PREVIOUS: previous}.get(label, label) for label in labels}
        yield from ((one.name, season.label) for season in one.seasons if not labels or season.label in meant)


def _totals(
    plugins: Sequence[Plugin],
    members: Sequence[Member],
    chosen: Collection[tuple[str, str]],
    games: Mapping[tuple[str, str, str], int],
    now: datetime,
) -> Iterator[Total]:
    """The counts of seasons whose number of games the source or another one of its league knows."""
    for one in members:
        for season in one.seasons:
            if (one.name, season.label) not in chosen:
                continue
            told_by, known = _known_games(one, season, plugins)
            for season_type, number in sorted(known.items()):
                if not one.season_types or season_type in one.season_types:
                    yield Total(
                        source=one.name,
                        season=season.label,
                        season_type=season_type,
                        games=games.get((one.name, season.label, season_type), 0),
                        known=number,
                        told_by=told_by,
                        untyped=games.get((one.name, season.label, ""), 0),
                        over=now >= day_end(season.ends, one.timezone),
                    )


def _known_games(one: Member, season: Season, plugins: Sequence[Plugin]) -> tuple[str, Mapping[str, int]]:
    """What is known of the season itself, else of the one in which its middle lies in another source of the league."""
    if season.games:
        return one.name, season.games
    middle = season.starts + (season.ends - season.starts) / 2
    for plugin in plugins:
        if plugin.source.league == one.league and one.league:
            for other in plugin.seasons:
                if other.games and other.starts <= middle <= other.ends:
                    return plugin.source.name, other.games
    return "", {}
