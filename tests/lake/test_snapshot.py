"""Snapshots on disk: the same for the same input, whole or not there, and damage is noticed."""

from __future__ import annotations

import errno
import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_core.api import DiskError, LakeError, UsageError
from recon_core.kept import keep_previous, load_previous, load_snapshot
from recon_core.snapshot import KeyRange, Snapshot, SnapshotWriter
from recon_core.workspace import Workspace

E = datetime(2025, 1, 15, 12, tzinfo=UTC)
WHOLE = KeyRange(start="", end=None, state="listed", error=None, evidence_at=E)
Row = tuple[str, int, int, str | None]
ROWS: list[Row] = [(f"k{number:03}", number, number * 10**6, f"e{number}") for number in range(25)]


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def write(ws: Workspace, rows: list[Row] = ROWS, cuts: list[int] | None = None, **facts: Any) -> Snapshot:
    given_facts: dict[str, Any] = {
        "lake": "s3://bucket",
        "mode": "listing",
        "evidence_at": E,
        "simulated": False,
        "started_at": E,
        "finished_at": E + timedelta(seconds=3),
        "requests": 1,
        "ranges": [WHOLE],
        **facts,
    }
    aside = keep_previous(ws)
    with SnapshotWriter(ws.snapshot_parquet, ws.snapshot_json, group_rows=10, aside=aside) as writer:
        borders = [0, *sorted(cuts or []), len(rows)]
        for start, end in itertools.pairwise(borders):
            part = rows[start:end]
            writer.add(*([row[column] for row in part] for column in range(4)))  # type: ignore[arg-type]
        return writer.finish(**given_facts)


def test_duckdb_reads_the_columns_of_the_contract(ws: Workspace) -> None:
    write(ws)
    described = duckdb.sql(f"DESCRIBE SELECT * FROM '{ws.snapshot_parquet}'").fetchall()
    assert [row[:2] for row in described] == [
        ("key", "VARCHAR"),
        ("size", "BIGINT"),
        ("last_modified", "TIMESTAMP"),
        ("etag", "VARCHAR"),
    ]
    (last,) = duckdb.sql(f"SELECT * FROM '{ws.snapshot_parquet}' ORDER BY key DESC LIMIT 1").fetchall()
    assert last == ("k024", 24, datetime(1970, 1, 1, 0, 0, 24), "e24")  # noqa: DTZ001 - columns hold UTC without a zone


@settings(max_examples=30, deadline=None)
@given(
    rows=st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=4),
        st.tuples(st.integers(0, 2**62), st.integers(-(2**50), 2**50), st.none() | st.text("ab", max_size=2)),
        max_size=40,
    ),
    data=st.data(),
)
def test_the_same_rows_give_the_same_bytes_however_they_came(
    tmp_path_factory: pytest.TempPathFactory, rows: dict[str, tuple[int, int, str | None]], data: st.DataObject
) -> None:
    ordered: list[Row] = [(key, *rows[key]) for key in sorted(rows)]
    cuts = data.draw(st.lists(st.integers(0, len(ordered)), max_size=5))
    one, other = (Workspace(tmp_path_factory.mktemp("ws")) for _ in range(2))
    assert write(one, ordered) == write(other, ordered, cuts)
    assert one.snapshot_parquet.read_bytes() == other.snapshot_parquet.read_bytes()
    assert one.snapshot_json.read_bytes() == other.snapshot_json.read_bytes()
    assert pq.read_table(one.snapshot_parquet).column("key").to_pylist() == sorted(rows)


def test_memory_holds_one_group_of_rows(ws: Workspace) -> None:
    write(ws, cuts=[3, 4, 20])
    metadata = pq.read_metadata(ws.snapshot_parquet)
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [10, 10, 5]


