"""Games that others know and a source lacks: its plugin tells the ids under which it has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from recon_core.api import Game
from recon_core.engine.connection import make_table, statement
from recon_core.plugins import PluginCallError, PluginFailure

if TYPE_CHECKING:
    import duckdb

    from recon_core.plugins import Plugin

__all__ = ["derive_games"]

# The codes that a source writes for each of the league's teams, season by season.
_WRITTEN = """
SELECT w.source_no, w.season, c.team, min(w.code) AS code
FROM (
    SELECT source_no, season, home AS code FROM stored_games
    WHERE source_no IN (SELECT source_no FROM lacking)
    UNION SELECT source_no, season, away FROM stored_games
    WHERE source_no IN (SELECT source_no FROM lacking)
) AS w
JOIN team_codes AS c ON c.source_no = w.source_no AND c.code = w.code
GROUP BY w.source_no, w.season, c.team
"""


def derive_games(connection: duckdb.DuckDBPyConnection, plugins: Mapping[int, Plugin]) -> list[PluginFailure]:
    """Make ``derived``: the games of ``lacking`` that are expected, with the source's own id. ``plugins`` by number.

    A plugin that fails for one game gives none, and its failure is returned.
    """
    failures: list[PluginFailure] = []
    found: list[tuple[int, str]] = []
    rows = connection.execute(statement("derivable")).fetchall()
    for number, group in groupby(rows, key=lambda row: row[1]):
        try:
            answers = [(row[0], plugins[number].call("recon_game_id", game=_game(row))) for row in group]
        except PluginCallError as error:
            failures.append(error.failure)
            continue
        found += [(lack_no, answer) for lack_no, answer in answers if answer is not None]
    make_table(connection, "own_ids", "lack_no BIGINT, own_id VARCHAR", found)
    connection.execute(statement("derived", written=_WRITTEN))
    return failures


def _game(row: tuple[Any, ...]) -> Game:
    _, _, game_id, season, season_type, day, start, final_at, home, away, ordinal, league, final = row
    return Game(
        game_id=game_id,
        season=season,
        season_type=season_type,
        date=day,
        start_utc=_utc(start),
        final_at=_utc(final_at),
        home=home,
        away=away,
        ordinal=ordinal,
        league=league,
        status="final" if final else "scheduled",
    )


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
