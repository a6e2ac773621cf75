"""Finds the entry points in the group ``recon`` and loads each on its own, so that one bad plugin costs one source."""

from __future__ import annotations

import contextlib
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import EntryPoint, distribution, distributions
from itertools import combinations

import recon_core
from recon_core.api import API_VERSION, ConfigError
from recon_core.plugins.calling import Implementation, PluginCallError, PluginFailure, UnfitError, told, went_wrong
from recon_core.plugins.declared import check_rules, check_seasons, check_source, compile_templates, declared_name
from recon_core.plugins.registry import Plugin, Registry
from recon_core.templates import KeyTemplate, find_ambiguity
from recon_core.text import shown

__all__ = ["load_plugin", "load_registry"]

GROUP = "recon"
_HAS_GROUP = re.compile(r"^\s*\[recon\]", re.MULTILINE)
_REQUIRED = ("recon_source", "recon_seasons")


def load_registry(entry_points: Iterable[EntryPoint] | None = None) -> Registry:
    """Load the given entry points, or all that are installed, each in isolation.

    Never raises for what a plugin does: plugins that could not be loaded are the registry's ``failures``.
    """
    points, failures = _installed() if entry_points is None else (list(entry_points), [])
    loaded: list[Plugin] = []
    for point in points:
        try:
            loaded.append(_load_entry_point(point, *_origin(point)))
        except PluginCallError as error:
            failures.append(error.failure)
    loaded.sort(key=lambda plugin: (plugin.source.name, plugin.distribution))
    for refuse in (_refuse_shared_names, _refuse_shared_keys):
        refused = list(refuse(loaded))
        failures += [plugin.failure(None, message) for plugin, message in refused]
        out = {id(plugin) for plugin, _ in refused}
        loaded = [plugin for plugin in loaded if id(plugin) not in out]
    return Registry(tuple(loaded), tuple(failures))


def load_plugin(
    implementer: object, *, distribution: str = "(no distribution)", version: str = "0", entry_point: str = "(none)"
) -> Plugin:
    """Make a plugin of a module, an instance, or a class that is called without arguments.

    Raises PluginCallError saying which hook is wrong and why.
    """
    source_name: str | None = None
    hook: str | None = None
    try:
        implementation = Implementation(implementer() if inspect.isclass(implementer) else implementer)
        for required in _REQUIRED:
            if required not in implementation.hooks:
                raise UnfitError("is required, but not implemented", required)
        hook = "recon_source"
        declared = implementation.call(hook, {})
        source_name = declared_name(declared)
        source = check_source(declared, distribution, implementation.hooks)
        hook = "recon_seasons"
        seasons = check_seasons(implementation.call(hook, {}), source)
        hook = "recon_source"
        templates = compile_templates(source, seasons)
        hook = "recon_priority_rules"
        rules = check_rules(implementation.call(hook, {}) if hook in implementation.hooks else ())
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also SystemExit: a plugin must not end the run
        if isinstance(error, UnfitError):
            hook = error.hook
        failure = PluginFailure(
            distribution=distribution,
            version=version,
            entry_point=entry_point,
            source=source_name,
            hook=hook,
            message=went_wrong(error),
        )
        raise PluginCallError(failure) from error
    return Plugin(
        entry_point=entry_point,
        distribution=distribution,
        version=version,
        source=source,
        seasons=seasons,
        rules=rules,
        templates=templates,
        implementation=implementation,
    )


def _load_entry_point(entry_point: EntryPoint, distribution: str, version: str) -> Plugin:
    name = shown(entry_point.name)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            implementer = entry_point.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also SystemExit: a plugin must not end the run
        message = f"entry point '{name} = {shown(entry_point.value)}' cannot be loaded: {told(error)}{_remedy(error)}"
        raise PluginCallError(_failure(distribution, version, name, message)) from error
    return load_plugin(implementer, distribution=distribution, version=version, entry_point=name)


def _failure(distribution: str, version: str, entry_point: str, message: str) -> PluginFailure:
    return PluginFailure(
        distribution=distribution, version=version, entry_point=entry_point, source=None, hook=None, message=message
    )


def _remedy(error: BaseException) -> str:
    if isinstance(error, ImportError) and (error.name or "").partition(".")[0] == "recon_core":
        return f"; it needs another recon-core than the installed {recon_core.__version__} (plugin API {API_VERSION})"
    if isinstance(error, ModuleNotFoundError):
        return "; reinstall it with what it depends on"
    return ""


def _origin(entry_point: EntryPoint) -> tuple[str, str]:
    """Name and version of the distribution that an entry point came with, as far as its metadata can be read."""
    try:
        distribution = entry_point.dist
        if distribution is not None:
            return shown(distribution.name), shown(distribution.version)
    except Exception:
        return f"({shown(entry_point.value)}, metadata unreadable)", "?"
    return f"({shown(entry_point.value)}, no distribution)", "?"


def _installed() -> tuple[list[EntryPoint], list[PluginFailure]]:
    """The entry points of the group in every installed distribution, by distribution and name.

    Not ``importlib.metadata.entry_points``: one distribution with damaged metadata makes that raise for all.
    """
    names: set[str] = set()
    for candidate in distributions():
        with contextlib.suppress(Exception):  # not readable, so not known to be a plugin of ours
            if _HAS_GROUP.search(candidate.read_text("entry_points.txt") or ""):
                names.add(candidate.name)
    found: list[EntryPoint] = []
    failures: list[PluginFailure] = []
    for name in sorted(names):
        try:
            # The first of that name on the path, which is the one that imports would come from.
            found += sorted(distribution(name).entry_points.select(group=GROUP), key=lambda point: point.name)
        except Exception as error:
            failures.append(
                _failure(shown(name), "?", shown(name), f"has damaged metadata: {told(error)}; reinstall it")
            )
    return found, failures


def _refuse_shared_names(plugins: Sequence[Plugin]) -> Iterator[tuple[Plugin, str]]:
    """Every provider of a name that more than one provides: which of them is meant cannot be said."""
    providers: dict[str, list[Plugin]] = {}
    for plugin in plugins:
        providers.setdefault(plugin.source.name, []).append(plugin)
    for name, rivals in providers.items():
        if len(rivals) > 1:
            everyone = ", ".join(f"{rival.distribution} {rival.version} ({rival.entry_point})" for rival in rivals)
            for rival in rivals:
                yield (
                    rival,
                    f"source '{name}' has {len(rivals)} providers, none is used: {everyone}; uninstall all but one",
                )


def _refuse_shared_keys(plugins: Sequence[Plugin]) -> Iterator[tuple[Plugin, str]]:
    """Every plugin that has a key template which can match a key of another plugin's: whose a key is cannot be said."""
    refused: set[int] = set()
    for pair in combinations(plugins, 2):
        problem = _shared_keys(pair)
        for plugin in pair:
            if problem is not None and id(plugin) not in refused:
                refused.add(id(plugin))
                yield plugin, f"{problem}; uninstall one of the two"


def _shared_keys(plugins: Sequence[Plugin]) -> str | None:
    try:
        clash = find_ambiguity([owned for plugin in plugins for owned in _owned_templates(plugin)])
    except ConfigError as error:
        return shown(error)
    if clash is None:
        return None
    first, second, key = clash
    return f"key templates of {first} and {second} both match '{shown(key)}'"


def _owned_templates(plugin: Plugin) -> Iterator[tuple[str, KeyTemplate]]:
    for data_type, templates in plugin.templates.items():
        for template in templates:
            yield f"{plugin.source.name}/{data_type} ({plugin.distribution} {plugin.version})", template
