"""``recon schedules pull``, ``import`` and ``show``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recon_core.cli.render.blocks import Block
    from recon_core.schedules.changes import Changes
    from recon_core.schedules.importing import ImportedSeason
    from recon_core.schedules.outcome import PullOutcome
    from recon_core.schedules.show import ScheduleRow

__all__ = ["import_", "pull", "show"]

SourceNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SOURCE]...",
        show_default=False,
        autocompletion=o.complete_sources,
        help="Only these sources. Default: every configured one.",
    ),
]
Force = Annotated[
    bool,
    typer.Option(
        "--force", rich_help_panel=o.BEHAVIOUR, help="Store the result even if games that were stored are not in it."
    ),
]


@examples(
    "recon schedules pull                   # every configured season, only what is not final yet",
    "recon schedules pull acme --season current",
    "recon schedules pull acme --from-lake  # out of the schedule files that the lake holds",
)
def pull(
    sources: SourceNames = None,
    workspace: o.WorkspaceOption = None,
    season: o.Seasons = None,
    now: o.Now = None,
    from_lake: Annotated[
        bool,
        typer.Option("--from-lake", rich_help_panel=o.BEHAVIOUR, help="Take the games out of the lake's own files."),
    ] = False,
    lake: o.Lake = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--option",
            metavar="NAME=VALUE",
            show_default=False,
            rich_help_panel=o.BEHAVIOUR,
            help="Set an option of the source, as its plugin's documentation lists them; may be repeated.",
        ),
    ] = None,
    refresh: Annotated[
        bool,
        typer.Option(
            "--refresh", rich_help_panel=o.BEHAVIOUR, help="Ask for everything again, also for what is final."
        ),
    ] = False,
    force: Force = False,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Ask each source for its games and store them.

    A result in which stored games vanished is refused. What fails for one season stops no other; an interrupted pull
    goes on where it was.
    """
    from recon_core.api.errors import UsageError
    from recon_core.cli.pulling import pull_schedules
    from recon_core.cli.session import begin, open_workspace, parse_now
    from recon_core.schedules.outcome import PullRequest

    session = begin(output, verbose, quiet, log_format)
    moment = parse_now(now)
    if lake is not None and not from_lake:
        raise UsageError("--lake says where --from-lake takes the games from: add --from-lake, or leave --lake out")
    ws = open_workspace(workspace)
    request = PullRequest(
        now=moment,
        sources=tuple(sources or ()),
        seasons=tuple(season or ()),
        options=tuple(option or ()),
        force=force,
        refresh=refresh,
        from_lake=from_lake,
    )
    with session.progress() as progress:
        report = pull_schedules(ws, progress, request, lake_url=lake)
    document = {"exit_code": report.exit_code, "seasons": [_pull_row(outcome) for outcome in report.outcomes]}
    session.emit(document, lambda: _pull_blocks(report.outcomes))
    if report.exit_code:
        for outcome in report.outcomes:
            if outcome.error is not None:
                session.log.say("error", str(outcome.error), exit_code=outcome.exit_code)
        raise typer.Exit(report.exit_code)


