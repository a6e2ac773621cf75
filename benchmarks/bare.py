"""The least that any tool would do: parse the keys, join them with what is expected, write the same rows in order.

No medians, no copies to choose from, no evidence, no rules: one expression for the verdict, one file for the items and
one for the other objects. Usage: ``python benchmarks/bare.py WORKSPACE MEMORY_LIMIT_MB``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

ITEMS = """
SELECT
    'bench/' || e.data_type || '/' || e.game_id AS item, 'bench' AS source, e.data_type, e.season,
    CAST(to_json(struct_pack(
        game_id := e.game_id, date := CAST(e.date AS VARCHAR), home := e.home, away := e.away
    )) AS VARCHAR) AS fields,
    e.game_id, e.date, e.home, e.away,
    CASE
        WHEN $now < e.final_at + INTERVAL 6 HOUR THEN 'not_due'
        WHEN p.size > 0 AND p.last_modified >= e.final_at THEN 'present'
        WHEN p.key IS NULL THEN 'missing'
        ELSE 'stale'
    END AS verdict,
    NULL AS waived_verdict, p.key AS found_key, 'bench_' || e.data_type || '/' || e.game_id || '.json' AS target_key,
    p.size, p.last_modified, CASE WHEN p.key IS NULL THEN 0 ELSE 1 END AS copies,
    e.final_at, e.final_at AS settled_at, e.final_at + INTERVAL 6 HOUR AS due_at, true AS required,
    CASE WHEN p.key IS NULL THEN 'due ' || strftime(e.final_at, '%Y-%m-%dT%H:%MZ') || '; no object' END AS reason,
    e.season_type
FROM (
    SELECT d.data_type, g.*, g.start_utc + INTERVAL 3 HOUR AS final_at
    FROM games AS g, (SELECT DISTINCT data_type FROM parsed WHERE data_type <> '') AS d
) AS e
LEFT JOIN parsed AS p ON p.data_type = e.data_type AND p.game_id = e.game_id
ORDER BY e.data_type, e.game_id
"""

OTHERS = """
SELECT
    p.key, p.size, p.last_modified, CASE WHEN p.data_type = '' THEN 'unrecognised' ELSE 'orphan' END AS kind,
    CASE WHEN p.data_type <> '' THEN 'bench' END AS source, nullif(p.data_type, '') AS data_type,
    CASE WHEN p.data_type <> '' THEN 'bench/' || p.data_type || '/' || p.game_id END AS item
FROM parsed AS p
LEFT JOIN games AS g ON p.data_type <> '' AND g.game_id = p.game_id
WHERE g.game_id IS NULL
ORDER BY p.key
"""


def main(root: Path, memory_limit_mb: str) -> None:
    out = root / "bare"
    out.mkdir(exist_ok=True)
    connection = duckdb.connect(config={"memory_limit": f"{memory_limit_mb}MB", "temp_directory": str(out / "spill")})
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"CREATE VIEW games AS FROM read_parquet('{root}/inventory/schedules/bench/*.parquet')")
    connection.execute(
        "CREATE VIEW parsed AS SELECT key, size, last_modified, m.data_type, m.game_id FROM (SELECT *, "
        "regexp_extract(key, '^bench_([a-z_]+)/([0-9]+)[.]json$', ['data_type', 'game_id']) AS m "
        f"FROM read_parquet('{root}/inventory/cache/snapshot.parquet')) AS objects"
    )
    items = ITEMS.replace("$now", "TIMESTAMP '2025-01-15 12:00:00'")
    connection.execute(f"COPY ({items}) TO '{out}/coverage.parquet' (FORMAT parquet)")
    connection.execute(f"COPY ({OTHERS}) TO '{out}/objects.parquet' (FORMAT parquet)")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
