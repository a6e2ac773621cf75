"""``recon validate``: are the workspace's files right?"""

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
    from recon_core.validation import Findings

__all__ = ["validate"]

WRONG = 2


@examples(
    "recon validate",
    "recon validate --scrapers scrapers.yaml   # will something run the scrapers that tasks name?",
)
def validate(
    workspace: o.WorkspaceOption = None,
    scrapers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            rich_help_panel=o.SCOPE,
            help="Check the scrapers that tasks will name against this list: a name a line, or a YAML list or mapping.",
        ),
    ] = None,
    now: o.Now = None,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Check the configuration offline, and list everything that is wrong.

    Both files, rules and waivers, the inventory against the installed plugins, and the stored schedules; a season
    without one is a warning. Neither the lake nor the network is asked. Exits with 2 if anything is wrong.
    """
    from recon_core.cli.session import begin, open_workspace, parse_now
    from recon_core.plugins import load_registry
    from recon_core.validation import check_scrapers, check_workspace, known_scrapers

    session = begin(output, verbose, quiet, log_format)
    moment = parse_now(now)
    ws = open_workspace(workspace)
    known = known_scrapers(scrapers) if scrapers is not None else []
    found = check_workspace(ws, load_registry(), moment)
    if scrapers is not None:
        if found.plan is None:
            found.warnings.append(f"the scrapers were not checked against {scrapers}, as there are errors")
        else:
            found.errors += check_scrapers(found.plan, known, scrapers)
            found.checked.append(f"scrapers against {scrapers}")
    document = {
        "ok": not found.errors,
        "errors": found.errors,
        "warnings": found.warnings,
        "checked": found.checked,
    }
    session.emit(document, lambda: _blocks(found))
    if found.errors:
        raise typer.Exit(WRONG)


def _blocks(found: Findings) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Bullets, Cell, Heading, Line
    from recon_core.cli.render.numbers import count

    if found.errors:
        yield Heading(count(len(found.errors), "error"))
        yield Bullets([Cell(error, "bad") for error in found.errors])
    if found.warnings:
        yield Heading(count(len(found.warnings), "warning"))
        yield Bullets([Cell(warning, "warn") for warning in found.warnings])
    yield Line(f"Checked {', '.join(found.checked)}.", "dim")
    if not found.errors:
        yield Line("All is right.", "good")
