"""What the objects are that are no item's best copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oracle.items import expected_seasons, grain_values, item_name
from oracle.verdicts import Judged, copies_of
from oracle.world import Dataset, Object, Source, World


@dataclass(frozen=True)
class Kind:
    """The kind of an object, whose it is, and the item that its key names, expected or not."""

    kind: str
    source: str | None
    data_type: str | None
    item: str | None


def recognise(key: str, world: World) -> tuple[Source, Dataset, dict[str, str]] | None:
    """The dataset whose template reads the key, and what it reads."""
    for source in world.sources:
        if source.failed is not None:
            continue  # nothing is known of the layouts of a plugin that could not be loaded
        for dataset in source.datasets:
            # A plugin declares one container; further ones are the user's, who says nothing of what is not wanted.
            declared = dataset.inside is None or (dataset.configured and source.wanted)
            for template in dataset.templates if declared else dataset.templates[:1]:
                values = template.under(source.prefix).parse(key)
                if values is not None:
                    return source, dataset, with_season(source, dataset, values)
    return None


def with_season(source: Source, dataset: Dataset, values: dict[str, str]) -> dict[str, str]:
    """What a key says, with the season that it tells by another field, such as the year in which it ends."""
    if "season" not in dataset.grain or "season" in values:
        return values
    told = next(value for name, value in values.items() if name == "code")
    return {"season": next((one.label for one in source.seasons if one.fields["code"] == told), told), **values}


def is_stored(source: Source, dataset: Dataset, values: dict[str, str]) -> bool:
    """Whether a stored schedule of the source, of whatever season and game type, knows what the key names.

    The plugin itself knows its seasons, and the calendar the days of a stored one.
    """
    if not dataset.of_games:
        return False  # the plugin names what is wanted of it, and nothing else
    if dataset.grain == ("season",) and values["season"] in [season.label for season in source.seasons]:
        return True
    if dataset.every_day and not source.computed:
        stored = [season for season in source.seasons if season.label in source.stored]
        if any(season.starts.isoformat() <= values["date"] <= season.ends.isoformat() for season in stored):
            return True
    wanted = tuple(values[column] for column in dataset.grain)
    for games in source.known.values():
        for game in games:
            if dataset.grain == ("game_id",):
                if values["game_id"] in (game.game_id, *game.alt_ids):
                    return True
            elif wanted in [tuple(str(value) for value in known) for known in grain_values(game, dataset)]:
                return True
    return False


def known_seasons(source: Source, dataset: Dataset) -> list[str]:
    """The seasons of which everything that should exist is known, so that what nobody names is nobody's."""
    if dataset.of_games and not source.computed:
        return list(source.stored)
    if source.broken is not None or source.failing:
        return []
    if dataset.of_games:
        asked = [one for one in source.datasets if one.configured and one.of_games]
        return [label for one in asked for label in expected_seasons(source, one)]
    return [label for label in expected_seasons(source, dataset) if dataset.configured and label in dataset.named]


def kind_of(found: Object, world: World, copies: dict[str, Judged]) -> Kind | None:
    """The kind of an object; None for an item's best copy. ``copies`` maps candidate keys to their items."""
    judged = copies.get(found.key)
    if judged is not None:
        if judged.best is not None and judged.best.key == found.key:
            return None
        item = judged.item
        return Kind("duplicate", item.source.name, item.dataset.data_type, item.name)
    recognised = recognise(found.key, world)
    if recognised is None:
        return Kind("unrecognised", None, None, None)
    source, dataset, values = recognised
    if dataset.inside is not None:
        return Kind("out_of_scope", source.name, dataset.data_type, None)  # not read, so nobody can say whose it is
    if is_stored(source, dataset, values):
        kind = "out_of_scope"
    elif all(season.label in known_seasons(source, dataset) for season in source.started(world.now)):
        kind = "orphan"
    else:
        kind = "out_of_scope"
    name = item_name(source.name, dataset.data_type, [values[column] for column in dataset.grain])
    return Kind(kind, source.name, dataset.data_type, name)


def container_kind(found: Object, world: World, own: Sequence[Judged]) -> Kind | None:
    """The kind of a container in which the items ``own`` may lie; None where it is the best copy of one of them."""
    source, dataset = own[0].item.source, own[0].item.dataset
    if any(one.best is not None and one.best.key == found.key for one in own):
        return None
    if any(copies_of(one.item, {found.key: found}) for one in own):
        return Kind("duplicate", source.name, dataset.data_type, None)
    kind = "out_of_scope"
    if found.holds is not None:
        values = recognise(found.key, world)
        told = [{**(values[2] if values else {}), dataset.inside or "": value} for value in found.holds]
        known = any(is_stored(source, dataset, one) for one in told)
        if not known and all(one.label in known_seasons(source, dataset) for one in source.started(world.now)):
            kind = "orphan"
    return Kind(kind, source.name, dataset.data_type, None)


def kinds_of(world: World, judged: Sequence[Judged]) -> dict[str, Kind]:
    """The kind of every object that is no item's best copy, by key."""
    copies = {key: one for one in judged for key in one.item.keys}
    inside: dict[str, list[Judged]] = {}
    for one in judged:
        for key in one.item.keys if one.item.dataset.inside is not None else ():
            inside.setdefault(key, []).append(one)
    kinds = {
        found.key: container_kind(found, world, inside[found.key])
        if found.key in inside
        else kind_of(found, world, copies)
        for found in world.objects
    }
    return {key: kind for key, kind in kinds.items() if kind is not None}
