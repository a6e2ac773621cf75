"""A made-up league whose plugin returns whatever a test puts into it, loaded by the real plugin host."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from recon_core.api import Context, DatasetSpec, Game, Option, Season, Source, Status, hookimpl
from recon_core.config import Inventory, SourceCoverage
from recon_core.plugins import Plugin, Registry, load_plugin
from recon_core.workspace import Workspace

__all__ = ["SEASONS", "League", "game", "inventory_of", "make_workspace", "registry_of"]

SEASONS = (
    Season(label="2022-23", starts=date(2022, 10, 1), ends=date(2023, 6, 20)),
    Season(label="2023-24", starts=date(2023, 10, 1), ends=date(2024, 6, 20)),
    Season(label="2024-25", starts=date(2024, 10, 1), ends=date(2025, 6, 20)),
)

Answer = Callable[[Season, Context], Iterable[Game]]


class League:
    """The plugin: ``answer`` is what it enumerates; ``contexts`` are those it was called with."""

    def __init__(self, answer: Answer | None = None, *, name: str = "league", **source: Any) -> None:
        self.answer: Answer = answer or (lambda season, context: [])
        self.contexts: list[tuple[str, Context]] = []
        self._source = Source(
            name=name,
            api_version=1,
            title="A made-up league",
            timezone="America/New_York",
            datasets=(
                DatasetSpec(data_type="pbp", grain=("game_id",), key_templates=(f"{name}/pbp/{{game_id}}.json",)),
                DatasetSpec(
                    data_type="days",
                    grain=("date",),
                    key_templates=(f"{name}/days/{{date:%Y%m%d}}.json", f"{name}/days/old/{{date:%Y-%m-%d}}.json"),
                ),
            ),
            options={
                "rate": Option(default=2.5, help="Requests a second."),
                f"{name}_on": Option(default=True, help=""),
            },
            **source,
        )

    @hookimpl
    def recon_source(self) -> Source:
        return self._source

    @hookimpl
    def recon_seasons(self) -> tuple[Season, ...]:
        return SEASONS

    @hookimpl
    def recon_expected_games(self, season: Season, context: Context) -> Iterable[Game]:
        self.contexts.append((season.label, context))
        return self.answer(season, context)

    def plugin(self) -> Plugin:
        return load_plugin(
            self, distribution=f"recon-{self._source.name}", version="1.0", entry_point=self._source.name
        )


def registry_of(*leagues: League) -> Registry:
    """The leagues as an environment would have them installed."""
    return Registry(tuple(sorted((one.plugin() for one in leagues), key=lambda plugin: plugin.source.name)))


def inventory_of(**seasons: tuple[str, ...]) -> Inventory:
    """An inventory that wants these seasons of each source."""
    return Inventory(sources={name: SourceCoverage(name=name, seasons=labels) for name, labels in seasons.items()})


def make_workspace(root: Path) -> Workspace:
    """An empty workspace."""
    (root / "inventory").mkdir(parents=True)
    (root / "inventory" / "data_inventory.yaml").write_text("expected_coverage: {league: {}}\n")
    return Workspace(root)


def game(
    number: int, status: Status = "final", *, season: str = "2024-25", day: date | None = None, **more: Any
) -> Game:
    """The ``number``-th game of a season, a game a day."""
    starts = next(one.starts for one in SEASONS if one.label == season)
    on = day or starts + timedelta(days=number)
    fields: Mapping[str, Any] = {
        "season_type": "regular",
        "start_utc": datetime(on.year, on.month, on.day, 23, 30, tzinfo=UTC),
        "home": "AAA",
        "away": "BBB",
        **more,
    }
    return Game(game_id=f"{season[2:4]}{number:05}", season=season, date=on, status=status, **fields)
