"""``recon plugins new``: a plugin of one's own, from a template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from recon_core.cli.render.blocks import Block

__all__ = ["new"]


class KindName(StrEnum):
    """What the source's files belong to."""

    games = "games"
    files = "files"


@examples("recon plugins new chess_club", "recon plugins new weather --kind files --title 'Weather stations'")
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", show_default=False, help="The source's name, such as chess_club.")
    ],
    kind: Annotated[
        KindName,
        typer.Option(
            "--kind",
            metavar="games|files",
            show_default=False,
            rich_help_panel=o.BEHAVIOUR,
            help="games: a schedule to pull and files per game. files: files per day or whatever else. Default: games.",
        ),
    ] = KindName.games,
    title: Annotated[
        str | None,
        typer.Option(
            "--title", metavar="TEXT", show_default=False, rich_help_panel=o.BEHAVIOUR, help="Default: made of NAME."
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="FOLDER",
            show_default=False,
            rich_help_panel=o.BEHAVIOUR,
            help="Where to write it. Default: recon-NAME here.",
        ),
    ] = None,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Write a new source plugin: complete, tested, installable.

    It declares two data types, names what should exist, and keeps the contract tests; change it from there.
    """
    import sys

    from recon_core.cli.session import begin
    from recon_core.plugins import load_registry
    from recon_core.scaffold import new_plugin

    session = begin(output, verbose, quiet, log_format)
    words = name.replace("_", " ")
    folder = into or Path(f"recon-{name.replace('_', '-')}")
    title = title if title is not None else words[:1].upper() + words[1:]
    files = new_plugin(name, folder, kind.value, title, load_registry())
    document = {"name": name, "folder": str(folder), "files": [str(path) for path in files]}
    session.emit(document, lambda: _blocks(folder, files, sys.executable))


def _blocks(folder: Path, files: Sequence[Path], python: str) -> Iterator[Block]:
    import shlex

    from recon_core.cli.render.blocks import Bullets, Cell, Code, Heading, Line

    yield Line(f"A new plugin in {folder}:", "strong")
    yield Bullets([Cell(path.relative_to(folder).as_posix(), "code") for path in files])
    yield Heading("What to do next")
    pip = f"{shlex.quote(python)} -m pip install"
    yield Code(
        [
            f"cd {shlex.quote(str(folder))}",
            f"{pip} --editable . pytest",
            f"{shlex.quote(python)} -m pytest    # the contract of all plugins, and this one's own tests",
            "recon plugins check",
        ]
    )
