"""``recon tasks``: the task queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from recon_core.cli.render.blocks import Block

__all__ = ["tasks"]


@examples(
    "recon tasks --priority critical --priority high",
    "recon tasks task_5f2c9a0b1d3e          # the items of one task",
    "recon tasks --format json | jq -r '.tasks[].items[].target_key'",
)
def tasks(
    task: Annotated[
        str | None, typer.Argument(metavar="[TASK]", show_default=False, help="The id of a task, to see its items.")
    ] = None,
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
    source: o.Sources = None,
    season: o.Seasons = None,
    data_type: o.DataTypes = None,
    limit: o.Limit = None,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """List the tasks of the queue, or the items of one task.

    Reads the task queue (inventory/gaps.json) as the last cycle wrote it.
    """
    from recon_core.cli.results import check_filters, read_queue, read_report, season_pairs
    from recon_core.cli.session import begin, open_workspace

    session = begin(output, verbose, quiet, log_format)
    ws = open_workspace(workspace)
    file, queue = read_queue(ws)
    if task is not None:
        one = _find(queue["tasks"], task, ws.shown(file))
        session.emit(one, lambda: _one_blocks(one))
        return
    if source or season or data_type:
        report = read_report(ws)
        check_filters(report, source=source, season=season, data_type=data_type)
        pairs = season_pairs(report, season or ())
    else:
        pairs = []
    wanted = {name.value.upper() for name in priority or ()}
    chosen = [
        one
        for one in queue["tasks"]
        if (not wanted or one["priority"] in wanted)
        and (not source or one["source"] in source)
        and (not data_type or one["data_type"] in data_type)
        and (not season or one["season"] in season or (one["source"], one["season"]) in pairs)
    ]
    shown_tasks = chosen[: session.limit(limit)]
    head = {name: queue[name] for name in ("cycle_id", "as_of", "lake", "deferred", "unverified")}
    document = {**head, "total": len(chosen), "shown": len(shown_tasks), "tasks": shown_tasks}
    session.emit(document, lambda: _blocks(queue, chosen, shown_tasks))


def _find(queued: Sequence[dict[str, Any]], wanted: str, file: str) -> dict[str, Any]:
    from recon_core.api.errors import UsageError
    from recon_core.text import shown, suggest

    for one in queued:
        if one["id"] == wanted:
            return one
    near = suggest(wanted, [one["id"] for one in queued])
    raise UsageError(f"{file} has no task {shown(wanted)!r}{near}: `recon tasks --limit 0` lists all of them")


def _blocks(
    queue: Mapping[str, Any], chosen: Sequence[Mapping[str, Any]], shown_tasks: Sequence[Mapping[str, Any]]
) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Cell, Column, Line, Table, more
    from recon_core.cli.render.numbers import count
    from recon_core.cli.render.report import PRIORITY_STYLES

    files = sum(one["missing_files"] for one in chosen)
    minutes = sum(one["estimated_time_minutes"] for one in chosen)
    yield Line(f"{count(len(chosen), 'task')} for {count(files, 'file')} as of {queue['as_of']}", "strong")
    if shown_tasks:
        columns = [Column("task"), Column("priority"), Column("dataset"), Column("season", drop=1)]
        columns += [Column("scraper", drop=4), Column("files", right=True), Column("minutes", right=True, drop=3)]
        columns.append(Column("collect by", drop=2))
        yield Table(
            columns,
            [
                [
                    Cell(one["id"], "code"),
                    Cell(one["priority"], PRIORITY_STYLES[one["priority"].lower()]),
                    f"{one['source']}/{one['data_type']}",
                    one["season"],
                    one["scraper"],
                    f"{one['missing_files']:,}",
                    f"{one['estimated_time_minutes']:g}",
                    one["collect_by"],
                ]
                for one in shown_tasks
            ],
        )
        yield Line(f"About {count(round(minutes), 'minute')} of work in all.", "dim")
    yield from more(len(chosen), len(shown_tasks))
    if queue["deferred"]["tasks"]:
        deferred = queue["deferred"]
        yield Line(
            f"{count(deferred['tasks'], 'further task')} for {count(deferred['gaps'], 'gap')} deferred or withheld: "
            "`recon status` says why.",
            "warn",
        )
    if queue["unverified"]:
        yield Line(f"{count(len(queue['unverified']), 'earlier gap')} could be neither proved nor refuted.", "warn")


def _one_blocks(one: Mapping[str, Any]) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Cell, Column, Line, Table
    from recon_core.cli.render.numbers import count

    yield Line(
        f"{one['id']}: {one['priority']}, {one['source']}/{one['data_type']} {one['season']}, "
        f"{count(one['missing_files'], 'file')} for {one['scraper']}, collect by {one['collect_by']}",
        "strong",
    )
    columns = [Column("item"), Column("verdict"), Column("target key", drop=1), Column("rule", drop=3)]
    columns += [Column("first seen", drop=2), Column("reason", below=True)]
    yield Table(
        columns,
        [
            [
                Cell(item["item"], "code"),
                item["verdict"],
                Cell(item["target_key"], "code") if item["target_key"] else None,
                item["rule"],
                item["first_seen"],
                item["reason"],
            ]
            for item in one["items"]
        ],
    )
