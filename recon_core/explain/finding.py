"""From what a user asks for (an item, an id, a key) to items and objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from recon_core.api import ParsedKey, PluginError, UsageError
from recon_core.engine.outputs import rows_where, same_games, similar_items, snapshot_objects
from recon_core.plan import Plan
from recon_core.plugins import Plugin
from recon_core.schedules.store import load_games, stored_seasons
from recon_core.templates import key_shape
from recon_core.text import item_name, shown
from recon_core.workspace import Workspace

__all__ = ["Found", "find", "named_items", "without_lake"]

MOST_ITEMS = 50
_FEW_ITEMS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of ``coverage.parquet``, and what is known of the key that was asked for, if it was one."""

    items: list[dict[str, Any]] = field(default_factory=list)
    object: dict[str, Any] | None = None


def find(ws: Workspace, text: str, lake_url: str, plan: Plan) -> Found:
    """What ``text`` names: an item, an id (also an alternative one, or any value of an item's name), or a key.

    An id of a source of which nothing is expected names no item, and yet a game. A key may carry the lake's URL. Raises
    UsageError, with near misses, when nothing is known by that name.
    """
    key = without_lake(text, lake_url)
    names = [text, _encoded(text), *(name for name, _ in _parsed(plan, key))]
    value = quote(unquote(text), safe="~")
    items = rows_where(
        ws,
        "coverage",
        "item IN (SELECT unnest(CAST(? AS VARCHAR[]))) OR found_key = ? OR target_key = ? OR game_id = ? OR "
        "list_contains(list_slice(string_split(item, '/'), 3, -1), ?)",
        [names, key, key, text, value],
        _FEW_ITEMS if _is_container(plan, key) else MOST_ITEMS,
    ).rows
    about = _object(ws, key, plan)
    if not items:
        items = _by_other_id(ws, plan, {text, *(game_id for _, game_id in _parsed(plan, key) if game_id)})
    if about is not None and about["item"] and not items:
        items = rows_where(ws, "coverage", "item = ?", [about["item"]]).rows
    if not items and about is None and not same_games(ws, None, text):
        raise UsageError(_unknown(ws, text))
    return Found(items, about)


def _is_container(plan: Plan, key: str) -> bool:
    """Whether the key is that of a container, which may hold a season's items: a few of them show what it is."""
    return any(
        template.parse(key) is not None
        for layout in plan.layouts
        if layout.inside is not None
        for template in layout.templates
    )


def without_lake(text: str, lake_url: str) -> str:
    """A key that may carry the lake's URL, without it."""
    base = lake_url.rstrip("/") + "/"
    return text[len(base) :] if text.startswith(base) else text


def named_items(plan: Plan, key: str, own_id: Callable[[str, str], str]) -> Iterator[str]:
    """The items of which the key is a copy by the installed layouts.

    ``own_id`` gives the id under which a source's schedule has a game, for keys that hold another one.
    """
    yield _encoded(key)
    for name, game_id in _parsed(plan, key):
        yield name
        source, data_type, *values = name.split("/")
        if game_id is not None and (own := own_id(source, game_id)) != game_id:
            texts = [unquote(value) for value in values]
            yield item_name(source, data_type, [own if text == game_id else text for text in texts])


def _encoded(text: str) -> str:
    """An item's name whose values were typed as they are, percent-encoded."""
    source, _, rest = text.partition("/")
    data_type, _, values = rest.partition("/")
    return item_name(source, data_type, [unquote(value) for value in values.split("/")]) if values else text


def _parsed(plan: Plan, key: str) -> Iterator[tuple[str, str | None]]:
    """The items that the key belongs to by the installed layouts, with the game id that it tells."""
    for layout in plan.layouts:
        for template in layout.templates:
            fields = template.parse(key)
            if fields is not None and layout.inside is None:
                yield item_name(layout.source, layout.data_type, layout.grain_values(fields)), fields.get("game_id")
    for source in plan.sources:
        prefixes = [prefix for dataset in source.datasets for prefix in dataset.layout.prefixes]
        if "recon_parse_key" in source.plugin.hooks and key.startswith(tuple(prefixes)):
            parsed = _by_plugin(source.plugin, key)
            grain = next(
                (one.layout.grain for one in source.datasets if parsed and one.data_type == parsed.data_type), ()
            )
            if parsed is not None and grain:
                values = [parsed.fields[column] for column in grain]
                yield item_name(source.name, parsed.data_type, values), parsed.fields.get("game_id")


def _by_plugin(plugin: Plugin, key: str) -> ParsedKey | None:
    """What a plugin reads in a key; a parser that fails has already cost its source the cycle."""
    try:
        parsed: ParsedKey | None = plugin.call("recon_parse_key", key=key)
    except PluginError:
        return None
    return parsed


def _object(ws: Workspace, key: str, plan: Plan) -> dict[str, Any] | None:
    """What is known of a key; ``None`` for a text that is none."""
    seen = snapshot_objects(ws, [key]).get(key)
    names = [name for name, _ in _parsed(plan, key)]
    rows = rows_where(ws, "objects", "key = ?", [key]).rows
    if seen is None and not names:
        return None
    row = rows[0] if rows else {}
    return {
        "key": key,
        "in_snapshot": seen is not None,
        "size": seen[0] if seen else None,
        "last_modified": seen[1] if seen else None,
        "kind": row.get("kind"),
        "item": row.get("item") or (names[0] if names else None),
        "shape": key_shape(key),
    }


def _by_other_id(ws: Workspace, plan: Plan, ids: set[str]) -> list[dict[str, Any]]:
    """Items of games that have one of the ids as an alternative one."""
    own = {
        game.game_id
        for source in plan.sources
        for file in stored_seasons(ws, source.name).values()
        for game in load_games(file)
        if ids.intersection(game.alt_ids)
    }
    if not own:
        return []
    return rows_where(
        ws, "coverage", "game_id IN (SELECT unnest(CAST(? AS VARCHAR[])))", [sorted(own)], MOST_ITEMS
    ).rows


def _unknown(ws: Workspace, text: str) -> str:
    near = similar_items(ws, text, 3)
    hint = f" (did you mean {' or '.join(shown(item) for item in near)}?)" if near else ""
    return (
        f"no item, id or key {shown(text)!r} is known{hint}; an item reads source/data_type/id, "
        "and what the last cycle did not look at is not known"
    )
