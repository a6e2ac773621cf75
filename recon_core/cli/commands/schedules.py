"""``recon schedules pull``, ``import``, ``show`` and ``compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

__all__ = ["compare", "import_", "pull", "show"]

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
    from recon_core.cli.render.schedules import pull_blocks, pull_row
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
    document = {"exit_code": report.exit_code, "seasons": [pull_row(outcome) for outcome in report.outcomes]}
    session.emit(document, lambda: pull_blocks(report.outcomes))
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

    Columns: game_id, season, season_type, date, start_utc, home, away, status; optional league, ordinal, alt_ids,
    unavailable. Each season that stands in the file is replaced, all or nothing.
    """
    from recon_core.cli.render.schedules import import_blocks, stored_row
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
    rows = [
        stored_row(one.source, one.season, one.file, one.games, one.by_status, one.changes, one.notes) for one in found
    ]
    session.emit({"seasons": rows}, lambda: import_blocks(found))


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
    from recon_core.cli.render.schedules import game_blocks, games_of, show_blocks, show_row
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
        listed = games_of(rows)
        cut = listed[: session.limit(limit)]
        document = {"total": len(listed), "shown": len(cut), "games": cut}
        session.emit(document, lambda: game_blocks(len(listed), cut))
        return
    session.emit({"seasons": [show_row(row) for row in rows]}, lambda: show_blocks(rows))


@examples("recon schedules compare", "recon schedules compare acme other --season 2024-25 --limit 0")
def compare(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE]...",
            show_default=False,
            autocompletion=o.complete_sources,
            help="Only these sources, against each other. Default: every installed one with a stored schedule.",
        ),
    ] = None,
    workspace: o.WorkspaceOption = None,
    season: o.Seasons = None,
    now: o.Now = None,
    limit: o.Limit = None,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Hold the stored schedules of each league against each other.

    Shows what every two sources agree on, the games that only one of them knows, moved dates, swapped homes, status
    conflicts, and counts against the season totals that plugins know. Differences are no error; a schedule that cannot
    be read is (exit code 2).
    """
    from recon_core.agreement import compare as compare_stored
    from recon_core.cli.render.comparison import compare_blocks, compare_document
    from recon_core.cli.session import begin, open_workspace, parse_now
    from recon_core.config import load_inventory
    from recon_core.plugins import load_registry

    session = begin(output, verbose, quiet, log_format)
    moment = parse_now(now)
    ws = open_workspace(workspace)
    report = compare_stored(
        ws,
        load_registry(),
        load_inventory(ws),
        moment,
        sources=tuple(sources or ()),
        seasons=tuple(season or ()),
        limit=session.limit(limit),
    )
    session.emit(compare_document(report), lambda: compare_blocks(report))
    if report.problems:
        raise typer.Exit(2)
