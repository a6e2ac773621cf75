"""``recon doctor``: does everything that a run needs work?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from recon_core.cli.render.blocks import Block
    from recon_core.doctor import Check

__all__ = ["doctor"]


@examples("recon doctor", "recon doctor --lake s3://bucket        # another lake than the configured one")
def doctor(
    workspace: o.WorkspaceOption = None,
    lake: o.Lake = None,
    now: o.Now = None,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Check that all a run needs works, and say how to mend what does not.

    Tries plugins, configuration, schedules, disk, lock, credentials, access to the lake (list, read) and the clock.
    Exits with 2 if something of the workspace or a plugin fails, else with 3 if the lake or the disk does.
    """
    from dataclasses import asdict

    from recon_core.api.errors import ReconError
    from recon_core.cli.log import clock
    from recon_core.cli.session import begin, open_workspace, parse_now
    from recon_core.doctor import diagnose, workspace_problem
    from recon_core.plugins import load_registry

    session = begin(output, verbose, quiet, log_format)
    moment = parse_now(now)
    checks: list[Check] = []
    ws = None
    try:
        ws = open_workspace(workspace)
    except ReconError as error:
        checks.append(workspace_problem(error))
    with session.progress() as progress:
        progress.step("checking")
        for check in diagnose(ws, load_registry(), moment, clock, lake):
            checks.append(check)
            progress.update(len(checks), None, "checks")
    codes = {check.exit_code for check in checks if check.state == "fail"}
    code = min(codes, default=0)
    rows = [{key: value for key, value in asdict(check).items() if key != "exit_code"} for check in checks]
    session.emit({"ok": code == 0, "checks": rows}, lambda: _blocks(checks))
    if code:
        raise typer.Exit(code)


def _blocks(checks: Sequence[Check]) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Cell, Column, Line, Style, Table
    from recon_core.cli.render.numbers import count

    styles: dict[str, Style] = {"ok": "good", "warn": "warn", "fail": "bad"}
    yield Table(
        [Column("state"), Column("check"), Column("found"), Column("how to mend it", optional=True, below=True)],
        [[Cell(one.state, styles[one.state]), one.name, one.detail, Cell(one.advice)] for one in checks],
    )
    failed = sum(one.state == "fail" for one in checks)
    warned = sum(one.state == "warn" for one in checks)
    if failed:
        yield Line(f"{count(failed, 'check')} failed, {count(warned, 'warning')}.", "bad")
    else:
        yield Line(f"All is well, {count(warned, 'warning')}." if warned else "All is well.", "good")
