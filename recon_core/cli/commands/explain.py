"""``recon explain``: why an item has its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from recon_core.lake import Lake

__all__ = ["explain"]


@examples(
    "recon explain acme/play_by_play/401705001",
    "recon explain 401705001                # all items of one game",
    "recon explain --live play_by_play/401705001.json",
)
def explain(
    item: Annotated[
        str,
        typer.Argument(
            metavar="ITEM|ID|KEY", show_default=False, help="An item, an id (of all data types), or an object's key."
        ),
    ],
    workspace: o.WorkspaceOption = None,
    live: Annotated[
        bool,
        typer.Option("--live", rich_help_panel=o.BEHAVIOUR, help="Also list the candidate keys in the lake now."),
    ] = False,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Show why an item has its verdict, and what an object is.

    Tells what is expected, the evidence, the verdict with its reason, the rule and the task. Reads the files of the
    last cycle; only --live asks the lake.
    """
    from recon_core.cli.render.explanation import explanation_blocks
    from recon_core.cli.results import read_queue, read_step_report, tasks_of
    from recon_core.cli.session import begin, open_workspace
    from recon_core.config import load_settings
    from recon_core.explain import explain as explain_item

    session = begin(output, verbose, quiet, log_format)
    ws = open_workspace(workspace)
    report = read_step_report(ws, "analysis")
    settings = load_settings(ws)
    queue = read_queue(ws)[1] if ws.output_file(settings.task_queue.output_file).exists() else None

    def lake() -> Lake:
        from recon_core.lake import open_lake

        return open_lake(settings.lake)

    found = explain_item(ws, item, report, queue, lake if live else None)
    session.emit(found, lambda: explanation_blocks(found, tasks_of(ws, report)))
