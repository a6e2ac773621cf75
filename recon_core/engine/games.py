"""Loads games into the engine: stored schedules straight from their Parquet files, computed ones as columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.api import Game, ScheduleError
from recon_core.engine.connection import make_table, quoted, statement
from recon_core.engine.inputs import Expectation
from recon_core.plan import Plan
from recon_core.text import shown
from recon_core.times import day_end, to_us

if TYPE_CHECKING:
    import duckdb

__all__ = ["load_games", "source_numbers"]

_COLUMNS = "game_id, season, season_type, date, start_utc, home, away, status, alt_ids, final_at, pulled_at"
# Schedules that were stored before it was known lack it: nothing is unavailable there.
_YOUNGER = "unavailable"


def source_numbers(plan: Plan) -> dict[str, int]:
    """A small number for every source that has a layout."""
    return {name: number for number, name in enumerate(sorted({layout.source for layout in plan.layouts}))}


def load_games(
    connection: duckdb.DuckDBPyConnection, plan: Plan, expectation: Expectation, timezones: dict[str, str]
) -> None:
    """Make the tables ``stored_games``, ``sources``, ``local_days`` and ``games``.

    ``timezones`` names every source's zone. Raises ScheduleError when one id stands in two seasons of a source.
    """
    numbers = source_numbers(plan)
    lengths = {source.name: source.game_us for source in plan.sources}
    make_table(
        connection,
        "sources",
        "source_no INTEGER, game_length INTERVAL",
        [(number, f"{lengths.get(name, 0)} microseconds") for name, number in numbers.items()],
    )
    # Without any schedule, as when every plugin failed, the columns are still there.
    selects = [
        (
            "SELECT NULL::INTEGER AS source_no, NULL::VARCHAR AS game_id, NULL::VARCHAR AS season, "
            "NULL::VARCHAR AS season_type, NULL::DATE AS date, NULL::TIMESTAMP AS start_utc, NULL::VARCHAR AS home, "
            "NULL::VARCHAR AS away, NULL::VARCHAR AS status, NULL::VARCHAR[] AS alt_ids, NULL::TIMESTAMP AS final_at, "
            "NULL::TIMESTAMP AS pulled_at, NULL::VARCHAR[] AS unavailable WHERE false"
        )
    ]
    selects += [
        f"SELECT {number} AS source_no, {_COLUMNS}, {_younger(path)} FROM read_parquet({quoted(path)})"
        for name, number in numbers.items()
        for _, path in sorted(expectation.stored.get(name, {}).items())
    ]
    for name, games in sorted(expectation.computed.items()):
        relation = f"computed_{numbers[name]}"
        connection.register(relation, _games_table(games, to_us(plan.now)))
        selects.append(f"SELECT {numbers[name]} AS source_no, {_COLUMNS}, {_YOUNGER} FROM {relation}")
    connection.execute("CREATE VIEW stored_games AS " + " UNION ALL ".join(selects))
    _refuse_duplicates(connection, {number: name for name, number in numbers.items()})
    days = connection.execute(
        "SELECT DISTINCT source_no, date FROM stored_games WHERE start_utc IS NULL AND final_at IS NULL"
    ).fetchall()
    names = {number: name for name, number in numbers.items()}
    make_table(
        connection,
        "local_days",
        "source_no INTEGER, date DATE, ends_at TIMESTAMP",
        [(number, day, day_end(day, timezones[names[number]]).replace(tzinfo=None)) for number, day in sorted(days)],
    )
    connection.execute(statement("games"))


def _younger(path: Path) -> str:
    import pyarrow.parquet as pq

    return _YOUNGER if _YOUNGER in pq.read_schema(path).names else f"CAST(NULL AS VARCHAR[]) AS {_YOUNGER}"


def _refuse_duplicates(connection: duckdb.DuckDBPyConnection, names: dict[int, str]) -> None:
    twice = connection.execute(
        "SELECT source_no, game_id, min(season), max(season) FROM stored_games "
        "GROUP BY source_no, game_id HAVING count(*) > 1 ORDER BY source_no, game_id LIMIT 1"
    ).fetchone()
    if twice is not None:
        source = names[twice[0]]
        raise ScheduleError(
            f"schedules of {source}: game {shown(twice[1])} stands in both {shown(twice[2])} and {shown(twice[3])}: "
            f"remove it from one of the files below inventory/schedules/{source}/ and import or pull that season again"
        )


def _games_table(games: Sequence[Game], pulled_us: int) -> Any:
    import pyarrow as pa

    moment = pa.timestamp("us")
    return pa.table(
        {
            "game_id": pa.array([game.game_id for game in games], pa.string()),
            "season": pa.array([game.season for game in games], pa.string()),
            "season_type": pa.array([game.season_type for game in games], pa.string()),
            "date": pa.array([game.date for game in games], pa.date32()),
            "start_utc": pa.array([None if g.start_utc is None else to_us(g.start_utc) for g in games], moment),
            "home": pa.array([game.home for game in games], pa.string()),
            "away": pa.array([game.away for game in games], pa.string()),
            "status": pa.array([game.status for game in games], pa.string()),
            "alt_ids": pa.array([list(game.alt_ids) for game in games], pa.list_(pa.string())),
            "unavailable": pa.array([list(game.unavailable) for game in games], pa.list_(pa.string())),
            "final_at": pa.array([None if g.final_at is None else to_us(g.final_at) for g in games], moment),
            "pulled_at": pa.array([pulled_us] * len(games), moment),
        }
    )
