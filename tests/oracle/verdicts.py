"""Verdicts, line by line as the design states them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from oracle.items import Event, Item
from oracle.world import Object, Range, Sample

NO_KEY = "no key"
DENIED = "denied"
NOT_SCANNED = "not scanned"
SAMPLED_OUT = "sampled out"
TOO_OLD = "evidence too old"
UNTOLD = "no size or time"
UNREADABLE = "unreadable"
SCHEDULE = "schedule"
PLUGIN_FAILED = "plugin failed"
UNDETERMINED = "undetermined"
OUTSIDE = "outside this run"


@dataclass(frozen=True)
class Judged:
    """An item with its verdict, and ``reason``: the class of why it is unknown.

    ``cluster`` is the number of the sampled cluster that it belongs to; None outside of a sample.
    """

    item: Item
    verdict: str
    reason: str | None
    best: Object | None
    copies: int
    cluster: int | None = None


def copies_of(item: Item, lake: Mapping[str, Object]) -> list[Object]:
    """The objects under the item's candidate keys; of containers those that hold it."""
    found = [lake[key] for key in item.keys if key in lake]
    if item.dataset.inside is None:
        return found
    return [one for one in found if one.holds is not None and not item.told_inside.isdisjoint(one.holds)]


def is_due(item: Item, now: int) -> bool:
    """Whether absence would be a gap."""
    return item.due_at is not None and now >= item.due_at


def lower_median(sizes: Sequence[int]) -> int:
    """The middle one, of an even number the lower of the two middle ones."""
    return sorted(sizes)[(len(sizes) - 1) // 2]


def floors(items: Sequence[Item], lake: Mapping[str, Object], now: int) -> dict[tuple[str, int], int]:
    """The floor of every (season, template index) of one dataset's items."""
    sizes: dict[tuple[str, int], list[int]] = {}
    for item in items:
        for index in range(len(item.dataset.templates)):
            sizes.setdefault((item.season, index), [])
        if not is_due(item, now) or item.final_at is None:
            continue
        for found in copies_of(item, lake):
            if found.size is not None and found.is_new(item.final_at):
                sizes[item.season, item.keys[found.key]].append(found.size)
    result = {}
    for item in items:
        dataset = item.dataset
        for index in range(len(dataset.templates)):
            known = sizes[item.season, index]
            floor = Fraction(dataset.min_size_bytes)
            # What lies in a container has no size of its own.
            if known and len(known) >= dataset.undersized_min_copies and dataset.inside is None:
                floor = max(floor, dataset.ratio * lower_median(known))
            result[item.season, index] = ceil(floor)
    return result


def surest_floors(
    items: Sequence[Item], lake: Mapping[str, Object], ranges: Sequence[Range], now: int
) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], int]]:
    """In a sample: the sizes from which on a copy is certainly large enough, and below which it is certainly too small.

    Where nothing of a season was left out, or too little for the median to count, both are its floor.
    """
    exact = floors(items, lake, now)
    sure, least = dict(exact), dict(exact)
    by_template: dict[int, dict[str, list[int]]] = {}
    for item in items:
        for found in copies_of(item, lake):
            by_season = by_template.setdefault(item.keys[found.key], {})
            sizes = by_season.setdefault(item.season, [])
            finished = item.final_at is not None and found.is_new(item.final_at)
            if is_due(item, now) and finished and found.size is not None:
                sizes.append(found.size)
    for season, index in exact:
        dataset = items[0].dataset
        due = [item for item in items if item.season == season and is_due(item, now)]
        left_out = [item for item in due if "sampled_out" in states_of(item, ranges)]
        ids = sum(1 + (len(item.game.alt_ids) if item.game else 0) for item in due)
        if not left_out or not dataset.ratio or ids < dataset.undersized_min_copies:
            continue
        least[season, index] = dataset.min_size_bytes
        of_template = by_template.get(index, {})
        everywhere = [size for sizes in of_template.values() for size in sizes]
        if len(everywhere) < 5:
            sure[season, index] = 2**62
            continue
        sizes = sorted(of_template.get(season, []))
        enough = len(sizes) >= dataset.undersized_min_copies
        upper = sizes[ceil(Fraction(3, 4) * len(sizes)) - 1] if enough and sizes else max(sizes, default=0)
        typical = max(upper, lower_median(everywhere))
        sure[season, index] = max(dataset.min_size_bytes, ceil(dataset.ratio * typical))
    return sure, least


def states_of(item: Item, ranges: Sequence[Range]) -> list[str | None]:
    """What is known of the ranges in which the item's keys lie; None where nothing is."""
    covering = [next((held for held in ranges if held.holds(key)), None) for key in item.keys]
    return [held.state if held is not None else None for held in covering]


