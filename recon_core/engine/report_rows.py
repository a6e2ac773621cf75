"""The rows of an inventory report as a snapshot's objects: read in place, decoded, put in order.

Two passes. ``stage_report`` keeps of the data files what the lake holds; ``write_objects`` puts that in the order of
the keys, with the key ranges that were listed afresh in place of what the report says of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.api.errors import LakeError
from recon_core.engine.connection import notes, quoted, statement
from recon_core.files import disk_errors
from recon_core.snapshot import prefix_end
from recon_core.text import shown

if TYPE_CHECKING:
    import duckdb

__all__ = ["ReportFiles", "Staged", "UnreadableReportError", "stage_report", "write_objects"]

_HEX = "[0-9A-Fa-f]"
_MORE = f"%[89ABab]{_HEX}"
_ENCODED_UTF8 = (
    f"(?:[^%]|%[0-7]{_HEX}|%[Cc][2-9A-Fa-f]{_MORE}|%[Dd]{_HEX}{_MORE}|%[Ee]0%[ABab]{_HEX}{_MORE}"
    f"|%[Ee][1-9A-Ca-cEFef]{_MORE}{_MORE}|%[Ee][Dd]%[89]{_HEX}{_MORE}|%[Ff]0%[9ABab]{_HEX}{_MORE}{_MORE}"
    f"|%[Ff][1-3]{_MORE}{_MORE}{_MORE}|%[Ff]4%8{_HEX}{_MORE}{_MORE})*"
)
"""Percent-encoded text that is UTF-8 when it is decoded."""

_NOTHING = "SELECT CAST(NULL AS VARCHAR) AS key, CAST(NULL AS BIGINT) AS size, "
_NO_OBJECTS = f"{_NOTHING}CAST(NULL AS TIMESTAMP) AS last_modified, CAST(NULL AS VARCHAR) AS etag WHERE false"


class UnreadableReportError(LakeError):
    """The engine cannot read a report's data files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFiles:
    """Data files of one report. ``columns`` are those of CSV files, in order; None for Parquet, which names its own.

    Keys of CSV files are form-encoded, those of Parquet are as they are.
    """

    paths: tuple[Path, ...]
    columns: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What a report says of a lake: ``objects`` with a key, and ``unreadable`` ones, of which the key could not be
    decoded. The report has ``rows`` in all; ``first`` and ``last`` are the first and the last of their keys.
    """

    objects: int
    unreadable: int
    rows: int
    first: str | None
    last: str | None


def stage_report(
    connection: duckdb.DuckDBPyConnection,
    files: ReportFiles,
    target: Path,
    *,
    lake_prefix: str,
    prefixes: Sequence[str],
    without: str | None,
) -> Staged:
    """Write what the report says is in the lake into the Parquet file ``target``, in no order.

    Rows without a key there are no objects.

    ``lake_prefix`` is the lake's place in the bucket, ``prefixes`` the parts of the lake that are wanted (none: all),
    ``without`` a prefix of the bucket whose keys are left out. Leaves the view ``report_rows`` behind.

    Raises UnreadableReportError.
    """
    import duckdb

    encoded = files.columns is not None
    try:
        columns = _open(connection, files)
        parts = _parts(columns, encoded=encoded)
        # A key that is the lake's own prefix is the mark of its folder, and has no name in the lake.
        wanted = [f"key > {_key(lake_prefix)}", _below("key", lake_prefix)]
        if prefixes:
            wanted.append(f"({' OR '.join(_below('key', lake_prefix + prefix) for prefix in prefixes)})")
        if without is not None:
            wanted.append(f"NOT ({_below('key', without)})")
        staged = statement(
            "report_staged",
            relative_key=f"substr(key, {len(lake_prefix) + 1})" if lake_prefix else "key",
            wanted=" AND ".join(wanted),
            kept="true" if encoded else "is_held",
            **parts,
        )
        # Parquet gives its keys once more for little. To read CSV again costs as much as the first time, so the keys
        # of what is not in the lake stand in a file beside the others until they have been looked at.
        first_file = target.with_name(f"{target.name}.whole") if encoded else target
        connection.execute(f"COPY ({staged}) TO {quoted(first_file)} (FORMAT parquet, COMPRESSION snappy)")
        objects, unreadable, first, last = _row(
            connection,
            "SELECT count(key), count(CASE WHEN key IS NULL AND beside IS NULL THEN 1 END), min(key), max(key) "
            f"FROM read_parquet({quoted(first_file)})",
        )
        column, source = ("beside", f"read_parquet({quoted(first_file)})") if encoded else ("key", "report_rows")
        rows, *ends = _row(
            connection, f"SELECT count(*), min(nullif({column}, '')), max(nullif({column}, '')) FROM {source}"
        )
        if encoded:
            _drop_beside(connection, first_file, target, is_empty=rows == objects + unreadable)
    except duckdb.IOException as error:
        # A file that is no GZIP is damaged; for any other reason the disk is to blame.
        if "GZIP" not in str(error).upper():
            raise
        raise UnreadableReportError("the report's data files cannot be read (they are not compressed)") from error
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.BinderException) as error:
        reason = (str(error).splitlines() or [""])[0][:200]
        raise UnreadableReportError(f"the report's data files cannot be read ({shown(reason)})") from error
    keys = [lake_prefix + key for key in (first, last) if key is not None] + [key for key in ends if key is not None]
    return Staged(
        objects=objects,
        unreadable=unreadable,
        rows=rows,
        first=min(keys, default=None),
        last=max(keys, default=None),
    )


def write_objects(
    connection: duckdb.DuckDBPyConnection,
    staged: Path,
    target: Path,
    *,
    listed: Path | None,
    afresh: Sequence[tuple[str, str | None]],
    metadata: Mapping[str, str],
) -> tuple[int, int]:
    """Write a snapshot's Parquet file; how many objects it holds, and their size in bytes as far as it is told.

    ``afresh`` are the ranges, ascending, of which ``listed`` (a snapshot's Parquet file) holds the objects.
    """
    connection.execute(f"CREATE OR REPLACE VIEW report_objects AS FROM read_parquet({quoted(staged)})")
    source = f"SELECT * FROM read_parquet({quoted(listed)})" if listed else _NO_OBJECTS
    connection.execute(f"CREATE OR REPLACE VIEW listed_objects AS {source}")

    def write(objects: str) -> None:
        ordered = statement("report_snapshot", objects=objects, afresh=_in_ranges("key", afresh))
        connection.execute(
            f"COPY ({ordered}) TO {quoted(target)} "
            f"(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 122880, {notes(metadata)})"
        )

    write("SELECT * FROM report_objects")
    if not _ascends(target):
        # A row that stands twice is rare, and to look for it first would cost more than to sort again.
        write(statement("report_once"))
    row = connection.execute(f"SELECT count(*), coalesce(sum(size), 0) FROM read_parquet({quoted(target)})").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """The one row of an aggregate."""
    (row,) = connection.execute(query).fetchall()
    return tuple(row)


def _drop_beside(connection: duckdb.DuckDBPyConnection, whole: Path, target: Path, *, is_empty: bool) -> None:
    """Leave of a staged file only what the lake holds: the rest may be a hundred times as much."""
    if is_empty:
        with disk_errors(target):
            whole.replace(target)
        return
    connection.execute(
        f"COPY (SELECT * FROM read_parquet({quoted(whole)}) WHERE beside IS NULL) TO {quoted(target)} "
        "(FORMAT parquet, COMPRESSION snappy)"
    )
    with disk_errors(whole):
        whole.unlink()


def _open(connection: duckdb.DuckDBPyConnection, files: ReportFiles) -> dict[str, str]:
    """Make the view ``report_rows``; its columns with their types, by their names without case and underscores."""
    paths = "[" + ", ".join(quoted(path) for path in files.paths) + "]"
    if files.columns is None:
        relation = f"read_parquet({paths}, union_by_name = true, binary_as_string = true)"
    else:
        names = [_plain(name) for name in files.columns]
        unique = [name if name not in names[:place] else f"{name}_{place}" for place, name in enumerate(names)]
        columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in unique)
        relation = (
            f"read_csv({paths}, auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', "
            f"compression = 'gzip', columns = {{{columns}}})"
        )
    connection.execute(f"CREATE OR REPLACE VIEW report_rows AS SELECT * FROM {relation}")
    described = connection.execute("DESCRIBE report_rows").fetchall()
    found = {_plain(name): (name, kind) for name, kind, *_ in described}
    if "key" not in found:
        raise UnreadableReportError("the report's data files cannot be read (they have no column key)")
    return {plain: f'"{name}"|{kind}' for plain, (name, kind) in found.items()}


def _plain(name: str) -> str:
    """``LastModifiedDate`` and ``last_modified_date`` are one."""
    return name.replace("_", "").lower()


def _parts(columns: Mapping[str, str], *, encoded: bool) -> dict[str, str]:
    """SQL of a row's values. A column that the report lacks is null, and says nothing."""

    def column(name: str) -> tuple[str, str]:
        text, _, kind = columns[name].rpartition("|")
        return text, kind

    def flag(name: str, otherwise: str) -> str:
        if name not in columns:
            return otherwise
        text, kind = column(name)
        value = text if kind == "BOOLEAN" else f"lower(CAST({text} AS VARCHAR)) = 'true'"
        return f"coalesce({value}, {otherwise})"

    key, _ = column("key")
    parts = {
        "key": _decoded(key) if encoded else key,
        "size": "CAST(NULL AS BIGINT)",
        "last_modified": "CAST(NULL AS TIMESTAMP)",
        "etag": "CAST(NULL AS VARCHAR)",
        "current": f"{flag('islatest', 'true')} AND NOT {flag('isdeletemarker', 'false')}",
    }
    if "size" in columns:
        parts["size"] = f"TRY_CAST({column('size')[0]} AS BIGINT)"
    if "lastmodifieddate" in columns:
        text, kind = column("lastmodifieddate")
        zoned = kind == "TIMESTAMP WITH TIME ZONE"
        parts["last_modified"] = f"make_timestamp(epoch_us({text}))" if zoned else f"TRY_CAST({text} AS TIMESTAMP)"
    if "etag" in columns:
        parts["etag"] = f"nullif(replace({column('etag')[0]}, '\"', ''), '')"
    return parts


def _decoded(column: str) -> str:
    """SQL of a key that S3 form-encoded, so that a plus sign is a space; null where it is no UTF-8."""
    spaced = f"replace({column}, '+', ' ')"
    return (
        f"CASE WHEN strpos({column}, '%') = 0 THEN {spaced} "
        f"WHEN regexp_full_match({column}, {quoted(_ENCODED_UTF8)}) THEN url_decode({spaced}) END"
    )


def _below(column: str, prefix: str) -> str:
    """SQL BOOLEAN: the column begins with the prefix."""
    return _in_ranges(column, [(prefix, prefix_end(prefix))])


def _in_ranges(column: str, ranges: Sequence[tuple[str, str | None]]) -> str:
    """SQL BOOLEAN: the column lies in one of some ascending ranges. A tree of comparisons, so that thousands of them
    cost a dozen.
    """
    if not ranges:
        return "false"
    if len(ranges) == 1:
        start, end = ranges[0]
        return f"{column} >= {_key(start)}" + (f" AND {column} < {_key(end)}" if end is not None else "")
    middle = len(ranges) // 2
    return (
        f"CASE WHEN {column} < {_key(ranges[middle][0])} THEN {_in_ranges(column, ranges[:middle])} "
        f"ELSE {_in_ranges(column, ranges[middle:])} END"
    )


def _key(text: str) -> str:
    """An SQL literal of a key, which may hold what the text of a statement must not."""
    return "(" + " || chr(0) || ".join(quoted(part) for part in text.split("\0")) + ")"


def _ascends(path: Path) -> bool:
    """Whether every key is greater than the one before it."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    previous: str | None = None
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            keys = file.read_row_group(number, columns=["key"]).column("key").combine_chunks()
            if not len(keys):
                continue
            if previous is not None and keys[0].as_py() <= previous:
                return False
            if pc.any(pc.less_equal(keys[1:], keys[:-1])).as_py():
                return False
            previous = keys[-1].as_py()
    return True
