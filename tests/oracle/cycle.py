"""A whole cycle, naively: a world and the memory of the cycles before give everything that recon writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from oracle.items import Item, expected_seasons, items_of
from oracle.objects import Kind, kinds_of
from oracle.queue import Gap, Task, age_days, carried, columns, limited, rank, tasks_of
from oracle.truth import Conflict, Place, agree, place_of
from oracle.verdicts import OUTSIDE, PLUGIN_FAILED, SCHEDULE, UNDETERMINED, Judged, floors, judge, surest_floors
from oracle.world import GAPS, Range, World, utc

Group = tuple[str, str, str]
"""Source, data type, season."""


@dataclass(frozen=True)
class Row:
    """A row of the coverage: ``verdict`` is what stands after waivers."""

    judged: Judged
    verdict: str
    waived_verdict: str | None


@dataclass
class Counts:
    """The verdicts of a (source, data type, season)."""

    present: int = 0
    missing: int = 0
    stale: int = 0
    undersized: int = 0
    not_due: int = 0
    excused: int = 0
    unknown: int = 0
    waived: int = 0
    counted_present: int = 0
    counted_gaps: int = 0

    @property
    def gaps(self) -> int:
        return self.missing + self.stale + self.undersized

    @property
    def expected(self) -> int:
        return self.present + self.gaps + self.not_due + self.excused + self.unknown

    @property
    def completeness(self) -> float | None:
        """Of what counts: all that is known, of a sample its clusters alone; None for 0/0."""
        known = self.counted_present + self.counted_gaps
        return self.counted_present / known if known else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """What completeness could be, given the unknown items; None where there are none."""
        known = self.present + self.gaps + self.unknown
        return (self.present / known, (self.present + self.unknown) / known) if self.unknown else None


@dataclass
class Memory:
    """What earlier cycles left behind.

    ``open`` are the gaps seen and not closed since, deferred ones too, with when they were first seen; ``since`` when
    one of them could first not be verified. ``had`` are the items that had a copy when they were last seen, and whose
    loss nobody accepted since.
    """

    open: dict[str, int] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    since: dict[str, int] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    had: dict[str, Group] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """Everything that a cycle finds out."""

    rows: list[Row]
    counts: dict[Group, Counts]
    kinds: dict[str, Kind]
    gaps: list[Gap]
    tasks: list[Task]
    deferred: list[Task]
    withheld: list[Task]
    empty: list[tuple[str, str]]
    losses: dict[tuple[str, str], tuple[int, int]]
    refused: dict[tuple[str, str], str]
    unverified: dict[str, tuple[int, str]]
    new: set[str]
    closed: set[str]
    reopened: set[str]
    memory: Memory
    conflicts: list[Conflict]
    failing: set[str]
    derived: int


def run(world: World, memory: Memory | None = None) -> Outcome:
    """One cycle."""
    before = memory or Memory()
    games = count_games(world)
    world, conflicts = agree(world)
    judged = judge_all(world)
    known = count([Row(one, one.verdict, None) for one in judged], world)
    rows = [waive(one, known[group_of(one.item)].completeness, world) for one in judged]
    counts = count(rows, world)
    gaps = []
    for row in rows:
        if row.verdict in GAPS:
            completeness = counts[group_of(row.judged.item)].completeness
            rule = rank(row.judged, completeness, world)
            gaps.append(
                Gap(
                    judged=row.judged,
                    priority=rule.priority,
                    rule=rule.name,
                    age_days=age_days(row.judged, world.now),
                    completeness=completeness,
                    first_seen=carried(row.judged.item.name, before.open, world.now),
                    available_from=elsewhere(row.judged.item, rows),
                )
            )
    empty = empty_datasets(world, gaps)
    losses = losses_of(before, rows)
    refused = refused_datasets(world, gaps, empty, losses)
    tasks = tasks_of(gaps, world)
    withheld = [task for task in tasks if (task.source, task.data_type) in refused]
    kept, deferred = limited([task for task in tasks if task not in withheld], world)
    now_gaps = {gap.judged.item.name: gap.first_seen for gap in gaps}
    unclear = unclear_items(before, rows, world)
    unverified = {name: (before.since.get(name, world.now), reason) for name, reason in unclear.items()}
    closed = before.open.keys() - now_gaps.keys() - unclear.keys()
    reopened = now_gaps.keys() & before.closed
    new = now_gaps.keys() - before.open.keys() - before.closed
    return Outcome(
        rows=rows,
        counts=counts,
        kinds=kinds_of(world, judged),
        gaps=gaps,
        tasks=kept,
        deferred=deferred,
        withheld=withheld,
        empty=empty,
        losses=losses,
        refused=refused,
        unverified=unverified,
        new=new,
        closed=closed,
        reopened=reopened,
        memory=Memory(
            open={**{name: before.open[name] for name in before.open.keys() & unclear.keys()}, **now_gaps},
            closed=(before.closed | closed) - reopened,
            since={name: since for name, (since, _) in unverified.items()},
            groups={**before.groups, **{row.judged.item.name: group_of(row.judged.item) for row in rows}},
            had=remembered(before, rows, refused, world),
        ),
        conflicts=conflicts,
        failing={source.name for source in world.sources if source.failing},
        derived=count_games(world) - games,
    )


def elsewhere(item: Item, rows: Sequence[Row]) -> tuple[str, ...]:
    """Where other sources have data of an item's game in the lake."""
    place = place_of_item(item)
    return tuple(
        sorted(
            {
                f"{row.judged.item.source.name}/{row.judged.item.dataset.data_type}"
                for row in rows
                if place is not None
                and row.verdict == "present"
                and row.judged.item.source.name != item.source.name
                and place_of_item(row.judged.item) == place
            }
        )
    )


