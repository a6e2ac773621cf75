"""Builds workspaces of any size for the benchmarks: a made-up source, its schedule, and a snapshot of its lake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

NOW = datetime(2025, 1, 15, 12, tzinfo=UTC)
SEASON = "2024-25"
DATA_TYPES = ("box_scores", "play_by_play", "player_stats", "team_stats")

PLUGIN = """
from datetime import date
from recon_core.api import DatasetSpec, Season, Source, hookimpl

@hookimpl
def recon_source():
    return Source(
        name="bench", api_version=1, title="Made up", timezone="America/New_York",
        datasets=tuple(
            DatasetSpec(
                data_type=name, grain=("game_id",), patterns={{"game_id": "[0-9]+"}},
                key_templates=(f"bench_{{name}}/{{{{game_id}}}}.json",), freshness_days=7,
            )
            for name in {data_types!r}
        ),
    )

@hookimpl
def recon_seasons():
    return [Season(label={season!r}, starts=date(2024, 7, 1), ends=date(2025, 6, 30), fields={{}})]

@hookimpl
def recon_expected_games(season, context):
    return []
"""


@dataclass(frozen=True)
class World:
    """A workspace with a stored schedule and a snapshot, and the folder of the plugin that belongs to it."""

    root: Path
    plugins: Path
    objects: int
    items: int


def build(root: Path, games: int, objects: int, *, data_types: tuple[str, ...] = DATA_TYPES) -> World:
    """Make a world of ``games`` x data types items and ``objects`` objects.

    Of 100 items 2 are absent; what is left of the objects is half strays in the source's folders, half foreign.
    """
    for folder in ("config", "inventory/schedules/bench", "inventory/cache"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "lake").mkdir(exist_ok=True)
    lake = (root / "lake").resolve().as_uri()
    (root / "config/reconciliation_config.yaml").write_text(f"lake: {{url: '{lake}'}}\n")
    (root / "inventory/data_inventory.yaml").write_text("expected_coverage:\n  bench:\n    seasons: [2024-25]\n")
    install(root / "plugins", data_types)
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "4GB", "temp_directory": str(root / "spill")})
    connection.execute("SET enable_progress_bar = false")
    _schedule(connection, root / "inventory/schedules/bench" / f"{SEASON}.parquet", games)
    _snapshot(connection, root / "inventory/cache", lake, games, objects, data_types)
    return World(root, root / "plugins", objects, games * len(data_types))


def install(folder: Path, data_types: tuple[str, ...]) -> None:
    """Make a folder that, on the path, is an environment with the made-up source's plugin."""
    info = folder / "recon_bench-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (folder / "recon_bench.py").write_text(PLUGIN.format(data_types=data_types, season=SEASON))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: recon-bench\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[recon]\nbench = recon_bench\n")


def _schedule(connection: duckdb.DuckDBPyConnection, path: Path, games: int) -> None:
    import pyarrow.parquet as pq

    from recon_core.api import Game
    from recon_core.schedules.store import save_games

    # The store's own writer makes the file's shape; the rows come from SQL, for there may be millions.
    save_games(path, [Game(game_id="1", season=SEASON, date=date(2024, 10, 1), status="final")], NOW)
    schema = pq.read_schema(path)
    table = connection.sql(
        f"""
        SELECT
            CAST(400000000 + i AS VARCHAR) AS game_id, '{SEASON}' AS season, 'regular' AS season_type,
            DATE '2024-07-01' + CAST(i % 190 AS INTEGER) AS date,
            TIMESTAMP '2024-07-01 23:30:00' + to_days(CAST(i % 190 AS INTEGER)) AS start_utc,
            'T' || i % 30 AS home, 'T' || (i + 7) % 30 AS away, 'final' AS status, NULL AS league,
            CAST(1 AS INTEGER) AS ordinal, CAST([] AS VARCHAR[]) AS alt_ids, CAST(NULL AS TIMESTAMP) AS final_at,
            TIMESTAMP '{NOW:%Y-%m-%d %H:%M:%S}' AS pulled_at,
            CAST([] AS VARCHAR[]) AS unavailable
        FROM range({games}) AS numbers(i) ORDER BY game_id
        """
    ).to_arrow_table()
    pq.write_table(table.cast(schema), path, compression="zstd")


def _snapshot(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    lake: str,
    games: int,
    objects: int,
    data_types: tuple[str, ...],
) -> None:
    import pyarrow.parquet as pq

    from recon_core.snapshot import KeyRange, SnapshotWriter

    names = ", ".join(f"('{name}')" for name in data_types)
    held = games * len(data_types) - (games * len(data_types)) // 50
    strays = (objects - held) // 2
    connection.execute(
        f"""
        COPY (
            SELECT key, size, last_modified, NULL AS etag FROM (
                SELECT 'bench_' || d.name || '/' || (400000000 + i) || '.json' AS key, 20000 + i % 5000 AS size,
                    TIMESTAMP '2024-07-02 08:00:00' + to_days(CAST(i % 190 AS INTEGER)) AS last_modified
                FROM range({games}) AS numbers(i), (VALUES {names}) AS d(name) WHERE i % 50 <> 7
                UNION ALL
                SELECT 'bench_team_stats/' || (900000000 + i) || '.json', 100, TIMESTAMP '2024-10-01'
                FROM range({strays}) AS numbers(i)
                UNION ALL
                SELECT 'backups/2024/' || (100000000 + i) || '.bin', 100, TIMESTAMP '2024-10-01'
                FROM range({objects - held - strays}) AS numbers(i)
            ) AS lake ORDER BY key
        ) TO '{folder / "raw.parquet"}' (FORMAT parquet)
        """
    )
    with SnapshotWriter(folder / "snapshot.parquet", folder / "snapshot.json") as writer:
        for batch in pq.ParquetFile(folder / "raw.parquet").iter_batches(100_000):
            columns = batch.to_pydict()
            writer.add(
                columns["key"],
                columns["size"],
                [int(at.replace(tzinfo=UTC).timestamp()) * 1_000_000 for at in columns["last_modified"]],
                columns["etag"],
            )
        writer.finish(
            lake=lake,
            mode="listing",
            evidence_at=NOW,
            simulated=True,
            started_at=NOW,
            finished_at=NOW,
            requests=1,
            ranges=[KeyRange(start="", end=None, state="listed", error=None, evidence_at=NOW)],
        )
    (folder / "raw.parquet").unlink()
