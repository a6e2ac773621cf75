"""The evidence for one item: its candidate keys, what the snapshot saw under them, and what the lake says now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from recon_core.api import ConfigError, Game
from recon_core.containers.cache import ColumnCache
from recon_core.engine.outputs import snapshot_objects, snapshot_versions
from recon_core.lake import DeniedError, Lake
from recon_core.plan import DatasetPlan, Plan
from recon_core.snapshot import KeyRange, Snapshot, prefix_end, range_of
from recon_core.times import format_utc, from_us
from recon_core.workspace import Workspace

__all__ = ["candidate_keys", "dataset_of", "evidence_of", "held_by", "holding", "prefixes_of"]


def dataset_of(plan: Plan, row: Mapping[str, Any]) -> DatasetPlan | None:
    """The dataset of an item; ``None`` when the configuration no longer names it."""
    for dataset in plan.datasets:
        if (dataset.source, dataset.data_type) == (row["source"], row["data_type"]):
            return dataset
    return None


def candidate_keys(plan: Plan, row: Mapping[str, Any], game: Game | None) -> list[str]:
    """The keys under which an item may lie: its ids x its templates, the target key first.

    Empty where the plugin parses keys itself, so that no template can tell them.
    """
    dataset = dataset_of(plan, row)
    if dataset is None:
        return [row["target_key"]] if row["target_key"] else []
    source = next(source for source in plan.sources if source.name == row["source"])
    fields: dict[str, str] = {"season": row["season"]}
    for season in source.plugin.seasons:
        if season.label == row["season"]:
            fields |= season.fields
    fields |= {name: row[name] for name in ("date", "home", "away") if row[name] is not None}
    if game is not None and game.season_type is not None:
        fields["season_type"] = game.season_type
    fields |= {name: value for name, value in row["fields"].items() if value is not None}
    ids = [fields["game_id"], *(game.alt_ids if game else ())] if "game_id" in fields else [""]
    keys: dict[str, None] = {}
    for template in dataset.layout.templates:
        for value in ids:
            try:
                keys[template.render({**fields, "game_id": value} if value else fields)] = None
            except ConfigError:
                # An id of another form than this layout's has no place in it.
                continue
    return list(keys)


def evidence_of(ws: Workspace, keys: Iterable[str], snapshot: Snapshot, lake: Lake | None) -> list[dict[str, Any]]:
    """What is known of each key: the object, how the snapshot covered the key, and, with a lake, what is there now.

    Raises LakeError when the lake cannot be asked at all.
    """
    wanted = list(keys)
    seen = snapshot_objects(ws, wanted)
    found = []
    for key in wanted:
        covered = range_of(snapshot.ranges, key)
        size, modified = seen.get(key, (None, None))
        entry: dict[str, Any] = {
            "key": key,
            "present": key in seen,
            "size": size,
            "last_modified": modified,
            **_covered(covered),
        }
        if lake is not None:
            entry["live"] = _live(lake, key)
        found.append(entry)
    return found


def held_by(
    ws: Workspace, plan: Plan, row: Mapping[str, Any], game: Game | None, keys: Iterable[str], lake_url: str
) -> dict[str, bool | None]:
    """Whether each of an item's candidate containers holds it; ``None`` for one that is absent or was not read.

    Empty where items have keys of their own.
    """
    dataset = dataset_of(plan, row)
    if dataset is None or dataset.layout.inside is None:
        return {}
    told = row["fields"][dataset.layout.inside_field]
    ids = {told, *(game.alt_ids if game is not None and dataset.layout.inside_field == "game_id" else ())}
    held = holding(ws, lake_url, dataset.layout.inside, ids, keys)
    if row["game_id"] is not None and game is None:
        # Without a stored schedule nobody knows the game's further ids, so that none of them is there is not certain.
        held = {key: found or None for key, found in held.items()}
    return {key: True if key == row["found_key"] else found for key, found in held.items()}


def holding(
    ws: Workspace, lake_url: str, column: str, ids: Collection[str], keys: Iterable[str]
) -> dict[str, bool | None]:
    """Whether each container holds one of the ids, as it was read last; ``None`` for one that is absent or was not."""
    cache, wanted = ColumnCache(ws.containers_dir), list(keys)
    held: dict[str, bool | None] = dict.fromkeys(wanted)
    for key, version in snapshot_versions(ws, wanted).items():
        values = cache.load(cache.path(lake_url, version, column))
        if values is not None:
            held[key] = not set(ids).isdisjoint(values.to_pylist())
    return held


def prefixes_of(plan: Plan, row: Mapping[str, Any], snapshot: Snapshot) -> list[dict[str, Any]]:
    """How the snapshot covered the prefixes of a dataset whose keys the plugin parses; empty for templates.

    Absence is as well covered as the worst range of a prefix: that one is told.
    """
    dataset = dataset_of(plan, row)
    found = []
    for prefix in dataset.layout.prefixes if dataset else ():
        end = prefix_end(prefix)
        within = [
            one for one in snapshot.ranges if (end is None or one.start < end) and (one.end is None or one.end > prefix)
        ]
        worst = next((one for one in within if one.state != "listed"), None)
        if worst is None and _gapless(within, prefix, end):
            worst = min(within, key=lambda one: one.evidence_at)
        found.append({"prefix": prefix, **_covered(worst)})
    return found


def _gapless(ranges: list[KeyRange], start: str, end: str | None) -> bool:
    """Whether ascending ranges leave no key between ``start`` and ``end`` out."""
    for one in ranges:
        if one.start > start:
            return False
        if one.end is None:
            return True
        start = one.end
    return end is not None and start >= end


def _covered(one: KeyRange | None) -> dict[str, Any]:
    return {
        "state": one.state if one else "not_scanned",
        "error": one.error if one else None,
        "evidence_at": format_utc(one.evidence_at) if one else None,
    }


def _live(lake: Lake, key: str) -> dict[str, Any]:
    """What lies under the key now: of all keys with it as prefix, the key itself is listed first."""
    nothing = {"present": False, "size": None, "last_modified": None, "error": None}
    try:
        for page in lake.list_pages(key):
            if page.keys and page.keys[0] == key:
                modified = format_utc(from_us(page.last_modified_us[0]))
                return {"present": True, "size": page.sizes[0], "last_modified": modified, "error": None}
            if page.keys:
                break
    except DeniedError as error:
        return {**nothing, "present": None, "error": str(error)}
    return nothing
