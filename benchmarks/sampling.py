"""How often the interval of a sampled scan holds the truth, over random lakes; and how many requests a sample needs.

Usage, from the project's root with its environment: ``python benchmarks/sampling.py [lakes]``; 1,000 take a minute.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.sampled_lakes import KINDS, estimate_lakes, full_and_sampled_requests

SEED = 20250115


def coverage(lakes: int) -> None:
    """The share of random lakes whose true completeness lies in the interval, by what was lost in them."""
    found = estimate_lakes(lakes, SEED, most_items=4000)
    print(f"{'gaps':24}{'lakes':>7}{'held':>9}{'median width':>15}")
    for kind in [*KINDS, "all"]:
        own = [lake for lake in found if kind in ("all", lake.kind)]
        held = sum(lake.covered for lake in own) / len(own)
        width = statistics.median(lake.high - lake.low for lake in own)
        print(f"{kind.replace('_', ' '):24}{len(own):7,}{held:9.1%}{width:15.3f}")


def requests() -> None:
    """Requests of a sample beside those of a full listing, in complete lakes of one data type."""
    print(f"{'items':>12}{'rate':>7}{'full':>8}{'sample':>8}{'ratio':>8}")
    for items in (1_000_000, 3_000_000):
        for rate in ("0.05", "0.1", "0.3"):
            with tempfile.TemporaryDirectory() as folder, duckdb.connect(str(Path(folder) / "lake.db")) as connection:
                full, sampled = full_and_sampled_requests(connection, items, rate)
            print(f"{items:12,}{rate:>7}{full:8,}{sampled:8,}{sampled / full:8.3f}")


if __name__ == "__main__":
    coverage(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    requests()