def place_of_item(item: Item) -> Place | None:
    """Which game of its league an item is of."""
    if item.game is None or item.game.status == "tbd":
        return None
    return item.game.derived_from or place_of(item.source, item.game)


def count_games(world: World) -> int:
    """How many games stand in all schedules."""
    return sum(len(games) for source in world.sources for games in source.stored.values())


def group_of(item: Item) -> Group:
    """The (source, data type, season) that an item counts for."""
    return (item.source.name, item.dataset.data_type, item.season)


def judge_all(world: World) -> list[Judged]:
    """Every expected item with its verdict, before waivers. A plugin that could not be loaded names no items."""
    lake = {found.key: found for found in world.objects}
    judged = []
    for source in world.sources:
        if source.failed is not None or not source.wanted:
            continue
        for dataset in source.datasets:
            if dataset.configured:
                items = items_of(source, dataset)
                if world.sample is None:
                    floor = least = floors(items, lake, world.now)
                else:
                    floor, least = surest_floors(items, lake, world.ranges, world.now)
                judged += [
                    judge(item, lake, world.ranges, floor, world.now, least=least, sample=world.sample)
                    for item in items
                ]
    return judged


def waive(judged: Judged, completeness: float | None, world: World) -> Row:
    """The row of an item: excused where a waiver in force matches what would count against it."""
    if judged.verdict in (*GAPS, "unknown"):
        row = columns(judged, completeness, world.now)
        for waiver in world.waivers:
            if utc(world.now).date() <= waiver.expires and waiver.when.holds(row) is True:
                return Row(judged, "excused", judged.verdict)
    return Row(judged, judged.verdict, None)


def count(rows: Sequence[Row], world: World) -> dict[Group, Counts]:
    """The verdicts of every (source, data type, season)."""
    counts: dict[Group, Counts] = {}
    for row in rows:
        group = counts.setdefault(group_of(row.judged.item), Counts())
        setattr(group, row.verdict, getattr(group, row.verdict) + 1)
        group.waived += row.waived_verdict is not None
        if world.sample is None or row.judged.cluster is not None:
            group.counted_present += row.verdict == "present"
            group.counted_gaps += row.verdict in GAPS
    return counts


def unclear_items(before: Memory, rows: Sequence[Row], world: World) -> dict[str, str]:
    """The gaps of earlier cycles that this one can neither prove nor refute, with why."""
    reasons = {row.judged.item.name: row.judged.reason or "" for row in rows if row.verdict == "unknown"}
    judged = {row.judged.item.name for row in rows}
    silent = silent_groups(world)
    looked_at = {
        (source.name, dataset.data_type, label)
        for source in world.sources
        for dataset in source.datasets
        if dataset.configured
        for label in expected_seasons(source, dataset)
    }
    for name in before.open:
        source, data_type, season = before.groups[name]
        silence = {silent[group] for group in ((source, data_type, season), (source, "", "")) if group in silent}
        if name not in judged and silence:
            reasons[name] = min(silence)
        elif name not in judged and before.groups[name] not in looked_at:
            reasons[name] = OUTSIDE
    return {name: reasons[name] for name in before.open if name in reasons}


