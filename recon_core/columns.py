"""Columns of texts, numbers and moments from Python values, made of their bytes.

pyarrow's own ``array`` would do, but it asks pandas first whether a list is one of its objects, and so imports it
wherever it happens to be installed: half a second for nothing, in the middle of a run.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow

__all__ = ["bytes_column", "moment_column", "number_column", "text_column"]


def text_column(values: Sequence[str | None]) -> pyarrow.StringArray:
    """Texts; ``None`` is null."""
    import pyarrow as pa

    return _of_bytes(pa.string(), [None if value is None else value.encode() for value in values])


def bytes_column(values: Sequence[bytes | None]) -> pyarrow.BinaryArray:
    """Byte strings; ``None`` is null."""
    import pyarrow as pa

    return _of_bytes(pa.binary(), values)


def moment_column(values: Sequence[int | None]) -> pyarrow.TimestampArray:
    """Microseconds since 1970 as moments; ``None`` is null."""
    import pyarrow as pa

    return _column(pa.timestamp("us"), values, [_numbers(values)])


def number_column(values: Sequence[int | None]) -> pyarrow.Int64Array:
    """Whole numbers of at most 64 bits; ``None`` is null."""
    import pyarrow as pa

    return _column(pa.int64(), values, [_numbers(values)])


def _of_bytes(kind: pyarrow.DataType, values: Sequence[bytes | None]) -> Any:
    import pyarrow as pa

    found = [value or b"" for value in values]
    ends = array("i", accumulate(map(len, found), initial=0))
    return _column(kind, values, [pa.py_buffer(ends.tobytes()), pa.py_buffer(b"".join(found))])


def _numbers(values: Sequence[int | None]) -> Any:
    import pyarrow as pa

    return pa.py_buffer(array("q", (0 if value is None else value for value in values)).tobytes())


def _column(kind: pyarrow.DataType, values: Sequence[object], buffers: list[Any]) -> Any:
    import pyarrow as pa

    there = bytearray((len(values) + 7) // 8)
    for place, value in enumerate(values):
        if value is not None:
            there[place >> 3] |= 1 << (place & 7)
    return pa.Array.from_buffers(kind, len(values), [pa.py_buffer(bytes(there)), *buffers])
