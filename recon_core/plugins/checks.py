"""What `recon plugins list` and `recon plugins check` show, as plain rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from recon_core.api import ConfigError
from recon_core.plugins.calling import PluginCallError
from recon_core.plugins.registry import Plugin, Registry
from recon_core.templates import KeyTemplate, find_ambiguity
from recon_core.text import shown

__all__ = ["CheckRow", "PluginRow", "check_plugins", "plugin_rows"]

PROBE_KEY = "recon-check/no-such-layout"
"""A key that no plugin's layout should know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionRow:
    """An option that a plugin declares."""

    name: str
    default: str | int | float | bool
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRow:
    """One installed plugin.

    ``source`` is ``None`` where it failed before it said so; ``state`` is ``ok`` or ``failed: …``.
    """

    distribution: str
    version: str
    source: str | None
    data_types: tuple[str, ...]
    seasons: tuple[str, ...]
    options: tuple[OptionRow, ...]
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """A check of one plugin: ``check`` says what was checked, ``detail`` what was found. All texts are safe to show."""

    distribution: str
    version: str
    source: str | None
    check: str
    ok: bool
    detail: str


def plugin_rows(registry: Registry) -> list[PluginRow]:
    """A row for each plugin, those that work first, each group by source and distribution."""
    rows = [
        PluginRow(
            distribution=plugin.distribution,
            version=plugin.version,
            source=plugin.source.name,
            data_types=tuple(spec.data_type for spec in plugin.source.datasets),
            seasons=tuple(season.label for season in plugin.seasons),
            options=tuple(
                OptionRow(name=name, default=option.default, help=shown(option.help))
                for name, option in plugin.source.options.items()
            ),
            state="ok",
        )
        for plugin in registry.plugins
    ]
    failed = sorted(
        registry.failures, key=lambda failure: (failure.source or failure.entry_point, failure.distribution)
    )
    for failure in failed:
        hook = f"{failure.hook} " if failure.hook else ""
        rows.append(
            PluginRow(
                distribution=failure.distribution,
                version=failure.version,
                source=failure.source,
                data_types=(),
                seasons=(),
                options=(),
                state=f"failed: {hook}{failure.message}",
            )
        )
    return rows


def check_plugins(registry: Registry, compile_rule: Callable[[str, str], str]) -> list[CheckRow]:
    """Run every check of every plugin, without network.

    ``compile_rule(when, where)`` compiles a priority rule's expression and raises ConfigError; the engine has it.
    """
    rows = [
        CheckRow(
            distribution=failure.distribution,
            version=failure.version,
            source=failure.source,
            check="load",
            ok=False,
            detail=f"{f'{failure.hook} ' if failure.hook else ''}{failure.message}",
        )
        for failure in registry.failures
    ]
    for plugin in registry.plugins:
        for check, problem, found in _checked(plugin, compile_rule):
            rows.append(
                CheckRow(
                    distribution=plugin.distribution,
                    version=plugin.version,
                    source=plugin.source.name,
                    check=check,
                    ok=problem is None,
                    detail=found if problem is None else problem,
                )
            )
    return rows


def _checked(plugin: Plugin, compile_rule: Callable[[str, str], str]) -> Iterator[tuple[str, str | None, str]]:
    """Each check's name, its problem if it has one, and what was found."""
    yield "load", None, f"implements {', '.join(sorted(plugin.hooks))}"
    for hook, before in (
        ("recon_source", plugin.source),
        ("recon_seasons", plugin.seasons),
        ("recon_priority_rules", plugin.rules),
    ):
        if hook in plugin.hooks:
            yield hook, _repeated(plugin, hook, before), _count(before)
    for rule in plugin.rules:
        yield f"rule {rule.name}", _rule_problem(rule.when, rule.name, compile_rule), shown(rule.when)
    for data_type, templates in plugin.templates.items():
        for template in templates:
            problem, key = _round_trip(template)
            yield f"{data_type}: {shown(template.text)}", problem, shown(key)
    if "recon_parse_key" in plugin.hooks:
        yield "recon_parse_key", _foreign_key_problem(plugin), f"does not claim '{PROBE_KEY}'"


def _repeated(plugin: Plugin, hook: str, before: object) -> str | None:
    """Declarations are read once a run, so a second call must say the same."""
    try:
        again = plugin.call(hook)
    except PluginCallError as error:
        return error.failure.message
    return None if again == before else "says something else when it is called again"


def _count(value: object) -> str:
    return f"{len(value)} found" if isinstance(value, tuple) else "the same when called again"


def _rule_problem(when: str, name: str, compile_rule: Callable[[str, str], str]) -> str | None:
    try:
        compile_rule(when, f"rule {name}")
    except ConfigError as error:
        return shown(error)
    return None


def _round_trip(template: KeyTemplate) -> tuple[str | None, str]:
    """Find a key that the template matches, parse it and render it again."""
    sample = find_ambiguity([("one", template), ("other", template)])
    if sample is None:
        return "matches no key at all: look at its patterns", ""
    key = sample[2]
    fields = template.parse(key)
    if fields is None:
        return f"does not parse its own key '{shown(key)}'", key
    rendered = template.render(fields)
    return (None if rendered == key else f"renders '{shown(rendered)}' from what it read in '{shown(key)}'"), key


def _foreign_key_problem(plugin: Plugin) -> str | None:
    try:
        parsed = plugin.call("recon_parse_key", key=PROBE_KEY)
    except PluginCallError as error:
        return error.failure.message
    return None if parsed is None else f"claims '{PROBE_KEY}' as {parsed.data_type}: return None for a foreign key"
