"""``recon scan``, ``analyze``, ``detect``, ``generate``: the steps of a cycle, each on the files of the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from datetime import datetime

    from recon_core.cli.render.blocks import Block
    from recon_core.cli.session import Session
    from recon_core.progress import Progress
    from recon_core.request import CycleResult, RunRequest
    from recon_core.workspace import Workspace

__all__ = ["analyze", "detect", "generate", "scan"]


@examples(
    "recon scan",
    "recon scan --show                      # what the last scan saw, without a new one",
    "recon scan --diff                      # scan, and say what changed since the last one",
    "recon scan --show --diff               # what changed between the last two, without a new one",
    "recon scan --estimate                  # what a scan would do and cost, before it is made",
)
def scan(
    workspace: o.WorkspaceOption = None,
    lake: o.Lake = None,
    now: o.Now = None,
    show: Annotated[
        bool, typer.Option("--show", rich_help_panel=o.BEHAVIOUR, help="Show the last snapshot and do not scan.")
    ] = False,
    diff: Annotated[
        bool,
        typer.Option(
            "--diff",
            rich_help_panel=o.BEHAVIOUR,
            help="Scan, then say what appeared, vanished and changed since the last snapshot. With --show: between the "
            "last two, without a scan.",
        ),
    ] = False,
    estimate: Annotated[
        bool,
        typer.Option(
            "--estimate",
            rich_help_panel=o.BEHAVIOUR,
            help="Say what a scan would do, cost and leave unknown, in each mode. Neither scans nor asks the lake.",
        ),
    ] = False,
    refresh: o.Refresh = False,
    sample_rate: o.SampleRate = None,
    full: o.Full = False,
    dry_run: o.DryRun = False,
    limit: o.Limit = None,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """List the lake and keep the snapshot in inventory/cache.

    The snapshot says which objects there are and which key ranges were seen, for which time. The one before it is kept
    too, for --diff.
    """
    from recon_core.api.errors import UsageError
    from recon_core.cli.attempts import attempt
    from recon_core.cli.commands.run import refuse_sampling
    from recon_core.cli.cycles import request_of
    from recon_core.cli.render.snapshot import diff_blocks, snapshot_blocks
    from recon_core.cli.session import begin, open_workspace, parse_now
    from recon_core.kept import load_snapshot

    session = begin(output, verbose, quiet, log_format)
    if show and (lake or now or refresh or sample_rate is not None or full or dry_run):
        raise UsageError("--show only reads the last snapshot: leave the options that say how to scan out")
    refuse_sampling(sample_rate, full=full)
    if estimate and (show or diff or refresh or dry_run):
        raise UsageError(
            "--estimate scans nothing and compares nothing: leave --show, --diff, --refresh and --dry-run out"
        )
    moment, rows = parse_now(now), session.limit(limit)
    ws = open_workspace(workspace)
    request = request_of(
        moment,
        now_given=now is not None,
        lake_url=lake,
        refresh=refresh,
        sample_rate=sample_rate,
        full=full,
        dry_run=dry_run,
    )
    if estimate:
        from recon_core.cli.render.estimate import estimate_blocks
        from recon_core.estimating import estimate_scan

        with session.progress() as progress:
            costs = estimate_scan(ws, request, progress)
        session.emit(costs, lambda: estimate_blocks(costs))
        return
    found = None
    if show and diff:
        from recon_core.comparing import compare_last

        with session.progress() as progress:
            found = compare_last(ws, request, progress, rows)
    elif show:
        snapshot = load_snapshot(ws)
    else:
        with attempt(ws, "scan", moment, dry_run=dry_run), session.progress() as progress:
            if diff:
                from recon_core.comparing import scan_and_compare

                found = scan_and_compare(ws, request, progress, rows)
            else:
                from recon_core.cycle import run_scan

                snapshot = run_scan(ws, request, progress)
    if found is not None:
        difference = found
        session.emit(difference, lambda: diff_blocks(difference))
        return
    kept = show or not (dry_run or lake is not None)
    session.emit(snapshot.document(), lambda: snapshot_blocks(snapshot, now=moment, kept=kept, limit=rows))


@examples("recon analyze", "recon analyze --now 2025-01-15T12:00:00Z")
def analyze(
    workspace: o.WorkspaceOption = None,
    source: o.Sources = None,
    season: o.Seasons = None,
    now: o.Now = None,
    dry_run: o.DryRun = False,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Give every expected item its verdict, from the last snapshot.

    Writes inventory/cache/coverage.parquet and objects.parquet. Narrowed by --source or --season it only shows.
    """
    from recon_core.cli.cycles import request_of
    from recon_core.cli.session import begin, parse_now
    from recon_core.cycle import run_analyze

    session = begin(output, verbose, quiet, log_format)
    moment = parse_now(now)
    request = request_of(
        moment,
        now_given=now is not None,
        sources=tuple(source or ()),
        seasons=tuple(season or ()),
        dry_run=dry_run,
    )
    _step(session, workspace, "analyze", run_analyze, moment, request)


