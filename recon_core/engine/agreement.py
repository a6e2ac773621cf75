"""The stored schedules of a league in numbers: what every two of them agree on, and what each has of a season."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.engine.conflicts import find_conflicts
from recon_core.engine.connection import make_table, statement
from recon_core.engine.games import load_schedules
from recon_core.engine.matching import Member, find_lacking, match

if TYPE_CHECKING:
    import duckdb

__all__ = ["Comparison", "Pair", "compare_schedules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What two sources have of a season, which is the first one's.

    ``agreed`` games are in both, and on or off in both; of ``disputed`` ones one says that they are called off. Games
    of types that are not expected of a source are not counted where that source lacks them. Of ``only_second`` the
    first has ``moved`` ones on another date and ``swapped`` ones with home and away swapped.
    """

    first: str
    second: str
    season: str
    agreed: int
    disputed: int
    only_first: int
    only_second: int
    moved: int
    swapped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """``games`` counts what is on, by source, season and season type (``""``: none of the sources states it)."""

    pairs: tuple[Pair, ...]
    differences: tuple[dict[str, Any], ...]
    total: int
    warnings: tuple[str, ...]
    games: Mapping[tuple[str, str, str], int]


def compare_schedules(
    connection: duckdb.DuckDBPyConnection,
    members: Sequence[Member],
    stored: Mapping[str, Mapping[str, Path]],
    chosen: Collection[tuple[str, str]],
    now: datetime,
    *,
    limit: int | None,
) -> Comparison:
    """Hold schedule files, by source and season, against each other; ``chosen`` are the seasons to be told of.

    At most ``limit`` differences are listed. Raises ScheduleError when one id stands in two seasons of a source.
    """
    names = {one.number: one.name for one in members}
    numbers = {one.name: one.number for one in members}
    load_schedules(connection, numbers, stored, {}, now)
    match(connection, members)
    find_lacking(connection, members)
    # Nothing is expected here, so no plugin is asked for ids.
    make_table(connection, "own_ids", "lack_no BIGINT, own_id VARCHAR", [])
    make_table(connection, "derived", "lack_no BIGINT", [])
    found = find_conflicts(connection, {(numbers[name], season) for name, season in chosen}, limit)
    pairs = [
        Pair(
            first=names[row[0]],
            season=row[1],
            second=names[row[2]],
            agreed=row[3],
            disputed=row[4],
            only_first=row[5],
            only_second=row[6],
            moved=row[7],
            swapped=row[8],
        )
        for row in connection.execute(statement("pairs")).fetchall()
    ]
    counted = connection.execute(statement("counted")).fetchall()
    return Comparison(
        pairs=tuple(one for one in pairs if (one.first, one.season) in chosen),
        differences=found.conflicts,
        total=found.total,
        warnings=found.warnings,
        games={(names[number], season, kind): count for number, season, kind, count in counted},
    )
