"""The options that commands share, with one name, one meaning and one help text each."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from recon_core.cli.formats import LogFormat, OutputFormat

__all__ = [
    "AcceptEmpty",
    "AcceptLoss",
    "AllowUnknown",
    "DataTypes",
    "DryRun",
    "FailOn",
    "Format",
    "Full",
    "Lake",
    "Limit",
    "LogFormatOption",
    "Now",
    "PriorityName",
    "Pull",
    "QueueFile",
    "Quiet",
    "Refresh",
    "SampleRate",
    "Seasons",
    "Sources",
    "UseCache",
    "Verbose",
    "WorkspaceOption",
    "complete_sources",
]

SCOPE = "What to look at"
BEHAVIOUR = "How to do it"
RESULT = "What comes out"


class PriorityName(StrEnum):
    """The priorities of gaps, most pressing first."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"


PRIORITIES = "|".join(PriorityName)


def complete_sources(incomplete: str) -> list[str]:
    from recon_core.cli.completion import sources

    return sources(incomplete)


def _complete_seasons(incomplete: str) -> list[str]:
    from recon_core.cli.completion import seasons

    return seasons(incomplete)


def _complete_data_types(incomplete: str) -> list[str]:
    from recon_core.cli.completion import data_types

    return data_types(incomplete)


def _option(*names: str, **settings: Any) -> Any:
    return typer.Option(*names, show_default=False, **settings)


WorkspaceOption = Annotated[
    Path | None,
    _option(
        "-w",
        "--workspace",
        metavar="FOLDER",
        help="The workspace. Default: RECON_WORKSPACE, else the nearest one from here upwards.",
    ),
]
Format = Annotated[
    OutputFormat,
    _option(
        "--format",
        metavar="|".join(OutputFormat),
        help="How the result is written to stdout. Default: table, plain when piped.",
    ),
]
Verbose = Annotated[int, _option("-v", "--verbose", count=True, help="Say more on stderr.")]
Quiet = Annotated[bool, _option("-q", "--quiet", help="Say nothing on stderr but errors.")]
LogFormatOption = Annotated[
    LogFormat,
    _option(
        "--log-format",
        metavar="|".join(LogFormat),
        help="How progress and errors are written to stderr. Default: text.",
    ),
]

Sources = Annotated[
    list[str] | None,
    _option(
        "--source",
        metavar="NAME",
        autocompletion=complete_sources,
        rich_help_panel=SCOPE,
        help="Only this source; may be repeated.",
    ),
]
Seasons = Annotated[
    list[str] | None,
    _option(
        "--season",
        metavar="LABEL",
        autocompletion=_complete_seasons,
        rich_help_panel=SCOPE,
        help="Only this season, or `current` or `previous`; may be repeated.",
    ),
]
DataTypes = Annotated[
    list[str] | None,
    _option(
        "--data-type",
        metavar="NAME",
        autocompletion=_complete_data_types,
        rich_help_panel=SCOPE,
        help="Only this data type; may be repeated.",
    ),
]
Lake = Annotated[
    str | None,
    _option(
        "--lake",
        metavar="URL",
        rich_help_panel=SCOPE,
        help="Another lake than the configured one: s3://bucket[/prefix] or file:///folder.",
    ),
]
Now = Annotated[
    str | None,
    _option(
        "--now",
        metavar="ISO8601",
        rich_help_panel=SCOPE,
        help="Judge as of this time (UTC unless it says otherwise) instead of the clock's.",
    ),
]
Refresh = Annotated[
    bool,
    typer.Option(
        "--refresh",
        rich_help_panel=BEHAVIOUR,
        help="Scan from the beginning, without what an interrupted scan has listed already.",
    ),
]
UseCache = Annotated[
    bool,
    _option(
        "--use-cache",
        rich_help_panel=BEHAVIOUR,
        help="Use the last snapshot if it is young enough (scan.cache_ttl_hours) instead of scanning.",
    ),
]
SampleRate = Annotated[
    float | None,
    _option(
        "--sample-rate",
        metavar="R",
        rich_help_panel=BEHAVIOUR,
        help="Cover only this share of the expected items, above 0 up to 1. The rest is unknown. Default: "
        "scan.sample_rate.",
    ),
]
Full = Annotated[
    bool,
    _option("--full", rich_help_panel=BEHAVIOUR, help="Cover everything, whatever scan.sample_rate says."),
]
Pull = Annotated[bool, _option("--pull", rich_help_panel=BEHAVIOUR, help="Pull the schedules first.")]
DryRun = Annotated[
    bool, _option("--dry-run", rich_help_panel=BEHAVIOUR, help="Show the result and write nothing at all.")
]
AcceptEmpty = Annotated[
    bool,
    _option(
        "--accept-empty",
        rich_help_panel=BEHAVIOUR,
        help="Write tasks also for a dataset of which the lake holds not one file.",
    ),
]
AcceptLoss = Annotated[
    bool,
    _option(
        "--accept-loss",
        rich_help_panel=BEHAVIOUR,
        help="Write tasks also for a dataset that lost more of its files than task_queue.max_loss_ratio allows.",
    ),
]
QueueFile = Annotated[
    Path | None,
    _option(
        "--queue-file",
        metavar="FILE",
        rich_help_panel=RESULT,
        help="Write the task queue here. A narrowed run writes it nowhere else.",
    ),
]
FailOn = Annotated[
    PriorityName | None,
    _option(
        "--fail-on",
        metavar=PRIORITIES,
        case_sensitive=False,
        rich_help_panel=RESULT,
        help="Exit with 4 if there are gaps of this priority or above, with 5 if required due items are unknown.",
    ),
]
AllowUnknown = Annotated[
    int,
    _option(
        "--allow-unknown",
        metavar="N",
        min=0,
        rich_help_panel=RESULT,
        help="With --fail-on: this many required due items may be unknown. Default: 0.",
    ),
]
Limit = Annotated[
    int | None,
    _option(
        "--limit",
        metavar="N",
        min=0,
        rich_help_panel=RESULT,
        help="Show at most N rows; 0 shows all. Default: 50, and all as JSON.",
    ),
]
