"""Expected items: every dataset's grain projected from games, calendar days or what its plugin enumerated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from recon_core.api import Items, Season
from recon_core.engine.connection import quoted, statement, timestamp
from recon_core.engine.matching import source_numbers
from recon_core.plan import DatasetPlan, Plan, SourcePlan
from recon_core.times import day_end, to_us

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "GRAIN_COLUMNS",
    "build_items",
    "dataset_parts",
    "escaped_sql",
    "game_value",
    "joined_sql",
]

GRAIN_COLUMNS = 4

# An item's number is its dataset's number above these bits and its place in the dataset's order below.
_ITEM_BITS = 40

_GAME_COLUMNS = {
    "game_id": "game_id",
    "date": "CAST(date AS VARCHAR)",
    "season": "season",
    "season_type": "season_type",
    "home": "home",
    "away": "away",
    "team": "team",
}

_ITEMS_TABLE = """
CREATE TABLE items (
    item_no BIGINT, dataset_no INTEGER, season VARCHAR, g0 VARCHAR, g1 VARCHAR, g2 VARCHAR, g3 VARCHAR,
    date DATE, home VARCHAR, away VARCHAR, season_type VARCHAR, alt_ids VARCHAR[], off BOOLEAN,
    unavailable BOOLEAN, final_at TIMESTAMP, settled_at TIMESTAMP, due_at TIMESTAMP, need TIMESTAMP,
    proved_due TIMESTAMP, proved_need TIMESTAMP, off_elsewhere BOOLEAN
)
"""


def game_value(grain: tuple[str, ...]) -> str:
    """SQL of a grain's values, joined as the keys' are, over the columns of ``games`` (and ``team``)."""
    columns = [_GAME_COLUMNS[name] for name in grain]
    return joined_sql(columns)


def joined_sql(values: Sequence[str]) -> str:
    """SQL of several texts as one, so that different texts stay different."""
    if len(values) == 1:
        return values[0]
    return " || '/' || ".join(escaped_sql(value) for value in values)


def escaped_sql(value: str) -> str:
    """SQL of a text as one of several in a joined text."""
    return f"replace(replace({value}, '%', '%25'), '/', '%2F')"


def build_items(
    connection: duckdb.DuckDBPyConnection, plan: Plan, enumerated: Mapping[tuple[str, str], Sequence[tuple[str, Items]]]
) -> None:
    """Fill the table ``items``, numbered in the order (source, data type, grain values).

    The view ``alternatives`` has a row for each further id of an item.
    """
    connection.execute(_ITEMS_TABLE)
    selects: list[str] = []
    numbers = source_numbers(plan)
    dataset_no = 0
    for source in plan.sources:
        for dataset in source.datasets:
            parts = dataset_parts(dataset, dataset_no, plan.now)
            parts["games"] = _games(source, dataset, numbers[source.name])
            if dataset.layout.grain == ("game_id",):
                name = "items_by_game"
            else:
                name = "items_by_group"
                batches = enumerated.get((dataset.source, dataset.data_type), ())
                parts["occurrences"] = _occurrences(connection, source, dataset, parts, batches)
            selects.append(statement(name, **parts))
            dataset_no += 1
    if selects:
        # One statement, so that datasets are projected beside each other.
        connection.execute("INSERT INTO items " + " UNION ALL ".join(f"({select})" for select in selects))
    connection.execute(
        "CREATE VIEW alternatives AS SELECT * FROM (SELECT *, unnest(alt_ids) AS alt_id, "
        "unnest(range(1, len(alt_ids) + 1)) AS id_no FROM items WHERE alt_ids IS NOT NULL) AS others"
    )


def dataset_parts(dataset: DatasetPlan, dataset_no: int, now: datetime, first: int = 0) -> dict[str, str]:
    """What the statements of a dataset's items need to know of it; ``first`` is the place of the first one."""
    moment = timestamp(now)
    return {
        "first_no": str((dataset_no << _ITEM_BITS) + first),
        "dataset_no": str(dataset_no),
        "settle": _interval(dataset.settle_us),
        "lag": _interval(dataset.lag_us),
        "now": moment,
        "need": _need(dataset, moment, "first_final", "last_settled", "last_finished"),
        "proved_need": _need(dataset, moment, "first_proved", "last_proved_settled", "last_proved_finished"),
    }


def _interval(microseconds: int) -> str:
    return f"INTERVAL '{microseconds} microseconds'"