@examples(
    "recon schedules import acme_2024-25.csv --source acme --pulled-at 2025-06-30T00:00:00Z",
    "recon schedules import games.parquet --source acme",
)
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="A .csv or .parquet file.")],
    source: Annotated[
        str,
        typer.Option(
            metavar="NAME", show_default=False, autocompletion=o.complete_sources, help="Whose schedule it is."
        ),
    ],
    pulled_at: Annotated[
        str | None,
        typer.Option(
            "--pulled-at",
            metavar="ISO8601",
            show_default=False,
            help="When the file was taken from the source. Needed unless every game is final, postponed or cancelled.",
        ),
    ] = None,
    workspace: o.WorkspaceOption = None,
    now: o.Now = None,
    force: Force = False,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Store the games of a CSV or Parquet file as a source's schedule.

    Columns: game_id, season, season_type, date, start_utc, home, away, status; optional league, ordinal, alt_ids. Each
    season that stands in the file is replaced, all or nothing.
    """
    from recon_core.cli.session import begin, open_workspace, parse_moment, parse_now
    from recon_core.files import WorkspaceLock
    from recon_core.plugins import load_registry
    from recon_core.schedules.importing import import_file

    session = begin(output, verbose, quiet, log_format)
    moment = parse_now(now)
    pulled = parse_moment("--pulled-at", pulled_at) if pulled_at is not None else None
    ws = open_workspace(workspace)
    with WorkspaceLock(ws.lock_file):
        found = import_file(ws, load_registry(), file, source, now=moment, pulled_at=pulled, force=force)
    rows = [_stored_row(one.source, one.season, one.file, one.games, one.by_status, one.changes) for one in found]
    session.emit({"seasons": rows}, lambda: _import_blocks(found))


@examples("recon schedules show", "recon schedules show acme --season 2024-25 --games")
def show(
    sources: SourceNames = None,
    workspace: o.WorkspaceOption = None,
    season: o.Seasons = None,
    games: Annotated[bool, typer.Option("--games", rich_help_panel=o.RESULT, help="List every game.")] = False,
    now: o.Now = None,
    limit: o.Limit = None,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Show which schedules are stored, how old they are, and which are wanting."""
    from recon_core.cli.session import begin, open_workspace, parse_now
    from recon_core.config import load_inventory
    from recon_core.plugins import load_registry
    from recon_core.schedules.show import show as show_rows

    session = begin(output, verbose, quiet, log_format)
    moment = parse_now(now)
    ws = open_workspace(workspace)
    rows = show_rows(
        ws, load_registry(), load_inventory(ws), moment, sources=tuple(sources or ()), seasons=tuple(season or ())
    )
    if games:
        listed = _games(rows)
        cut = listed[: session.limit(limit)]
        document = {"total": len(listed), "shown": len(cut), "games": cut}
        session.emit(document, lambda: _game_blocks(len(listed), cut))
        return
    session.emit({"seasons": [_show_row(row) for row in rows]}, lambda: _show_blocks(rows))


def _stored_row(
    source: str, season: str, file: Path | None, games: int, by_status: Mapping[str, int], changes: Changes
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
    }


def _pull_row(outcome: PullOutcome) -> dict[str, Any]:
    return {
        **_stored_row(outcome.source, outcome.season, outcome.file, outcome.games, outcome.by_status, outcome.changes),
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


def _pull_blocks(outcomes: Sequence[PullOutcome]) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Cell, Code, Column, Heading, Line, Style, Table

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
    if not any(one.error for one in outcomes):
        yield Heading("What to do next")
        yield Code(["recon run --dry-run                # what a run would say; nothing is written"])


def _import_blocks(found: Sequence[ImportedSeason]) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Column, Table

    yield Table(
        [Column("source"), Column("season"), Column("games", right=True), Column("by status"), Column("changed")],
        [[one.source, one.season, f"{one.games:,}", _statuses(one.by_status), _changes(one.changes)] for one in found],
    )


def _show_row(row: ScheduleRow) -> dict[str, Any]:
    from recon_core.times import format_utc

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
    }


def _show_blocks(rows: Sequence[ScheduleRow]) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Cell, Column, Line, Table
    from recon_core.times import format_minutes

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


def _games(rows: Sequence[ScheduleRow]) -> list[dict[str, Any]]:
    """Every stored game of the rows; raises ScheduleError for a file that cannot be read."""
    from recon_core.schedules.store import load_games
    from recon_core.times import format_utc

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
            "pulled_at": format_utc(game.pulled_at) if game.pulled_at else None,
        }
        for row in rows
        if row.file is not None
        for game in load_games(row.file)
    ]


def _game_blocks(total: int, games: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    from recon_core.cli.commands.gaps import more
    from recon_core.cli.render.blocks import Column, Table

    names = ("source", "game_id", "season", "season_type", "date", "start_utc", "home", "away", "status", "pulled_at")
    yield Table([Column(name.replace("_", " ")) for name in names], [[game[name] for name in names] for game in games])
    yield from more(total, len(games))
