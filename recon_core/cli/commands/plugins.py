"""``recon plugins list`` and ``recon plugins check``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from recon_core.cli.render.blocks import Block
    from recon_core.plugins import CheckRow, PluginRow

__all__ = ["check", "list_"]

FAILED = 2


@examples("recon plugins list", "recon plugins list --format json")
def list_(
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """List the installed source plugins, and say how to install one.

    A plugin that cannot be used is listed with the reason; the others are not affected by it.
    """
    from dataclasses import asdict

    from recon_core.cli.session import begin
    from recon_core.plugins import install_command, load_registry, plugin_rows

    session = begin(output, verbose, quiet, log_format)
    rows = plugin_rows(load_registry())
    document = {"plugins": [asdict(row) for row in rows], "install": install_command()}
    session.emit(document, lambda: _list_blocks(rows, install_command()))


@examples("recon plugins check")
def check(
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Check every installed plugin: hooks, declarations, key templates, rules.

    Asks no network. Exits with 2 if a check fails.
    """
    from dataclasses import asdict

    from recon_core.cli.session import begin
    from recon_core.engine.expressions import compile_rule
    from recon_core.plugins import check_plugins, install_command, load_registry

    session = begin(output, verbose, quiet, log_format)
    rows = check_plugins(load_registry(), compile_rule)
    ok = all(row.ok for row in rows)
    session.emit({"ok": ok, "checks": [asdict(row) for row in rows]}, lambda: _check_blocks(rows, install_command()))
    if not ok:
        session.log.say("error", "a plugin check failed", exit_code=FAILED)
        raise typer.Exit(FAILED)


def _list_blocks(rows: Sequence[PluginRow], install: str) -> Iterator[Block]:
    import json

    from recon_core.cli.render.blocks import Bullets, Cell, Code, Column, Heading, Line, Table

    if rows:
        columns = [Column(name) for name in ("source", "distribution", "version", "data types", "seasons", "state")]
        yield Table(
            columns,
            [
                [
                    row.source,
                    row.distribution,
                    row.version,
                    ", ".join(row.data_types),
                    f"{row.seasons[0]} to {row.seasons[-1]}" if len(row.seasons) > 1 else ", ".join(row.seasons),
                    Cell(row.state, "good" if row.state == "ok" else "bad"),
                ]
                for row in rows
            ],
        )
        options = [
            f"{row.source}: {one.name} (default {json.dumps(one.default)}): {one.help}"
            for row in rows
            for one in row.options
        ]
        if options:
            yield Heading("Options")
            yield Bullets(options)
    else:
        yield Line("No source plugin is installed in this environment.", "warn")
    yield Heading("To install one into this environment")
    yield Code([install])


def _check_blocks(rows: Sequence[CheckRow], install: str) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Cell, Code, Column, Line, Table
    from recon_core.cli.render.numbers import count

    if not rows:
        yield Line("No source plugin is installed in this environment, so nothing was checked.", "warn")
        yield Code([install])
        return
    columns = [Column(name) for name in ("", "plugin", "check", "found")]
    yield Table(
        columns,
        [
            [
                Cell("ok", "good") if row.ok else Cell("fail", "bad"),
                f"{row.distribution} {row.version}",
                row.check,
                row.detail,
            ]
            for row in rows
        ],
    )
    failed = sum(not row.ok for row in rows)
    yield Line(f"{count(len(rows), 'check')}, {failed} failed.", "bad" if failed else "good")
