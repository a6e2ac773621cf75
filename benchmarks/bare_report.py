"""What ``recon scan`` makes of an inventory report, as one DuckDB statement over local files, with nothing verified."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb


def main(data: Path, out: Path, memory_limit_mb: str) -> None:
    out.mkdir(exist_ok=True)
    connection = duckdb.connect(config={"memory_limit": f"{memory_limit_mb}MB", "temp_directory": str(out / "spill")})
    connection.execute("SET enable_progress_bar = false")
    if any(data.glob("*.parquet")):
        rows = f"read_parquet('{data}/*.parquet')"
        values = "key, size, last_modified_date AS last_modified, e_tag AS etag"
        current = "is_latest AND NOT is_delete_marker"
    else:
        names = ("bucket", "key", "is_latest", "is_delete_marker", "size", "modified", "e_tag", "storage_class")
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
        rows = f"read_csv('{data}/*.csv.gz', auto_detect = false, header = false, columns = {{{columns}}})"
        values = (
            "url_decode(replace(key, '+', ' ')) AS key, CAST(size AS BIGINT) AS size, "
            "CAST(modified AS TIMESTAMP) AS last_modified, e_tag AS etag"
        )
        current = "lower(is_latest) = 'true' AND lower(is_delete_marker) = 'false'"
    connection.execute(
        f"COPY (SELECT {values} FROM {rows} WHERE {current} ORDER BY key) TO '{out}/snapshot.parquet' (FORMAT parquet)"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
