"""The plugins that were loaded, those that failed, and how to find one by its source's name."""

from __future__ import annotations

import copy
import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recon_core.api import ConfigError, PluginError, PriorityRule, Season, Source
from recon_core.plugins.calling import HOOKS, Implementation, PluginCallError, PluginFailure, went_wrong
from recon_core.plugins.declared import check_rules, check_seasons, check_source
from recon_core.plugins.returned import check_game_id, check_games, check_items, check_notes, check_parsed_key
from recon_core.templates import KeyTemplate
from recon_core.text import shown, suggest
from recon_core.workspace import NAME

__all__ = ["Plugin", "Registry", "install_command", "notify_finished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One loaded source.

    ``seasons`` are oldest first, ``hooks`` the names of the hooks it implements, ``templates`` the compiled key
    templates of each data type, in the declared order and without the user's prefix.
    """

    entry_point: str
    distribution: str
    version: str
    source: Source
    seasons: tuple[Season, ...]
    rules: tuple[PriorityRule, ...]
    templates: Mapping[str, tuple[KeyTemplate, ...]]
    implementation: Implementation = field(repr=False, compare=False)

    @property
    def hooks(self) -> frozenset[str]:
        return self.implementation.hooks

    def call(self, hook: str, **kwargs: Any) -> Any:
        """Call this plugin's implementation of a hook, and no other's, and check what it returns.

        Gives a Source; a tuple of Season or PriorityRule; a list of Game; a list of Items or of one Undetermined; a
        list of text; a ParsedKey or None; an id or None; None of ``recon_cycle_finished``. Generators are materialised.
        ``kwargs`` are the hook's arguments, all of them.

        Raises PluginCallError, a PluginError whose ``failure`` says it in parts and whose ``__cause__`` is what the
        plugin raised. An interrupt from the keyboard passes through.
        """
        if hook not in self.hooks and hook in HOOKS:
            raise PluginCallError(self.failure(hook, "is not implemented by this plugin"))
        try:
            return self._checked(hook, self.implementation.call(hook, kwargs), kwargs)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # also SystemExit and CancelledError: a plugin must not end the run
            raise PluginCallError(self.failure(hook, went_wrong(error, kwargs))) from error

    def failure(self, hook: str | None, message: str) -> PluginFailure:
        """A failure of this plugin, for the report."""
        return PluginFailure(
            distribution=self.distribution,
            version=self.version,
            entry_point=self.entry_point,
            source=self.source.name,
            hook=hook,
            message=message,
        )

    def _checked(self, hook: str, value: Any, kwargs: Mapping[str, Any]) -> Any:
        match hook:
            case "recon_source":
                return check_source(value, self.distribution, self.hooks)
            case "recon_seasons":
                return check_seasons(value, self.source)
            case "recon_priority_rules":
                return check_rules(value)
            case "recon_parse_key":
                return check_parsed_key(value, self.source)
            case "recon_expected_games" | "recon_demo_games":
                return check_games(value, kwargs["season"], self.source)
            case "recon_schedule_notes":
                return check_notes(value)
            case "recon_expected_items":
                return check_items(value, kwargs["dataset"], kwargs["season"])
            case "recon_game_id":
                return check_game_id(value)
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Registry:
    """What the environment's plugins are: ``plugins`` by source name, ``failures`` in the order they were met."""

    plugins: tuple[Plugin, ...] = ()
    failures: tuple[PluginFailure, ...] = ()

    def names(self) -> tuple[str, ...]:
        """The names of the sources that can be used, sorted."""
        return tuple(plugin.source.name for plugin in self.plugins)

    def failure_of(self, name: str) -> PluginFailure | None:
        """Why the source of this name cannot be used, if a plugin that failed provides it, as far as one can tell.

        A plugin that failed before it said its source's name is known by its entry point or its distribution.
        """
        if name in self.names():
            return None
        for failure in self.failures:
            if failure.source == name:
                return failure
        for failure in self.failures:
            told_names = (_plain(failure.entry_point), _plain(failure.distribution).removeprefix("recon-"))
            if failure.source is None and _plain(name) in told_names:
                return failure
        return None

    def get(self, name: str) -> Plugin:
        """The plugin of a source.

        Raises PluginError if the plugin that provides it failed, ConfigError if no plugin provides it.
        """
        for plugin in self.plugins:
            if plugin.source.name == name:
                return plugin
        failure = self.failure_of(name)
        if failure is not None:
            raise PluginError(f"source {shown(name)!r} cannot be used, its plugin failed: {failure.line()}")
        installed = f"installed are {', '.join(self.names())}" if self.plugins else "none is installed"
        near = suggest(name, self.names())
        raise ConfigError(
            f"no installed plugin provides source {shown(name)!r}{near}: {installed}; a plugin is installed into this "
            f"environment with: {install_command(None if near else name)}"
        )


def install_command(source: str | None = None) -> str:
    """The command that installs a source's plugin into the environment that runs now."""
    package = f"recon-{_plain(source)}" if source is not None and NAME.fullmatch(source) else "recon-<source>"
    return f"{shlex.quote(sys.executable or 'python')} -m pip install {package}"


def notify_finished(registry: Registry, report: Mapping[str, Any]) -> list[str]:
    """Show a finished cycle's report to every plugin that observes it.

    Each gets a copy of its own, so that none can alter the run. Returns a warning for each that failed.
    """
    warnings = []
    for plugin in registry.plugins:
        if "recon_cycle_finished" in plugin.hooks:
            try:
                plugin.call("recon_cycle_finished", report=copy.deepcopy(dict(report)))
            except PluginCallError as error:
                warnings.append(f"{error} (the run is not affected)")
    return warnings


def _plain(name: str) -> str:
    """The normal form of distribution names, which take ``-``, ``_`` and ``.`` for one."""
    return re.sub(r"[-_.]+", "-", name).lower()