def need_of(events: Sequence[Event], freshness: int | None, settle: int, now: int) -> int:
    """The oldest last_modified that a good copy may have, given the games that count."""
    finals = [event.final_at for event in events if event.final_at is not None]
    settled_at = max(event.settled_at for event in events if event.settled_at is not None)
    if now >= settled_at:
        return settled_at
    if freshness is None:
        return min(finals)
    changed = max((min(now, final + settle) for final in finals if final <= now), default=min(finals))
    return max(min(finals), min(now - freshness, changed))


def best_of(copies: Sequence[Object], item: Item, floor: Mapping[tuple[str, int], int]) -> Object | None:
    """The newest copy that is big enough, else the newest; then the earlier template, then the smaller key.

    What is not told counts as too small and as older than all others.
    """
    if not copies:
        return None
    big = [found for found in copies if found.is_large(floor[item.season, item.keys[found.key]])]

    def rank(found: Object) -> tuple[bool, int, int, bytes]:
        moment = found.last_modified
        return moment is None, -(moment or 0), item.keys[found.key], found.key.encode()

    return min(big or copies, key=rank)


def judge(
    item: Item,
    lake: Mapping[str, Object],
    ranges: Sequence[Range],
    floor: Mapping[tuple[str, int], int],
    now: int,
    *,
    least: Mapping[tuple[str, int], int] | None = None,
    sample: Sample | None = None,
) -> Judged:
    """The verdict of one item. ``least`` is below the floor where a sample does not tell the floor."""
    copies = copies_of(item, lake)
    best = best_of(copies, item, floor)
    cluster = None
    if sample is not None and is_due(item, now) and not item.unfit and set(states_of(item, ranges)) == {"listed"}:
        key = item.target_key
        cluster = 0 if key is None else sum(first.encode() <= key.encode() for first in sample.clusters)

    def verdict(word: str, reason: str | None = None) -> Judged:
        return Judged(item, word, reason, best, len(copies), cluster)

    if item.source.broken is not None or item.source.failing:
        return verdict("unknown", PLUGIN_FAILED)
    if all(event.called_off for event in item.events):
        return verdict("excused")
    if item.due_at is None or now < item.due_at:
        return verdict("not_due")
    need = need_of(item.timed, item.dataset.freshness, item.dataset.settle, now)
    for found in copies:
        if found.is_large(floor[item.season, item.keys[found.key]]) and found.is_new(need):
            return verdict("present")
    if best is None:
        word = "missing"
    elif not all(found.told for found in copies):
        word = "untold"
    elif not best.is_large(floor[item.season, item.keys[best.key]]):
        word = "undersized"
    else:
        word = "stale"
    doubtful = [
        found
        for found in copies
        if found.is_large((least or floor)[item.season, item.keys[found.key]])
        and not found.is_large(floor[item.season, item.keys[found.key]])
    ]
    unclear = bool(doubtful) and word in ("undersized", "stale")
    if word == "stale":
        unclear = any(found.is_new(need) for found in doubtful)
    reason = unproved(item, word, best, lake, ranges, now, unclear=unclear)
    return verdict("unknown", reason) if reason is not None else verdict(word)


def unproved(
    item: Item,
    word: str,
    best: Object | None,
    lake: Mapping[str, Object],
    ranges: Sequence[Range],
    now: int,
    *,
    unclear: bool,
) -> str | None:
    """Why the gap ``word`` is not proved, or None where it is. ``unclear``: a copy may be large enough or not."""
    if item.unfit:
        return NO_KEY
    covering = [next((held for held in ranges if held.holds(key)), None) for key in item.keys]
    states = states_of(item, ranges)
    if "denied" in states:
        return DENIED
    if None in states:
        return NOT_SCANNED
    if "sampled_out" in states or unclear:
        return SAMPLED_OUT
    if item.dataset.inside is not None and any(key in lake and lake[key].holds is None for key in item.keys):
        return UNREADABLE
    evidence = min(held.evidence_at for held in covering if held is not None)
    if word == "untold":
        # Nothing but its being there is known, so it may be good or not.
        return TOO_OLD if item.due_at is not None and evidence < item.due_at else UNTOLD
    proved = [event for event in item.timed if event.proved and event.due_at is not None and event.due_at <= now]
    counted = [event for event in item.timed if event.proved] if proved else item.timed
    if evidence < min(event.due_at for event in counted if event.due_at is not None):
        return TOO_OLD
    if word == "stale":
        assert best is not None
        # Too old by what all games ask, and by what the proved ones ask.
        need = min(need_of(games, item.dataset.freshness, item.dataset.settle, now) for games in (counted, item.timed))
        if proved and best.is_new(need):
            return SCHEDULE
        if evidence < need:
            return TOO_OLD
    return None if proved else SCHEDULE