def silent_groups(world: World) -> dict[Group, str]:
    """Of what nobody could say what should exist, with why; a whole source has neither data type nor season."""
    silent: dict[Group, str] = {}
    unread = any(source.failed is not None and source.stored and not source.computed for source in world.sources)
    for source in world.sources:
        if not source.wanted:
            continue
        if source.failed is not None or source.broken is not None or source.failing:
            silent[source.name, "", ""] = PLUGIN_FAILED
            if source.failed is not None or source.broken is not None:
                continue
        elif unread and source.deriving:
            # What was expected for another schedule that cannot be read now.
            silent[source.name, "", ""] = SCHEDULE
        for dataset in source.datasets:
            if dataset.configured and not dataset.of_games:
                for label in expected_seasons(source, dataset):
                    if label not in dataset.named:
                        silent[source.name, dataset.data_type, label] = UNDETERMINED
    return silent


def losses_of(before: Memory, rows: Sequence[Row]) -> dict[tuple[str, str], tuple[int, int]]:
    """Per dataset that lost any: how many are missing, of those that had a copy and of which this run can tell."""
    known = [row for row in rows if row.judged.item.name in before.had and row.verdict in ("present", *GAPS)]
    losses: dict[tuple[str, str], tuple[int, int]] = {}
    for dataset in {group_of(row.judged.item)[:2] for row in known if row.verdict == "missing"}:
        verdicts = [row.verdict for row in known if group_of(row.judged.item)[:2] == dataset]
        losses[dataset] = (verdicts.count("missing"), len(verdicts))
    return losses


def refused_datasets(
    world: World,
    gaps: Sequence[Gap],
    empty: Sequence[tuple[str, str]],
    losses: Mapping[tuple[str, str], tuple[int, int]],
) -> dict[tuple[str, str], str]:
    """The datasets for which no tasks are written, with why. Either option accepts one that is both lost and empty."""
    refused = {}
    for gap in gaps:
        item = gap.judged.item
        dataset = (item.source.name, item.dataset.data_type)
        lost, known = losses.get(dataset, (0, 0))
        too_many = lost > world.max_loss_items and lost > Fraction(world.max_loss_ratio) * known
        if too_many and world.accept_loss:
            continue
        if dataset in empty and world.accept_empty:
            continue
        if dataset in empty and not item.dataset.allow_empty:
            refused[dataset] = "empty"
        elif too_many:
            refused[dataset] = "loss"
    return refused


def remembered(
    before: Memory, rows: Sequence[Row], refused: Mapping[tuple[str, str], str], world: World
) -> dict[str, Group]:
    """The items whose loss the next run would notice."""
    had = {row.judged.item.name: group_of(row.judged.item) for row in rows if row.judged.best is not None}
    silent = silent_groups(world)
    for name, group in before.had.items():
        row = next((row for row in rows if row.judged.item.name == name), None)
        if row is None:
            kept = group in silent or (group[0], "", "") in silent
        elif row.verdict == "missing":
            kept = group[:2] in refused
        else:
            kept = "unknown" in (row.verdict, row.waived_verdict)
        if kept:
            had.setdefault(name, group)
    return had


def empty_datasets(world: World, gaps: Sequence[Gap]) -> list[tuple[str, str]]:
    """The datasets with gaps of which a complete listing finds not one key."""
    found = []
    for source, dataset in {
        (gap.judged.item.source.name, gap.judged.item.dataset.data_type): (
            gap.judged.item.source,
            gap.judged.item.dataset,
        )
        for gap in gaps
    }.values():
        templates = [template.under(source.prefix) for template in dataset.templates]
        states = ("listed",) if world.sample is None else ("listed", "sampled_out")
        listed = all(listed_whole(template.literal_prefix, world.ranges, states) for template in templates)
        any_key = any(template.parse(one.key) is not None for one in world.objects for template in templates)
        if listed and not any_key:
            found.append((source.name, dataset.data_type))
    return sorted(found)


def listed_whole(prefix: str, ranges: Sequence[Range], states: Sequence[str] = ("listed",)) -> bool:
    """Whether every key that begins with the prefix lies in a range of one of the states."""
    at = prefix.encode()
    while True:
        covering = [
            held
            for held in ranges
            if held.state in states and held.start.encode() <= at and (held.end is None or at < held.end.encode())
        ]
        if not covering:
            return False
        end = covering[0].end
        if end is None or not end.encode().startswith(prefix.encode()):
            return True
        at = end.encode()
