"""What a cycle is asked to check: the inventory's wishes, resolved against the plugins that are installed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from recon_core.api import ConfigError, DatasetSpec, Season
from recon_core.config import DatasetOverrides, Inventory, SourceCoverage
from recon_core.plugins import (
    Plugin,
    PluginFailure,
    Registry,
    layout_texts,
    layout_trouble,
    needs_enumeration,
    season_tellers,
    template_fields,
)
from recon_core.seasons import current_and_previous, season_labels
from recon_core.templates import KeyTemplate, escape, find_ambiguity
from recon_core.text import shown, suggest

__all__ = ["DatasetPlan", "Layout", "Plan", "SourcePlan", "build_plan"]

UNDERSIZED_RATIO = Fraction(1, 5)
UNDERSIZED_MIN_COPIES = 30

_DAY_US = 86_400_000_000
_HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the files of one dataset lie: its templates with the source's prefix put before each.

    ``inside`` is the column of its containers that tells the items, ``inside_field`` the grain column that it holds;
    both are ``None`` where each item has a key of its own. ``enumerated``: only the plugin names the items. ``tellers``
    are the season fields that tell a season as well as its label does, each with the label of every value.
    """

    source: str
    data_type: str
    grain: tuple[str, ...]
    templates: tuple[KeyTemplate, ...]
    prefixes: tuple[str, ...]
    inside: str | None = None
    enumerated: bool = False
    tellers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def beginnings(self) -> tuple[str, ...]:
        """What the keys of its files begin with."""
        return (*(template.literal_prefix for template in self.templates), *self.prefixes)

    @property
    def inside_field(self) -> str | None:
        if self.inside is None:
            return None
        known = self.templates[0].fields
        return next(
            name for name in self.grain if name not in known and (name != "season" or not self.season_teller(known))
        )

    def season_teller(self, fields: Collection[str]) -> str | None:
        """The field by which keys with these fields tell their season; ``None`` where none does, or ``season`` does."""
        return None if "season" in fields else next((name for name in fields if name in self.tellers), None)

    def grain_values(self, fields: Mapping[str, str]) -> list[str]:
        """The grain values that the fields of a key tell; a season that nobody has goes by what the key says."""
        teller = self.season_teller(fields)
        season = {"season": self.tellers[teller].get(fields[teller], fields[teller])} if teller else {}
        return [{**season, **fields}[name] for name in self.grain]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetPlan:
    """One dataset to be checked. Durations are microseconds; ``seasons`` are labels, oldest first."""

    layout: Layout
    spec: DatasetSpec
    seasons: tuple[str, ...]
    required: bool
    freshness_us: int | None
    settle_us: int
    lag_us: int
    completeness_threshold: float
    min_size_bytes: int
    undersized_ratio: Fraction
    undersized_min_copies: int
    scraper: str
    minutes_per_file: float
    allow_empty: bool

    @property
    def source(self) -> str:
        return self.layout.source

    @property
    def data_type(self) -> str:
        return self.layout.data_type


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlan:
    """One source to be checked, with the seasons that are wanted of it."""

    plugin: Plugin
    coverage: SourceCoverage
    seasons: tuple[Season, ...]
    season_types: tuple[str, ...]
    game_us: int
    current: str | None
    previous: str | None
    datasets: tuple[DatasetPlan, ...]

    @property
    def name(self) -> str:
        return self.plugin.source.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a cycle checks.

    ``layouts`` are those of every installed source, wanted or not: they tell a key that is out of scope from one that
    nobody knows. ``failures`` are the plugins of wanted sources that could not be loaded: those sources are unknown.
    ``narrowed_sources`` and ``narrowed_seasons`` are the command line's filters, empty where there are none.
    """

    now: datetime
    sources: tuple[SourcePlan, ...]
    layouts: tuple[Layout, ...]
    failures: tuple[PluginFailure, ...]
    narrowed_sources: tuple[str, ...]
    narrowed_seasons: tuple[str, ...]

    @property
    def datasets(self) -> tuple[DatasetPlan, ...]:
        return tuple(dataset for source in self.sources for dataset in source.datasets)


def build_plan(
    inventory: Inventory,
    registry: Registry,
    now: datetime,
    *,
    only_sources: Sequence[str] = (),
    only_seasons: Sequence[str] = (),
) -> Plan:
    """Resolve an inventory.

    Raises ConfigError, naming file, line and path, for a source, data type or season that no plugin knows.
    """
    _check_filter("--source", only_sources, inventory.sources)
    failures: list[PluginFailure] = []
    sources: list[SourcePlan] = []
    for name, coverage in sorted(inventory.sources.items()):
        failure = registry.failure_of(name)
        if failure is None:
            sources.append(_source_plan(_installed(registry, coverage), coverage, now))
        elif not only_sources or name in only_sources:
            # A plugin that failed before it said its name is known by its entry point: the inventory's name is the one
            # under which what it owns is unknown.
            failures.append(replace(failure, source=name))
    wanted_seasons = {season.label for source in sources for season in source.seasons}
    _check_filter("--season", [label for label in only_seasons if label not in ("current", "previous")], wanted_seasons)
    layouts = _layouts(registry, {source.name: source for source in sources})
    _refuse_ambiguity(layouts)
    return Plan(
        now=now,
        sources=tuple(
            _narrowed(source, only_seasons) for source in sources if not only_sources or source.name in only_sources
        ),
        layouts=layouts,
        failures=tuple(failures),
        narrowed_sources=tuple(sorted(set(only_sources))),
        narrowed_seasons=tuple(sorted(set(only_seasons))),
    )


def _check_filter(option: str, given: Iterable[str], known: Iterable[str]) -> None:
    names = sorted(known)
    for name in given:
        if name not in names:
            raise ConfigError(
                f"{option} {shown(name)}: inventory/data_inventory.yaml does not name it{suggest(name, names)}; "
                f"it names {', '.join(names) or 'nothing yet'}"
            )


def _installed(registry: Registry, coverage: SourceCoverage) -> Plugin:
    try:
        return registry.get(coverage.name)
    except ConfigError as error:
        raise ConfigError(f"{coverage.where()}: {error}") from None


def _source_plan(plugin: Plugin, coverage: SourceCoverage, now: datetime) -> SourcePlan:
    source = plugin.source
    current, previous = current_and_previous(plugin.seasons, now, source.timezone)
    labels = season_labels(
        plugin.seasons, coverage.seasons, now, source.timezone, where=coverage.where("seasons"), source=source.name
    )
    known = {spec.data_type: spec for spec in source.datasets}
    wanted = (
        dict(coverage.data_types) if coverage.data_types is not None else {name: DatasetOverrides() for name in known}
    )
    for name in wanted:
        if name not in known:
            raise ConfigError(
                f"{coverage.where('data_types', name)}: source {source.name!r} has no such data type"
                f"{suggest(name, known)}; it has {', '.join(sorted(known))}"
            )
    for name in coverage.options:
        if name not in source.options:
            raise ConfigError(
                f"{coverage.where('options', name)}: source {source.name!r} has no such option"
                f"{suggest(name, source.options)}"
            )
    order = [season.label for season in plugin.seasons]
    datasets = []
    for name in sorted(wanted):
        spec = known[name]
        if spec.first_season in order:
            first = order.index(spec.first_season)
            seasons = tuple(label for label in labels if order.index(label) >= first)
        else:
            seasons = tuple(labels)
        datasets.append(_dataset_plan(plugin, spec, wanted[name], coverage, seasons))
        _check_fields(datasets[-1].layout, template_fields(spec, plugin.seasons), coverage)
    return SourcePlan(
        plugin=plugin,
        coverage=coverage,
        seasons=tuple(season for season in plugin.seasons if season.label in labels),
        season_types=source.season_types if coverage.season_types is None else coverage.season_types,
        game_us=round((source.game_hours if coverage.game_hours is None else coverage.game_hours) * _HOUR_US),
        current=current,
        previous=previous,
        datasets=tuple(datasets),
    )


def _dataset_plan(
    plugin: Plugin, spec: DatasetSpec, given: DatasetOverrides, coverage: SourceCoverage, seasons: tuple[str, ...]
) -> DatasetPlan:
    freshness = spec.freshness_days if given.freshness_days is None else given.freshness_days
    settle = spec.settle_days if given.settle_days is None else given.settle_days
    lag = spec.publish_lag_hours if given.publish_lag_hours is None else given.publish_lag_hours
    ratio = UNDERSIZED_RATIO if given.undersized_ratio is None else Fraction(str(given.undersized_ratio))
    return DatasetPlan(
        layout=_layout(plugin, spec, given, coverage),
        spec=spec,
        seasons=seasons,
        required=spec.required if given.required is None else given.required,
        freshness_us=None if freshness is None else round(freshness * _DAY_US),
        settle_us=round(settle * _DAY_US),
        lag_us=round(lag * _HOUR_US),
        completeness_threshold=_given(given.completeness_threshold, spec.completeness_threshold),
        min_size_bytes=spec.min_size_bytes if given.min_size_bytes is None else given.min_size_bytes,
        undersized_ratio=ratio,
        undersized_min_copies=(
            UNDERSIZED_MIN_COPIES if given.undersized_min_copies is None else given.undersized_min_copies
        ),
        scraper=given.scraper or spec.scraper or f"{plugin.source.name}_{spec.data_type}",
        minutes_per_file=_given(given.minutes_per_file, spec.minutes_per_file),
        allow_empty=bool(given.allow_empty),
    )


def _given(value: float | None, default: float) -> float:
    return default if value is None else value


def _layout(plugin: Plugin, spec: DatasetSpec, given: DatasetOverrides, coverage: SourceCoverage | None) -> Layout:
    texts = layout_texts(spec) if given.key_templates is None else tuple(given.key_templates)
    texts = (*texts, *(given.extra_key_templates or ()))
    prefix = coverage.prefix if coverage is not None else ""
    tellers = season_tellers(plugin.seasons)
    templates = []
    for text in dict.fromkeys(texts):
        try:
            template = KeyTemplate.compile(escape(prefix) + text, spec.patterns)
        except ConfigError as error:
            if coverage is None:
                raise
            raise ConfigError(f"{coverage.where('data_types', spec.data_type)}: {error}") from None
        templates.append(template)
    trouble = layout_trouble(spec, templates, tellers)
    if trouble is not None and coverage is not None:
        where = coverage.where("data_types", spec.data_type)
        raise ConfigError(f"{where}: key template {shown(trouble[0].text)!r} {trouble[1]}")
    return Layout(
        source=plugin.source.name,
        data_type=spec.data_type,
        grain=spec.grain,
        templates=tuple(templates),
        prefixes=tuple(prefix + text for text in spec.prefixes),
        inside=spec.inside,
        enumerated=needs_enumeration(spec),
        tellers=tellers,
    )


def _check_fields(layout: Layout, known: Collection[str], coverage: SourceCoverage) -> None:
    """The inventory's own templates may only ask for what every item of the dataset can fill in."""
    for template in layout.templates:
        for name in template.fields:
            if name not in known:
                raise ConfigError(
                    f"{coverage.where('data_types', layout.data_type)}: key template {shown(template.text)!r} has the "
                    f"field {{{name}}}, which nothing fills{suggest(name, known)}; known are {', '.join(sorted(known))}"
                )


