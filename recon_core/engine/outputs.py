"""Questions to the files that the last cycle wrote: gaps, coverage and objects, filtered, in bounded memory."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from recon_core.api.errors import ConfigError
from recon_core.engine.connection import open_engine, quoted, statement
from recon_core.engine.detect import AVAILABLE
from recon_core.engine.matching import MATCHES
from recon_core.engine.rules import PRIORITIES
from recon_core.engine.summary import LEAST_DAYS, RUN_ORDER
from recon_core.lake import ObjectVersion
from recon_core.templates import sql_key_shape
from recon_core.text import shown
from recon_core.times import format_utc
from recon_core.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "Rows",
    "Selection",
    "all_rows",
    "available_from",
    "key_shapes",
    "reading",
    "rows_where",
    "same_games",
    "select_gaps",
    "select_objects",
    "select_runs",
    "similar_items",
    "snapshot_objects",
    "snapshot_versions",
]

_MEMORY_MB = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which rows are asked for: those that match every filter that is not empty.

    ``season_pairs`` are (source, season) that count besides ``seasons``. ``limit`` of ``None`` is no limit.
    """

    sources: Sequence[str] = ()
    data_types: Sequence[str] = ()
    seasons: Sequence[str] = ()
    season_pairs: Sequence[tuple[str, str]] = ()
    priorities: Sequence[str] = ()
    kinds: Sequence[str] = ()
    first_seen: datetime | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The first rows of an answer, and how many there are in all.

    Times are text as in ``2025-01-15T12:00:00Z``, ``fields`` is a dict.
    """

    total: int
    rows: list[dict[str, Any]] = field(default_factory=list)


def select_gaps(ws: Workspace, selection: Selection) -> Rows:
    """Gaps, the most pressing and newest first, with the columns of ``gaps.parquet`` and ``available_from``.

    That is where other sources have data of the same game, as ``source/data_type``.

    Raises ConfigError when the file is absent or cannot be read.
    """
    rank = " ".join(f"WHEN {quoted(name)} THEN {place}" for place, name in enumerate(PRIORITIES))
    order = f"CASE priority {rank} END, date DESC NULLS LAST, source, data_type, item"
    found = _select(ws, ws.gaps, "recon detect", selection, "*", order)
    elsewhere = available_from(ws, [row["item"] for row in found.rows])
    for row in found.rows:
        row["available_from"] = elsewhere.get(row["item"], [])
    return found


def available_from(ws: Workspace, items: Sequence[str]) -> Mapping[str, list[str]]:
    """Where other sources have data of the games of these gaps; gaps of which none has are left out.

    Raises ConfigError when ``available.parquet`` is absent or cannot be read.
    """
    file = ws.cache_dir / AVAILABLE
    with reading(ws, file, "recon detect") as connection:
        return dict(
            connection.execute(
                "SELECT item, available_from FROM read_parquet(?) WHERE item IN (SELECT unnest(CAST(? AS VARCHAR[])))",
                [str(file), list(items)],
            ).fetchall()
        )


def same_games(ws: Workspace, source: str | None, game_id: str) -> list[dict[str, Any]]:
    """The games that go by this id (in any source, without one), as every source of the league has them.

    A row a source and game: ``source, season, game_id, league, date, home, away, ordinal, status, pulled_at, derived``;
    rows that are one game stand together. Raises ConfigError when ``matches.parquet`` is absent or cannot be read.
    """
    file = ws.cache_dir / MATCHES
    with reading(ws, file, "recon analyze") as connection:
        return _rows(
            connection,
            "SELECT DISTINCT o.* FROM read_parquet($file) AS m JOIN read_parquet($file) AS o ON o.league = m.league "
            "AND o.date = m.date AND o.home = m.home AND o.away = m.away AND o.ordinal = m.ordinal "
            "WHERE m.game_id = $game_id AND m.source = coalesce($source, m.source)",
            {"file": str(file), "game_id": game_id, "source": source},
            "league, date, home, away, ordinal, source, game_id",
            None,
        ).rows


def select_runs(ws: Workspace, selection: Selection) -> Rows:
    """Stretches of days on which a data type has no data at all, the longest first: ``source, data_type, season, first,
    last, days, items``. Of the selection, the names of sources, data types and seasons count.

    Raises ConfigError when ``coverage.parquet`` is absent or cannot be read.
    """
    tests, parameters = _tests(selection)
    condition = "".join(f" AND {test}" for test in tests)
    query = statement("runs", coverage="read_parquet(?)", condition=condition, least_days=str(LEAST_DAYS))
    with reading(ws, ws.coverage, "recon analyze") as connection:
        return _rows(connection, query, [str(ws.coverage), *parameters], RUN_ORDER, selection.limit)


def select_objects(ws: Workspace, selection: Selection) -> Rows:
    """Objects that are no item's best copy, by key, with the columns of ``objects.parquet``.

    Raises ConfigError when the file is absent or cannot be read.
    """
    return _select(ws, ws.objects, "recon analyze", selection, "*", "key")


def key_shapes(ws: Workspace, limit: int | None) -> Rows:
    """What the unrecognised objects look like, the commonest first, of equally common ones the larger: ``shape,
    objects, bytes, oldest, newest, example, examples``.

    ``oldest`` and ``newest`` are when the first and the last of them was modified. ``examples`` are a few of the keys:
    the first and the last by name, between them the newest, each once; ``example`` is the first.

    Raises ConfigError when ``objects.parquet`` is absent or cannot be read.
    """
    with reading(ws, ws.objects, "recon analyze") as connection:
        found = _rows(
            connection,
            "SELECT shape, count(*) AS objects, CAST(sum(size) AS BIGINT) AS bytes, min(last_modified) AS oldest, "
            "max(last_modified) AS newest, min(key) AS example, max_by(key, struct_pack(t := last_modified, k := key)) "
            "AS newest_key, max(key) AS last_key FROM ("
            f"SELECT key, size, last_modified, {sql_key_shape('key')} AS shape "
            "FROM read_parquet(?) WHERE kind = 'unrecognised'"
            ") AS shaped GROUP BY shape",
            [str(ws.objects)],
            "objects DESC, bytes DESC, shape",
            limit,
        )
    for row in found.rows:
        row["examples"] = list(dict.fromkeys([row["example"], row.pop("newest_key"), row.pop("last_key")]))
    return found


def rows_where(
    ws: Workspace,
    table: Literal["coverage", "gaps", "objects"],
    condition: str,
    parameters: Sequence[object],
    limit: int | None = None,
) -> Rows:
    """Rows of one output for which an SQL condition with ``?`` places holds, by item, or by key for objects.

    Raises ConfigError when the file is absent or cannot be read.
    """
    file = {"coverage": ws.coverage, "gaps": ws.gaps, "objects": ws.objects}[table]
    command = "recon detect" if table == "gaps" else "recon analyze"
    with reading(ws, file, command) as connection:
        query = f"SELECT * FROM read_parquet(?) WHERE {condition}"
        order = "key" if table == "objects" else "item"
        return _rows(connection, query, [str(file), *parameters], order, limit)


def similar_items(ws: Workspace, text: str, limit: int) -> list[str]:
    """Names of items that are nearly ``text``, or whose last value nearly is; the nearest first.

    Raises ConfigError when ``coverage.parquet`` is absent or cannot be read.
    """
    tolerance = max(2, len(text) // 4)
    with reading(ws, ws.coverage, "recon analyze") as connection:
        found = connection.execute(
            "SELECT item FROM (SELECT item, least(levenshtein(item, $text), "
            "levenshtein(list_extract(string_split(item, '/'), -1), $text)) AS distance "
            "FROM read_parquet($file)) AS measured WHERE distance <= $tolerance ORDER BY distance, item LIMIT $limit",
            {"text": text, "file": str(ws.coverage), "tolerance": tolerance, "limit": limit},
        ).fetchall()
    return [item for (item,) in found]


def snapshot_objects(ws: Workspace, keys: Sequence[str]) -> Mapping[str, tuple[int, str]]:
    """Size and time of those of the keys that the snapshot holds.

    Raises ConfigError when the snapshot is absent or cannot be read.
    """
    with reading(ws, ws.snapshot_parquet, "recon scan") as connection:
        found = connection.execute(
            "SELECT key, size, last_modified FROM read_parquet(?) WHERE key IN (SELECT unnest(CAST(? AS VARCHAR[])))",
            [str(ws.snapshot_parquet), list(keys)],
        ).fetchall()
    return {key: (size, _plain(modified)) for key, size, modified in found}


def snapshot_versions(ws: Workspace, keys: Sequence[str]) -> Mapping[str, ObjectVersion]:
    """Those of the keys that the snapshot holds, as it saw them; without what it was not told of.

    Raises ConfigError when the snapshot is absent or cannot be read.
    """
    with reading(ws, ws.snapshot_parquet, "recon scan") as connection:
        found = connection.execute(
            "SELECT key, size, epoch_us(last_modified), etag FROM read_parquet(?) "
            "WHERE size IS NOT NULL AND key IN (SELECT unnest(CAST(? AS VARCHAR[])))",
            [str(ws.snapshot_parquet), list(keys)],
        ).fetchall()
    return {key: ObjectVersion(key, size, modified, etag) for key, size, modified, etag in found}


@contextlib.contextmanager
def reading(ws: Workspace, file: Path, command: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database to ask ``file`` with, which ``command`` makes.

    Raises ConfigError when the file is absent or cannot be read.
    """
    import duckdb

    if not file.is_file():
        raise ConfigError(f"{ws.shown(file)} is not there yet: `{command}` makes it, as does `recon run`")
    with open_engine([ws.cache_dir], ws.cache_dir / "spill", memory_limit_mb=_MEMORY_MB, threads=None) as connection:
        try:
            yield connection
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise ConfigError(
                f"{ws.shown(file)} cannot be read: {shown(str(error).splitlines()[0])}; `recon run` makes it anew"
            ) from error


