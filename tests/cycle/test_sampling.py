"""A sampled run says less than a full one, and never anything else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
from support.sampled_worlds import LAYOUTS, LakeOnDisk, random_world

from recon_core.engine.analyze import SEASON_TYPES

KNOWN = ("present", "missing", "stale", "undersized")


def coverage(lake: LakeOnDisk) -> dict[str, dict[str, Any]]:
    rows = pq.read_table(lake.ws.coverage).to_pylist()
    beside = pq.read_table(lake.ws.cache_dir / SEASON_TYPES).to_pylist()
    return {row["item"]: {**row, **more} for row, more in zip(rows, beside, strict=True)}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_a_sample_says_the_full_listing_says_too(layout: str, tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    shares = []
    for seed in range(2):
        random = Random(f"{layout} {seed}")
        lake = LakeOnDisk(tmp_path / str(seed), random_world(random, layout))
        full = lake.run(full=True).report
        truth = coverage(lake)
        rate = random.choice((0.1, 0.3, 0.6))
        report = lake.run(sample_rate=rate).report
        found = coverage(lake)
        assert found.keys() == truth.keys()
        wrong = {
            item: (row["verdict"], truth[item]["verdict"])
            for item, row in found.items()
            if row["verdict"] not in ("unknown", truth[item]["verdict"])
        }
        assert wrong == {}
        assert all(row["reason"].startswith("sampled out: ") for row in found.values() if row["verdict"] == "unknown")
        gaps = {item for item, row in truth.items() if row["verdict"] in KNOWN[1:]}
        assert set(pq.read_table(lake.ws.gaps).column("item").to_pylist()) <= gaps
        shares.append(sum(row["cluster"] is not None for row in found.values()) / len(found) / rate)
        seen.update(row["verdict"] for row in found.values())
        check_report(report, full, found, rate)
    assert set(seen) == {*KNOWN[:3], "unknown"} | (set(seen) & {"undersized"})
    # What lies between the keys of two clusters is listed along where that costs no request.
    assert min(shares) > 0.9
    assert sum(shares) / len(shares) < (1.2 if layout != "two layouts, in other orders" else 3)


def check_report(report: dict[str, Any], full: dict[str, Any], found: dict[str, dict[str, Any]], rate: float) -> None:
    assert report["scope"]["sample_rate"] == rate
    assert report["scope"]["complete"] is False
    assert full["scope"]["sample_rate"] is None
    assert full["scope"]["complete"] is True
    assert report["unknown"]["by_reason"].keys() <= {"sampled out"}
    assert report["unknown"]["required_due"] == 0
    for row, whole in zip(report["coverage"], full["coverage"], strict=True):
        name = [row["source"], row["data_type"], row["season"]]
        items = [one for one in found.values() if [one["source"], one["data_type"], one["season"]] == name]
        counted = Counter(one["verdict"] for one in items if one["cluster"] is not None)
        known = sum(counted[verdict] for verdict in KNOWN)
        assert row["completeness"] == (pytest.approx(counted["present"] / known) if known else None)
        clusters = len({one["cluster"] for one in items if one["cluster"] is not None})
        assert whole["ci95"] is None
        assert whole["bounds"] is None
        if not row["unknown"]:
            assert row["ci95"] is row["bounds"] is None
        elif clusters >= 30:
            assert row["bounds"] is None
            low, high = row["ci95"]
            assert 0 <= low < high <= 1
            assert high - low < 0.5
        else:
            assert row["ci95"] is None
            low, high = row["bounds"]
            assert low <= whole["completeness"] <= high


def test_the_same_seed_is_the_same_sample(tmp_path: Path) -> None:
    lake = LakeOnDisk(tmp_path, random_world(Random(5), "one folder each"))
    one, again = ([*lake.run(sample_rate=0.2).report["scan"]["holes"]] for _ in range(2))
    assert one == again
    lake.ws.config_file.write_text(lake.ws.config_file.read_text().replace('"scan": {}', '"scan": {"seed": 1}'))
    assert lake.run(sample_rate=0.2).report["scan"]["holes"] != one


def test_a_sample_in_the_cache_serves_the_same_sample_and_no_full_run(tmp_path: Path) -> None:
    lake = LakeOnDisk(tmp_path, random_world(Random(6), "one folder each"))
    sampled = lake.run(sample_rate=0.2).report["scan"]
    same = lake.run(sample_rate=0.2, use_cache=True).report
    assert (same["scan"]["from_cache"], same["scan"]["snapshot_id"]) == (True, sampled["snapshot_id"])
    assert not lake.run(sample_rate=0.3, use_cache=True).report["scan"]["from_cache"]
    full = lake.run(use_cache=True).report
    assert not full["scan"]["from_cache"]
    assert full["scope"]["complete"]
    # More than was asked for is no harm, and is said to be everything.
    more = lake.run(sample_rate=0.2, use_cache=True).report
    assert more["scan"]["from_cache"]
    assert more["scope"]["sample_rate"] is None


def test_earlier_gaps_that_a_sample_leaves_out_stay_in_the_queue_as_unverified(tmp_path: Path) -> None:
    lake = LakeOnDisk(tmp_path, random_world(Random(7), "one folder each"))
    gaps = lake.run().report["gaps"]["total"]
    report = lake.run(sample_rate=0.2).report
    assert 0 < report["gaps"]["total"] < gaps
    assert report["gaps"]["total"] + report["tasks"]["unverified"] == gaps
    assert report["changes"] == {"new": 0, "closed": 0, "reopened": 0}
    assert lake.run().report["changes"] == {"new": 0, "closed": 0, "reopened": 0}