def _layouts(registry: Registry, planned: Mapping[str, SourcePlan]) -> tuple[Layout, ...]:
    """All installed sources' layouts: a wanted dataset's as the inventory has it, the others' as their plugins do."""
    found = []
    for plugin in sorted(registry.plugins, key=lambda plugin: plugin.source.name):
        source = planned.get(plugin.source.name)
        wanted = {dataset.data_type: dataset.layout for dataset in source.datasets} if source else {}
        for spec in sorted(plugin.source.datasets, key=lambda spec: spec.data_type):
            layout = wanted.get(spec.data_type)
            found.append(layout or _layout(plugin, spec, DatasetOverrides(), source.coverage if source else None))
    return tuple(found)


def _refuse_ambiguity(layouts: Sequence[Layout]) -> None:
    """A key that two datasets claim would prove two items by one file."""
    owned = [(f"{layout.source}/{layout.data_type}", template) for layout in layouts for template in layout.templates]
    clash = find_ambiguity(owned)
    if clash is not None:
        first, second, example = clash
        raise ConfigError(
            f"inventory/data_inventory.yaml: key templates of {first} and {second} both match {shown(example)!r}: "
            "change a prefix or a template of one of them"
        )


def _narrowed(source: SourcePlan, only_seasons: Sequence[str]) -> SourcePlan:
    if not only_seasons:
        return source
    labels = {{"current": source.current, "previous": source.previous}.get(label, label) for label in only_seasons}
    return replace(
        source,
        seasons=tuple(season for season in source.seasons if season.label in labels),
        datasets=tuple(
            replace(dataset, seasons=tuple(label for label in dataset.seasons if label in labels))
            for dataset in source.datasets
        ),
    )
