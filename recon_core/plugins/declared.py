"""Checks what the declarative hooks return: the source, its seasons, its priority rules."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo, available_timezones

import recon_core
from recon_core.api import API_VERSION, ConfigError, DatasetSpec, PriorityRule, Season, Source
from recon_core.plugins.calling import UnfitError
from recon_core.plugins.conform import FIELD_NAME, InvalidError, check_name, check_type, check_unique, listed
from recon_core.templates import KeyTemplate, find_ambiguity
from recon_core.text import shown, suggest
from recon_core.workspace import NAME

__all__ = [
    "check_rules",
    "check_seasons",
    "check_source",
    "compile_templates",
    "declared_name",
    "layout_texts",
    "layout_trouble",
    "needs_enumeration",
    "season_tellers",
    "template_fields",
]

_LONGEST_DURATION = {"days": 36_525, "hours": 876_600}
_MOST_GRAIN_COLUMNS = 4
# Columns that games have, so that a grain of nothing else needs no enumeration.
_GAME_COLUMNS = frozenset({"game_id", "date", "season", "season_type", "home", "away", "team"})
_SEASON_FIELDS = frozenset({"season"})
_GAME_FIELDS = frozenset({"date", "season_type", "home", "away"})


def check_source(value: object, distribution: str, hooks: frozenset[str]) -> Source:
    """The source that ``recon_source`` returned, if it is one.

    The API version is looked at before all else, since a later one may give the other fields another meaning. Raises
    UnfitError for another API version, InvalidError for everything else.
    """
    if not isinstance(value, Source):
        check_type(value, Source, "what it returned")
        raise InvalidError("it returned no Source")
    version = value.api_version
    check_type(version, int, "Source.api_version")
    if version != API_VERSION:
        remedy = f"upgrade recon-core or install an older {distribution}"
        raise UnfitError(
            f"was written for plugin API {version}, this recon-core {recon_core.__version__} speaks "
            f"{API_VERSION}: {remedy if version > API_VERSION else f'upgrade {distribution}'}"
        )
    check_type(value, Source, "Source")
    check_name(value.name, "Source.name")
    if not value.title.strip():
        raise InvalidError("Source.title is empty")
    _check_timezone(value.timezone)
    _check_duration(value.game_hours, "Source.game_hours", "hours")
    _check_texts(value.season_types, "Source.season_types")
    for name in value.options:
        check_name(name, "the name of an option", FIELD_NAME)
    for code, canonical in value.teams.items():
        _check_texts((code, canonical), "Source.teams", unique=False)
    if not value.datasets:
        raise InvalidError("Source.datasets is empty")
    check_unique((spec.data_type for spec in value.datasets), "Source.datasets")
    for spec in value.datasets:
        _check_dataset(spec, hooks, value.schedule)
    return value


def declared_name(value: object) -> str | None:
    """The source's name as far as it can be told, for a source whose declaration may be wrong elsewhere."""
    name = value.name if isinstance(value, Source) else None
    return name if isinstance(name, str) and NAME.fullmatch(name) else None


def check_seasons(value: object, source: Source) -> tuple[Season, ...]:
    """The seasons that ``recon_seasons`` returned, oldest first. Raises InvalidError."""
    check_type(value, Sequence[Season], "what it returned")
    if not isinstance(value, Sequence) or not value:
        raise InvalidError("it returned no season")
    seasons = tuple(value)
    for index, season in enumerate(seasons):
        check_type(season, Season, f"[{index}]")
        check_name(season.label, f"[{index}].label")
        if season.ends < season.starts:
            raise InvalidError(f"season {season.label} ends on {season.ends}, before it starts on {season.starts}")
        for name in season.fields:
            check_name(name, f"a field of season {season.label}", FIELD_NAME)
            if name in _SEASON_FIELDS | _GAME_FIELDS or any(name in spec.grain for spec in source.datasets):
                raise InvalidError(f"season {season.label} has the extra field '{name}', which is a column already")
        _check_texts(season.fields.values(), f"the fields of season {season.label}", unique=False)
        _check_texts(season.games, f"the games of season {season.label}")
        if any(number < 0 for number in season.games.values()):
            raise InvalidError(f"season {season.label} has a negative number of games")
    check_unique((season.label for season in seasons), "the list of seasons")
    for before, after in itertools.pairwise(seasons):
        if after.starts < before.starts:
            raise InvalidError(
                f"season {after.label} stands after {before.label}, but starts before it: list the oldest first"
            )
    labels = [season.label for season in seasons]
    for spec in source.datasets:
        if spec.first_season is not None and spec.first_season not in labels:
            raise InvalidError(
                f"dataset {spec.data_type} has first_season '{shown(spec.first_season)}', which is not among the "
                f"seasons{suggest(spec.first_season, labels)}"
            )
    return seasons


