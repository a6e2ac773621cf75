"""``recon demo``: a workspace to try things in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from recon_core.cli.render.blocks import Block
    from recon_core.demo import Demo

__all__ = ["demo"]


@examples("recon demo", "recon demo /tmp/try --source acme")
def demo(
    folder: Annotated[
        Path,
        typer.Argument(metavar="[FOLDER]", show_default=False, help="Where to build it. Default: ./recon-demo."),
    ] = Path("recon-demo"),
    source: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default=False,
            rich_help_panel=o.SCOPE,
            help="Whose layout to imitate. Default: the first installed source that offers a demo.",
        ),
    ] = None,
    now: o.Now = None,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Build a workspace with made-up games, and run a cycle in it.

    Its lake is a local folder with planted faults of every kind. Takes seconds and no network.
    """
    from recon_core.cli.log import clock
    from recon_core.cli.session import begin, parse_now
    from recon_core.demo import build_demo

    session = begin(output, verbose, quiet, log_format)
    moment = parse_now(now)
    with session.progress() as progress:
        built = build_demo(folder, source, moment, clock, progress)
    document = {
        "made_up": True,
        "workspace": str(built.workspace.root),
        "source": built.source,
        "planted": dict(built.planted),
        "report": built.result.report,
    }
    session.emit(document, lambda: _blocks(built, folder))


def _blocks(built: Demo, folder: Path) -> Iterator[Block]:
    import shlex

    from recon_core.cli.render.blocks import Code, Column, Heading, Line, Table
    from recon_core.cli.render.report import report_blocks

    yield Line(
        f"These games are made up. They lie in {built.source}'s layout in a folder that plays the lake; no network was "
        "used.",
        "warn",
    )
    yield Heading("Planted faults")
    yield Table(
        [Column("fault"), Column("files", right=True)],
        [[what, f"{number:,}"] for what, number in built.planted.items()],
    )
    yield from report_blocks(built.result.report, next_steps=False)
    yield Heading("What to try next")
    yield Code(
        [
            f"cd {shlex.quote(str(folder))}",
            "recon gaps --priority critical     # what is most pressing, and why",
            "recon tasks                        # the queue that closes the gaps",
            "recon objects                      # what else lies in the lake",
            "recon explain ITEM                 # the evidence for one item of the list",
            "recon run                          # again: nothing has changed",
        ]
    )
