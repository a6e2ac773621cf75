"""``recon status``: the last report and the last attempt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from datetime import datetime

    from recon_core.cli.render.blocks import Block

__all__ = ["status"]


@examples("recon status", "recon status --format json | jq .report.gaps.by_priority")
def status(
    workspace: o.WorkspaceOption = None,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Show the last cycle's report and how the last attempt ended.

    Reads the workspace only: neither the lake nor the network is asked.
    """
    from recon_core.cli.attempts import read_attempt
    from recon_core.cli.log import clock
    from recon_core.cli.results import read_report
    from recon_core.cli.session import begin, open_workspace

    session = begin(output, verbose, quiet, log_format)
    ws = open_workspace(workspace)
    report = read_report(ws) if ws.cycle_json.exists() else None
    last = read_attempt(ws)
    if last is not None:
        last["state"] = _state(last)
    session.emit({"report": report, "last_attempt": last}, lambda: _blocks(report, last, clock()))


def _state(attempt: Mapping[str, Any]) -> str:
    """``done``, ``failed``, ``running``, or ``killed`` for one that never said how it ended."""
    if attempt.get("finished_at") is not None:
        return "done" if attempt.get("exit_code") in (0, 4, 5) else "failed"
    return "running" if _alive(attempt.get("pid")) else "killed"


def _alive(pid: object) -> bool:
    import os

    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _blocks(report: Mapping[str, Any] | None, last: Mapping[str, Any] | None, now: datetime) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Code, Heading, Line
    from recon_core.cli.render.numbers import ago
    from recon_core.cli.render.report import report_blocks
    from recon_core.times import parse_utc

    yield Heading("Last attempt")
    if last is None:
        yield Line("None is recorded in this workspace.")
    else:
        yield _attempt_line(last, now)
    yield Heading("Last report")
    if report is None:
        yield Line("None: no cycle has been completed yet.")
        yield Code(["recon run --dry-run                # what a run would say; nothing is written"])
        return
    if last is not None and (last["state"] != "done" or last.get("cycle_id") != report["cycle_id"]):
        yield Line(
            f"The report below is of {report['as_of']} ({ago(now - parse_utc(report['as_of']))}), not of the last "
            "attempt.",
            "warn",
        )
    else:
        yield Line(f"The report's time is {ago(now - parse_utc(report['as_of']))}.", "dim")
    yield from report_blocks(report)


def _attempt_line(last: Mapping[str, Any], now: datetime) -> Block:
    from recon_core.cli.render.blocks import Line
    from recon_core.cli.render.numbers import ago
    from recon_core.times import format_utc, parse_utc

    begun = parse_utc(last["started_at"])
    head = f"recon {last['command']}, begun {format_utc(begun.replace(microsecond=0))} ({ago(now - begun)}): "
    match last["state"]:
        case "done":
            return Line(f"{head}done, exit code {last['exit_code']}", "good" if last["exit_code"] == 0 else "warn")
        case "failed":
            why = f": {last['error']}" if last.get("error") else ""
            return Line(f"{head}failed, exit code {last['exit_code']}{why}", "bad")
        case "running":
            return Line(f"{head}still at work (process {last['pid']})")
        case _:
            return Line(f"{head}killed before it could say how it ended; the outputs of the run before it stand", "bad")
