"""Everything about a workspace that can be checked without the lake: files, rules, plugins, schedules, scrapers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from recon_core.api.errors import ConfigError, ReconError
from recon_core.config import (
    CURRENT,
    PREVIOUS,
    Inventory,
    Settings,
    SourceCoverage,
    inventory_problems,
    load_inventory,
    load_settings,
    resolve_options,
    settings_problems,
)
from recon_core.config.yaml_core import parse, read_text
from recon_core.plan import Plan, build_plan
from recon_core.plugins import Plugin, Registry
from recon_core.schedules.store import NOT_STORED, load_games, pull_command, require_schedules, stored_seasons
from recon_core.text import shown, suggest
from recon_core.workspace import Workspace

__all__ = ["Findings", "check_scrapers", "check_workspace", "known_scrapers", "missing_schedules"]


@dataclass(slots=True)
class Findings:
    """What is wrong (``errors``) and what may be (``warnings``), a line each; ``checked`` says what was looked at."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    plan: Plan | None = None

    def attempt(self, what: Callable[..., object], *arguments: object) -> None:
        """Call ``what`` and keep the ReconError that it may raise."""
        try:
            what(*arguments)
        except ReconError as error:
            self.add(str(error))

    def add(self, message: str) -> None:
        """Keep an error once."""
        if message not in self.errors:
            self.errors.append(message)


def check_workspace(ws: Workspace, registry: Registry, now: datetime) -> Findings:
    """Check a workspace as a whole; finds everything at once and raises nothing for what a user wrote."""
    found = Findings()
    settings, inventory = _files(ws, found)
    if settings is not None:
        _settings(settings, now, found)
    else:
        _expressions(ws, found)
    if inventory is not None:
        _inventory(inventory, registry, now, found)
        if found.plan is not None:
            _schedules(ws, found)
    return found


def _files(ws: Workspace, found: Findings) -> tuple[Settings | None, Inventory | None]:
    for problems in (settings_problems, inventory_problems):
        try:
            found.errors += problems(ws)
        except ConfigError as error:
            found.add(str(error))
    settings = inventory = None
    if not found.errors:
        settings, inventory = load_settings(ws), load_inventory(ws)
    else:
        # One file may be right though the other is wrong.
        try:
            settings = load_settings(ws)
        except ConfigError:
            settings = None
        try:
            inventory = load_inventory(ws)
        except ConfigError:
            inventory = None
    found.checked += [ws.shown(ws.config_file), ws.shown(ws.inventory_file)]
    return settings, inventory


def _expressions(ws: Workspace, found: Findings) -> None:
    """The expressions of a file that is wrong elsewhere, so that one error does not hide the next."""
    from recon_core.engine.expressions import compile_rule

    label = ws.shown(ws.config_file)
    try:
        document = parse(read_text(ws.config_file, label), label)
    except ConfigError:
        return
    data = document.data if isinstance(document.data, Mapping) else {}
    priorities = data.get("priorities")
    rules = priorities.get("rules") if isinstance(priorities, Mapping) else None
    for path, entries in ((("priorities", "rules"), rules), (("waivers",), data.get("waivers"))):
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            text = entry.get("when") if isinstance(entry, Mapping) else None
            where = document.positions.where((*path, index, "when"))
            # What the schema says of an expression, such as that it is empty, is said already.
            if isinstance(text, str) and not any(error.startswith(where) for error in found.errors):
                found.attempt(compile_rule, text, where)


def _settings(settings: Settings, now: datetime, found: Findings) -> None:
    from recon_core.engine.expressions import compile_rule

    for rule in settings.priorities.rules:
        found.attempt(compile_rule, rule.when, rule.where)
    for waiver in settings.waivers:
        found.attempt(compile_rule, waiver.when, waiver.where)
        if waiver.expires < now.date():
            found.warnings.append(f"{waiver.where}: the waiver expired on {waiver.expires.isoformat()}: remove it")
    if settings.priorities.rules or settings.waivers:
        rules, waivers = len(settings.priorities.rules), len(settings.waivers)
        found.checked.append(f"{_many(rules, 'rule')} and {_many(waivers, 'waiver')}")
    if settings.lake.url is None:
        found.warnings.append(f"{settings.where('lake', 'url')}: no lake is set, so every run needs --lake")
    else:
        found.attempt(check_lake_url, settings.lake.url, settings.where("lake", "url"))


