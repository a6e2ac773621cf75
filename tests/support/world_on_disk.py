"""Puts a world of the oracle on disk as a workspace, runs real cycles over it, and reads what they wrote."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
from oracle.world import Dataset, Source, World, utc

from recon_core import api
from recon_core.config import load_settings
from recon_core.containers.cache import ColumnCache
from recon_core.cycle import run_cycle
from recon_core.engine.analyze import SEASON_TYPES
from recon_core.lake import ObjectVersion, open_lake
from recon_core.progress import NoProgress
from recon_core.request import RunRequest
from recon_core.schedules.store import save_games
from recon_core.snapshot import KeyRange, Sample, SnapshotWriter
from recon_core.workspace import Workspace

Row = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """What a cycle wrote: rows of the Parquet files by item or key, the queue, the report."""

    coverage: dict[str, Row]
    gaps: dict[str, Row]
    objects: dict[str, Row]
    queue: Row
    report: Row
    texts: dict[str, bytes]


class WorldOnDisk:
    """A workspace in a folder that takes one world after the other.

    One thread, because these worlds are small: more would only wait for each other.
    """

    def __init__(self, root: Path, *, lake: Path | None = None, threads: int = 1) -> None:
        self.ws = Workspace(root)
        self.lake = lake or root / "lake"
        self._threads = threads
        for folder in (self.lake, self.ws.cache_dir, self.ws.config_file.parent):
            folder.mkdir(parents=True, exist_ok=True)

    def run(self, world: World) -> Written:
        """Write the world's files and run a cycle on them."""
        self.write(world)
        request = RunRequest(
            now=utc(world.now),
            clock=lambda: datetime.now(UTC),
            now_given=True,
            use_cache=True,
            accept_empty=world.accept_empty,
            accept_loss=world.accept_loss,
        )
        with patch("recon_core.plugins.loading._installed", lambda: (entry_points_of(world), [])):
            result = run_cycle(self.ws, request, NoProgress())
        return Written(
            coverage=_rows(self.ws.coverage, "item", beside=self.ws.cache_dir / SEASON_TYPES),
            gaps=_rows(self.ws.gaps, "item"),
            objects=_rows(self.ws.objects, "key"),
            queue=json.loads(self.ws.queue_file.read_text(encoding="utf-8")),
            report=result.report,
            texts={
                path.name: path.read_bytes()
                for path in (
                    *(self.ws.coverage, self.ws.gaps, self.ws.objects, self.ws.queue_file, self.ws.ledger),
                    *(self.ws.baseline, self.ws.cache_dir / "matches.parquet", self.ws.cache_dir / "available.parquet"),
                )
            },
        )

    def write(self, world: World) -> None:
        """Write the world's files: settings, inventory, schedules and snapshot."""
        # JSON is YAML, so a dictionary says all that a user could write.
        self.ws.config_file.write_text(json.dumps(settings_of(world, self.lake, self._threads)), encoding="utf-8")
        self.ws.inventory_file.write_text(json.dumps(inventory_of(world)), encoding="utf-8")
        for source in world.sources:
            for label, games in {} if source.computed else source.stored.items():
                path = self.ws.schedule_file(source.name, label)
                path.parent.mkdir(parents=True, exist_ok=True)
                save_games(path, [api_game(game) for game in games], None)
                if len(games) % 2 and not any(game.unavailable for game in games):
                    # As a file from before the column was known.
                    pq.write_table(pq.read_table(path, partitioning=None).drop_columns(["unavailable"]), path)
        self._fill_containers(world)
        with SnapshotWriter(self.ws.snapshot_parquet, self.ws.snapshot_json) as writer:
            writer.add(
                [found.key for found in world.objects],
                [found.size or 0 for found in world.objects],
                [found.last_modified or 0 for found in world.objects],
                [None for _ in world.objects],
            )
            writer.finish(
                lake=open_lake(load_settings(self.ws).lake).url,
                mode="listing",
                evidence_at=utc(world.now),
                simulated=True,
                started_at=utc(world.now),
                finished_at=utc(world.now),
                requests=1,
                ranges=[
                    KeyRange(
                        start=held.start,
                        end=held.end,
                        state=held.state,  # type: ignore[arg-type]
                        error=held.error,
                        evidence_at=utc(held.evidence_at),
                    )
                    for held in world.ranges
                ],
                sample=None if world.sample is None else Sample(**vars(world.sample)),
            )
        if not all(found.told for found in world.objects):
            _forget(self.ws.snapshot_parquet, world)

    def _fill_containers(self, world: World) -> None:
        """Keep the columns of the containers as if they had been read: the lake's folder is empty in truth."""
        shutil.rmtree(self.ws.containers_dir, ignore_errors=True)
        cache, url = ColumnCache(self.ws.containers_dir), open_lake(load_settings(self.ws).lake).url
        for found in world.objects:
            if found.holds is not None:
                version = ObjectVersion(found.key, found.size, found.last_modified, None)
                cache.save(cache.path(url, version, "its id"), pa.array(found.holds, pa.string()))


