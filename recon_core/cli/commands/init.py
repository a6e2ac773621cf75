"""``recon init``: makes a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from datetime import datetime

    from recon_core.cli.render.blocks import Block
    from recon_core.plugins import Registry
    from recon_core.setup import SourceOutline

__all__ = ["init"]


@examples("recon init --lake s3://bucket/raw", "recon init -w checks --lake file:///srv/lake")
def init(
    workspace: Annotated[
        Path | None,
        typer.Option(
            "-w", "--workspace", metavar="FOLDER", show_default=False, help="Where to make it. Default: here."
        ),
    ] = None,
    lake: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            show_default=False,
            rich_help_panel=o.SCOPE,
            help="The lake to check: s3://bucket[/prefix] or file:///folder.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", rich_help_panel=o.BEHAVIOUR, help="Write files anew that are already there.")
    ] = False,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Make a workspace: two configuration files that teach, and a .gitignore.

    It expects the current and the previous season of every installed source. A file that is already there is kept.
    """
    from recon_core.cli.session import begin, parse_now
    from recon_core.files import atomic_write
    from recon_core.plugins import load_registry
    from recon_core.setup import workspace_files
    from recon_core.text import shown
    from recon_core.validation import check_lake_url

    session = begin(output, verbose, quiet, log_format)
    if lake is not None:
        check_lake_url(lake, "--lake")
    root = (workspace or Path.cwd()).resolve()
    registry = load_registry()
    for failure in registry.failures:
        session.log.say("warning", f"a plugin failed and is left out: {failure.line()}")
    texts = workspace_files(_outlines(registry, parse_now(None)), lake)
    written, kept = [], []
    for name, text in texts.items():
        if (root / name).exists() and not force:
            kept.append(name)
        else:
            atomic_write(root / name, text)
            written.append(name)
    document = {
        "workspace": str(root),
        "written": written,
        "kept": kept,
        "sources": list(registry.names()),
        "next": list(_next(workspace, registry, lake_is_set=_lake_is_set(root))),
    }
    session.emit(document, lambda: _blocks(document, shown(root), lake))


def _outlines(registry: Registry, now: datetime) -> list[SourceOutline]:
    from recon_core.seasons import current_and_previous
    from recon_core.setup import SourceOutline

    outlines = []
    for plugin in registry.plugins:
        current, previous = current_and_previous(plugin.seasons, now, plugin.source.timezone)
        source = plugin.source
        outlines.append(
            SourceOutline(
                name=source.name, title=source.title, datasets=source.datasets, current=current, previous=previous
            )
        )
    return outlines


def _lake_is_set(root: Path) -> bool:
    """Whether the workspace's configuration, new or kept, names a lake; one that is wrong is for the editor."""
    from recon_core.api.errors import ConfigError
    from recon_core.config import load_settings
    from recon_core.workspace import Workspace

    try:
        return load_settings(Workspace(root)).lake.url is not None
    except ConfigError:
        return False


def _next(workspace: Path | None, registry: Registry, *, lake_is_set: bool) -> Iterator[str]:
    import shlex

    if workspace is not None:
        yield f"cd {shlex.quote(str(workspace))}"
    if not registry.plugins:
        from recon_core.plugins import install_command

        yield f"{install_command()}   # then `recon init --force`"
    if not lake_is_set:
        yield "$EDITOR config/reconciliation_config.yaml   # set lake.url"
    yield "recon doctor                       # does everything that a run needs work?"
    if any(plugin.source.schedule == "pulled" for plugin in registry.plugins):
        yield "recon schedules pull               # which games there are"
    yield "recon run --dry-run                # what a run would say; nothing is written"


def _blocks(document: dict[str, Any], root: str, lake: str | None) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Bullets, Cell, Code, Heading, Line
    from recon_core.workspace import CONFIG_FILE, INVENTORY_FILE

    yield Line(f"Workspace {root}", "strong")
    yield Bullets(
        [Cell(f"{name}: written", "good") for name in document["written"]]
        + [Cell(f"{name}: kept as it is (--force writes it anew)", "dim") for name in document["kept"]]
    )
    if INVENTORY_FILE in document["kept"]:
        yield Line(f"What it expects stands in {INVENTORY_FILE}, as before.")
    elif document["sources"]:
        yield Line(f"It expects the current and the previous season of {', '.join(document['sources'])}.")
    else:
        yield Line("No source plugin is installed, so it expects nothing yet.", "warn")
    if lake is not None and CONFIG_FILE in document["kept"]:
        yield Line(f"--lake was not written, as {CONFIG_FILE} is kept: set lake.url there.", "warn")
    yield Heading("What to do next")
    yield Code(document["next"])
