"""The distinct values of one column of a Parquet file, as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from recon_core.text import shown, suggest

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ColumnError", "distinct_values"]

_MOST_BYTES = 1 << 30
_EXACT_FLOATS = 2**53


class ColumnError(ValueError):
    """Why the column cannot be read: one line that is safe to show."""


def distinct_values(file: IO[bytes], column: str) -> pa.Array:
    """The distinct values of a column, sorted, each as the text that an id has; nulls are left out.

    Whole numbers are written exactly, dates as ``2025-01-31``. Floating-point numbers count only where all of them are
    whole and exact, as in files whose writer made numbers of a column with gaps. Nothing but the footer and the column
    is read. Raises ColumnError for what is no Parquet file or has no such column, and passes on what ``file`` raises.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as parquet:
            index = _index(parquet, column)
            texts = [_texts(values, column) for values in _pieces(parquet, index, column)]
        found = pc.unique(pa.chunked_array(texts, pa.string())).drop_null()
        return found.take(pc.sort_indices(found))
    except (pa.ArrowException, OSError, EOFError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise ColumnError(f"is no readable Parquet file ({shown(reason)})") from error


def _index(parquet: pa.parquet.ParquetFile, column: str) -> int:
    """The place of the column among the file's leaf columns."""
    schema = parquet.metadata.schema
    paths = [schema.column(place).path for place in range(len(schema))]
    places = [place for place, path in enumerate(paths) if path == column]
    if len(places) != 1:
        there = f"has the column {shown(column)!r} {len(places)} times" if places else None
        raise ColumnError(there or f"has no column {shown(column)!r}{suggest(column, paths)}")
    return places[0]


def _pieces(parquet: pa.parquet.ParquetFile, index: int, column: str) -> Iterator[pa.ChunkedArray]:
    import pyarrow.compute as pc

    rows = 0
    for group in range(parquet.metadata.num_row_groups):
        size = parquet.metadata.row_group(group).column(index).total_uncompressed_size
        if size > _MOST_BYTES:
            raise ColumnError(f"has {size:,} bytes of {shown(column)!r} in one row group: too large to read")
        values = parquet.read_row_group(group, columns=[column], use_threads=False).column(0)
        rows += len(values)
        yield pc.unique(values)
    if rows != parquet.metadata.num_rows:
        raise ColumnError(f"contradicts itself: it has {rows:,} rows and says {parquet.metadata.num_rows:,}")


def _texts(values: pa.Array, column: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.dictionary_decode(), kind.value_type
    if pa.types.is_floating(kind):
        values = _whole(values, column)
    elif pa.types.is_decimal(kind) and kind.scale == 0:
        pass
    elif not (
        pa.types.is_integer(kind)
        or pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_date32(kind)
        or pa.types.is_null(kind)
    ):
        raise ColumnError(f"has the column {shown(column)!r} as {shown(kind)}: ids are text or whole numbers")
    return pc.cast(values, pa.string())


def _whole(values: pa.Array, column: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    known = values.drop_null()
    exact = pc.and_(pc.equal(pc.floor(known), known), pc.less(pc.abs(known), _EXACT_FLOATS))
    # NaN, which some writers put for a null, is equal to nothing.
    exact = pc.or_(exact, pc.is_nan(known))
    if not pc.all(exact).as_py() and len(known):
        raise ColumnError(f"has the column {shown(column)!r} as {shown(values.type)} with fractions, which are no ids")
    return pc.cast(known.filter(pc.invert(pc.is_nan(known))), pa.int64())
