"""The same inputs give the same bytes, whichever way they are worked through."""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import pytest
from support.command_line import HOSTILE, NOW, Inside, put
from support.s3_server import CREDENTIALS, S3Server, s3_server

__all__ = ["s3_server"]

FILES = (
    "inventory/gaps.json",
    "inventory/cache/coverage.parquet",
    "inventory/cache/gaps.parquet",
    "inventory/cache/objects.parquet",
    "inventory/cache/ledger.parquet",
)


def written(root: Path) -> dict[str, bytes]:
    return {name: (root / name).read_bytes() for name in FILES}


def forget(root: Path) -> None:
    """No past, so that a further cycle is a first one."""
    for name in FILES:
        (root / name).unlink()


def configure(root: Path, text: str) -> None:
    """Settings that no input of the cycle's name may be: the file is put back by the next call."""
    config = root / "config/reconciliation_config.yaml"
    lake = next(line for line in config.read_text().splitlines() if "url:" in line)
    config.write_text(f"lake:\n{lake}\n{text}")


def test_twice_and_step_by_step(mine: Inside) -> None:
    forget(mine.folder)
    mine("run", "--now", NOW)
    first = written(mine.folder)
    forget(mine.folder)
    mine("run", "--now", NOW)
    assert written(mine.folder) == first
    forget(mine.folder)
    mine("scan", "--now", NOW)
    mine("analyze", "--now", NOW)
    mine("detect")
    mine("generate")
    assert written(mine.folder) == first


def test_threads_and_spilling_change_no_row(mine: Inside) -> None:
    """40,000 games, a quarter of a million objects: in plenty of memory on one thread, in very little on two."""
    root = mine.folder
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'n' || range AS game_id, '2024' AS season, 'regular' AS season_type, "
            "DATE '2024-01-01' + CAST(range % 150 AS INTEGER) AS date, NULL::VARCHAR AS start_utc, 'A' AS home, "
            f"'B' AS away, 'final' AS status FROM range(40000)) TO '{root / 'many.parquet'}'"
        )
    mine("schedules", "import", "many.parquet", "--source", "toy", "--now", NOW, "--force")
    mine("scan", "--now", NOW)
    from recon_core.kept import load_snapshot
    from recon_core.snapshot import SnapshotWriter
    from recon_core.workspace import Workspace

    ws = Workspace(root)
    seen = load_snapshot(ws)
    keys = sorted([f"toy/games/n{n}.json" for n in range(0, 40_000, 3)] + [f"noise/{n}.bin" for n in range(240_000)])
    with SnapshotWriter(ws.snapshot_parquet, ws.snapshot_json) as writer:
        moment = 1_718_800_000_000_000
        writer.add(keys, [20] * len(keys), [moment] * len(keys), [None] * len(keys))
        writer.finish(
            lake=seen.lake,
            mode="listing",
            evidence_at=seen.evidence_at,
            simulated=True,
            started_at=seen.started_at,
            finished_at=seen.finished_at,
            requests=1,
            ranges=seen.ranges,
        )
    found = []
    for engine in ("{threads: 1}", "{threads: 2, memory_limit_mb: 64}"):
        forget(root)
        configure(root, f"engine: {engine}\n")
        mine("run", "--now", NOW, "--use-cache", "--accept-empty", "-q")
        bytes_of = written(root)
        queue = json.loads(bytes_of.pop("inventory/gaps.json"))
        queue.pop("cycle_id")  # it is made of the configuration file too
        found.append((queue, bytes_of))
    assert found[0][0]["total_gaps"] > 20_000
    for other in found[1:]:
        assert other[0] == found[0][0]
        assert {name for name in other[1] if other[1][name] != found[0][1][name]} == set()


ODD = ("toy/games//g1.json", "toy/games/g 1.json", "toy/games/g%201.json", "toy/games/g\u00e91\u4e2d.json", HOSTILE)


@pytest.mark.parametrize("where", ["folder", "s3"])
def test_odd_keys_are_told_apart_and_shown_escaped(mine: Inside, s3_server: S3Server, where: str) -> None:
    if where == "folder":
        odd = [key for key in ODD if "//" not in key]  # no folder can hold it
        for key in odd:
            put(mine.folder / "lake", key, 20, "2024-06-07T00:00:00Z")
        configure(mine.folder, "")
        config = mine.folder / "config/reconciliation_config.yaml"
        config.write_text(f"lake: {{url: {json.dumps((mine.folder / 'lake').as_uri())}}}\n")
        here = mine
    else:
        odd = list(ODD)
        bucket = s3_server.bucket()
        s3_server.seed(bucket, dict.fromkeys(odd, 20))
        config = mine.folder / "config/reconciliation_config.yaml"
        lake = f"lake: {{url: 's3://{bucket}', endpoint_url: '{s3_server.endpoint}', region: us-east-1}}\n"
        config.write_text(lake)
        here = Inside(mine.folder, {**mine.environment, **CREDENTIALS}, mine.site)
    told = here("run", "--now", NOW, "--accept-empty", "-v")
    objects = here("objects", "--format", "json").json()
    rows = objects["objects"] if isinstance(objects, dict) else objects
    assert set(odd) <= {row["key"] for row in rows}
    shown = here("objects")
    for done in (told, shown):
        assert "\x1b" not in done.out + done.err
        assert "\u202e" not in done.out + done.err
        assert not any(secret in done.out + done.err for secret in CREDENTIALS.values())
    for path in (here.folder / "inventory").rglob("*"):
        if path.is_file():
            assert CREDENTIALS["AWS_SECRET_ACCESS_KEY"].encode() not in path.read_bytes()


def test_an_empty_lake_and_an_empty_season(mine: Inside, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    from recon_core.schedules.store import save_games

    save_games(mine.folder / "inventory/schedules/toy/2023.parquet", [], None)
    done = mine("run", "--now", NOW, "--lake", empty.as_uri(), "--accept-empty", "--format", "json")
    rows = {(row["data_type"], row["season"]): row for row in done.json()["coverage"]}
    assert rows["games", "2023"]["expected"] == 0
    assert rows["games", "2023"]["completeness"] is None
    assert rows["games", "2024"]["present"] == 0
    assert rows["games", "2024"]["missing"] > 0
    assert done.json()["objects"]["total"] == 0
    assert os.listdir(empty) == []  # noqa: PTH208
