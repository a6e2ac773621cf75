"""``recon run``: a whole cycle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.cli import options as o
from recon_core.cli.examples import examples
from recon_core.cli.formats import LogFormat, OutputFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_core.cli.render.blocks import Block
    from recon_core.request import CycleResult
    from recon_core.workspace import Workspace

__all__ = ["run"]


@examples(
    "recon run --dry-run                    # what a run would say; nothing is written",
    "recon run                              # scan, compare, write inventory/gaps.json",
    "recon run --pull --fail-on critical    # for a nightly job: exit 4 if something urgent is missing",
    "recon run --season current --queue-file now.json",
    "recon run --format markdown >> $GITHUB_STEP_SUMMARY",
)
def run(
    workspace: o.WorkspaceOption = None,
    lake: o.Lake = None,
    source: o.Sources = None,
    season: o.Seasons = None,
    now: o.Now = None,
    use_cache: o.UseCache = False,
    refresh: o.Refresh = False,
    sample_rate: o.SampleRate = None,
    full: o.Full = False,
    pull: o.Pull = False,
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
    """Compare the lake with what should be there; write the task queue.

    A run scans the lake, gives every expected item its verdict, ranks the gaps and writes inventory/gaps.json. It only
    lists the lake and changes nothing in it. A run that --source, --season or --lake narrows leaves the workspace's
    queue alone.
    """
    from recon_core.cli.attempts import attempt
    from recon_core.cli.cycles import finish, request_of, verdict_code
    from recon_core.cli.session import begin, open_workspace, parse_now

    session = begin(output, verbose, quiet, log_format)
    moment = parse_now(now)
    refuse_sampling(sample_rate, full=full)
    refuse_options(dry_run=dry_run, pull=pull, queue_file=queue_file, fail_on=fail_on, allow_unknown=allow_unknown)
    ws = open_workspace(workspace)
    request = request_of(
        moment,
        now_given=now is not None,
        lake_url=lake,
        sources=tuple(source or ()),
        seasons=tuple(season or ()),
        use_cache=use_cache,
        refresh=refresh,
        sample_rate=sample_rate,
        full=full,
        dry_run=dry_run,
        queue_file=queue_file,
        accept_empty=accept_empty,
        accept_loss=accept_loss,
    )
    with attempt(ws, "run", moment, dry_run=dry_run) as record:
        with session.progress() as progress:
            if pull:
                from recon_core.cli.pulling import pull_first

                pull_first(ws, progress, now=moment, sources=source or (), seasons=season or ())
            from recon_core.cycle import run_cycle

            result = run_cycle(ws, request, progress)
        record.cycle_id = result.report["cycle_id"]
        record.exit_code = verdict_code(result, fail_on, allow_unknown)
        session.emit(result.report, lambda: _blocks(ws, result, dry_run))
    finish(record.exit_code, result.report, fail_on, session.log)


def refuse_options(
    *, dry_run: bool, pull: bool, queue_file: Path | None, fail_on: o.PriorityName | None, allow_unknown: int
) -> None:
    """Refuse options that contradict each other or the disk; raises UsageError."""
    from recon_core.api.errors import UsageError
    from recon_core.text import shown

    if dry_run and pull:
        raise UsageError("--dry-run writes nothing, but --pull stores schedules: run `recon schedules pull` first")
    if dry_run and queue_file is not None:
        raise UsageError("--dry-run writes nothing, but --queue-file names a file to write: give one of them")
    if queue_file is not None and queue_file.is_dir():
        raise UsageError(f"--queue-file {shown(queue_file)}: a folder stands there: name a file")
    if allow_unknown and fail_on is None:
        raise UsageError("--allow-unknown has a meaning only with --fail-on: add --fail-on low, or leave it out")


def refuse_sampling(sample_rate: float | None, *, full: bool) -> None:
    """Refuse a sample of nothing, of more than everything, and one that --full forbids; raises UsageError."""
    from recon_core.api.errors import UsageError

    if sample_rate is None:
        return
    if full:
        raise UsageError("--full covers everything, but --sample-rate a part: give one of them")
    if not 0 < sample_rate <= 1:
        raise UsageError(f"--sample-rate {sample_rate:g}: write a share above 0 up to 1, as in --sample-rate 0.1")


def _blocks(ws: Workspace, result: CycleResult, dry_run: bool) -> Iterator[Block]:
    from recon_core.cli.render.blocks import Line
    from recon_core.cli.render.report import report_blocks

    yield from report_blocks(result.report, next_steps=not dry_run)
    if dry_run:
        yield Line(
            "A dry run: nothing was written. `recon run` writes the queue and what gaps, tasks and explain read."
        )
    elif result.written:
        yield Line(f"Written: {written_line(ws, result.written)}", "dim")
    else:
        yield Line("Nothing was written: a narrowed run writes a queue only where --queue-file says.", "dim")


def written_line(ws: Workspace, paths: tuple[Path, ...]) -> str:
    """The files that a run wrote, the task queue first."""
    names = sorted(paths, key=lambda path: (path.parent == ws.cache_dir, path.suffix != ".json", str(path)))
    return ", ".join(ws.shown(path) for path in names)
