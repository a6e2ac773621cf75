"""Holds what a cycle wrote against what the oracle says, and names every difference."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from oracle.cycle import Counts, Outcome, Row
from oracle.queue import Gap, Task
from oracle.world import GAPS, PRIORITIES, World, iso, utc
from support.world_on_disk import Written

Facts = dict[str, Any]


def differences(world: World, outcome: Outcome, written: Written) -> list[str]:
    """One line for each fact that differs; none when all agree."""
    parts: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
        "coverage": (
            {row.judged.item.name: row_facts(row) for row in outcome.rows},
            {name: coverage_facts(row) for name, row in written.coverage.items()},
        ),
        "objects": (
            {
                key: {"kind": kind.kind, "source": kind.source, "data_type": kind.data_type, "item": kind.item}
                for key, kind in outcome.kinds.items()
            },
            {
                key: {name: row[name] for name in ("kind", "source", "data_type", "item")}
                for key, row in written.objects.items()
            },
        ),
        "gaps": (
            {gap.judged.item.name: gap_facts(gap) for gap in outcome.gaps},
            {name: gap_row_facts(row) for name, row in written.gaps.items()},
        ),
        "queue": (queue_facts(outcome, world), queue_row_facts(written.queue)),
        "report": (report_facts(outcome, world), report_row_facts(written.report)),
    }
    return [f"{part}: {line}" for part, (expected, found) in parts.items() for line in _compare("", expected, found)]


def _compare(path: str, expected: Any, found: Any) -> Iterator[str]:
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for name in {**expected, **found}:
            if name not in found:
                yield f"{path}{name}: lacks {expected[name]!r}"
            elif name not in expected:
                yield f"{path}{name}: should not be there: {found[name]!r}"
            else:
                yield from _compare(f"{path}{name}.", expected[name], found[name])
    elif isinstance(expected, float) and isinstance(found, int | float):
        # A product or a quotient of the same numbers, in another order of operations.
        if abs(expected - found) > 1e-9 * max(1.0, abs(expected)):
            yield f"{path.rstrip('.')}: {found!r} instead of {expected!r}"
    elif expected != found:
        yield f"{path.rstrip('.')}: {found!r} instead of {expected!r}"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.replace(tzinfo=UTC).isoformat()


def _moment(microseconds: int | None) -> str | None:
    return None if microseconds is None else utc(microseconds).isoformat()


def row_facts(row: Row) -> Facts:
    """What ``coverage.parquet`` should say of an item."""
    judged, item, game = row.judged, row.judged.item, row.judged.item.game
    known = row.verdict if row.waived_verdict is None else row.waived_verdict
    return {
        "source": item.source.name,
        "data_type": item.dataset.data_type,
        "season": item.season,
        "fields": item_fields(row),
        "game_id": game.game_id if game else None,
        "date": item.date,
        "home": game.home if game else None,
        "away": game.away if game else None,
        "season_type": game.season_type if game else None,
        "verdict": row.verdict,
        "waived_verdict": row.waived_verdict,
        "excused as unavailable": row.verdict == known == "excused" and any(event.gone for event in item.events),
        "unknown because": judged.reason if row.verdict == known == "unknown" else None,
        "found_key": judged.best.key if judged.best else None,
        "target_key": item.target_key,
        "size": judged.best.size if judged.best else None,
        "last_modified": _moment(judged.best.last_modified) if judged.best else None,
        "copies": judged.copies,
        "final_at": _moment(item.final_at),
        "settled_at": _moment(item.settled_at),
        "due_at": _moment(item.due_at),
        "required": item.dataset.required,
        "cluster": judged.cluster,
    }


def item_fields(row: Row) -> Facts:
    """The grain values of an item as text; of a game also its date and teams."""
    item = row.judged.item
    fields: Facts = {
        name: value.isoformat() if isinstance(value, date) else value for name, value in item.values.items()
    }
    if item.game is not None:
        fields |= {"date": item.game.date.isoformat(), "home": item.game.home, "away": item.game.away}
    return fields


def coverage_facts(row: Facts) -> Facts:
    """What ``coverage.parquet`` says."""
    facts = {name: value for name, value in row.items() if name not in ("item", "reason")}
    for name in ("last_modified", "final_at", "settled_at", "due_at"):
        facts[name] = _time(facts[name])
    facts["fields"] = json.loads(facts["fields"])
    facts["excused as unavailable"] = (row["reason"] or "").startswith("the source has no ")
    facts["unknown because"] = row["reason"].split(":")[0] if row["verdict"] == "unknown" else None
    return facts


def gap_facts(gap: Gap) -> Facts:
    """What ``gaps.parquet`` should say of a gap."""
    return {
        "verdict": gap.judged.verdict,
        "priority": gap.priority,
        "rule": gap.rule,
        "age_days": gap.age_days,
        "completeness": gap.completeness,
        "first_seen": _moment(gap.first_seen),
    }


def gap_row_facts(row: Facts) -> Facts:
    """What ``gaps.parquet`` says."""
    names = ("verdict", "priority", "rule", "age_days", "completeness", "first_seen")
    return {**{name: row[name] for name in names}, "first_seen": _time(row["first_seen"])}


def queue_facts(outcome: Outcome, world: World) -> Facts:
    """What ``gaps.json`` should say."""
    counts = Counter(task.priority for task in outcome.tasks)
    left_out = [*outcome.deferred, *outcome.withheld]
    return {
        "as_of": iso(world.now),
        "total_tasks": len(outcome.tasks),
        "total_gaps": len(outcome.gaps),
        "by_priority": {priority.lower(): counts[priority] for priority in PRIORITIES},
        "deferred": {"tasks": len(left_out), "gaps": sum(len(task.gaps) for task in left_out)},
        "unverified": {
            name: {"since": iso(since), "reason": reason} for name, (since, reason) in outcome.unverified.items()
        },
        "order": [task.id for task in outcome.tasks],
        "tasks": {task.id: task_facts(task) for task in outcome.tasks},
    }


def task_facts(task: Task) -> Facts:
    """What ``gaps.json`` should say of a task."""
    return {
        "priority": task.priority,
        "status": "pending",
        "collect_by": iso(task.collect_by),
        "source": task.source,
        "data_type": task.data_type,
        "season": task.season,
        "scraper": task.scraper,
        "missing_files": len(task.gaps),
        "estimated_time_minutes": float(task.minutes),
        "order": list(task.items),
        "items": {
            gap.judged.item.name: {
                "verdict": gap.judged.verdict,
                "target_key": gap.judged.item.target_key,
                "found_key": gap.judged.best.key if gap.judged.best else None,
                "first_seen": iso(gap.first_seen),
                "rule": gap.rule,
                **({"available_from": list(gap.available_from)} if gap.available_from else {}),
            }
            for gap in task.gaps
        },
    }


def queue_row_facts(queue: Facts) -> Facts:
    """What ``gaps.json`` says."""
    left_out = ("schema_version", "cycle_id", "lake", "scope", "tasks", "unverified")
    item_facts = ("verdict", "target_key", "found_key", "first_seen", "rule", "available_from")
    return {
        **{name: value for name, value in queue.items() if name not in left_out},
        "unverified": {
            entry["item"]: {"since": entry["since"], "reason": entry["reason"].split(":")[0]}
            for entry in queue["unverified"]
        },
        "order": [task["id"] for task in queue["tasks"]],
        "tasks": {
            task["id"]: {
                **{name: value for name, value in task.items() if name not in ("id", "items")},
                "order": [item["item"] for item in task["items"]],
                "items": {
                    item["item"]: {name: item[name] for name in item_facts if name in item} for item in task["items"]
                },
            }
            for task in queue["tasks"]
        },
    }


def report_facts(outcome: Outcome, world: World) -> Facts:
    """What the report should say."""
    wanted = [
        (source.name, dataset.data_type, season)
        for source in world.sources
        for dataset in source.datasets
        for season in source.wanted
        if dataset.configured and source.failed is None
    ]
    reasons = Counter(row.judged.reason for row in outcome.rows if row.verdict == "unknown")
    kinds = Counter(kind.kind for kind in outcome.kinds.values())
    gaps = Counter(gap.judged.verdict for gap in outcome.gaps)
    failed = outcome.failing or any(
        (source.failed or source.broken) is not None and source.wanted for source in world.sources
    )
    return {
        "coverage": {
            "/".join(group): count_facts(outcome.counts.get(group, Counts()))
            for group in wanted
            if group in outcome.counts
        },
        "unknown": dict(reasons),
        "gaps": {verdict: gaps[verdict] for verdict in GAPS},
        "objects": {kind: kinds[kind] for kind in ("duplicate", "out_of_scope", "orphan", "unrecognised")},
        "changes": {"new": len(outcome.new), "closed": len(outcome.closed), "reopened": len(outcome.reopened)},
        "losses": {"/".join(dataset): list(numbers) for dataset, numbers in outcome.losses.items()},
        "refused": {"/".join(dataset): reason for dataset, reason in outcome.refused.items()},
        "withheld": len(outcome.withheld),
        "exit_code": 2 if outcome.withheld or failed else 0,
        "conflicts": {
            f"{one.source} {one.kind} {one.place} {one.own_id if one.kind == 'status' else ''}": {
                "season": one.season,
                "game_id": one.own_id,
                "known_by": [list(known) for known in one.known_by],
            }
            for one in outcome.conflicts
        },
    }


def count_facts(counts: Counts) -> Facts:
    """What the report should say of a (source, data type, season)."""
    return {
        "expected": counts.expected,
        **{name: value for name, value in vars(counts).items() if not name.startswith("counted")},
        "completeness": counts.completeness,
        "ci95": None,
        "bounds": None if counts.bounds is None else list(counts.bounds),
    }


def report_row_facts(report: Facts) -> Facts:
    """What the report says; rows of seasons without an item are no difference."""
    left_out = ("source", "data_type", "season", "completeness_threshold", "required")
    return {
        "coverage": {
            f"{row['source']}/{row['data_type']}/{row['season']}": {
                name: value for name, value in row.items() if name not in left_out
            }
            for row in report["coverage"]
            if row["expected"]
        },
        "unknown": report["unknown"]["by_reason"],
        "gaps": report["gaps"]["by_verdict"],
        "objects": {name: report["objects"][name] for name in ("duplicate", "out_of_scope", "orphan", "unrecognised")},
        "changes": report["changes"],
        "losses": {f"{row['source']}/{row['data_type']}": [row["lost"], row["known"]] for row in report["losses"]},
        "refused": {f"{row['source']}/{row['data_type']}": row["reason"] for row in report["tasks"]["refused"]},
        "withheld": report["tasks"]["withheld"]["tasks"],
        "exit_code": report["exit_code"],
        "conflicts": {conflict_name(one): conflict_facts(one) for one in report["conflicts"]},
    }


def conflict_name(conflict: Facts) -> str:
    """The source, the kind, the game, and of several rows of one game which one."""
    day = date.fromisoformat(conflict["date"])
    place = (conflict["league"], day, conflict["home"], conflict["away"], conflict["ordinal"])
    return (
        f"{conflict['source']} {conflict['kind']} {place} {conflict['game_id'] if conflict['kind'] == 'status' else ''}"
    )


def conflict_facts(conflict: Facts) -> Facts:
    """What ``cycle.json`` says of a conflict."""
    return {
        "season": conflict["season"],
        "game_id": conflict["game_id"],
        "known_by": [[known[name] for name in ("source", "game_id", "status")] for known in conflict["known_by"]],
    }