@pytest.mark.parametrize(
    "change",
    [
        {"lake": "s3://other"},
        {"evidence_at": E + timedelta(seconds=1)},
        {"ranges": [WHOLE, KeyRange(start="x", end=None, state="denied", error="no", evidence_at=E)]},
        {"rows": ROWS[:-1]},
        {"rows": [*ROWS[:-1], ("k024", 25, 24 * 10**6, "e24")]},
        {"rows": [*ROWS[:-1], ("k024", 24, 25 * 10**6, "e24")]},
        {"rows": [*ROWS[:-1], ("k024", 24, 24 * 10**6, None)]},
        {"rows": [*ROWS[:-1], ("k025", 24, 24 * 10**6, "e24")]},
    ],
)
def test_the_id_tells_snapshots_apart(ws: Workspace, change: dict[str, Any]) -> None:
    assert write(ws).id != write(ws, **change).id


def test_the_id_does_not_depend_on_when_the_scan_was_made(ws: Workspace) -> None:
    assert write(ws).id == write(ws, started_at=E + timedelta(days=1), finished_at=E + timedelta(days=2), requests=9).id


@pytest.mark.parametrize("second", ["a", "b"])
def test_keys_ascend_and_do_not_repeat(ws: Workspace, second: str) -> None:
    for cuts in ([], [1]):
        with pytest.raises(LakeError, match=f"lists '{second}' after 'b'"):
            write(ws, [("b", 1, 1, None), (second, 1, 1, None)], cuts)
    assert not ws.snapshot_parquet.exists()
    assert list(ws.cache_dir.iterdir()) == []


def test_a_full_disk_leaves_the_last_snapshot_whole(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = write(ws)
    files = {path: path.read_bytes() for path in ws.cache_dir.iterdir()}

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patch:
        patch.setattr(pq.ParquetWriter, "write_table", full)
        with pytest.raises(DiskError, match=r"cannot write .*snapshot\.parquet: No space left .* free some space"):
            write(ws, ROWS[1:])
    assert {path: path.read_bytes() for path in ws.cache_dir.iterdir()} == files
    assert load_snapshot(ws) == before


def test_no_snapshot_says_what_to_run(ws: Workspace) -> None:
    with pytest.raises(UsageError, match=r"no snapshot: inventory/cache/snapshot\.json is not there: run `recon scan`"):
        load_snapshot(ws)
    write(ws)
    ws.snapshot_parquet.unlink()
    with pytest.raises(
        UsageError, match=r"no snapshot: inventory/cache/snapshot\.parquet is not there: run `recon scan`"
    ):
        load_snapshot(ws)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"schema_version": 1}',
    ],
)
def test_a_json_that_is_none_is_damage(ws: Workspace, text: bytes) -> None:
    write(ws)
    ws.snapshot_json.write_bytes(text)
    with pytest.raises(UsageError, match=r"snapshot\.json is damaged \(.*\): run `recon scan`") as raised:
        load_snapshot(ws)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": 2},
        {"objects": -1},
        {"evidence_at": "yesterday"},
        {"evidence_at": "2025-13-15T12:00:00Z"},
        {"ranges": [WHOLE.document(), WHOLE.document()]},
        {"unknown": 1},
    ],
)
def test_a_json_that_does_not_hold_to_its_schema_is_damage(ws: Workspace, change: dict[str, Any]) -> None:
    write(ws)
    document = json.loads(ws.snapshot_json.read_text(encoding="utf-8"))
    ws.snapshot_json.write_text(json.dumps({**document, **change}), encoding="utf-8")
    with pytest.raises(UsageError, match=r"snapshot\.json is damaged \(.*\): run `recon scan`"):
        load_snapshot(ws)


@pytest.mark.parametrize("kept", [0, 3, 100, -1])
def test_a_truncated_parquet_is_damage(ws: Workspace, kept: int) -> None:
    write(ws)
    ws.snapshot_parquet.write_bytes(ws.snapshot_parquet.read_bytes()[:kept])
    with pytest.raises(UsageError, match=r"snapshot\.parquet is damaged \(.*\): run `recon scan`"):
        load_snapshot(ws)


