"""A locked-down DuckDB: a memory limit, a folder to spill into, and no file beyond the ones it is given."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from recon_core.api.errors import DiskError
from recon_core.text import shown

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "LAKE_NOTE",
    "clear",
    "make_table",
    "noted",
    "notes",
    "open_engine",
    "quoted",
    "side_by_side",
    "statement",
    "timestamp",
]

LAKE_NOTE = "recon.lake"
"""Under which name a Parquet file says of which lake it is (``Snapshot.place``)."""

_ROWS_AN_INSERT = 1000
_SECONDS_TO_STOP = 0.05

Here = TypeVar("Here")
Beside = TypeVar("Beside")
_SQL = Path(__file__).parent / "sql"


@contextlib.contextmanager
def open_engine(
    folders: Sequence[Path], spill: Path, *, memory_limit_mb: int, threads: int | None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database that reads and writes below ``folders`` only and spills to ``spill``.

    Raises DiskError when the disk is full or the work does not fit the memory limit even when spilling,
    KeyboardInterrupt when a signal ended a statement.
    """
    import duckdb

    options: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory_limit_mb}MB",
        "temp_directory": str(spill),
        "preserve_insertion_order": True,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }
    if threads:
        options["threads"] = threads
    connection = duckdb.connect(":memory:", config=options)
    try:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET allowed_directories = " + _list([*folders, spill]))
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    except duckdb.OutOfMemoryException as error:
        raise DiskError(
            f"the work does not fit into {memory_limit_mb} MB of memory and the disk space beside {shown(spill)}: "
            "raise engine.memory_limit_mb in config/reconciliation_config.yaml, or free some disk space"
        ) from error
    except duckdb.IOException as error:
        raise DiskError(
            f"cannot read or write below {shown(spill.parent)}: {shown(str(error).splitlines()[0])}; "
            "previous outputs are untouched; free some space and run again"
        ) from error
    except RuntimeError as error:
        # This is how DuckDB passes on the exception of a signal handler.
        if str(error) != "Query interrupted":
            raise
        raise KeyboardInterrupt from error
    finally:
        connection.close()


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what a step left behind, so that the next one has all the memory and every name."""
    made = connection.execute(
        "SELECT 'VIEW', view_name FROM duckdb_views() WHERE NOT internal "
        "UNION ALL SELECT 'TABLE', table_name FROM duckdb_tables()"
    ).fetchall()
    for kind, name in made:
        connection.execute(f'DROP {kind} "{name}"')


def side_by_side(
    connection: duckdb.DuckDBPyConnection,
    here: Callable[[duckdb.DuckDBPyConnection], Here],
    beside: Callable[[duckdb.DuckDBPyConnection], Beside],
) -> tuple[Here, Beside]:
    """What two pieces of work on the same tables give, ``here`` run on this thread and ``beside`` on another at once.

    One statement over fewer rows than DuckDB's unit of work (122,880) keeps one core busy only. Tables that are
    ``TEMP`` or registered belong to one connection, so the engine has none that outlive a statement's neighbours.
    The first error is raised once neither of the two is running any more.
    """
    # The pool ends first: a connection that is at work cannot be closed.
    with connection.cursor() as cursor, ThreadPoolExecutor(max_workers=1) as pool:
        other = pool.submit(beside, cursor)
        try:
            return here(connection), other.result()
        except BaseException:
            # A statement that only begins now does not notice that it was interrupted before.
            while not other.done():
                cursor.interrupt()
                wait([other], timeout=_SECONDS_TO_STOP)
            raise


def make_table(
    connection: duckdb.DuckDBPyConnection, table: str, columns: str, rows: Iterable[tuple[object, ...]]
) -> None:
    """A table of a few rows. ``executemany`` would plan and run one insert for each of them."""
    connection.execute(f"CREATE TABLE {table} ({columns})")
    waiting = iter(rows)
    while batch := list(itertools.islice(waiting, _ROWS_AN_INSERT)):
        places = ", ".join(f"({', '.join('?' * len(row))})" for row in batch)
        connection.execute(f"INSERT INTO {table} VALUES {places}", list(itertools.chain.from_iterable(batch)))


def statement(name: str, **parts: str) -> str:
    """The SQL of ``sql/<name>.sql`` with its ``{parts}`` filled in."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8").format_map(parts)


def quoted(text: object) -> str:
    """An SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def notes(pairs: Mapping[str, str]) -> str:
    """The option of COPY by which a Parquet file says something of itself."""
    return "KV_METADATA {" + ", ".join(f"{quoted(name)}: {quoted(value)}" for name, value in pairs.items()) + "}"


def noted(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> str | None:
    """What a Parquet file says of itself under a name; ``None`` where there is no file, or nothing under it."""
    if not path.is_file():
        return None
    rows = connection.execute(
        f"SELECT decode(value) FROM parquet_kv_metadata({quoted(path)}) WHERE decode(key) = {quoted(name)}"
    ).fetchall()
    return str(rows[0][0]) if rows else None


def timestamp(moment: datetime | None) -> str:
    """An SQL literal of a UTC moment."""
    if moment is None:
        return "CAST(NULL AS TIMESTAMP)"
    return f"TIMESTAMP {quoted(moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' '))}"


def _list(paths: Sequence[Path]) -> str:
    return "[" + ", ".join(quoted(f"{path}/") for path in paths) + "]"
