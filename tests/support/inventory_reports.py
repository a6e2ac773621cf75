"""Writes S3 Inventory reports as S3 does, and with what goes wrong in life.

report = ReportMaker(s3_server, source="lake", destination="reports", prefix="inv")
report.write({"a/1.json": Row(size=3)}, "2024-06-19T01:00:00Z", file_format="Parquet")
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import orc
from support.s3_server import S3Server

__all__ = ["ALL_COLUMNS", "ReportMaker", "Row", "data_file"]

ALL_COLUMNS = ("Bucket", "Key", "VersionId", "IsLatest", "IsDeleteMarker", "Size", "LastModifiedDate", "ETag")

_TYPES = {
    "Bucket": ("bucket", pa.string()),
    "Key": ("key", pa.string()),
    "VersionId": ("version_id", pa.string()),
    "IsLatest": ("is_latest", pa.bool_()),
    "IsDeleteMarker": ("is_delete_marker", pa.bool_()),
    "Size": ("size", pa.int64()),
    "LastModifiedDate": ("last_modified_date", pa.timestamp("ms")),
    "ETag": ("e_tag", pa.string()),
    "StorageClass": ("storage_class", pa.string()),
}


@dataclass(frozen=True)
class Row:
    """A version of an object. ``key`` as bytes is put into the report as it is, though it be no UTF-8."""

    key: str | bytes
    size: int | None = 1
    modified: str = "2024-06-01T00:00:00.000Z"
    latest: bool = True
    deleted: bool = False
    version: str = "null"
    etag: str = "d41d8cd98f00b204e9800998ecf8427e"


@dataclass(frozen=True)
class ReportMaker:
    """Writes the reports of one configuration of the bucket ``source`` into the bucket ``destination``."""

    server: S3Server
    source: str
    destination: str
    prefix: str = "inv"
    config_id: str = "daily"
    told_source: str | None = None
    told_destination: str | None = None
    broken: Mapping[str, Any] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """Where the reports lie; a prefix with a slash at its end gives two slashes, as it does on S3."""
        return f"{self.prefix}/{self.source}/{self.config_id}/" if self.prefix else f"{self.source}/{self.config_id}/"

    def write(
        self,
        files: Sequence[Sequence[Row]],
        started_at: str,
        *,
        file_format: str = "CSV",
        columns: Sequence[str] = ALL_COLUMNS,
        checksum: str | None = "",
        told_md5: str | None = None,
        data_root: str | None = None,
        told_root: str | None = None,
        skip_data: bool = False,
        symlinks: str | None = None,
        flags: tuple[str, str] = ("true", "false"),
    ) -> str:
        """Write a report of several data files; the key of its manifest.

        ``checksum``: None for a half-delivered report, a text for a wrong one. ``told_md5`` is what the manifest says
        of every file, ``data_root`` where the files are put, ``told_root`` where the manifest says they are,
        ``symlinks`` the root that the list for Hive names.
        """
        begun = datetime.fromisoformat(started_at).astimezone(UTC)
        ending = {"CSV": "csv.gz", "ORC": "orc", "Parquet": "parquet"}[file_format]
        objects: dict[str, bytes] = {}
        told = []
        for number, rows in enumerate(files):
            content = data_file(rows, file_format, columns, flags)
            name = f"data/{begun:%Y%m%d}-{number}.{ending}"
            if not skip_data:
                objects[f"{self.root if data_root is None else data_root}{name}"] = content
            told.append(
                {
                    "key": f"{self.root if told_root is None else told_root}{name}",
                    "size": len(content),
                    "MD5checksum": told_md5 or hashlib.md5(content).hexdigest(),
                }
            )
            if symlinks is not None:
                place = f"{self.root}hive/dt={begun:%Y-%m-%d-%H-%M}/symlink.txt"
                line = f"s3://{self.destination}/{symlinks}{name}\n".encode()
                objects[place] = objects.get(place, b"") + line
        manifest = {
            "sourceBucket": self.told_source or self.source,
            "destinationBucket": f"arn:aws:s3:::{self.told_destination or self.destination}",
            "version": "2016-11-30",
            "creationTimestamp": str(int(begun.timestamp() * 1000) + 3_600_000),
            "fileFormat": file_format,
            "fileSchema": ", ".join(columns) if file_format == "CSV" else "message s3.inventory {}",
            "files": told,
            "laterAddition": {"by": "S3"},
            **self.broken,
        }
        content = json.dumps(manifest).encode()
        folder = f"{self.root}{begun:%Y-%m-%dT%H-%MZ}/"
        objects[f"{folder}manifest.json"] = content
        if checksum is not None:
            objects[f"{folder}manifest.checksum"] = (checksum or f"{hashlib.md5(content).hexdigest()}\n").encode()
        self.server.seed(self.destination, objects)
        return f"{folder}manifest.json"


def data_file(
    rows: Sequence[Row],
    file_format: str,
    columns: Sequence[str] = ALL_COLUMNS,
    flags: tuple[str, str] = ("true", "false"),
    bucket: str = "lake",
) -> bytes:
    """The content of a data file."""
    if file_format == "CSV":
        return _csv(rows, columns, flags, bucket)
    table = pa.table([_column(rows, name, bucket) for name in columns], names=[_TYPES[name][0] for name in columns])
    stream = io.BytesIO()
    if file_format == "ORC":
        orc.write_table(table, stream, compression="zlib")
    else:
        pq.write_table(table, stream)
    return stream.getvalue()


def _values(row: Row, flags: tuple[str, str], bucket: str) -> dict[str, str | None]:
    key = quote_plus(row.key, safe="/")
    return {
        "Bucket": bucket,
        "Key": key,
        "VersionId": row.version,
        "IsLatest": flags[0] if row.latest else flags[1],
        "IsDeleteMarker": flags[0] if row.deleted else flags[1],
        "Size": "" if row.size is None else str(row.size),
        "LastModifiedDate": row.modified,
        "ETag": row.etag,
        "StorageClass": "STANDARD",
    }


def _csv(rows: Sequence[Row], columns: Sequence[str], flags: tuple[str, str], bucket: str) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for row in rows:
        values = _values(row, flags, bucket)
        writer.writerow([values.get(name, "whatever") for name in columns])
    return gzip.compress(stream.getvalue().encode(), mtime=0)


def _column(rows: Sequence[Row], name: str, bucket: str) -> pa.Array:
    moments = [datetime.fromisoformat(row.modified).replace(tzinfo=None) for row in rows]
    values: dict[str, list[Any]] = {
        "Bucket": [bucket for _ in rows],
        "VersionId": [row.version for row in rows],
        "IsLatest": [row.latest for row in rows],
        "IsDeleteMarker": [row.deleted for row in rows],
        "Size": [row.size for row in rows],
        "LastModifiedDate": moments,
        "ETag": [row.etag for row in rows],
        "StorageClass": ["STANDARD" for _ in rows],
    }
    if name == "Key":
        raw = pa.array([row.key if isinstance(row.key, bytes) else row.key.encode() for row in rows], pa.binary())
        # As the services write it: the bytes as they are, called text.
        return pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())
    return pa.array(values[name], _TYPES[name][1])