@examples("recon detect", "recon detect --fail-on high")
def detect(
    workspace: o.WorkspaceOption = None,
    dry_run: o.DryRun = False,
    fail_on: o.FailOn = None,
    allow_unknown: o.AllowUnknown = 0,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Rank the gaps of the last analysis.

    Writes inventory/cache/gaps.parquet, as of the time of the analysis.
    """
    from recon_core.cli.cycles import request_of
    from recon_core.cli.session import begin, parse_now
    from recon_core.cycle import run_detect

    session = begin(output, verbose, quiet, log_format)
    moment = parse_now(None)
    request = request_of(moment, dry_run=dry_run)
    _step(session, workspace, "detect", run_detect, moment, request, fail_on, allow_unknown)


@examples("recon generate", "recon generate --queue-file /srv/queue/gaps.json")
def generate(
    workspace: o.WorkspaceOption = None,
    accept_empty: o.AcceptEmpty = False,
    accept_loss: o.AcceptLoss = False,
    dry_run: o.DryRun = False,
    queue_file: o.QueueFile = None,
    fail_on: o.FailOn = None,
    allow_unknown: o.AllowUnknown = 0,
    output: o.Format = OutputFormat.table,
    verbose: o.Verbose = 0,
    quiet: o.Quiet = False,
    log_format: o.LogFormatOption = LogFormat.text,
) -> None:
    """Write the task queue for the gaps that were detected last."""
    from recon_core.cli.commands.run import refuse_options
    from recon_core.cli.cycles import request_of
    from recon_core.cli.session import begin, parse_now
    from recon_core.cycle import run_generate

    session = begin(output, verbose, quiet, log_format)
    refuse_options(dry_run=dry_run, pull=False, queue_file=queue_file, fail_on=fail_on, allow_unknown=allow_unknown)
    moment = parse_now(None)
    request = request_of(
        moment, dry_run=dry_run, queue_file=queue_file, accept_empty=accept_empty, accept_loss=accept_loss
    )
    _step(session, workspace, "generate", run_generate, moment, request, fail_on, allow_unknown)


def _step(
    session: Session,
    folder: Any,
    name: str,
    step: Callable[[Workspace, RunRequest, Progress], CycleResult],
    moment: datetime,
    request: RunRequest,
    fail_on: o.PriorityName | None = None,
    allow_unknown: int = 0,
) -> None:
    from recon_core.cli.attempts import attempt
    from recon_core.cli.commands.run import refuse_options
    from recon_core.cli.cycles import finish, verdict_code
    from recon_core.cli.session import open_workspace

    refuse_options(dry_run=False, pull=False, queue_file=None, fail_on=fail_on, allow_unknown=allow_unknown)
    ws = open_workspace(folder)
    with attempt(ws, name, moment, dry_run=request.dry_run) as record:
        with session.progress() as progress:
            result = step(ws, request, progress)
        if name == "generate":
            record.cycle_id = result.report["cycle_id"]
        record.exit_code = verdict_code(result, fail_on, allow_unknown)
        session.emit(result.report, lambda: _step_blocks(ws, result))
    finish(record.exit_code, result.report, fail_on, session.log)


def _step_blocks(ws: Workspace, result: CycleResult) -> Iterator[Block]:
    from recon_core.cli.commands.run import written_line
    from recon_core.cli.render.blocks import Line
    from recon_core.cli.render.report import report_blocks

    yield from report_blocks(result.report, next_steps=bool(result.written))
    written = f"Written: {written_line(ws, result.written)}" if result.written else "Nothing was written."
    yield Line(written, "dim")
