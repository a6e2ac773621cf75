"""Data files that the engine cannot read as they are, written anew as Parquet: ORC, and keys that are no UTF-8."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.files import disk_errors
from recon_core.lake.inventory_report.errors import DamagedReportError

if TYPE_CHECKING:
    import pyarrow

__all__ = ["COLUMNS", "mended", "orc_as_parquet"]

COLUMNS = ("key", "is_latest", "is_delete_marker", "size", "last_modified_date", "e_tag")
"""The columns of a report that are used, as ORC and Parquet name them."""

_BATCH_ROWS = 100_000


def orc_as_parquet(path: Path) -> tuple[Path, int]:
    """Write an ORC file anew; the new file, and how many rows were left out because their key is no UTF-8.

    Memory holds one stripe. Raises DamagedReportError for a file that is no ORC.
    """
    import pyarrow as pa
    from pyarrow import orc

    try:
        file = orc.ORCFile(path)
        columns = _used(file.schema.names)
        batches = (file.read_stripe(number, columns=columns) for number in range(file.nstripes))
        schema = pa.schema([file.schema.field(name) for name in columns])
        return _written(path, schema, batches)
    except (OSError, pa.ArrowException) as error:
        raise _damaged(error) from error


def mended(path: Path) -> tuple[Path, int]:
    """As ``orc_as_parquet``, for a Parquet file that the engine refuses."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            columns = _used(file.schema_arrow.names)
            schema = pa.schema([file.schema_arrow.field(name) for name in columns])
            return _written(path, schema, file.iter_batches(_BATCH_ROWS, columns=columns))
    except (OSError, pa.ArrowException) as error:
        raise _damaged(error) from error


def _used(names: list[str]) -> list[str]:
    if "key" not in names:
        raise DamagedReportError("a data file of the report has no column key")
    return [name for name in names if name in COLUMNS]


def _written(path: Path, schema: pyarrow.Schema, batches: Iterator[pyarrow.RecordBatch]) -> tuple[Path, int]:
    import pyarrow.parquet as pq

    target = path.with_name(f"{path.name}.parquet")
    unreadable = 0
    with pq.ParquetWriter(target, schema, compression="snappy", use_dictionary=False) as writer:
        for batch in batches:
            good = _readable(batch)
            unreadable += batch.num_rows - good.num_rows
            with disk_errors(target):
                writer.write_batch(good)
    path.unlink()
    return target, unreadable


def _readable(batch: pyarrow.RecordBatch) -> pyarrow.RecordBatch:
    """The rows whose key is UTF-8, which is almost always all of them."""
    import pyarrow as pa

    keys = batch.column(batch.schema.get_field_index("key"))
    try:
        keys.validate(full=True)
    except pa.ArrowInvalid:
        return batch.filter(pa.array([_is_utf8(key) for key in keys.cast(pa.binary()).to_pylist()]))
    return batch


def _is_utf8(key: bytes | None) -> bool:
    try:
        return key is not None and bool(key.decode("utf-8") or True)
    except UnicodeDecodeError:
        return False


def _damaged(error: Exception) -> DamagedReportError:
    reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
    return DamagedReportError(f"a data file of the report cannot be read ({reason})")
