"""Holds the schedules of all installed sources against each other: which rows are one game, and who lacks it.

Two rows are the same game when league, date, home, away and ordinal agree, with the teams mapped to the league's codes
by each plugin's table, and neither row is ``tbd``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recon_core.api import Season
from recon_core.engine.connection import make_table, statement
from recon_core.plan import Plan
from recon_core.times import day_end

if TYPE_CHECKING:
    import duckdb

__all__ = ["MATCHES", "Member", "find_lacking", "match", "source_numbers"]


MATCHES = "matches.parquet"
"""Which games of sources are one, a row for each source and game."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A source as the others of its league see it.

    ``seasons`` are those of which its schedule is known; ``season_types`` the types that are expected of it, empty for
    all; ``game_us`` how long a game lasts; ``derives``: whether it can tell its id of a game that others know.
    """

    number: int
    name: str
    league: str
    teams: Mapping[str, str]
    seasons: tuple[Season, ...]
    season_types: tuple[str, ...]
    timezone: str
    game_us: int
    derives: bool


def source_numbers(plan: Plan) -> dict[str, int]:
    """A small number for every source that has a layout."""
    return {name: number for number, name in enumerate(sorted({layout.source for layout in plan.layouts}))}


def match(connection: duckdb.DuckDBPyConnection, members: Sequence[Member]) -> None:
    """From ``stored_games`` make ``sources``, ``team_codes``, ``own_seasons``, ``expected_types``, ``placed``,
    ``stances`` (a row for what a source says of a game) and ``truths`` (a row a game).
    """
    leagues = [one.league for one in members if one.seasons]
    make_table(
        connection,
        "sources",
        "source_no INTEGER, name VARCHAR, league VARCHAR, shared BOOLEAN, game_length INTERVAL, every_type BOOLEAN, "
        "derives BOOLEAN",
        [
            (
                one.number,
                one.name,
                one.league or None,
                leagues.count(one.league) > 1 and bool(one.league),
                f"{one.game_us} microseconds",
                not one.season_types,
                one.derives,
            )
            for one in members
        ],
    )
    make_table(
        connection,
        "team_codes",
        "source_no INTEGER, code VARCHAR, team VARCHAR",
        [(one.number, code, team) for one in members for code, team in sorted(one.teams.items())],
    )
    make_table(
        connection,
        "expected_types",
        "source_no INTEGER, season_type VARCHAR",
        [(one.number, name) for one in members for name in sorted(set(one.season_types))],
    )
    seasons = [(one.number, season) for one in members for season in one.seasons]
    make_table(
        connection,
        "own_seasons",
        "season_no INTEGER, source_no INTEGER, season VARCHAR, starts DATE, ends DATE",
        [(place, number, season.label, season.starts, season.ends) for place, (number, season) in enumerate(seasons)],
    )
    for name in ("placed", "stances", "truths"):
        connection.execute(statement(name))


def find_lacking(connection: duckdb.DuckDBPyConnection, members: Sequence[Member]) -> None:
    """Make ``same_seasons``, ``lacking``, ``neighbours`` and ``local_days``.

    A row of ``lacking`` is a game that others know and the schedule of a source lacks, one of ``neighbours`` what it
    has in its place; ``local_days`` says when a day without a start ends for a source.
    """
    for name in ("same_seasons", "lacking", "near", "neighbours"):
        connection.execute(statement(name))
    zones = {one.number: one.timezone for one in members}
    days = connection.execute(
        "SELECT source_no, date FROM stored_games WHERE start_utc IS NULL AND final_at IS NULL "
        "UNION SELECT source_no, date FROM lacking WHERE start_utc IS NULL AND final_at IS NULL"
    ).fetchall()
    make_table(
        connection,
        "local_days",
        "source_no INTEGER, date DATE, ends_at TIMESTAMP",
        [(number, day, day_end(day, zones[number]).replace(tzinfo=None)) for number, day in sorted(days)],
    )
