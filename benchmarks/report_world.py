"""An S3 Inventory report of any size in a folder, and a workspace whose lake it is of."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import duckdb

ROWS_A_FILE = 1_000_000
LAKE, REPORTS = "bench-lake", "bench-reports"
ROOT = f"{LAKE}/daily"
NOW = "2025-01-15T12:00:00Z"

COLUMNS = """
    '{lake}' AS bucket,
    'espn_' || (hash(i) % 8) || '/' || (2000 + hash(i * 3) % 25) || '/' || (400000000 + hash(i * 7) % 600000000)
        || '_' || i || '.json' AS key,
    true AS is_latest, false AS is_delete_marker, CAST(20000 + i % 5000 AS BIGINT) AS size,
    TIMESTAMP '2024-07-02 08:00:00' + to_seconds(CAST(i % 10000000 AS BIGINT)) AS last_modified_date,
    md5(CAST(i AS VARCHAR)) AS e_tag, 'STANDARD' AS storage_class
"""
CSV_COLUMNS = "Bucket, Key, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass"


def build(folder: Path, rows: int, file_format: str) -> None:
    """Write the report's data files, in no order of keys, its manifest and checksum."""
    root = folder / REPORTS / ROOT
    (root / "data").mkdir(parents=True)
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET preserve_insertion_order = false")
    files = []
    for number, start in enumerate(range(0, rows, ROWS_A_FILE)):
        name = f"data/{number:04}.{'parquet' if file_format == 'Parquet' else 'csv.gz'}"
        how = (
            "(FORMAT parquet, COMPRESSION snappy)"
            if file_format == "Parquet"
            else "(FORMAT csv, HEADER false, FORCE_QUOTE *, COMPRESSION gzip, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%gZ')"
        )
        select = f"SELECT {COLUMNS.format(lake=LAKE)} FROM range({start}, {min(rows, start + ROWS_A_FILE)}) AS n(i)"
        connection.execute(f"COPY ({select}) TO '{root / name}' {how}")
        with (root / name).open("rb") as stream:
            digest = hashlib.file_digest(stream, "md5").hexdigest()
        files.append({"key": f"{ROOT}/{name}", "size": (root / name).stat().st_size, "MD5checksum": digest})
    manifest = {
        "sourceBucket": LAKE,
        "destinationBucket": f"arn:aws:s3:::{REPORTS}",
        "version": "2016-11-30",
        "creationTimestamp": "1736906400000",
        "fileFormat": file_format,
        "fileSchema": CSV_COLUMNS,
        "files": files,
    }
    content = json.dumps(manifest).encode()
    begun = root / "2025-01-15T01-00Z"
    begun.mkdir()
    (begun / "manifest.json").write_bytes(content)
    (begun / "manifest.checksum").write_text(hashlib.md5(content).hexdigest())


def workspace(folder: Path, port: int) -> Path:
    """A workspace that scans by that report, from a server at ``port``."""
    root = folder / "workspace"
    (root / "config").mkdir(parents=True, exist_ok=True)
    (root / "inventory").mkdir(exist_ok=True)
    settings = {
        "lake": {"url": f"s3://{LAKE}", "endpoint_url": f"http://127.0.0.1:{port}", "region": "us-east-1"},
        "scan": {
            "mode": "inventory_report",
            "inventory_report": {
                "destination": f"s3://{REPORTS}",
                "config_id": "daily",
                "filter_prefix": "",
                "fallback": False,
            },
        },
    }
    (root / "config/reconciliation_config.yaml").write_text(json.dumps(settings))
    (root / "inventory/data_inventory.yaml").write_text("expected_coverage: {espn: {seasons: [2023-24]}}\n")
    return root


if __name__ == "__main__":
    build(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
