"""Reads a schedule file, Parquet or CSV, into rows of the columns that matter, and their values as what they mean.

What R writes depends on the season: ids as whole or floating-point numbers or text, flags as TRUE, True or booleans,
dates as text, dates or times, and nothing as empty, NA or null. All of them come out the same here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from recon_core.api import ScheduleError
from recon_hoopr.source import FLAGS
from recon_hoopr.text import printable

__all__ = ["Row", "day", "flag", "moment", "read_rows", "text", "whole"]

Row = Mapping[str, Any]

_NEEDED = (
    *("game_id", "season", "season_type", "date", "status_type_name", "status_type_state", "status_type_completed"),
    *("home_abbreviation", "away_abbreviation"),
)
_USED = (
    *("time_valid", "game_date", "notes_headline", "type_abbreviation", "home_display_name", "away_display_name"),
    *FLAGS,
)
_CHANGED = "hoopR's format may have changed: look for a newer recon-hoopr"
_NOTHING = ("", "NA", "NaN", "null", "None")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_rows(content: bytes, where: str, *, parquet: bool) -> list[Row]:
    """The rows of a schedule file.

    Raises ScheduleError, naming ``where``, for a file that is broken off, of another kind, without games, or without a
    column that is needed.
    """
    import pyarrow as pa

    try:
        columns = _parquet(content) if parquet else _csv(content)
    except (pa.ArrowException, OSError, ValueError) as error:
        start = content.lstrip()[:1]
        found = "empty" if not start else "an HTML page" if start == b"<" else _first_line(error)
        kind = "a Parquet file" if parquet else "a CSV file"
        raise ScheduleError(f"{where}: broken off or no schedule ({found}), expected {kind}") from None
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise ScheduleError(f"{where}: lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; {_CHANGED}")
    names = list(columns)
    rows: list[Row] = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    if not rows:
        raise ScheduleError(f"{where}: there is no game in it, so it is no schedule; try again later")
    return rows


def _parquet(content: bytes) -> dict[str, Sequence[Any]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(io.BytesIO(content), page_checksum_verification=True) as file:
        there = [name for name in (*_NEEDED, *_USED) if name in file.schema_arrow.names]
        table = file.read(columns=there)
        return {name: table.column(name).to_pylist() for name in table.column_names}


def _csv(content: bytes) -> dict[str, Sequence[Any]]:
    import pyarrow as pa
    from pyarrow import csv

    header = csv.open_csv(io.BytesIO(content), parse_options=csv.ParseOptions(newlines_in_values=True)).schema.names
    there = [name for name in (*_NEEDED, *_USED) if name in header]
    options = csv.ConvertOptions(
        include_columns=there,
        column_types=dict.fromkeys(there, pa.string()),
        null_values=list(_NOTHING),
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    table = csv.read_csv(
        io.BytesIO(content), parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=options
    )
    return {name: table.column(name).to_pylist() for name in table.column_names}


def text(value: Any) -> str | None:
    """A text without blanks at its ends, or None; a whole number without a point."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = "" if value is None else str(value).strip()
    return None if found in _NOTHING or found == "nan" else found


def whole(value: Any, column: str) -> int:
    """A whole number. Raises ValueError."""
    found = text(value)
    if found is not None and re.fullmatch(r"[0-9]{1,9}\.0+", found):
        found = found.partition(".")[0]
    if found is None or not re.fullmatch(r"[0-9]{1,9}", found):
        raise ValueError(f"{column} is {value!r}, no whole number")
    return int(found)


def flag(value: Any, column: str) -> bool | None:
    """A boolean, or None where the file says nothing. Raises ValueError."""
    if value is None or isinstance(value, bool):
        return value
    known = {"true": True, "false": False, "1": True, "0": False, "t": True, "f": False}
    found = text(value)
    if found is None:
        return None
    if found.lower() not in known:
        raise ValueError(f"{column} is {value!r}, neither true nor false")
    return known[found.lower()]


def moment(value: Any, column: str) -> datetime:
    """A time in UTC; one without a zone is UTC. Raises ValueError."""
    if not isinstance(value, datetime):
        found = text(value)
        if found is None:
            raise ValueError(f"{column} is empty")
        value = datetime.fromisoformat(found)
    known: datetime = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return known.astimezone(UTC)


def day(value: Any, column: str) -> date | None:
    """A date, or None where the file says nothing. Raises ValueError."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = text(value)
    if found is None:
        return None
    if not _DAY.match(found):
        raise ValueError(f"{column} is {value!r}, no date")
    return date.fromisoformat(found[:10])


def _first_line(error: Exception) -> str:
    return printable((str(error).splitlines() or [type(error).__name__])[0])
