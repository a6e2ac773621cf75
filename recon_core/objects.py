"""Objects of a lake as columns: what they are, that they are in order, and a digest of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recon_core.api.errors import LakeError
from recon_core.text import shown

if TYPE_CHECKING:
    import pyarrow

__all__ = ["ColumnDigest", "object_batch", "object_schema", "refuse_disorder", "rows_before", "rows_within"]

_NO_NUMBER = -(2**63)


def object_schema() -> pyarrow.Schema:
    """The columns of objects, in snapshots and everywhere else: times are microseconds since 1970, UTC."""
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("key", pa.string(), nullable=False),
            pa.field("size", pa.int64(), nullable=False),
            pa.field("last_modified", pa.timestamp("us"), nullable=False),
            pa.field("etag", pa.string()),
        ]
    )


def object_batch(
    keys: Sequence[str], sizes: Sequence[int], last_modified_us: Sequence[int], etags: Sequence[str | None]
) -> pyarrow.RecordBatch:
    """Objects as columns, of values in rows of one length."""
    import pyarrow as pa

    schema = object_schema()
    columns = zip((keys, sizes, last_modified_us, etags), schema, strict=True)
    return pa.record_batch([pa.array(values, type=column.type) for values, column in columns], schema=schema)


def rows_within(rows: pyarrow.RecordBatch, start: str, end: str | None) -> pyarrow.RecordBatch:
    """The rows whose keys lie from ``start`` up to ``end``."""
    first = rows_before(rows, start)
    return rows.slice(first, (rows.num_rows if end is None else rows_before(rows, end)) - first)


def rows_before(rows: pyarrow.RecordBatch, key: str) -> int:
    """How many of the rows come before a key."""
    keys = rows.column(0)
    if not rows.num_rows or key <= keys[0].as_py():
        return 0
    if key > keys[-1].as_py():
        return int(rows.num_rows)
    first: int = 0
    last: int = rows.num_rows
    while first < last:
        middle = (first + last) // 2
        if keys[middle].as_py() < key:
            first = middle + 1
        else:
            last = middle
    return first


def refuse_disorder(keys: pyarrow.StringArray, last: str | None) -> None:
    """Raise LakeError unless the keys, of which there are some, ascend and come after ``last``."""
    import pyarrow.compute as pc

    first: str = keys[0].as_py()
    if last is not None and first <= last:
        raise _out_of_order(first, last)
    ascends = pc.less(keys.slice(0, len(keys) - 1), keys.slice(1))
    if pc.all(ascends).as_py() is False:
        place = ascends.to_pylist().index(False)
        raise _out_of_order(keys[place + 1].as_py(), keys[place].as_py())


def _out_of_order(key: str, previous: str) -> LakeError:
    """The error for a listing that does not ascend."""
    return LakeError(
        f"the lake lists {shown(key)!r} after {shown(previous)!r}: without ascending order of UTF-8 bytes nothing "
        "proves that a key is absent; check that the endpoint lists as S3 does"
    )


class ColumnDigest:
    """A digest of objects that does not depend on how their rows were cut into batches.

    Each column has one for its values' bytes and one for the lengths of its texts.
    """

    def __init__(self) -> None:
        self._pairs = [(hashlib.sha256(), hashlib.sha256()) for _ in object_schema()]

    def add(self, batch: pyarrow.RecordBatch) -> None:
        """Add rows after all others."""
        import pyarrow as pa
        import pyarrow.compute as pc

        for (values, lengths), column in zip(self._pairs, batch.columns, strict=True):
            if pa.types.is_string(column.type):
                lengths.update(_bytes(pc.binary_length(column), -1, 4))
                _, offsets, data = column.buffers()
                first, last = (memoryview(offsets).cast("i")[column.offset + place] for place in (0, len(column)))
                values.update(memoryview(data)[first:last] if data is not None else b"")
            else:
                values.update(_bytes(column.cast(pa.int64()), _NO_NUMBER, 8))

    def hexdigests(self) -> list[str]:
        """The digests of all columns."""
        return [digest.hexdigest() for pair in self._pairs for digest in pair]


def _bytes(column: pyarrow.Array, null: int, width: int) -> memoryview:
    """The column's numbers of ``width`` bytes, ``null`` for those that are none."""
    if column.null_count:
        column = column.fill_null(null)
    return memoryview(column.buffers()[1])[column.offset * width : (column.offset + len(column)) * width]
