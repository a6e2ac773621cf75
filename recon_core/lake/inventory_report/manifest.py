"""``manifest.json`` and ``manifest.checksum``: what a report consists of, and whether it is the one that was asked for.

The checksum is written last, so its presence is the commit mark of a report.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from recon_core.lake.inventory_report.errors import DamagedReportError, ReportError
from recon_core.schemas import schema, validate_document
from recon_core.text import shown
from recon_core.times import from_us

__all__ = ["Manifest", "ReportFile", "ReportFormat", "read_manifest"]

ReportFormat = Literal["CSV", "ORC", "Parquet"]

_NAME = "inventory_manifest"


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A data file: its key in the destination bucket, its size in bytes, its MD5 in hexadecimal digits."""

    key: str
    size: int
    md5: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A report's description of itself. ``columns`` are those of the CSV files in order, empty for other formats.

    ``identity`` is the MD5 of the manifest, which names every data file with its MD5: equal ones hold equal rows.
    """

    identity: str
    source_bucket: str
    destination_bucket: str
    created_at: datetime
    format: ReportFormat
    columns: tuple[str, ...]
    files: tuple[ReportFile, ...]

    @property
    def bytes(self) -> int:
        """The size of all data files."""
        return sum(file.size for file in self.files)


def read_manifest(where: str, content: bytes, checksum: bytes) -> Manifest:
    """Check a manifest against its checksum and its schema; ``where`` names it in errors.

    Raises DamagedReportError.
    """
    identity = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if checksum.decode("ascii", "replace").strip().lower() != identity:
        raise DamagedReportError(f"{where} does not have the MD5 that manifest.checksum tells: it is not used")
    try:
        document = _known(json.loads(content), schema(_NAME))
        validate_document(_NAME, document)
        created_at = from_us(int(document["creationTimestamp"]) * 1000)
    except (ValueError, RecursionError, OverflowError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise DamagedReportError(f"{where} is no manifest that recon can read ({shown(reason)})") from error
    columns = document["fileSchema"] if document["fileFormat"] == "CSV" else ""
    return Manifest(
        identity=identity,
        source_bucket=document["sourceBucket"],
        destination_bucket=document["destinationBucket"].rpartition(":")[2],
        created_at=created_at,
        format=document["fileFormat"],
        columns=tuple(name.strip() for name in columns.split(",") if name.strip()),
        files=tuple(
            ReportFile(file["key"], file["size"], file["MD5checksum"].strip().lower()) for file in document["files"]
        ),
    )


def check_buckets(where: str, manifest: Manifest, source: str, destination: str) -> None:
    """Refuse a report of another bucket, or one that says it lies elsewhere than where it was found.

    Raises ReportError: an older report of the same place would be no better.
    """
    for what, told, wanted in (
        ("of the bucket", manifest.source_bucket, source),
        ("written for the bucket", manifest.destination_bucket, destination),
    ):
        if told != wanted:
            raise ReportError(
                f"{where} is {what} {shown(told)!r}, not {shown(wanted)!r}: check scan.inventory_report.destination "
                "and lake.url"
            )


def _known(document: Any, wanted: dict[str, Any]) -> Any:
    """The document without the keys that the schema does not know: S3 may add some."""
    if isinstance(document, dict) and "properties" in wanted:
        properties = wanted["properties"]
        return {name: _known(value, properties[name]) for name, value in document.items() if name in properties}
    if isinstance(document, list) and "items" in wanted:
        return [_known(value, wanted["items"]) for value in document]
    return document