def _forget(path: Path, world: World) -> None:
    """Take out of a snapshot what was not told of its objects."""
    table = pq.read_table(path)
    untold = {
        "size": pa.array([found.size for found in world.objects], pa.int64()),
        "last_modified": pa.array([found.last_modified for found in world.objects], pa.timestamp("us")),
    }
    kept = {name: value for name, value in pq.read_metadata(path).metadata.items() if name != b"ARROW:schema"}
    table = pa.table({name: untold.get(name, table.column(name)) for name in table.column_names})
    pq.write_table(table.replace_schema_metadata(kept), path)


def _rows(path: Path, name: str, beside: Path | None = None) -> dict[str, Row]:
    """The rows of a file by name, each with what stands in the same row of another."""
    rows = pq.read_table(path).to_pylist()
    if beside is not None:
        rows = [{**row, **more} for row, more in zip(rows, pq.read_table(beside).to_pylist(), strict=True)]
    found = {row[name]: row for row in rows}
    assert len(found) == len(rows), f"{path.name} has a {name} twice"
    return found


def api_game(game: Any) -> api.Game:
    """The game as plugins and stored schedules have it."""
    return api.Game(
        game_id=game.game_id,
        season=game.season,
        date=game.date,
        status=game.status,
        season_type=game.season_type,
        start_utc=None if game.start is None else utc(game.start),
        home=game.home,
        away=game.away,
        league=game.league,
        ordinal=game.ordinal,
        alt_ids=game.alt_ids,
        final_at=None if game.final_at is None else utc(game.final_at),
        pulled_at=None if game.pulled_at is None else utc(game.pulled_at),
        unavailable=game.unavailable,
    )


def settings_of(world: World, lake: Path, threads: int) -> Row:
    """``reconciliation_config.yaml``."""
    return {
        "lake": {"url": lake.as_uri()},
        "scan": {} if world.sample is None else {"sample_rate": world.sample.rate, "seed": world.sample.seed},
        "priorities": {
            "recent_days": world.recent_days,
            "rules": [{"name": rule.name, "when": rule.when.sql(), "priority": rule.priority} for rule in world.rules],
        },
        "task_queue": {
            "batch_size": world.batch_size,
            "max_tasks": world.max_tasks,
            "max_tasks_per_priority": world.max_tasks_per_priority,
            "max_loss_ratio": float(world.max_loss_ratio),
            "max_loss_items": world.max_loss_items,
        },
        "waivers": [
            {"when": waiver.when.sql(), "reason": waiver.reason, "expires": waiver.expires.isoformat()}
            for waiver in world.waivers
        ],
        "engine": {"threads": threads},
    }


def by_user(dataset: Dataset) -> bool:
    """Whether the settings of a dataset stand in the inventory; else the plugin declares them."""
    return sum(map(ord, dataset.templates[0].text)) % 2 == 0


def inventory_of(world: World) -> Row:
    """``data_inventory.yaml``."""
    coverage = {}
    for source in world.sources:
        if source.wanted:
            coverage[source.name] = {
                "seasons": list(source.wanted),
                "prefix": source.prefix,
                "season_types": list(source.season_types),
                "game_hours": source.game_hours,
                "data_types": {
                    dataset.data_type: overrides_of(dataset) for dataset in source.datasets if dataset.configured
                },
            }
    return {"expected_coverage": coverage}


def overrides_of(dataset: Dataset) -> Row:
    """What the inventory says of a dataset."""
    always: Row = {
        "undersized_ratio": float(dataset.undersized_ratio),
        "undersized_min_copies": dataset.undersized_min_copies,
        "allow_empty": dataset.allow_empty,
    }
    if dataset.inside is not None:
        # A plugin declares one container, all others are the user's.
        always["extra_key_templates"] = [template.text for template in dataset.templates[1:]]
    if not by_user(dataset):
        return always
    return {
        **always,
        **({} if dataset.freshness_days is None else {"freshness_days": dataset.freshness_days}),
        "required": dataset.required,
        "completeness_threshold": dataset.threshold,
        "min_size_bytes": dataset.min_size_bytes,
        "settle_days": dataset.settle_days,
        "publish_lag_hours": dataset.publish_lag_hours,
        "scraper": dataset.scraper,
        "minutes_per_file": dataset.minutes_per_file,
        "extra_key_templates": [template.text for template in dataset.templates[1:]],
    }