def check_rules(value: object) -> tuple[PriorityRule, ...]:
    """The rules that ``recon_priority_rules`` returned; expressions are compiled elsewhere. Raises InvalidError."""
    check_type(value, Sequence[PriorityRule], "what it returned")
    rules = tuple(value) if isinstance(value, Sequence) else ()
    for index, rule in enumerate(rules):
        check_type(rule, PriorityRule, f"[{index}]")
        check_name(rule.name, f"[{index}].name")
        if not rule.when.strip():
            raise InvalidError(f"rule {rule.name} has an empty 'when'")
    check_unique((rule.name for rule in rules), "the list of rules")
    return rules


def compile_templates(source: Source, seasons: Sequence[Season]) -> Mapping[str, tuple[KeyTemplate, ...]]:
    """The key templates of each data type, compiled. Raises InvalidError, also where two of them can match one key."""
    compiled: dict[str, tuple[KeyTemplate, ...]] = {}
    for spec in source.datasets:
        compiled[spec.data_type] = tuple(_compile(spec, text, seasons) for text in layout_texts(spec))
        used = {name for template in compiled[spec.data_type] for name in template.fields}
        for name in spec.patterns:
            if used and name not in used and not (spec.container is not None and name in spec.grain):
                raise InvalidError(
                    f"dataset {spec.data_type} has a pattern for '{shown(name)}', which no key template has"
                    f"{suggest(name, used)}"
                )
    # By text, not by data type: also within a dataset a key must tell one item.
    owned = [
        (f"'{shown(template.text)}' ({data_type})", template)
        for data_type, templates in compiled.items()
        for template in templates
    ]
    try:
        clash = find_ambiguity(owned)
    except ConfigError as error:
        raise InvalidError(str(error)) from error
    if clash is not None:
        first, second, key = clash
        raise InvalidError(f"its key templates {first} and {second} both match '{shown(key)}'")
    return compiled


def layout_texts(spec: DatasetSpec) -> tuple[str, ...]:
    """The templates of the dataset's objects: one an item, or its container's."""
    return spec.key_templates if spec.container is None else (spec.container,)


def layout_trouble(
    spec: DatasetSpec, templates: Sequence[KeyTemplate], tellers: Collection[str]
) -> tuple[KeyTemplate, str] | None:
    """The first template that does not tell the dataset's items, and why; for a container's, with its column."""
    lacking: list[str] | None = None
    for template in templates:
        missing = _missing_columns(spec, template, tellers)
        if spec.container is None:
            if missing:
                return template, f"lacks {listed(missing)}, so a key would not tell its item"
        elif len(missing) != 1:
            told = f"lacks {listed(missing)}" if missing else "has every grain column"
            return template, f"{told}: of a container all grain columns but one are in its key, and that one is inside"
        elif lacking not in (None, missing):
            return template, f"lacks {listed(missing)}, another one lacks {listed(lacking or [])}: one column is inside"
        else:
            lacking = missing
    return None


def needs_enumeration(spec: DatasetSpec) -> bool:
    """Whether only the plugin names the dataset's items: it says so, or games do not give the grain."""
    return spec.enumerated or not _GAME_COLUMNS.issuperset(spec.grain)


def season_tellers(seasons: Sequence[Season]) -> Mapping[str, Mapping[str, str]]:
    """The extra fields that tell a season, since no two seasons share a value: for each the label of every value."""
    tellers: dict[str, dict[str, str]] = {}
    for name in sorted(set.intersection(*(set(season.fields) for season in seasons))):
        labels = {season.fields[name]: season.label for season in seasons}
        if len(labels) == len(seasons):
            tellers[name] = labels
    return tellers


def _missing_columns(spec: DatasetSpec, template: KeyTemplate, tellers: Collection[str]) -> list[str]:
    """The grain columns that a key of the template does not tell; the season may be told by a field of its own."""
    return [
        name
        for name in spec.grain
        if name not in template.fields and (name != "season" or not any(field in tellers for field in template.fields))
    ]


def template_fields(spec: DatasetSpec, seasons: Sequence[Season]) -> frozenset[str]:
    """The fields that a key template of the dataset may use, because every item has a value for them."""
    in_every_season = functools.reduce(set.intersection, (set(season.fields) for season in seasons))
    of_its_game = _GAME_FIELDS if "game_id" in spec.grain else ()
    return frozenset({*spec.grain, *_SEASON_FIELDS, *in_every_season, *of_its_game})


def _compile(spec: DatasetSpec, text: str, seasons: Sequence[Season]) -> KeyTemplate:
    where = f"key template '{shown(text)}' of dataset {spec.data_type}"
    try:
        template = KeyTemplate.compile(text, spec.patterns)
    except ConfigError as error:
        raise InvalidError(f"{where}: {error}") from error
    trouble = layout_trouble(spec, [template], season_tellers(seasons))
    if trouble is not None:
        raise InvalidError(f"{where} {trouble[1]}")
    known = template_fields(spec, seasons)
    for name in template.fields:
        if name not in known:
            raise InvalidError(
                f"{where} has the field '{name}', which nothing fills: known are {', '.join(sorted(known))}"
            )
    return template


