"""One game across all sources: what each of their schedules says of it, and the verdicts of their items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from recon_core.engine.outputs import rows_where, same_games
from recon_core.workspace import Workspace

__all__ = ["games_across", "is_derived"]

_PLACE = ("league", "date", "home", "away", "ordinal")
_SAID = ("source", "season", "game_id", "status", "pulled_at", "derived")


def games_across(ws: Workspace, rows: Sequence[Mapping[str, Any]], text: str) -> list[dict[str, Any]]:
    """The games of these items, or those that go by the id ``text`` where there are none, as every source has them.

    ``{league, date, home, away, ordinal, sources: [{source, season, game_id, status, pulled_at, derived, items}]}``, an
    item with its verdict. Games that only one source knows are left out, unless they are what was asked for.
    """
    asked = {(row["source"], row["game_id"]) for row in rows if row["game_id"] is not None}
    found = [row for source, game_id in sorted(asked) for row in same_games(ws, source, game_id)]
    if not rows:
        found = same_games(ws, None, text)
    games: dict[tuple[Any, ...], dict[str, Any]] = {}
    for place, group in groupby(found, key=lambda row: tuple(row[name] for name in _PLACE)):
        sources = [{**{name: row[name] for name in _SAID}, "items": _items(ws, row)} for row in group]
        if len(sources) > 1 or not rows:
            games[place] = {**dict(zip(_PLACE, place, strict=True)), "sources": sources}
    return list(games.values())


def is_derived(games: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> bool:
    """Whether an item is of a game that stands in no schedule of its source."""
    return any(
        one["derived"] and (one["source"], one["game_id"]) == (row["source"], row["game_id"])
        for game in games
        for one in game["sources"]
    )


def _items(ws: Workspace, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = rows_where(ws, "coverage", "source = ? AND game_id = ?", [row["source"], row["game_id"]]).rows
    return [{"item": one["item"], "verdict": one["verdict"]} for one in found]
