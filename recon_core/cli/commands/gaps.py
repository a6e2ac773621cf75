"""``recon gaps``: the proved gaps of the last cycle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from recon_core.cli.render.blocks import Block
    from recon_core.engine.outputs import Rows

__all__ = ["gaps"]


@examples(
    "recon gaps --priority critical",
    "recon gaps --new --format markdown",
    "recon gaps --season current --data-type box_scores --limit 0",
    "recon gaps --runs",
    "recon gaps --against missing_ids.csv",
)
def gaps(
    workspace: o.WorkspaceOption = None,
    priority: Annotated[
        list[o.PriorityName] | None,
        typer.Option(
            metavar=o.PRIORITIES,
            case_sensitive=False,
            show_default=False,
            rich_help_panel=o.SCOPE,
            help="Only this priority; may be repeated.",
        ),
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", rich_help_panel=o.SCOPE, help="Only gaps that the last cycle saw first.")
    ] = False,
    runs: Annotated[
        bool,
        typer.Option("--runs", rich_help_panel=o.RESULT, help="Stretches of days without any data, per data type."),
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="FILE",
            show_default=False,
            rich_help_panel=o.RESULT,
            help="Another tool's list of missing items, keys or ids (one a line, CSV, JSON): which of them are gaps, "
            "which are not, by what evidence, and which cannot be decided.",
        ),
    ] = None,
    adopt: Annotated[
        bool,
        typer.Option(
            "--adopt",
            rich_help_panel=o.BEHAVIOUR,
            help="With --against: from now on expect what is proved absent and was not expected.",
        ),
    ] = False,
    source: o.Sources = None,
    season: o.Seasons = None,
    data_type: o.DataTypes = None,
    limit: o.Limit = None,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """List the gaps that the last cycle proved, with their reasons.

    Reads the files of the last cycle: neither the lake nor the network is asked.
    """
    from recon_core.api.errors import UsageError
    from recon_core.cli.commands.against import hold_against
    from recon_core.cli.results import check_filters, read_step_report, season_pairs, tasks_of
    from recon_core.cli.session import begin, open_workspace
    from recon_core.engine.outputs import Selection, select_gaps, select_runs
    from recon_core.times import parse_utc

    session = begin(output, verbose, quiet, log_format)
    if adopt and against is None:
        raise UsageError("--adopt takes over what a list names: give the list with --against FILE")
    if against is not None:
        if new or priority or runs or source or season or data_type:
            raise UsageError("--against speaks of the list alone: leave --new, --priority, --runs and filters out")
        hold_against(against, adopt, workspace, limit, session)
        return
    ws = open_workspace(workspace)
    report = read_step_report(ws, "detection")
    check_filters(report, source=source, season=season, data_type=data_type)
    selection = Selection(
        sources=source or (),
        data_types=data_type or (),
        seasons=season or (),
        season_pairs=season_pairs(report, season or ()),
        priorities=[name.value.upper() for name in priority or ()],
        first_seen=parse_utc(report["as_of"]) if new else None,
        limit=session.limit(limit),
    )
    if runs:
        if new or priority:
            raise UsageError("--runs are of days, not of gaps: leave --new and --priority out")
        stretches = select_runs(ws, selection)
        session.emit(_document(report, "runs", stretches), lambda: _runs(report, stretches))
        return
    found = select_gaps(ws, selection)
    session.emit(_document(report, "gaps", found), lambda: _blocks(report, found, tasks_of(ws, report)))


def _document(report: dict[str, Any], name: str, found: Rows) -> dict[str, Any]:
    return {
        "cycle_id": report["cycle_id"],
        "as_of": report["as_of"],
        "lake": report["lake"],
        "total": found.total,
        "shown": len(found.rows),
        name: found.rows,
    }


def _runs(report: dict[str, Any], found: Rows) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Line, more
    from recon_core.cli.render.numbers import count
    from recon_core.cli.render.report import runs_table

    stretches = count(found.total, "stretch", "stretches")
    yield Line(f"{stretches} of days without any data as of {report['as_of']} in {report['lake']}", "strong")
    if found.rows:
        yield runs_table(found.rows)
    yield from more(found.total, len(found.rows))


def _blocks(report: dict[str, Any], found: Rows, tasks: Mapping[str, Any] | None) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Cell, Column, Line, Table, more
    from recon_core.cli.render.numbers import count
    from recon_core.cli.render.report import PRIORITY_STYLES

    yield Line(f"{count(found.total, 'gap')} as of {report['as_of']} in {report['lake']}", "strong")
    if found.rows:
        columns = [Column("priority"), Column("item"), Column("season", drop=2), Column("date", drop=1)]
        columns += [Column("verdict"), Column("reason", below=True)]
        columns.append(Column("available from", optional=True, below=True))
        yield Table(
            columns,
            [
                [
                    Cell(row["priority"], PRIORITY_STYLES[row["priority"].lower()]),
                    Cell(row["item"], "code"),
                    row["season"],
                    row["date"],
                    row["verdict"],
                    row["reason"],
                    ", ".join(row["available_from"]) or None,
                ]
                for row in found.rows
            ],
        )
    yield from more(found.total, len(found.rows))
    if found.rows and tasks and tasks["withheld"]["gaps"]:
        gaps = count(tasks["withheld"]["gaps"], "gap")
        yield Line(f"The tasks for {gaps} of the last cycle are withheld: `recon status` says why.", "warn")
    unknown = (report.get("unknown") or {}).get("total", 0)
    if unknown:
        yield Line(f"Besides, {count(unknown, 'item is', 'items are')} unknown: `recon status` says why.", "warn")
