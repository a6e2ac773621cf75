"""Gaps to tasks: rules, batches, limits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from oracle.expressions import Always, And, Column, Compare, Flag
from oracle.verdicts import Judged
from oracle.world import COLLECT_WITHIN, DAY, PRIORITIES, Rule, World


@dataclass(frozen=True)
class Gap:
    """A gap with its rank."""

    judged: Judged
    priority: str
    rule: str
    age_days: float | None
    completeness: float | None
    first_seen: int
    available_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """A batch of gaps, newest first."""

    id: str
    priority: str
    collect_by: int
    source: str
    data_type: str
    season: str
    scraper: str
    minutes: float
    gaps: tuple[Gap, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """The names of its items, in order."""
        return tuple(gap.judged.item.name for gap in self.gaps)


def default_rules(recent_days: float) -> tuple[Rule, ...]:
    """The rules that rank what no other rule did."""
    incomplete = Compare("completeness", "<", Column("completeness_threshold"))
    return (
        Rule("recent-required", And(Flag("required"), Compare("age_days", "<", recent_days)), "CRITICAL"),
        Rule("current-season-incomplete", And(Flag("current_season"), incomplete), "HIGH"),
        Rule("current-season", Flag("current_season"), "MEDIUM"),
        Rule("recent-season-incomplete", And(Flag("previous_season"), incomplete), "MEDIUM"),
        Rule("historical", Always(), "LOW"),
    )


def age_days(judged: Judged, now: int) -> float | None:
    """How long the item has been due, in days."""
    return None if judged.item.due_at is None else (now - judged.item.due_at) / DAY


def columns(judged: Judged, completeness: float | None, now: int) -> dict[str, Any]:
    """The columns over which rules and waivers are written."""
    item, game = judged.item, judged.item.game
    started = [season.label for season in item.source.started(now)]
    return {
        "source": item.source.name,
        "data_type": item.dataset.data_type,
        "season": item.season,
        "season_type": game.season_type if game else None,
        "date": item.date,
        "verdict": judged.verdict,
        "required": item.dataset.required,
        "age_days": age_days(judged, now),
        "completeness": completeness,
        "completeness_threshold": item.dataset.threshold,
        "current_season": started[-1:] == [item.season],
        "previous_season": started[-2:-1] == [item.season],
        "home": game.home if game else None,
        "away": game.away if game else None,
        "size": judged.best.size if judged.best else None,
    }


def rank(judged: Judged, completeness: float | None, world: World) -> Rule:
    """The first rule that matches: the user's, the plugin's, the default."""
    row = columns(judged, completeness, world.now)
    rules = (*world.rules, *judged.item.source.rules, *default_rules(world.recent_days))
    return next(rule for rule in rules if rule.when.holds(row) is True)


def task_id(names: Sequence[str]) -> str:
    """``task_`` and 12 hex digits of the SHA-256 of the sorted names, joined by newlines."""
    return "task_" + hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:12]


def age_order(gap: Gap) -> tuple[bool, date, str]:
    """Null dates first, then the oldest date, then the name."""
    day = gap.judged.item.date
    return (day is not None, day or date.min, gap.judged.item.name)


def tasks_of(gaps: Sequence[Gap], world: World) -> list[Task]:
    """All tasks in the order of the file, before any limit."""
    groups: dict[tuple[str, ...], list[Gap]] = {}
    for gap in gaps:
        item = gap.judged.item
        container = (item.target_key or "") if item.dataset.inside is not None else ""
        group = (gap.priority, item.source.name, item.dataset.scraper, item.dataset.data_type, item.season, container)
        groups.setdefault(group, []).append(gap)
    tasks = []
    for (priority, source, scraper, data_type, season, container), members in groups.items():
        members.sort(key=age_order)
        # One file closes all that lies in it.
        size = len(members) if container else world.batch_size
        for start in range(0, len(members), size):
            batch = members[start : start + size]
            tasks.append(
                Task(
                    id=task_id([gap.judged.item.name for gap in batch]),
                    priority=priority,
                    collect_by=world.now + COLLECT_WITHIN[priority],
                    source=source,
                    data_type=data_type,
                    season=season,
                    scraper=scraper,
                    minutes=len(batch) * batch[0].judged.item.dataset.minutes_per_file,
                    gaps=tuple(reversed(batch)),
                )
            )
    return sorted(tasks, key=file_order)


def file_order(task: Task) -> tuple[int, bool, timedelta, str, str, str, str, str]:
    """Priority, newest item first (null dates last), then source, data type, season, scraper, id."""
    days = [gap.judged.item.date for gap in task.gaps]
    newest = max((day for day in days if day is not None), default=None)
    age = date.max - newest if newest is not None else timedelta(0)
    return (
        PRIORITIES.index(task.priority),
        newest is None,
        age,
        task.source,
        task.data_type,
        task.season,
        task.scraper,
        task.id,
    )


def limited(tasks: Sequence[Task], world: World) -> tuple[list[Task], list[Task]]:
    """The tasks that stay, and those that the limits defer."""
    kept: list[Task] = []
    deferred: list[Task] = []
    by_priority: dict[str, int] = dict.fromkeys(PRIORITIES, 0)
    for task in tasks:
        full = world.max_tasks is not None and len(kept) >= world.max_tasks
        most = world.max_tasks_per_priority
        if full or (most is not None and by_priority[task.priority] >= most):
            deferred.append(task)
        else:
            kept.append(task)
            by_priority[task.priority] += 1
    return kept, deferred


def carried(name: str, open_since: Mapping[str, int], now: int) -> int:
    """When a gap was first seen: carried while it was not closed in between."""
    return open_since.get(name, now)
