"""What ``run`` and the single steps share: the request, and the exit code of a finished cycle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import typer

from recon_core.cli.log import Log, clock
from recon_core.cli.options import PriorityName
from recon_core.request import CycleResult, RunRequest

__all__ = ["finish", "request_of", "verdict_code"]

GAPS = 4
UNKNOWN = 5


def request_of(now: datetime, **settings: Any) -> RunRequest:
    """A request with the machine's clock for what the report says of its own making."""
    return RunRequest(now=now, clock=clock, **settings)


def verdict_code(result: CycleResult, fail_on: PriorityName | None, allow_unknown: int) -> int:
    """The exit code: what the cycle says beats gaps, gaps beat unknown items."""
    if result.exit_code or fail_on is None:
        return result.exit_code
    by_priority = result.report["gaps"]["by_priority"]
    names = [priority.value for priority in PriorityName]
    if any(by_priority[name] for name in names[: names.index(fail_on.value) + 1]):
        return GAPS
    return UNKNOWN if result.report["unknown"]["required_due"] > allow_unknown else 0


def finish(code: int, report: Mapping[str, Any], fail_on: PriorityName | None, log: Log) -> None:
    """End the command with ``code``, and say on stderr why where it is not 0."""
    if not code:
        return
    if code == GAPS and fail_on is not None:
        why = f"--fail-on {fail_on.value}: there are gaps of this priority or above"
    elif code == UNKNOWN:
        number = report["unknown"]["required_due"]
        why = f"--fail-on: {number:,} required due items are unknown (--allow-unknown N accepts up to N)"
    elif report["failures"]:
        why = "a plugin failed: what it owns is unknown, the other sources are done"
    else:
        why = "refused: see the warnings of the result"
    log.say("error", why, exit_code=code)
    raise typer.Exit(code)