def _check_dataset(spec: DatasetSpec, hooks: frozenset[str], schedule: str) -> None:
    where = f"dataset {shown(spec.data_type)}"
    check_name(spec.data_type, "the name of a dataset")
    if not spec.grain:
        raise InvalidError(f"{where} has an empty grain: name the columns that identify an item")
    if len(spec.grain) > _MOST_GRAIN_COLUMNS:
        raise InvalidError(
            f"{where} has a grain of {len(spec.grain)} columns, at most {_MOST_GRAIN_COLUMNS} are possible"
        )
    for name in spec.grain:
        check_name(name, f"a grain column of {where}", FIELD_NAME)
    check_unique(spec.grain, f"the grain of {where}")
    _check_texts(spec.key_templates, f"the key templates of {where}")
    _check_texts(spec.prefixes, f"the prefixes of {where}")
    _check_container(spec, where)
    _check_numbers(spec, where)
    if spec.every_day and spec.grain != ("date",):
        raise InvalidError(f"{where} has every_day, which needs the grain ('date',)")
    if spec.enumerated and (spec.every_day or spec.grain == ("game_id",)):
        raise InvalidError(
            f"{where} is enumerated, but {'every_day names its items' if spec.every_day else 'a game is its item'}"
        )
    if spec.scraper and not spec.scraper.strip():
        raise InvalidError(f"{where} has a blank scraper name")
    _check_sources_of_items(spec, hooks, schedule, where)


def _check_container(spec: DatasetSpec, where: str) -> None:
    if (spec.container is None) != (spec.inside is None):
        raise InvalidError(
            f"{where} has {'inside' if spec.container is None else 'container'} alone: give both or none"
        )
    if spec.container is None or spec.inside is None:
        return
    _check_texts((spec.container, spec.inside), f"container and inside of {where}", unique=False)
    if spec.key_templates or spec.prefixes:
        raise InvalidError(
            f"{where} has a container and {'key_templates' if spec.key_templates else 'prefixes'} as well: "
            "its items lie in containers or under keys of their own"
        )


def _check_sources_of_items(spec: DatasetSpec, hooks: frozenset[str], schedule: str, where: str) -> None:
    """That there is a hook for whatever the declaration leaves to one."""
    if spec.prefixes and "recon_parse_key" not in hooks:
        raise InvalidError(
            f"{where} has prefixes, which serve recon_parse_key, but the plugin does not implement that hook"
        )
    if not layout_texts(spec) and not spec.prefixes:
        raise InvalidError(
            f"{where} has no key templates; without them it needs a container, or prefixes and the hook recon_parse_key"
        )
    if needs_enumeration(spec):
        if "recon_expected_items" not in hooks:
            why = "is enumerated" if spec.enumerated else f"has the grain {spec.grain}, which games do not give"
            raise InvalidError(f"{where} {why}, but the plugin does not implement recon_expected_items")
    elif schedule == "computed" and not spec.every_day and "recon_expected_games" not in hooks:
        raise InvalidError(
            f"{where} is made of games and the schedule is 'computed', but the plugin does not implement "
            "recon_expected_games"
        )


def _check_numbers(spec: DatasetSpec, where: str) -> None:
    if spec.freshness_days is not None:
        _check_duration(spec.freshness_days, f"freshness_days of {where}", "days")
    _check_duration(spec.settle_days, f"settle_days of {where}", "days")
    _check_duration(spec.publish_lag_hours, f"publish_lag_hours of {where}", "hours")
    if not 0 <= spec.completeness_threshold <= 1:
        raise InvalidError(f"completeness_threshold of {where} is {spec.completeness_threshold}, expected 0 to 1")
    for name, value in (("min_size_bytes", spec.min_size_bytes), ("minutes_per_file", spec.minutes_per_file)):
        if not 0 <= value < 2**63:
            raise InvalidError(f"{name} of {where} is {value}, expected 0 or more")


def _check_duration(value: float, path: str, unit: str) -> None:
    if not 0 <= value <= _LONGEST_DURATION[unit]:
        raise InvalidError(f"{path} is {value}, expected 0 to {_LONGEST_DURATION[unit]:,} {unit}")


def _check_texts(values: Iterable[str], path: str, *, unique: bool = True) -> None:
    texts = list(values)
    if not all(texts):
        raise InvalidError(f"{path}: a text is empty")
    if unique:
        check_unique(texts, path)


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        known = available_timezones()
        hint = suggest(name, known) if known else "; this machine has no time zone data: pip install tzdata"
        raise InvalidError(f"Source.timezone is '{shown(name)}', which is no IANA time zone{hint}") from None
