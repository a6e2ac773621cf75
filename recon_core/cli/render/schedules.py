"""What ``recon schedules`` tells, as JSON rows and as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from recon_core.cli.render.blocks import Block, Bullets, Cell, Code, Column, Heading, Line, Style, Table, more
from recon_core.schedules.changes import Changes
from recon_core.schedules.importing import ImportedSeason
from recon_core.schedules.outcome import PullOutcome
from recon_core.schedules.show import ScheduleRow
from recon_core.schedules.store import load_games
from recon_core.times import format_minutes, format_utc

__all__ = [
    "game_blocks",
    "games_of",
    "import_blocks",
    "pull_blocks",
    "pull_row",
    "show_blocks",
    "show_row",
    "stored_row",
]


def stored_row(
    source: str,
    season: str,
    file: Path | None,
    games: int,
    by_status: Mapping[str, int],
    changes: Changes,
    notes: Sequence[str],
) -> dict[str, Any]:
    return {
        "source": source,
        "season": season,
        "file": str(file) if file is not None else None,
        "games": games,
        "by_status": dict(by_status),
        "changes": {
            "new": changes.new,
            "status_changed": changes.status_changed,
            "moved": changes.moved,
            "gone": changes.gone,
            "vanished": [game.game_id for game in changes.vanished],
        },
        "notes": list(notes),
    }


def pull_row(outcome: PullOutcome) -> dict[str, Any]:
    return {
        **stored_row(
            outcome.source,
            outcome.season,
            outcome.file,
            outcome.games,
            outcome.by_status,
            outcome.changes,
            outcome.notes,
        ),
        "state": outcome.state,
        "note": outcome.note or None,
        "error": str(outcome.error) if outcome.error is not None else None,
    }


def _statuses(by_status: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in by_status.items())


def _changes(changes: Changes) -> str:
    parts = [
        (changes.new, "new"),
        (changes.status_changed, "with another status"),
        (changes.moved, "moved"),
        (changes.gone, "gone"),
    ]
    return ", ".join(f"{number:,} {what}" for number, what in parts if number) or "nothing"


def pull_blocks(outcomes: Sequence[PullOutcome]) -> Iterator[Block]:

    styles: dict[str, Style] = {"stored": "good", "skipped": "dim", "refused": "bad", "failed": "bad"}
    if not outcomes:
        yield Line("Nothing to pull: no configured source has a schedule that is pulled.")
        return
    yield Table(
        [
            *(Column("source"), Column("season"), Column("state"), Column("games", right=True)),
            *(Column("by status"), Column("changed"), Column("note", optional=True)),
        ],
        [
            [
                one.source,
                one.season,
                Cell(one.state, styles[one.state]),
                f"{one.games:,}",
                _statuses(one.by_status),
                _changes(one.changes) if one.state == "stored" else None,
                str(one.error) if one.error is not None else one.note,
            ]
            for one in outcomes
        ],
    )
    yield from _notes(outcomes)
    if not any(one.error for one in outcomes):
        yield Heading("What to do next")
        yield Code(["recon run --dry-run                # what a run would say; nothing is written"])


def import_blocks(found: Sequence[ImportedSeason]) -> Iterator[Block]:

    yield Table(
        [Column("source"), Column("season"), Column("games", right=True), Column("by status"), Column("changed")],
        [[one.source, one.season, f"{one.games:,}", _statuses(one.by_status), _changes(one.changes)] for one in found],
    )
    yield from _notes(found)


def show_row(row: ScheduleRow) -> dict[str, Any]:

    return {
        "source": row.source,
        "season": row.season,
        "file": str(row.file) if row.file is not None else None,
        "games": row.games,
        "by_status": dict(row.by_status),
        "by_type": dict(row.by_type),
        "first": row.first.isoformat() if row.first else None,
        "last": row.last.isoformat() if row.last else None,
        "pulled_oldest": format_utc(row.pulled_oldest) if row.pulled_oldest else None,
        "pulled_newest": format_utc(row.pulled_newest) if row.pulled_newest else None,
        "problem": row.problem,
        "notes": list(row.notes),
    }


def show_blocks(rows: Sequence[ScheduleRow]) -> Iterator[Block]:

    if not rows:
        yield Line("No schedule is stored, and no configured source wants one.")
        return
    columns = [Column("source"), Column("season"), Column("games", right=True), Column("by status")]
    columns += [Column("first"), Column("last"), Column("pulled"), Column("problem", optional=True)]
    yield Table(
        columns,
        [
            [
                row.source,
                row.season,
                f"{row.games:,}",
                _statuses(row.by_status),
                row.first.isoformat() if row.first else None,
                row.last.isoformat() if row.last else None,
                format_minutes(row.pulled_newest) if row.pulled_newest else None,
                Cell(row.problem, "bad") if row.problem else None,
            ]
            for row in rows
        ],
    )
    yield from _notes(rows)


def _notes(stored: Sequence[PullOutcome | ImportedSeason | ScheduleRow]) -> Iterator[Block]:
    """What the plugins have to say of what the stored games lack."""
    notes = [Cell(f"{one.source} {one.season}: {note}", "warn") for one in stored for note in one.notes]
    if notes:
        yield Heading("What the schedules lack")
        yield Bullets(notes)


def game_blocks(total: int, games: Sequence[Mapping[str, Any]]) -> Iterator[Block]:

    names = ("source", "game_id", "season", "season_type", "date", "start_utc", "home", "away", "status", "pulled_at")
    yield Table([Column(name.replace("_", " ")) for name in names], [[game[name] for name in names] for game in games])
    yield from more(total, len(games))


def games_of(rows: Sequence[ScheduleRow]) -> list[dict[str, Any]]:
    """Every stored game of the rows; raises ScheduleError for a file that cannot be read."""

    return [
        {
            "source": row.source,
            "game_id": game.game_id,
            "season": game.season,
            "season_type": game.season_type,
            "date": game.date.isoformat(),
            "start_utc": format_utc(game.start_utc) if game.start_utc else None,
            "home": game.home,
            "away": game.away,
            "status": game.status,
            "alt_ids": list(game.alt_ids),
            "unavailable": list(game.unavailable),
            "pulled_at": format_utc(game.pulled_at) if game.pulled_at else None,
        }
        for row in rows
        if row.file is not None
        for game in load_games(row.file)
    ]
