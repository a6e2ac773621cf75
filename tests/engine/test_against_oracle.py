"""Real cycles over random workspaces agree with the naive oracle in every fact that they write.

The worlds are the same in every run, so that a change is judged by what it changes. To look further, set
``RECON_EXPLORE`` to a number of histories: that many new random ones are tried.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from oracle.cycle import Memory, run
from support.choices import Choices
from support.comparison import differences
from support.random_lake import random_lake
from support.random_world import later_world, random_world
from support.world_on_disk import WorldOnDisk

EXPLORE = int(os.environ.get("RECON_EXPLORE", "0"))
HISTORIES = EXPLORE or 40
CYCLES = 3

ENOUGH = {
    "items": 4000,
    "present": 500,
    "missing": 500,
    "stale": 200,
    "undersized": 50,
    "excused": 200,
    "waived": 8,
    "not_due": 500,
    "unknown": 500,
    "not scanned": 25,
    "sampled out": 20,
    "denied": 25,
    "evidence too old": 25,
    "no size or time": 25,
    "unreadable": 5,
    "inside": 25,
    "schedule": 40,
    "plugin failed": 100,
    "no key": 50,
    "duplicate": 200,
    "out_of_scope": 100,
    "orphan": 50,
    "unrecognised": 100,
    "CRITICAL": 100,
    "HIGH": 100,
    "MEDIUM": 100,
    "LOW": 100,
    "tasks": 100,
    "deferred": 50,
    "withheld": 20,
    "lost": 100,
    "refused as empty": 2,
    "refused for a loss": 4,
    "unverified": 100,
    "carried": 200,
    "closed": 50,
    "reopened": 2,
    "derived": 20,
    "lacks": 50,
    "moved": 20,
    "swapped": 2,
    "status": 20,
    "failing": 1,
}
"""How often every kind of answer must have come up, for the agreement to mean something."""

REFUSED = {"empty": "refused as empty", "loss": "refused for a loss"}


def test_every_fact_of_every_cycle_agrees_with_the_oracle() -> None:
    seen: Counter[str] = Counter()

    @settings(
        max_examples=HISTORIES,
        derandomize=not EXPLORE,
        database=None,
        deadline=None,
        # Shrinking takes minutes; the differences themselves say what is wrong.
        phases=[Phase.generate, Phase.shrink] if EXPLORE else [Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(entropy=st.binary(min_size=400, max_size=400), seed=st.integers(0, 2**32))
    def agrees(entropy: bytes, seed: int) -> None:
        choose = Choices(entropy, seed)
        world = random_lake(choose, random_world(choose))
        memory = Memory()
        with tempfile.TemporaryDirectory() as folder:
            disk = WorldOnDisk(Path(folder))
            for cycle in range(CYCLES):
                outcome = run(world, memory)
                written = disk.run(world)
                found = differences(world, outcome, written)
                if found:
                    note("\n".join([f"in cycle {cycle + 1}, at {world.now}:", *found[:40]]))
                assert not found
                seen.update(row.verdict for row in outcome.rows)
                seen.update(row.judged.reason for row in outcome.rows if row.verdict == "unknown" and row.judged.reason)
                seen.update(kind.kind for kind in outcome.kinds.values())
                seen.update(gap.priority for gap in outcome.gaps)
                seen.update(REFUSED[reason] for reason in outcome.refused.values())
                seen.update(conflict.kind for conflict in outcome.conflicts)
                seen.update(
                    items=len(outcome.rows),
                    inside=sum(
                        row.judged.item.dataset.inside is not None for row in outcome.rows if row.verdict == "present"
                    ),
                    waived=sum(row.waived_verdict is not None for row in outcome.rows),
                    tasks=len(outcome.tasks),
                    deferred=len(outcome.deferred),
                    withheld=len(outcome.withheld),
                    unverified=len(outcome.unverified),
                    lost=sum(lost for lost, _ in outcome.losses.values()),
                    carried=sum(gap.first_seen != world.now for gap in outcome.gaps),
                    closed=len(outcome.closed),
                    reopened=len(outcome.reopened),
                    derived=outcome.derived,
                    failing=len(outcome.failing),
                )
                memory = outcome.memory
                keep = choose.chance(50)
                world = random_lake(choose, later_world(choose, world), keep=keep)

    agrees()
    scarce = {name: seen[name] for name, least in ENOUGH.items() if seen[name] < least}
    assert EXPLORE or not scarce, f"too seldom: {scarce} of {dict(seen)}"


@settings(max_examples=8, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(1, 2**32))
def test_the_same_inputs_give_the_same_bytes(seed: int) -> None:
    choose = Choices(b"", seed)
    world = random_lake(choose, random_world(choose))
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
        tempfile.TemporaryDirectory() as three,
    ):
        first = WorldOnDisk(Path(one))
        again = WorldOnDisk(Path(two), lake=first.lake)
        threaded = WorldOnDisk(Path(three), lake=first.lake, threads=4)
        written = first.run(world)
        assert again.run(world).texts == written.texts
        # The configuration is another, so the cycle's id is too; nothing else is.
        other = threaded.run(world)
        texts = {
            name: text.replace(other.queue["cycle_id"].encode(), written.queue["cycle_id"].encode())
            for name, text in other.texts.items()
        }
        assert texts == written.texts