def _need(dataset: DatasetPlan, now: str, first: str, settled: str, finished: str) -> str:
    """From when on a copy must be: DESIGN's rule, over the games whose columns are named."""
    if dataset.freshness_us is None:
        fresh = first
    else:
        changed = f"least({now}, {finished} + {_interval(dataset.settle_us)})"
        still_open = f"least({now} - {_interval(dataset.freshness_us)}, {changed})"
        fresh = f"greatest({first}, {still_open})"
    return f"CASE WHEN {now} >= {settled} THEN {settled} ELSE {fresh} END"


def _wanted(source: SourcePlan, dataset: DatasetPlan) -> str:
    if not dataset.seasons:
        return "false"
    seasons = f"season IN ({', '.join(quoted(label) for label in dataset.seasons)})"
    if not source.season_types:
        return seasons
    types = ", ".join(quoted(name) for name in source.season_types)
    # A game whose type nobody stated is expected: leaving it out would hide it.
    return f"{seasons} AND (season_type IS NULL OR season_type IN ({types}))"


def _games(source: SourcePlan, dataset: DatasetPlan, source_no: int) -> str:
    return statement(
        "wanted_games",
        data_type=quoted(dataset.data_type),
        source_no=str(source_no),
        wanted=_wanted(source, dataset),
    )


def _occurrences(
    connection: duckdb.DuckDBPyConnection,
    source: SourcePlan,
    dataset: DatasetPlan,
    parts: Mapping[str, str],
    batches: Sequence[tuple[str, Items]],
) -> str:
    """SQL of what makes an item exist: its games, its calendar days, or the plugin's own rows."""
    grain = dataset.layout.grain
    if dataset.layout.enumerated:
        relation = f"enumerated_{parts['dataset_no']}"
        connection.register(relation, _batches_table(grain, batches))
        date = f"CAST(g{grain.index('date')} AS DATE)" if "date" in grain else "CAST(NULL AS DATE)"
        return (
            f"SELECT g0, g1, g2, g3, season, {date} AS date, false AS off, false AS gone, final_at, true AS proved "
            f"FROM {relation}"
        )
    columns = [f"{_GAME_COLUMNS[column]} AS g{place}" for place, column in enumerate(grain)]
    columns += [f"CAST(NULL AS VARCHAR) AS g{place}" for place in range(len(grain), GRAIN_COLUMNS)]
    date = "date" if "date" in grain else "CAST(NULL AS DATE) AS date"
    games = parts["games"]
    if "team" in grain:
        games = (
            f"SELECT *, home AS team FROM ({games}) AS at_home WHERE home IS NOT NULL "
            f"UNION ALL SELECT *, away AS team FROM ({games}) AS on_the_road WHERE away IS NOT NULL"
        )
    select = f"SELECT {', '.join(columns)}, season, {date}, off, gone, final_at, proved FROM ({games}) AS wanted_games"
    if dataset.spec.every_day:
        relation = f"calendar_{parts['dataset_no']}"
        wanted = [season for season in source.seasons if season.label in dataset.seasons]
        connection.register(relation, _calendar(wanted, source.plugin.source.timezone))
        select += (
            " UNION ALL SELECT CAST(c.date AS VARCHAR), NULL, NULL, NULL, c.season, c.date, false, false, c.ends_at, "
            f"true FROM {relation} AS c LEFT JOIN ({games}) AS played ON played.date = c.date WHERE played.date IS NULL"
        )
    return select


def _calendar(seasons: list[Season], timezone: str) -> Any:
    import pyarrow as pa

    days = {
        season.starts + timedelta(days=offset): season.label
        for season in sorted(seasons, key=lambda season: season.label, reverse=True)
        for offset in range((season.ends - season.starts).days + 1)
    }
    return pa.table(
        {
            "date": pa.array(list(days), pa.date32()),
            "season": pa.array(list(days.values()), pa.string()),
            "ends_at": pa.array([to_us(day_end(day, timezone)) for day in days], pa.timestamp("us")),
        }
    )


def _batches_table(grain: tuple[str, ...], batches: Sequence[tuple[str, Items]]) -> Any:
    import pyarrow as pa

    names = [*(f"g{place}" for place in range(GRAIN_COLUMNS)), "season", "final_at"]
    text, moment = pa.string(), pa.timestamp("us")
    schema = pa.schema([(name, text) for name in names[:-1]] + [("final_at", moment)])
    tables = []
    for season, batch in batches:
        size = len(batch.times)
        columns = [pa.array([str(value) for value in batch.columns[name]], text) for name in grain]
        columns += [pa.nulls(size, text)] * (GRAIN_COLUMNS - len(grain))
        columns.append(pa.array([season] * size, text))
        columns.append(pa.array(batch.times, pa.timestamp("us", tz="UTC")).cast(moment))
        tables.append(pa.Table.from_arrays(columns, schema=schema))
    return pa.concat_tables(tables) if tables else schema.empty_table()
