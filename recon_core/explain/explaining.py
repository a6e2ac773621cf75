"""Puts an explanation together from the files of the last cycle and, on request, a look at the lake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from recon_core.adopted import Adopted, load_adopted
from recon_core.api import Game, ReconError
from recon_core.config import load_inventory
from recon_core.engine.outputs import available_from, rows_where
from recon_core.explain.elsewhere import games_across, is_derived
from recon_core.explain.evidence import candidate_keys, evidence_of, held_by, prefixes_of
from recon_core.explain.finding import find
from recon_core.kept import load_snapshot
from recon_core.lake import Lake
from recon_core.plan import Plan, build_plan
from recon_core.plugins import load_registry
from recon_core.schedules.checks import counts
from recon_core.schedules.store import StoredSchedule, load_schedule, stored_seasons
from recon_core.snapshot import Snapshot
from recon_core.times import format_utc, parse_utc
from recon_core.workspace import Workspace

__all__ = ["explain"]

_LINES: Mapping[str, tuple[int, str]] = {
    "excused": (1, "its own status is cancelled or postponed, or the source has no such data for it"),
    "not_due": (2, "it is not due yet, or it is not certain that it will be"),
    "present": (3, "one of its keys holds a copy that is large enough and new enough"),
    "unknown": (4, "the gap is not proved"),
    "missing": (5, "the gap is proved, and there is no copy"),
    "undersized": (5, "the gap is proved, and the best copy is too small"),
    "stale": (5, "the gap is proved, and the best copy is too old"),
}


def explain(
    ws: Workspace,
    text: str,
    report: Mapping[str, Any],
    queue: Mapping[str, Any] | None,
    lake: Callable[[], Lake] | None,
) -> dict[str, Any]:
    """Everything that is known of an item, of all items with an id, or of a key.

    ``report`` is the last analysis's, ``queue`` the task queue if there is one, ``lake`` opens the lake when it is to
    be asked now. Gives ``{asked, as_of, lake, object, items: […], games: […]}``. Raises UsageError, with near misses,
    when nothing is known by that name, and ReconError for files that are absent or broken.
    """
    plan = build_plan(load_inventory(ws), load_registry(), parse_utc(report["as_of"]))
    found = find(ws, text, report["lake"], plan)
    snapshot = load_snapshot(ws)
    opened = lake() if lake is not None else None
    schedules = _Schedules(ws)
    games = games_across(ws, found.items, text)
    adopted = {one.item: one for one in load_adopted(ws)}
    return {
        "asked": text,
        "as_of": report["as_of"],
        "lake": report["lake"],
        "object": found.object,
        "items": [
            {
                **_explained(ws, plan, row, schedules, snapshot, queue, opened, adopted.get(row["item"])),
                "derived": is_derived(games, row),
            }
            for row in found.items
        ],
        "games": games,
    }


def _explained(
    ws: Workspace,
    plan: Plan,
    row: Mapping[str, Any],
    schedules: _Schedules,
    snapshot: Snapshot,
    queue: Mapping[str, Any] | None,
    lake: Lake | None,
    adopted: Adopted | None,
) -> dict[str, Any]:
    schedule = schedules.of(row["source"], row["season"])
    game = schedules.game(row)
    # An item that a schedule gives by now has its times from there.
    if adopted is not None and (game is not None or row["final_at"] != format_utc(adopted.final_at)):
        adopted = None
    keys = candidate_keys(plan, row, game)
    held = held_by(ws, plan, row, game, keys, snapshot.lake)
    further = rows_where(ws, "objects", "item = ?", [row["item"]]).rows
    gap = _gap(ws, row)
    verdict = row["waived_verdict"] or row["verdict"]
    line, meaning = _LINES[verdict]
    return {
        "item": row["item"],
        "source": row["source"],
        "data_type": row["data_type"],
        "season": row["season"],
        "fields": row["fields"],
        "required": row["required"],
        "verdict": row["verdict"],
        "waived_verdict": row["waived_verdict"],
        "line": line,
        "meaning": meaning,
        "reason": row["reason"] or _good(row),
        "expectation": {
            "final_at": row["final_at"],
            "settled_at": row["settled_at"],
            "due_at": row["due_at"],
            "game": _game(game),
            "games": schedules.of_day(row),
            "adopted": None if adopted is None else {"file": ws.shown(ws.adopted_file), "origin": adopted.origin},
            "schedule": None
            if schedule is None or adopted is not None
            else {
                "file": ws.shown(ws.schedule_file(row["source"], row["season"])),
                "games": len(schedule.games),
                "pulled_at": format_utc(schedule.pulled_at) if schedule.pulled_at else None,
            },
        },
        "evidence": {
            "snapshot_id": snapshot.id,
            "evidence_at": format_utc(snapshot.evidence_at),
            "candidates": [_held(one, held) for one in evidence_of(ws, keys, snapshot, lake)],
            "prefixes": prefixes_of(plan, row, snapshot),
            "found_key": row["found_key"],
            "target_key": row["target_key"],
            "copies": row["copies"],
            "further": [{name: one[name] for name in ("key", "size", "last_modified", "kind")} for one in further],
        },
        "gap": gap,
        "task": _task(queue, row["item"]),
    }


class _Schedules:
    """The stored schedules, each read once."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self._read: dict[tuple[str, str], StoredSchedule | None] = {}

    def of(self, source: str, season: str) -> StoredSchedule | None:
        """A season's stored schedule; ``None`` where a source computes its games, or the file is gone or broken."""
        if (source, season) not in self._read:
            self._read[source, season] = self._load(source, season)
        return self._read[source, season]

    def _load(self, source: str, season: str) -> StoredSchedule | None:
        try:
            file = stored_seasons(self._ws, source).get(season)
            return load_schedule(file) if file is not None else None
        except ReconError:
            return None

    def game(self, row: Mapping[str, Any]) -> Game | None:
        """The game of an item, if it is an item of one game and its schedule is stored."""
        schedule = self.of(row["source"], row["season"])
        if schedule is None or row["game_id"] is None:
            return None
        return next((game for game in schedule.games if game.game_id == row["game_id"]), None)

    def of_day(self, row: Mapping[str, Any]) -> dict[str, int] | None:
        """How many games of each status an item of a day has; ``None`` for other items."""
        schedule = self.of(row["source"], row["season"])
        if schedule is None or row["game_id"] is not None or row["date"] is None:
            return None
        return dict(counts(game.status for game in schedule.games if game.date.isoformat() == row["date"]))