def spec_of(dataset: Dataset, *, wanted: bool) -> api.DatasetSpec:
    """What the plugin says of a dataset: decoys, where the inventory says it because the dataset is wanted."""
    declared: Mapping[str, Any]
    templates = [template.text for template in dataset.templates]
    if by_user(dataset) and wanted:
        declared = {**layout_of(dataset, templates[:1]), "required": not dataset.required, "min_size_bytes": 12345,
                    "freshness_days": None if dataset.freshness_days is None else 99.0}  # fmt: skip
    else:
        declared = {
            **layout_of(dataset, templates),
            "required": dataset.required,
            "freshness_days": dataset.freshness_days,
            "settle_days": dataset.settle_days,
            "publish_lag_hours": dataset.publish_lag_hours,
            "completeness_threshold": dataset.threshold,
            "min_size_bytes": dataset.min_size_bytes,
            "scraper": dataset.scraper,
            "minutes_per_file": dataset.minutes_per_file,
        }
    return api.DatasetSpec(
        data_type=dataset.data_type,
        grain=dataset.grain,
        patterns=dataset.templates[0].patterns,
        every_day=dataset.every_day,
        enumerated=dataset.enumerated,
        first_season=dataset.first_season,
        **declared,
    )


def layout_of(dataset: Dataset, templates: list[str]) -> Row:
    """Where the dataset's files lie."""
    if dataset.inside is None:
        return {"key_templates": tuple(templates)}
    return {"container": templates[0], "inside": "its id"}


class DeclaredPlugin:
    """A plugin that declares a source of a world, and nothing else."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @api.hookimpl
    def recon_source(self) -> api.Source:
        return api.Source(
            name=self._source.name,
            api_version=api.API_VERSION,
            title=f"The made-up source {self._source.name}",
            timezone=self._source.timezone,
            datasets=tuple(
                spec_of(dataset, wanted=dataset.configured and bool(self._source.wanted))
                for dataset in self._source.datasets
            ),
            schedule="computed" if self._source.computed else "pulled",
            season_types=("decoy",) if self._source.wanted else self._source.season_types,
            league=self._source.league,
            teams=self._source.teams,
            game_hours=77.0,
        )

    @api.hookimpl
    def recon_seasons(self) -> list[api.Season]:
        return [
            api.Season(label=season.label, starts=season.starts, ends=season.ends, fields=season.fields)
            for season in self._source.seasons
        ]

    @api.hookimpl
    def recon_priority_rules(self) -> list[api.PriorityRule]:
        return [
            api.PriorityRule(name=rule.name, when=rule.when.sql(), priority=rule.priority)  # type: ignore[arg-type]
            for rule in self._source.rules
        ]


class Computing:
    """Adds the hook that computes games."""

    _source: Source

    @api.hookimpl
    def recon_expected_games(self, season: api.Season, context: api.Context) -> Iterator[api.Game]:
        for game in self._source.stored[season.label]:
            yield replace(api_game(game), pulled_at=None)
        if self._source.broken is not None:
            raise RuntimeError(self._source.broken)


class Naming:
    """Adds the hook that names items."""

    _source: Source

    @api.hookimpl
    def recon_expected_items(
        self, dataset: api.DatasetSpec, season: api.Season, context: api.Context
    ) -> Iterator[api.Items | api.Undetermined]:
        named = next(one.named for one in self._source.datasets if one.data_type == dataset.data_type)
        for some in (named[season.label][:3], named[season.label][3:]) if season.label in named else ():
            columns = list(zip(*(one.values for one in some), strict=True)) or [()] * len(dataset.grain)
            yield api.Items(
                columns=dict(zip(dataset.grain, columns, strict=True)), times=[utc(one.final_at) for one in some]
            )
        if season.label not in named:
            yield api.Undetermined(reason="the source does not say")
        if self._source.broken is not None:
            raise RuntimeError(self._source.broken)


class Deriving:
    """Adds the hook that tells its ids of games that it does not know."""

    _source: Source

    @api.hookimpl
    def recon_game_id(self, game: api.Game) -> str | None:
        found = self._source.own_id(game.date, game.home or "", game.away or "", game.ordinal)
        if found is ...:
            raise RuntimeError("no id")
        return found  # type: ignore[no-any-return]


def plugin_of(source: Source) -> DeclaredPlugin:
    """A plugin with the hooks that the source needs."""
    bases: list[type] = [DeclaredPlugin]
    if source.computed:
        bases.append(Computing)
    if not all(dataset.of_games for dataset in source.datasets):
        bases.append(Naming)
    if source.deriving:
        bases.append(Deriving)
    plugin: DeclaredPlugin = type("Plugin", tuple(bases), {})(source)
    return plugin


@dataclass(frozen=True)
class InstalledPlugin:
    """What the plugin host sees of an installed plugin: an entry point."""

    source: Source
    dist: None = None

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def value(self) -> str:
        return f"recon_{self.source.name}"

    def load(self) -> DeclaredPlugin:
        if self.source.failed is not None:
            raise RuntimeError(self.source.failed)
        return plugin_of(self.source)


def entry_points_of(world: World) -> list[InstalledPlugin]:
    """The installed plugins of a world."""
    return [InstalledPlugin(source) for source in world.sources]
