"""Loads games into the engine: stored schedules straight from their Parquet files, computed ones as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.api import Game, ScheduleError
from recon_core.engine.connection import quoted, statement
from recon_core.engine.deriving import derive_games
from recon_core.engine.inputs import Expectation
from recon_core.engine.matching import Member, find_lacking, match, source_numbers
from recon_core.plan import DatasetPlan, Plan
from recon_core.text import shown
from recon_core.times import to_us

if TYPE_CHECKING:
    import duckdb

    from recon_core.plugins import Plugin, PluginFailure

__all__ = ["gives_games", "load_games", "load_schedules"]

_COLUMNS = (
    "game_id, season, season_type, date, start_utc, home, away, status, league, ordinal, alt_ids, final_at, pulled_at"
)
# Schedules that were stored before it was known lack it: nothing is unavailable there.
_YOUNGER = "unavailable"


def load_games(
    connection: duckdb.DuckDBPyConnection, plan: Plan, expectation: Expectation, plugins: Mapping[str, Plugin]
) -> list[PluginFailure]:
    """Make the tables ``stored_games`` and ``games``, and those of the matching (see ``matching`` and ``deriving``).

    Returns the failures of plugins that could not say under which ids they have the games of others. Raises
    ScheduleError when one id stands in two seasons of a source.
    """
    numbers = source_numbers(plan)
    load_schedules(connection, numbers, expectation.stored, expectation.computed, plan.now)
    members = [_member(plugins[name], number, plan, expectation) for name, number in numbers.items()]
    match(connection, members)
    find_lacking(connection, members)
    failures = derive_games(connection, {number: plugins[name] for name, number in numbers.items()})
    connection.execute(statement("games"))
    return failures


def gives_games(dataset: DatasetPlan, source: str) -> bool:
    """Whether the dataset is one for which the source's games are wanted."""
    return dataset.source == source and not dataset.layout.enumerated


def _member(plugin: Plugin, number: int, plan: Plan, expectation: Expectation) -> Member:
    source = plugin.source
    planned = next((one for one in plan.sources if one.name == source.name), None)
    if source.schedule == "computed":
        known = {label for one in plan.datasets if gives_games(one, source.name) for label in one.seasons}
        known = known if source.name in expectation.computed else set()
    else:
        known = set(expectation.stored.get(source.name, ()))
    return Member(
        number=number,
        name=source.name,
        league=source.league,
        teams=source.teams,
        seasons=tuple(season for season in plugin.seasons if season.label in known),
        season_types=source.season_types if planned is None else planned.season_types,
        timezone=source.timezone,
        game_us=0 if planned is None else planned.game_us,
        derives=(planned is not None and "recon_game_id" in plugin.hooks and source.name not in expectation.failed),
    )


def load_schedules(
    connection: duckdb.DuckDBPyConnection,
    numbers: Mapping[str, int],
    stored: Mapping[str, Mapping[str, Path]],
    computed: Mapping[str, Sequence[Game]],
    now: datetime,
) -> None:
    """Make the table ``stored_games`` of schedule files, by source and season, and of games that are computed now.

    Raises ScheduleError when one id stands in two seasons of a source.
    """
    # Without any schedule, as when every plugin failed, the columns are still there.
    selects = [
        (
            "SELECT NULL::INTEGER AS source_no, NULL::VARCHAR AS game_id, NULL::VARCHAR AS season, "
            "NULL::VARCHAR AS season_type, NULL::DATE AS date, NULL::TIMESTAMP AS start_utc, NULL::VARCHAR AS home, "
            "NULL::VARCHAR AS away, NULL::VARCHAR AS status, NULL::VARCHAR AS league, NULL::INTEGER AS ordinal, "
            "NULL::VARCHAR[] AS alt_ids, NULL::TIMESTAMP AS final_at, NULL::TIMESTAMP AS pulled_at, "
            "NULL::VARCHAR[] AS unavailable WHERE false"
        )
    ]
    selects += [
        f"SELECT {number} AS source_no, {_COLUMNS}, {_younger(path)} FROM read_parquet({quoted(path)})"
        for name, number in numbers.items()
        for _, path in sorted(stored.get(name, {}).items())
    ]
    for name, games in sorted(computed.items()):
        relation = f"computed_{numbers[name]}"
        connection.register(relation, _games_table(games, to_us(now)))
        selects.append(f"SELECT {numbers[name]} AS source_no, {_COLUMNS}, {_YOUNGER} FROM {relation}")
    # A table, for it is asked several times, and there may be a hundred files.
    connection.execute("CREATE TABLE stored_games AS " + " UNION ALL ".join(selects))
    _refuse_duplicates(connection, {number: name for name, number in numbers.items()})


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
            "league": pa.array([game.league for game in games], pa.string()),
            "ordinal": pa.array([game.ordinal for game in games], pa.int32()),
            "alt_ids": pa.array([list(game.alt_ids) for game in games], pa.list_(pa.string())),
            "unavailable": pa.array([list(game.unavailable) for game in games], pa.list_(pa.string())),
            "final_at": pa.array([None if g.final_at is None else to_us(g.final_at) for g in games], moment),
            "pulled_at": pa.array([pulled_us] * len(games), moment),
        }
    )
