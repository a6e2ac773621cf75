"""The difference of two snapshots agrees with a naive one, holes and all."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon_core.api import ParsedKey
from recon_core.engine.connection import open_engine
from recon_core.engine.diff import CHANGES, Seen, diff_snapshots
from recon_core.plan import Layout, Plan
from recon_core.schemas import validate_document
from recon_core.snapshot import KeyRange, SnapshotWriter
from recon_core.templates import KeyTemplate, key_shape

E = datetime(2025, 1, 15, 12, tzinfo=UTC)
Objects = Mapping[str, tuple[int, int, str | None]]
"""Size, time and etag by key."""

PLAN = Plan(
    now=E,
    sources=(),
    layouts=(
        Layout(
            source="acme",
            data_type="games",
            grain=("game_id",),
            templates=(KeyTemplate.compile("a/{game_id}.json", {}), KeyTemplate.compile("b{game_id}", {})),
            prefixes=(),
        ),
        Layout(source="zoo", data_type="scans", grain=("day",), templates=(), prefixes=("z",)),
    ),
    failures=(),
    narrowed_sources=(),
    narrowed_seasons=(),
)


class Parser:
    """Stands for the plugin ``zoo``, which reads its own keys."""

    def call(self, hook: str, *, key: str) -> ParsedKey | None:
        assert (hook, key[0]) == ("recon_parse_key", "z")
        return ParsedKey(data_type="scans", fields={"day": key}) if key.endswith("1") else None


def dataset_of(key: str) -> tuple[str | None, str | None]:
    for template in PLAN.layouts[0].templates:
        if template.parse(key) is not None:
            return "acme", "games"
    return ("zoo", "scans") if key.startswith("z") and key.endswith("1") else (None, None)


def written(folder: Path, name: str, objects: Objects, ranges: list[KeyRange]) -> Seen:
    with SnapshotWriter(folder / f"{name}.parquet", folder / f"{name}.json") as writer:
        keys = sorted(objects)
        writer.add(keys, *([objects[key][column] for key in keys] for column in range(3)))  # type: ignore[arg-type]
        snapshot = writer.finish(
            lake="s3://bucket",
            mode="listing",
            evidence_at=E,
            simulated=False,
            started_at=E,
            finished_at=E + timedelta(seconds=1),
            requests=1,
            ranges=ranges,
        )
    return Seen(snapshot, folder / f"{name}.parquet")


def difference(folder: Path, before: Seen, after: Seen, limit: int | None = None) -> dict[str, Any]:
    plugins: Any = {"zoo": Parser()}
    with open_engine([folder], folder / "spill", memory_limit_mb=256, threads=1) as engine:
        found = diff_snapshots(engine, PLAN, plugins, before, after, limit)
    validate_document("snapshot_diff", found)
    return found


def listed(ranges: list[KeyRange], key: str) -> bool:
    return any(
        found.state == "listed" and found.start <= key and (found.end is None or key < found.end) for found in ranges
    )


def naive(
    before: Objects, ranges_before: list[KeyRange], after: Objects, ranges_after: list[KeyRange]
) -> dict[str, str]:
    """The kind of change of every key that has one."""
    found = {}
    for key in before.keys() | after.keys():
        one, other = before.get(key), after.get(key)
        if one is None:
            found[key] = "appeared" if listed(ranges_before, key) else "unseen_before"
        elif other is None:
            found[key] = "vanished" if listed(ranges_after, key) else "unseen_now"
        elif one[:2] != other[:2] or (None not in (one[2], other[2]) and one[2] != other[2]):
            found[key] = "changed"
    return found


KEYS = (
    "a/1.json",
    "a/22.json",
    "a/x.json",
    "b1",
    "b2",
    "c/9",
    "c//7",
    "zA",
    "z1",
    "\u00e9/1",
    "\U0001f600",
    "\uffff",
    "~",
)
PLACES = ("", "a/2", "b", "b2", "c", "c/9\0", "z", "z1", "\u00e9", "\U0001f600", "~~")
kept = st.dictionaries(
    st.sampled_from(KEYS), st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from([None, "e", "f"]))
)


@st.composite
def some_ranges(draw: st.DrawFn) -> list[KeyRange]:
    """Ranges that cover the key space, or leave some of it out."""
    cuts = ["", *sorted(draw(st.sets(st.sampled_from(PLACES[1:]))))]
    states = draw(st.lists(st.sampled_from(["listed", "listed", "denied", "sampled_out", None]), min_size=len(cuts)))
    ends = [*cuts[1:], None]
    return [
        KeyRange(start=start, end=end, state=state, error=None, evidence_at=E)  # type: ignore[arg-type]
        for start, end, state in zip(cuts, ends, states, strict=False)
        if state is not None
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=kept, after=kept, ranges_before=some_ranges(), ranges_after=some_ranges())
def test_every_key_is_told_as_what_it_is(
    before: Objects, after: Objects, ranges_before: list[KeyRange], ranges_after: list[KeyRange]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one, other = written(folder, "one", before, ranges_before), written(folder, "two", after, ranges_after)
        found = difference(folder, one, other)
    told = naive(before, ranges_before, after, ranges_after)
    groups = Counter((change, *dataset_of(key), key_shape(key)) for key, change in told.items())
    assert {
        (row["change"], row["source"], row["data_type"], row["shape"]): row["objects"] for row in found["groups"]
    } == dict(groups)
    for row in found["groups"]:
        keys = [
            key
            for key, change in told.items()
            if (change, *dataset_of(key), key_shape(key))
            == (row["change"], row["source"], row["data_type"], row["shape"])
        ]
        assert row["examples"] == list(dict.fromkeys([min(keys), max(keys)]))
        assert row["bytes_before"] == sum(before[key][0] for key in keys if key in before)
        assert row["bytes_after"] == sum(after[key][0] for key in keys if key in after)
    for change in CHANGES:
        keys = [key for key, kind in told.items() if kind == change]
        same = [k for k in keys if k in before and k in after and before[k][::2] == after[k][::2] and before[k][2]]
        assert found["totals"][change] == {
            "objects": len(keys),
            "bytes_before": sum(before[key][0] for key in keys if key in before),
            "bytes_after": sum(after[key][0] for key in keys if key in after),
            "same_content": len(same),
        }
        assert {(row["source"], row["data_type"]): row[change] for row in found["datasets"] if row[change]} == dict(
            Counter(dataset_of(key) for key in keys)
        )
    assert found["totals"]["unchanged"] == len(before.keys() & after.keys() - told.keys())


WHOLE = [KeyRange(start="", end=None, state="listed", error=None, evidence_at=E)]


def test_the_commonest_comes_first_and_a_limit_leaves_the_rest_counted(tmp_path: Path) -> None:
    before = written(tmp_path, "one", {f"old/{n}.csv": (1, 1, None) for n in range(9)}, WHOLE)
    objects: Objects = {**{f"a/{n}.json": (2, 1, None) for n in range(3)}, "x": (1, 1, None), "old/0.csv": (1, 1, None)}
    found = difference(tmp_path, before, written(tmp_path, "two", objects, WHOLE), limit=2)
    assert [(row["change"], row["shape"], row["objects"]) for row in found["groups"]] == [
        ("vanished", "old/{digits}.csv", 8),
        ("appeared", "a/{digits}.json", 3),
    ]
    assert (found["total_groups"], found["groups"][0]["examples"]) == (3, ["old/1.csv", "old/8.csv"])


def test_a_parser_that_fails_costs_its_names_and_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from recon_core.plugins import PluginCallError, PluginFailure

    def fails(self: Parser, hook: str, *, key: str) -> None:
        raise PluginCallError(
            PluginFailure(distribution="d", version="1", entry_point="zoo", source="zoo", hook=hook, message="boom")
        )

    monkeypatch.setattr(Parser, "call", fails)
    found = difference(
        tmp_path, written(tmp_path, "one", {}, WHOLE), written(tmp_path, "two", {"z1": (1, 1, None)}, WHOLE)
    )
    assert [(row["source"], row["objects"]) for row in found["groups"]] == [(None, 1)]
    (warning,) = found["warnings"]
    assert "boom" in warning
