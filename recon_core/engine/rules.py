"""The columns that rules and waivers speak of, and the order in which rules are tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recon_core.api import PriorityRule
from recon_core.engine.connection import quoted, timestamp
from recon_core.engine.expressions import compile_rule
from recon_core.plan import Plan

__all__ = ["PRIORITIES", "RULE_NAMES", "CompiledRule", "compiled_rules", "rule_columns"]

PRIORITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
"""The most urgent first."""

RULE_NAMES = "age_days, completeness, completeness_threshold, current_season, previous_season"
"""The columns that ``rule_columns`` adds to an item's own."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule as SQL over an item's columns and those of ``rule_columns``."""

    name: str
    when_sql: str
    priority: str


def rule_columns(plan: Plan, item: str, measured: str) -> str:
    """SQL of the columns ``RULE_NAMES`` over the relations ``item`` and ``measured`` (which has ``completeness``)."""
    thresholds = [
        f"WHEN {item}.source = {quoted(dataset.source)} AND {item}.data_type = {quoted(dataset.data_type)} "
        f"THEN {dataset.completeness_threshold!r}"
        for dataset in plan.datasets
    ]
    return ", ".join(
        [
            f"date_diff('microsecond', {item}.due_at, {timestamp(plan.now)}) / 86400000000.0 AS age_days",
            f"{measured}.completeness AS completeness",
            f"CASE {' '.join(thresholds)} END AS completeness_threshold"
            if thresholds
            else "0.0 AS completeness_threshold",
            f"{_season_is(plan, item, 'current')} AS current_season",
            f"{_season_is(plan, item, 'previous')} AS previous_season",
        ]
    )


def compiled_rules(
    plan: Plan, given: Sequence[tuple[PriorityRule, str]], *, recent_days: float
) -> tuple[CompiledRule, ...]:
    """The user's rules (each with the place it was written at), then the plugins', then the defaults.

    A plugin's rules rank its own source only. Raises ConfigError for a rule that cannot be compiled.
    """
    rules = [CompiledRule(rule.name, compile_rule(rule.when, where), rule.priority) for rule, where in given]
    for source in plan.sources:
        plugin = source.plugin
        for rule in plugin.rules:
            where = f"{plugin.distribution} {plugin.version}: rule {rule.name!r}"
            own = f"source = {quoted(source.name)} AND ({compile_rule(rule.when, where)})"
            rules.append(CompiledRule(rule.name, own, rule.priority))
    behind = "coalesce(completeness < completeness_threshold, false)"
    rules += [
        CompiledRule("recent-required", f"required AND age_days < {float(recent_days)!r}", "CRITICAL"),
        CompiledRule("current-season-incomplete", f"current_season AND {behind}", "HIGH"),
        CompiledRule("current-season", "current_season", "MEDIUM"),
        CompiledRule("recent-season-incomplete", f"previous_season AND {behind}", "MEDIUM"),
        CompiledRule("historical", "true", "LOW"),
    ]
    return tuple(rules)


def _season_is(plan: Plan, item: str, which: str) -> str:
    labels = [(source.name, source.current if which == "current" else source.previous) for source in plan.sources]
    tests = [f"({item}.source = {quoted(name)} AND {item}.season = {quoted(label)})" for name, label in labels if label]
    return f"({' OR '.join(tests)})" if tests else "false"
