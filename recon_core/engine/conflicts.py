"""What schedules disagree on, in rows for the report, and the rows of schedules that can be held against no other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recon_core.engine.connection import make_table, statement
from recon_core.engine.matching import source_numbers
from recon_core.plan import Plan
from recon_core.text import shown

if TYPE_CHECKING:
    import duckdb

__all__ = ["Disagreement", "find_conflicts", "planned_scope"]

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Disagreement:
    """``conflicts`` as the report holds them, the first ones of ``total``; ``warnings`` a line each."""

    conflicts: tuple[dict[str, Any], ...]
    total: int
    warnings: tuple[str, ...]


def planned_scope(plan: Plan) -> set[tuple[int, str]]:
    """The seasons that a run looks at, with the numbers of their sources."""
    numbers = source_numbers(plan)
    return {(numbers[one.source], label) for one in plan.datasets for label in one.seasons}


def find_conflicts(
    connection: duckdb.DuckDBPyConnection, scope: Collection[tuple[int, str]], limit: int | None
) -> Disagreement:
    """What the schedules say of games of these seasons of sources, by number, from the tables of the matching.

    At most ``limit`` of the conflicts are listed.
    """
    make_table(connection, "scope", "source_no INTEGER, season VARCHAR", sorted(scope))
    connection.execute(statement("conflicts"))
    counted = connection.execute("SELECT count(*) FROM conflicts").fetchone()
    total = int(counted[0]) if counted else 0
    last = total if limit is None else limit
    rows = connection.execute(
        "SELECT c.conflict_no, c.kind, s.name, c.season, c.league, c.date, c.home, c.away, c.ordinal, c.own_id, "
        "c.own_date, c.own_ordinal, c.own_status FROM conflicts AS c JOIN sources AS s ON s.source_no = c.source_no "
        f"WHERE c.conflict_no <= {last} ORDER BY c.conflict_no"
    ).fetchall()
    known: dict[int, list[dict[str, Any]]] = {}
    for conflict_no, source, game_id, status in connection.execute(
        "SELECT c.conflict_no, s.name, p.game_id, p.status FROM conflicts AS c JOIN placed AS p ON p.league = c.league "
        "AND p.date = c.date AND p.home = c.home AND p.away = c.away AND p.ordinal = c.ordinal "
        "AND p.source_no <> c.source_no AND p.status <> 'tbd' JOIN sources AS s ON s.source_no = p.source_no "
        f"WHERE c.conflict_no <= {last} ORDER BY c.conflict_no, s.name, p.game_id"
    ).fetchall():
        known.setdefault(conflict_no, []).append({"source": source, "game_id": game_id, "status": status})
    return Disagreement(
        conflicts=tuple(_row(row, known.get(row[0], [])) for row in rows),
        total=total,
        warnings=tuple(_unplaced(connection)),
    )


def _row(row: Sequence[Any], known_by: list[dict[str, Any]]) -> dict[str, Any]:
    _, kind, source, season, league, day, home, away, ordinal, own_id, own_date, own_ordinal, own_status = row
    what = f"{away} at {home} on {day}" + (f" (game {ordinal} of the day)" if ordinal > 1 else "")
    others = _others(known_by)
    own = f" ({own_id})" if own_id is not None else ""
    match kind:
        case "status":
            message = f"has {what} as {own_status}{own}, but {others}"
        case "swapped":
            message = f"has {home} at {away} on {day}{own}, but {away} at {home} {others}"
        case "moved":
            place = f"on {own_date}" if own_date != day else f"as game {own_ordinal} of {own_date}"
            message = f"has {away} at {home} {place}{own}, but on {day} {others}"
        case _:
            taken = f"; the id that its plugin tells, {own_id}, is that of another game" if own_id is not None else ""
            message = f"lacks {what}: {others}{taken}"
    return {
        "source": source,
        "season": season,
        "game_id": own_id if kind != "lacks" else None,
        "kind": kind,
        "league": league,
        "date": day.isoformat(),
        "home": home,
        "away": away,
        "ordinal": ordinal,
        "known_by": known_by,
        "message": shown(message),
    }


def _others(known_by: Iterable[Mapping[str, str]]) -> str:
    """``espn has it as final (4017), nba_api as final (0022)``."""
    parts = [f"{one['source']} as {one['status']} ({one['game_id']})" for one in known_by]
    return "it is known to " + ", ".join(parts)


def _unplaced(connection: duckdb.DuckDBPyConnection) -> Iterable[str]:
    """A line for each source that is looked at and has games with teams of which the league knows nothing."""
    rows = connection.execute(
        "SELECT s.name, count(DISTINCT g.game_id), g.code "
        "FROM (SELECT source_no, season, season_type, game_id, home AS code FROM stored_games "
        "UNION ALL SELECT source_no, season, season_type, game_id, away FROM stored_games) AS g "
        "JOIN sources AS s ON s.source_no = g.source_no "
        "JOIN scope AS o ON o.source_no = g.source_no AND o.season = g.season "
        "LEFT JOIN expected_types AS e ON e.source_no = g.source_no AND e.season_type = g.season_type "
        "LEFT JOIN team_codes AS c ON c.source_no = g.source_no AND c.code = g.code "
        "WHERE s.shared AND g.code IS NOT NULL AND c.code IS NULL "
        "AND (s.every_type OR g.season_type IS NULL OR e.season_type IS NOT NULL) "
        "GROUP BY s.name, g.code ORDER BY s.name, g.code"
    ).fetchall()
    by_source: dict[str, list[tuple[int, str]]] = {}
    for name, games, code in rows:
        by_source.setdefault(name, []).append((games, code))
    for name, found in by_source.items():
        codes = ", ".join(f"{shown(code)} ({games:,})" for games, code in found[:_NAMED])
        more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
        yield (
            f"{name}: the team table of its plugin does not know {codes}{more}: games of these teams are held against "
            "no other schedule"
        )
