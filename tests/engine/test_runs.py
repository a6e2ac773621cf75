"""Stretches of days without any data: the SQL beside a loop over the days."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_core.engine.outputs import Selection, select_runs
from recon_core.workspace import Workspace

FIRST = date(2025, 1, 1)
VERDICTS = ("present", "missing", "missing", "missing", "stale", "undersized", "not_due", "excused", "unknown")

Row = tuple[str, str, str, int | None, str]

rows_of_a_lake = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.sampled_from(["x", "y"]),
        st.sampled_from(["2023", "2024"]),
        st.none() | st.integers(0, 12),
        st.sampled_from(VERDICTS),
    ),
    max_size=80,
)


def naive(rows: list[Row]) -> list[tuple[str, str, str, str, str, int, int]]:
    """Day by day, as a person would go through a calendar."""
    found = []
    for source, data_type, season in sorted({row[:3] for row in rows}):
        own = [row for row in rows if row[:3] == (source, data_type, season) and row[3] is not None]
        stretch: list[tuple[int, int]] = []
        stretches = []
        for day in range(13):
            due = [row[4] for row in own if row[3] == day and row[4] not in ("not_due", "excused")]
            if not due:
                continue
            if set(due) <= {"missing", "undersized"}:
                stretch.append((day, len(due)))
            else:
                stretches.append(stretch)
                stretch = []
        for days in [*stretches, stretch]:
            if len(days) >= 2:
                ends = [(FIRST + timedelta(days=day)).isoformat() for day in (days[0][0], days[-1][0])]
                found.append((source, data_type, season, *ends, len(days), sum(count for _, count in days)))
    return sorted(found, key=lambda run: (-run[6], *run[:4]))


@settings(deadline=None, max_examples=40)
@given(rows_of_a_lake)
def test_stretches_are_those_of_a_calendar(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> None:
    ws = Workspace(tmp_path_factory.mktemp("runs", numbered=True))
    ws.cache_dir.mkdir(parents=True)
    columns = list(zip(*rows, strict=True)) if rows else [[], [], [], [], []]
    days = [None if day is None else FIRST + timedelta(days=day) for day in columns[3]]
    texts = dict(zip(("source", "data_type", "season"), columns[:3], strict=True))
    table = {name: pa.array(values, pa.string()) for name, values in texts.items()}
    pq.write_table(
        pa.table({**table, "date": pa.array(days, pa.date32()), "verdict": pa.array(columns[4], pa.string())}),
        ws.coverage,
    )
    names = ("source", "data_type", "season", "first", "last", "days", "items")
    found = [tuple(row[name] for name in names) for row in select_runs(ws, Selection()).rows]
    assert found == naive(rows)
    chosen = select_runs(ws, Selection(sources=["a"], seasons=["2024"], limit=1))
    wanted = [run for run in naive(rows) if run[0] == "a" and run[2] == "2024"]
    assert (chosen.total, [row["items"] for row in chosen.rows]) == (len(wanted), [run[6] for run in wanted[:1]])


def test_the_naive_reading_knows_a_stretch() -> None:
    """What the property rests on, on one example by hand: a day of rest does not break it, an unknown file does."""
    rows = [("a", "x", "2024", day, "missing") for day in (0, 1, 3, 5)] + [("a", "x", "2024", 4, "unknown")]
    assert naive(rows) == [("a", "x", "2024", "2025-01-01", "2025-01-04", 3, 3)]
    assert naive([]) == []