def _select(ws: Workspace, file: Path, command: str, selection: Selection, columns: str, order: str) -> Rows:
    tests, parameters = _tests(selection)
    query = f"SELECT {columns} FROM read_parquet(?) WHERE {' AND '.join(tests) or 'true'}"
    with reading(ws, file, command) as connection:
        return _rows(connection, query, [str(file), *parameters], order, selection.limit)


def _tests(selection: Selection) -> tuple[list[str], list[object]]:
    """The filters as SQL conditions with ``?`` places, and what stands in these places."""
    tests: list[str] = []
    parameters: list[object] = []
    for column, names in [
        ("source", selection.sources),
        ("data_type", selection.data_types),
        ("priority", selection.priorities),
        ("kind", selection.kinds),
    ]:
        if names:
            tests.append(_one_of(column, names, parameters))
    if selection.seasons or selection.season_pairs:
        either = [_one_of("season", selection.seasons, parameters)] if selection.seasons else []
        for pair in selection.season_pairs:
            either.append("(source = ? AND season = ?)")
            parameters.extend(pair)
        tests.append(f"({' OR '.join(either)})")
    if selection.first_seen is not None:
        tests.append("first_seen = CAST(? AS TIMESTAMP)")
        parameters.append(selection.first_seen.replace(tzinfo=None))
    return tests, parameters


def _one_of(column: str, names: Sequence[str], parameters: list[object]) -> str:
    parameters.extend(names)
    return f"{column} IN ({', '.join('?' for _ in names)})"


def _rows(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Sequence[object] | Mapping[str, object],
    order: str,
    limit: int | None,
) -> Rows:
    counted = connection.execute(f"SELECT count(*) FROM ({query}) AS q", parameters).fetchone()
    cut = f" LIMIT {limit}" if limit is not None else ""
    result = connection.execute(f"SELECT * FROM ({query}) AS q ORDER BY {order}{cut}", parameters)
    return Rows(int(counted[0]) if counted else 0, all_rows(result))


def all_rows(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Every row of an answer, as in ``Rows``."""
    names = [column[0] for column in result.description or ()]
    rows = [dict(zip(names, map(_plain, row), strict=True)) for row in result.fetchall()]
    for row in rows:
        if row.get("fields") is not None:
            row["fields"] = json.loads(row["fields"])
    return rows


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z" if value.tzinfo is None else format_utc(value)
    return value.isoformat() if isinstance(value, date) else value
