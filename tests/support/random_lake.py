"""What lies in the lake of a random world, and what of it a scan saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from math import ceil

from oracle.cycle import judge_all
from oracle.items import Item
from oracle.keys import Template
from oracle.verdicts import floors, need_of
from oracle.world import DAY, Object, Range, Sample, Source, World
from support.choices import Choices
from support.random_world import TEAMS, jittered

TYPICAL = 1000


def random_lake(choose: Choices, world: World, *, keep: bool = False) -> World:
    """The world with objects and with what a scan covered; ``keep`` leaves most of its objects as they are."""
    items = [judged.item for judged in judge_all(world)]
    objects = random_objects(choose, world, items)
    if keep:
        before = {found.key: found for found in world.objects}
        objects = {
            key: found for key, found in {**objects, **before}.items() if choose.chance(90 if key in before else 20)
        }
    ranges = random_ranges(choose, world, items, objects)
    seen = [
        found for found in objects.values() if any(held.state == "listed" and held.holds(found.key) for held in ranges)
    ]
    told = [partly_told(choose, found) for found in seen] if choose.chance(12) else seen
    return replace(
        world,
        objects=tuple(sorted(told, key=lambda found: found.key.encode())),
        ranges=ranges,
        sample=random_sample(choose, items, ranges),
    )


def partly_told(choose: Choices, found: Object) -> Object:
    """Most often the object as it is, else one of an inventory report without its size or its time."""
    size, moment = choose.of(((True, True), (True, True), (False, True), (True, False), (False, False)))
    # Of a container without them nobody can say that it is the one that was listed: it is not read.
    holds = found.holds if size and moment else None
    told = replace(found, size=found.size if size else None, last_modified=found.last_modified if moment else None)
    return replace(told, holds=holds)


def random_objects(choose: Choices, world: World, items: list[Item]) -> dict[str, Object]:
    """Copies of the items, with borders in time and size, and whatever else lies about."""
    habit = choose.of((60, 90, 30, 100, 0))
    objects: dict[str, Object] = {}
    objects |= random_containers(choose, world, items, habit)
    for item in items:
        keys = list(item.keys)
        if item.dataset.inside is None and choose.chance(habit):
            for key in keys if choose.chance(15) else keys and [choose.of(keys)]:
                objects[key] = Object(key, random_size(choose, item), random_time(choose, item, world.now))
    for key in foreign_keys(choose, world, items):
        holds = choose.of((None, (), ("z999", "S1")))
        objects.setdefault(key, Object(key, choose.of((TYPICAL, 0, 1)), world.now - DAY, holds))
    tune_sizes(choose, world, items, objects)
    return objects


def random_containers(choose: Choices, world: World, items: list[Item], habit: int) -> dict[str, Object]:
    """Containers of the items: most hold most of what should be in them, and something else; some cannot be read."""
    contents: dict[str, list[Item]] = {}
    for item in items:
        for key in item.keys if item.dataset.inside is not None else ():
            contents.setdefault(key, []).append(item)
    objects = {}
    for key, own in contents.items():
        if not choose.chance(max(habit, 50)):
            continue
        held = [choose.of(sorted(item.told_inside)) for item in own if choose.chance(habit)]
        strays = choose.some(("z999", *(game.game_id for game in own[0].source.known.get("2024-25", ())[:2])), 10)
        holds = None if choose.chance(15) else tuple(dict.fromkeys([*held, *strays]))
        one = choose.of(own)
        objects[key] = Object(key, random_size(choose, one), random_time(choose, one, world.now), holds)
    return objects


def random_size(choose: Choices, item: Item) -> int:
    """Most often the typical size, else one beside a border."""
    if not choose.chance(35):
        return TYPICAL
    least = item.dataset.min_size_bytes
    relative = ceil(item.dataset.ratio * TYPICAL)
    sizes = (TYPICAL + 1, TYPICAL - 1, relative, relative - 1, relative + 1, least, least - 1, least + 1, 0)
    return max(0, choose.of(sizes))


def tune_sizes(choose: Choices, world: World, items: list[Item], objects: dict[str, Object]) -> None:
    """Put some objects exactly at, one below and one above the floor that the others make."""
    if not choose.chance(50):
        return
    for dataset in {(item.source.name, item.dataset.data_type) for item in items}:
        own = [item for item in items if (item.source.name, item.dataset.data_type) == dataset]
        floor = floors(own, objects, world.now)
        for item in own:
            for key, index in item.keys.items():
                if key in objects and choose.chance(15):
                    size = max(0, floor[item.season, index] + choose.of((0, -1, 1)))
                    objects[key] = replace(objects[key], size=size)


def random_time(choose: Choices, item: Item, now: int) -> int:
    """A last_modified beside one of the moments that matter to the item."""
    moments = [now, now - DAY]
    if item.final_at is not None and item.settled_at is not None and item.due_at is not None:
        freshness, settle = item.dataset.freshness, item.dataset.settle
        need = need_of(item.timed, freshness, settle, now)
        proved = [event for event in item.timed if event.proved]
        moments = [
            need,
            need,
            item.settled_at,
            item.final_at,
            item.due_at,
            now - (freshness or 0),
            need_of(proved, freshness, settle, now) if proved else now,
            item.settled_at + DAY,
        ]
    return jittered(choose, choose.of(moments))


def foreign_keys(choose: Choices, world: World, items: list[Item]) -> list[str]:
    """Keys of other games, of no game, and of nobody."""
    keys = choose.some(("temp/x", "a//b", "é", "old/", "ml/it's.bin", "\U0001f3c0"), 25)
    keys += [
        choose.of(list(item.keys)) + choose.of((".bak", "x", "/")) for item in items if item.keys and choose.chance(3)
    ]
    for source in world.sources:
        for dataset in source.datasets:
            for _ in range(choose.number(4)):
                keys.append(stray_key(choose, source, choose.of(dataset.templates).under(source.prefix)))
    return keys


def stray_key(choose: Choices, source: Source, template: Template) -> str:
    """A key that the template reads: of a stored game, wanted or not, or of none."""
    season = choose.of(source.seasons)
    games = [game for stored in source.stored.values() for game in stored]
    ids = [game_id for game in games for game_id in (game.game_id, *game.alt_ids)]
    days = [game.date for game in games]
    near = [season.starts, season.ends, season.starts - timedelta(days=1)]
    values: dict[str, str | date] = {
        **season.fields,
        "season": choose.of((season.label, season.label, "1066")),
        "team": choose.of((*TEAMS, "ZZ")),
        "home": choose.of(("BOS", "ZZ")),
        "station": "S9",
        "player": "p9",
        "date": choose.of(days + near),
        "game_id": choose.of([*ids, "z999"]),
    }
    return template.render(values)


def random_ranges(choose: Choices, world: World, items: list[Item], objects: dict[str, Object]) -> tuple[Range, ...]:
    """What the scan covered: everything, now, or pieces of various states and ages."""
    if not choose.chance(55):
        return (Range("", None, "listed", world.now),)
    keys = [key for item in items for key in item.keys] + list(objects) + ["old/", "alpha"]
    cuts = {choose.of(keys[start : start + 200] or keys) for start in range(0, choose.of((200, 400, 1000, 0)), 100)}
    cuts |= {cut + choose.of(("", "0", " ")) for cut in list(cuts) if choose.chance(30)}
    bounds = ["", *sorted(cuts - {""}, key=str.encode), None]
    moments = [
        world.now,
        world.now,
        world.now - DAY,
        *(moment for item in items for moment in evidence_borders(item, world)),
    ]
    ranges = []
    for start, end in pairwise(bounds):
        state = choose.of(("listed", "listed", "listed", "listed", "listed", "denied", "sampled_out", "hole"))
        if state != "hole" and start is not None:
            evidence = min(world.now, jittered(choose, choose.of(moments[-250:] + moments[:2])))
            ranges.append(Range(start, end, state, evidence, "AccessDenied" if state == "denied" else None))
    return tuple(ranges)


def random_sample(choose: Choices, items: list[Item], ranges: tuple[Range, ...]) -> Sample | None:
    """Half of the scans that left something out are samples, with clusters that begin at some of the target keys."""
    if not any(held.state == "sampled_out" for held in ranges) or not choose.chance(60):
        return None
    keys = {item.target_key for item in items if item.target_key is not None and choose.chance(30)}
    return Sample(0.5, 7, tuple(sorted(keys, key=str.encode)))


def evidence_borders(item: Item, world: World) -> list[int]:
    """Moments from which on evidence is new enough."""
    if item.due_at is None or not item.timed:
        return []
    return [item.due_at, need_of(item.timed, item.dataset.freshness, item.dataset.settle, world.now)]