def check_lake_url(url: str, where: str) -> None:
    """Check the form of a lake URL; nothing is opened. Raises ConfigError."""
    from recon_core.lake.opening import parse_file_url, parse_s3_url
    from recon_core.text import redact_url

    scheme = url.partition(":")[0].lower()
    if scheme not in ("s3", "file"):
        raise ConfigError(f"{where}: {redact_url(url)}: a lake is s3://bucket, s3://bucket/prefix or file:///path")
    try:
        (parse_s3_url if scheme == "s3" else parse_file_url)(url)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None


def _inventory(inventory: Inventory, registry: Registry, now: datetime, found: Findings) -> None:
    for failure in registry.failures:
        found.add(f"plugin failed: {failure.line()}")
    before = len(found.errors)
    for coverage in inventory.sources.values():
        if registry.failure_of(coverage.name) is not None:
            continue
        plugin = registry.get(coverage.name) if coverage.name in registry.names() else None
        for part in _parts(coverage, plugin):
            found.attempt(build_plan, Inventory(sources={part.name: part}), registry, now)
        if plugin is not None:
            found.attempt(resolve_options, plugin.source.options, coverage)
    found.checked.append(f"{_many(len(inventory.sources), 'source')} against the installed plugins")
    if len(found.errors) == before:
        try:
            found.plan = build_plan(inventory, registry, now)
        except ReconError as error:
            found.add(str(error))


def _parts(coverage: SourceCoverage, plugin: Plugin | None) -> Iterator[SourceCoverage]:
    """The coverage in pieces that can be wrong on their own, so that one error does not hide the next."""
    if plugin is None:
        yield coverage
        return
    known = [season.label for season in plugin.seasons]
    words = tuple(name for name in coverage.seasons if name in (CURRENT, PREVIOUS))
    bare = replace(coverage, data_types={}, options={}, seasons=tuple(known[:1]))
    if words:
        yield replace(bare, seasons=words)
    for label in coverage.seasons:
        if label not in words:
            yield replace(bare, seasons=(label,))
    for name, overrides in (coverage.data_types or {}).items():
        yield replace(bare, data_types={name: overrides})
    for name, value in coverage.options.items():
        yield replace(bare, options={name: value})


def missing_schedules(ws: Workspace, plan: Plan) -> Mapping[str, Mapping[str, Path]]:
    """The stored schedule files that a run of ``plan`` needs; raises ScheduleError when one is not there."""
    return require_schedules(ws, _wanted(plan))


def _wanted(plan: Plan) -> dict[str, list[str]]:
    wanted: dict[str, list[str]] = {}
    for source in plan.sources:
        if source.plugin.source.schedule != "pulled":
            continue
        labels = {label for dataset in source.datasets if not dataset.layout.enumerated for label in dataset.seasons}
        if labels:
            wanted[source.name] = [season.label for season in source.seasons if season.label in labels]
    return wanted


def _schedules(ws: Workspace, found: Findings) -> None:
    if found.plan is None:
        return
    number = 0
    for source, labels in _wanted(found.plan).items():
        for label in labels:
            try:
                stored = stored_seasons(ws, source)
                if label not in stored:
                    # What was not pulled yet is no fault of the files; a run refuses, and says the same.
                    found.warnings.append(f"{NOT_STORED} {source} {label}: run `{pull_command(source, [label])}`")
                    continue
                number += 1
                load_games(stored[label])
            except ReconError as error:
                found.add(str(error))
    found.checked.append(_many(number, "stored schedule"))


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def known_scrapers(file: Path) -> list[str]:
    """The scraper names that a file knows: a line each, a YAML list, or the keys of a YAML mapping.

    A mapping with the one key ``scrapers`` is read through. Raises ConfigError.
    """
    label = shown(file)
    text = read_text(file, label)
    data = parse(text, label).data
    if isinstance(data, Mapping) and list(data) == ["scrapers"]:
        data = data["scrapers"]
    if isinstance(data, Mapping):
        return list(data)
    if isinstance(data, list):
        names = [entry.get("name") if isinstance(entry, Mapping) else entry for entry in data]
        if not all(isinstance(name, str) for name in names):
            raise ConfigError(f"{label}: a list of scrapers holds names, or mappings with a `name`")
        return [str(name) for name in names]
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line]


def check_scrapers(plan: Plan, known: Iterable[str], file: Path) -> list[str]:
    """A line for each scraper that tasks will name and the list of known ones lacks."""
    names = list(known)
    errors = []
    for dataset in plan.datasets:
        if dataset.scraper not in names:
            errors.append(
                f"{dataset.source}/{dataset.data_type}: its tasks name the scraper {shown(dataset.scraper)!r}, which "
                f"{shown(file)} does not know{suggest(dataset.scraper, names)}"
            )
    return errors