def test_a_parquet_of_other_columns_is_damage(ws: Workspace) -> None:
    write(ws)
    pq.write_table(pa.table({"key": ["a"]}), ws.snapshot_parquet)
    with pytest.raises(UsageError, match="it has other columns"):
        load_snapshot(ws)


def test_files_of_different_scans_are_noticed(ws: Workspace) -> None:
    write(ws)
    parquet = ws.snapshot_parquet.read_bytes()
    write(ws, lake="s3://other")
    ws.snapshot_parquet.write_bytes(parquet)
    with pytest.raises(UsageError, match="are of different scans: run `recon scan`"):
        load_snapshot(ws)


def version(number: int) -> dict[str, Any]:
    return {"evidence_at": E + timedelta(hours=number)}


def test_the_snapshot_before_the_last_one_is_kept(ws: Workspace) -> None:
    with pytest.raises(UsageError, match=r"no earlier snapshot: inventory/cache/snapshot\.previous\.json is not there"):
        load_previous(ws)
    first, second, third = (write(ws, ROWS[number:], **version(number)) for number in range(3))
    assert first.id != second.id
    assert (load_snapshot(ws), load_previous(ws)) == (third, second)
    assert pq.read_table(ws.previous_parquet).num_rows == len(ROWS) - 1
    ws.previous_parquet.unlink()
    with pytest.raises(UsageError, match="no earlier snapshot"):
        load_previous(ws)


@pytest.mark.parametrize("renames", range(5))
def test_a_scan_that_dies_while_its_files_get_into_place(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    """The last two snapshots are pairs of one scan each, or nothing is said by them; and the next scan works."""
    old = {write(ws, ROWS[number:], **version(number)).id: number for number in range(2)}
    done = 0
    replace = Path.replace

    def dies(path: Path, target: Path) -> Path:
        nonlocal done
        done += 1
        if done > renames:
            raise KeyboardInterrupt
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", dies)
        if renames < 4:
            with pytest.raises(KeyboardInterrupt):
                write(ws, ROWS[2:], **version(2))
        else:
            write(ws, ROWS[2:], **version(2))
    whole, complaints = [], []
    for load, file in ((load_snapshot, ws.snapshot_parquet), (load_previous, ws.previous_parquet)):
        try:
            found = load(ws)
        except UsageError as error:
            complaints.append(str(error))
        else:
            number = old.get(found.id, 2)
            assert pq.read_table(file).column("key").to_pylist() == [row[0] for row in ROWS[number:]]
            whole.append(number)
    assert all("are of different scans: run `recon scan` to make it anew" in told for told in complaints)
    # What is not whole is the one whose two files were just being put into place.
    assert whole == {0: [1, 0], 1: [1], 2: [1, 1], 3: [1], 4: [2, 1]}[renames]
    last = write(ws, ROWS[3:], **version(3))
    assert load_snapshot(ws) == last
    # A snapshot that was not whole was not set aside, and so the one before it stays.
    assert load_previous(ws).evidence_at == E + timedelta(hours={0: 1, 1: 1, 2: 1, 3: 1, 4: 2}[renames])
    assert {path.name for path in ws.cache_dir.iterdir()} == {
        *("snapshot.parquet", "snapshot.json", "snapshot.previous.parquet", "snapshot.previous.json")
    }


def test_where_there_are_no_links_the_previous_one_is_a_copy(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise OSError(errno.EPERM, "not here")

    monkeypatch.setattr("os.link", refuses)
    first, second = write(ws), write(ws, ROWS[1:])
    assert (load_previous(ws), load_snapshot(ws)) == (first, second)


def test_a_simulated_snapshot_does_not_become_the_previous_one_of_a_real_one(ws: Workspace) -> None:
    real, _, again = write(ws), write(ws, ROWS[1:], simulated=True), write(ws, ROWS[2:])
    assert (load_previous(ws), load_snapshot(ws)) == (real, again)
    for number in (3, 4):
        last = write(ws, ROWS[number:], simulated=True)
    assert load_previous(ws).simulated
    assert load_snapshot(ws) == last