def _good(row: Mapping[str, Any]) -> str | None:
    if row["verdict"] != "present":
        return None
    return f"{row['size']} bytes, last modified {row['last_modified']}, under {row['found_key']}"


def _held(candidate: dict[str, Any], held: Mapping[str, bool | None]) -> dict[str, Any]:
    """A candidate key; that of a container with whether it holds the item, which one that is absent does not."""
    if not held:
        return candidate
    absent = candidate["state"] == "listed" and not candidate["present"]
    return {**candidate, "holds": False if absent else held[candidate["key"]]}


def _game(game: Game | None) -> dict[str, Any] | None:
    if game is None:
        return None
    return {
        "game_id": game.game_id,
        "alt_ids": list(game.alt_ids),
        "unavailable": list(game.unavailable),
        "date": game.date.isoformat(),
        "start_utc": format_utc(game.start_utc) if game.start_utc else None,
        "home": game.home,
        "away": game.away,
        "season_type": game.season_type,
        "status": game.status,
        "pulled_at": format_utc(game.pulled_at) if game.pulled_at else None,
    }


def _gap(ws: Workspace, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Priority and rule, where the gap has been ranked."""
    if row["verdict"] not in ("missing", "stale", "undersized") or not ws.gaps.is_file():
        return None
    rows = rows_where(ws, "gaps", "item = ?", [row["item"]]).rows
    names = ("priority", "rule", "age_days", "completeness", "first_seen")
    if not rows:
        return None
    return {
        **{name: rows[0][name] for name in names},
        "available_from": available_from(ws, [row["item"]]).get(row["item"], []),
    }


def _task(queue: Mapping[str, Any] | None, item: str) -> dict[str, Any] | None:
    for task in (queue or {}).get("tasks", ()):
        if any(entry["item"] == item for entry in task["items"]):
            return {name: task[name] for name in ("id", "priority", "collect_by", "scraper")}
    return None
