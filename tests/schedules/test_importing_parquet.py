"""Parquet files are imported like CSV files: the same rows, the same bytes; types that lose something do not pass."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.league import League, registry_of

from recon_core.api import ScheduleError
from recon_core.plugins import Registry
from recon_core.schedules.importing import import_file
from recon_core.workspace import Workspace

CSV = """\
game_id,season,season_type,date,start_utc,home,away,status,league,ordinal,alt_ids
0022400061,2024-25,regular,2024-10-22,2024-10-22T23:30Z,BOS,NYK,final,nba,1,401704627;x
0022400062,2024-25,,2024-10-23,,LAL,,scheduled,,2,
"""
START = datetime(2024, 10, 22, 23, 30, tzinfo=UTC)
PULLED = datetime(2024, 10, 23, 12, tzinfo=UTC)


def columns() -> dict[str, Any]:
    return {
        "game_id": pa.array(["0022400061", "0022400062"]),
        "season": pa.array(["2024-25", "2024-25"]),
        "season_type": pa.array(["regular", None]),
        "date": pa.array([date(2024, 10, 22), date(2024, 10, 23)]),
        "start_utc": pa.array([START, None], pa.timestamp("us", "UTC")),
        "home": pa.array(["BOS", "LAL"]),
        "away": pa.array(["NYK", None]),
        "status": pa.array(["final", "scheduled"]),
        "league": pa.array(["nba", None]),
        "ordinal": pa.array([1, 2]),
        "alt_ids": pa.array([["401704627", "x"], None]),
    }


@pytest.fixture(scope="module")
def registry() -> Registry:
    return registry_of(League())


def stored(ws: Workspace, registry: Registry, path: Path) -> bytes:
    (found,) = import_file(ws, registry, path, "league", pulled_at=PULLED, force=True)
    return found.file.read_bytes()


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"start_utc": pa.array([START, None], pa.timestamp("ns", "America/New_York"))},
        {"start_utc": pa.array([START, None], pa.timestamp("s", "UTC"))},
        {"start_utc": pa.array(["2024-10-22T23:30Z", ""])},
        {"date": pa.array(["2024-10-22", "2024-10-23"])},
        {"date": pa.array([date(2024, 10, 22), date(2024, 10, 23)], pa.date64())},
        {"status": pa.array(["final", "scheduled"]).dictionary_encode()},
        {"game_id": pa.array(["0022400061", "0022400062"], pa.large_string())},
        {"season_type": pa.array(["regular", ""])},
        {"ordinal": pa.array([1, 2], pa.int8())},
        {"ordinal": pa.array(["1", "2"])},
        {"alt_ids": pa.array(["401704627;x", None])},
        {"alt_ids": pa.array([["x", "401704627"], []], pa.large_list(pa.string()))},
    ],
    ids=lambda typed: ", ".join(f"{name} {array.type}" for name, array in typed.items()) or "plain",
)
def test_parquet_and_csv_store_the_same_bytes(ws: Workspace, registry: Registry, typed: dict[str, Any]) -> None:
    (ws.root / "games.csv").write_text(CSV)
    pq.write_table(pa.table(columns() | typed), ws.root / "games.parquet")
    assert stored(ws, registry, ws.root / "games.parquet") == stored(ws, registry, ws.root / "games.csv")


def refused(ws: Workspace, registry: Registry, table: dict[str, Any]) -> str:
    pq.write_table(pa.table(table), ws.root / "games.parquet")
    with pytest.raises(ScheduleError) as caught:
        import_file(ws, registry, ws.root / "games.parquet", "league", pulled_at=PULLED)
    assert not ws.schedules_dir.exists()
    return str(caught.value).replace(f"{ws.root}/", "")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (
            {"game_id": pa.array([22400061, 22400062])},
            "games.parquet: column game_id is int64: ids are text, for as a number 0022400061 loses its zeros",
        ),
        ({"start_utc": pa.array([START.replace(tzinfo=None), None])}, "make it a timestamp with time zone UTC"),
        ({"date": pa.array([START.replace(tzinfo=None)] * 2)}, "make it a date, or text such as 2024-10-22"),
        ({"home": pa.array([1, 2])}, "column home is int64: make it text"),
        ({"ordinal": pa.array([1.0, 2.0])}, "column ordinal is double: make it an integer"),
        ({"alt_ids": pa.array([[1], [2]])}, "make it a list of text, or text with the ids separated by ';'"),
        ({"status": pa.array(["final", "done"])}, "games.parquet: row 2: status: 'done' is not one of"),
        ({"game_id": pa.array(["1", None])}, "games.parquet: row 2: game_id: is empty"),
        ({"game_id": pa.array(["1", "1"])}, "row 2: game_id: '1' is an id of the game on row 1 already"),
        ({"date": pa.array([None, None], pa.date32())}, "row 1: date: is empty (and 1 more, on row 2)"),
        ({"alt_ids": pa.array([["a b"], None])}, "row 1: alt_ids: 'a b' is not one id"),
        ({"ordinal": pa.array([1, -1])}, "row 2: ordinal: '-1' is not a number from 1 up"),
        ({"extra": pa.array([1, 2])}, "games.parquet: unknown column 'extra'"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(
    ws: Workspace, registry: Registry, typed: dict[str, Any], told: str
) -> None:
    assert told in refused(ws, registry, columns() | typed)


def test_a_column_that_lacks_is_named(ws: Workspace, registry: Registry) -> None:
    table = columns()
    del table["home"]
    assert refused(ws, registry, table).startswith("games.parquet: lacks the column home")


def test_a_file_without_rows_is_refused(ws: Workspace, registry: Registry) -> None:
    assert "there is no game in it" in refused(ws, registry, {name: array[:0] for name, array in columns().items()})


@pytest.mark.parametrize("content", [b"not parquet", b"PAR1" + bytes(40) + b"PAR1"])
def test_a_file_that_is_no_parquet_is_refused(ws: Workspace, registry: Registry, content: bytes) -> None:
    (ws.root / "games.parquet").write_bytes(content)
    with pytest.raises(ScheduleError, match=r"games\.parquet: is no readable Parquet file"):
        import_file(ws, registry, ws.root / "games.parquet", "league")
