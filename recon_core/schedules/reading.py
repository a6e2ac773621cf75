"""Reads the file of ``recon schedules import``, CSV or Parquet, into columns that know where each row stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recon_core.api import ScheduleError, UsageError
from recon_core.text import shown, suggest
from recon_core.times import from_us

__all__ = ["LISTS", "OPTIONAL", "REQUIRED", "Rows", "read_rows"]

REQUIRED = ("game_id", "season", "season_type", "date", "start_utc", "home", "away", "status")
OPTIONAL = ("league", "ordinal", "alt_ids", "unavailable")
LISTS = ("alt_ids", "unavailable")

Value = Any
"""Text as in a CSV file, or what a typed Parquet column holds: date, datetime (UTC), int, list of text, None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The columns of an import file, all of one length, and where each row stands.

    ``lines`` are the lines on which the rows of a CSV file begin, or the numbers of Parquet rows, both from 1.
    """

    name: str
    columns: Mapping[str, Sequence[Value]]
    lines: Sequence[int]
    numbered: str

    def at(self, index: int) -> str:
        """``games.csv:17`` or ``games.parquet: row 17``."""
        line = self.lines[index]
        return f"{self.name}:{line}" if self.numbered == "line" else f"{self.name}: row {line}"


def read_rows(path: Path) -> Rows:
    """Read an import file by its suffix.

    Raises UsageError for a path that is no such file, ScheduleError (with the line) for one that cannot be read.
    """
    name = shown(path)
    readers = {".csv": _read_csv, ".parquet": _read_parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"{name}: a schedule is imported from a .csv or a .parquet file: rename or convert it")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror or error}; check the path") from None
    if not content.strip():
        raise ScheduleError(f"{name}: the file is empty; it needs the columns {','.join(REQUIRED)}")
    rows = reader(name, content)
    if not rows.lines:
        raise ScheduleError(f"{name}: there is no game in it; an empty schedule is not stored")
    return rows


def _read_csv(name: str, content: bytes) -> Rows:
    reader = csv.reader(io.StringIO(_decoded(name, content), newline=""), strict=True)
    header: list[str] | None = None
    records: list[list[str]] = []
    lines: list[int] = []
    begins = 1
    try:
        for record in reader:
            if header is None and record:
                header = record
                _check_header(f"{name}:{begins}", header)
            elif header is not None and record:
                if len(record) != len(header):
                    raise ScheduleError(
                        f"{name}:{begins}: has {len(record)} columns, the header has {len(header)}: "
                        "add or remove commas, or quote a value that holds one"
                    )
                records.append(record)
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise ScheduleError(f"{name}:{begins}: is no CSV row: {shown(error)}; mend its quotes") from None
    columns: dict[str, Sequence[Value]] = dict(zip(header or (), zip(*records, strict=True), strict=False))
    return Rows(name=name, columns=columns, lines=lines, numbered="line")


def _decoded(name: str, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ScheduleError(f"{name}: is in UTF-16: save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ScheduleError(f"{name}:{line}: is not UTF-8: save the file as UTF-8") from None


def _check_header(where: str, names: Sequence[str]) -> None:
    known = (*REQUIRED, *OPTIONAL)
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise ScheduleError(f"{where}: the columns are not separated by commas: save the file with commas")
    for name in names:
        if name not in known:
            guess = suggest(name.strip().lower(), known)
            raise ScheduleError(
                f"{where}: unknown column {shown(name)!r}{guess}; the columns are {', '.join(REQUIRED)} and optionally "
                f"{', '.join(OPTIONAL)}"
            )
        if names.count(name) > 1:
            raise ScheduleError(f"{where}: column {name} stands there twice: remove one")
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise ScheduleError(f"{where}: lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}")


def _read_parquet(name: str, content: bytes) -> Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(io.BytesIO(content)) as file:
            _check_header(name, file.schema_arrow.names)
            table = file.read()
            columns = {column: _values(name, column, table.column(column)) for column in table.column_names}
    except (OSError, ValueError, pa.ArrowException) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise ScheduleError(f"{name}: is no readable Parquet file ({shown(reason)}): write it again") from None
    return Rows(name=name, columns=columns, lines=range(1, table.num_rows + 1), numbered="row")


def _values(name: str, column: str, array: Any) -> list[Value]:
    """A Parquet column as Python values; only types that lose nothing on the way are taken."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.cast(kind.value_type), kind.value_type
    if pa.types.is_null(kind) or _is_text(kind):
        return list(array.to_pylist())
    if column == "date" and pa.types.is_date(kind):
        return list(array.to_pylist())
    if column == "ordinal" and pa.types.is_integer(kind):
        return list(array.to_pylist())
    if column in LISTS and (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and _is_text(kind.value_type):
        return list(array.to_pylist())
    if column == "start_utc" and pa.types.is_timestamp(kind) and kind.tz is not None:
        ticks = array.cast(pa.timestamp("us", tz=kind.tz), safe=False).cast(pa.int64()).to_pylist()
        return [None if tick is None else from_us(tick) for tick in ticks]
    raise ScheduleError(f"{name}: column {column} is {shown(kind)}: {_ADVICE.get(column, 'make it text')}")


_ADVICE = {
    "game_id": "ids are text, for as a number 0022400061 loses its zeros; make it text",
    "date": "make it a date, or text such as 2024-10-22",
    "start_utc": "make it a timestamp with time zone UTC, or text such as 2024-10-22T23:30Z",
    "ordinal": "make it an integer",
    "alt_ids": "make it a list of text, or text with the ids separated by ';'",
    "unavailable": "make it a list of text, or text with the data types separated by ';'",
}


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or str(kind) == "string_view")
