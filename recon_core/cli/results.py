"""The last cycle's report and queue as files, and the filters that commands put to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from recon_core.api.errors import ConfigError, UsageError
from recon_core.text import shown, suggest
from recon_core.times import parse_utc
from recon_core.workspace import Workspace

__all__ = ["check_filters", "read_json", "read_queue", "read_report", "read_step_report", "season_pairs", "tasks_of"]


_QUEUE = {"cycle_id", "as_of", "lake", "deferred", "unverified"}


def read_json(ws: Workspace, file: Path, command: str) -> dict[str, Any]:
    """A JSON file that recon wrote.

    Raises ConfigError, which names the command that makes the file, when it is absent or broken.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        also = "" if command == "recon run" else ", as does `recon run`"
        raise ConfigError(f"{ws.shown(file)} is not there yet: `{command}` makes it{also}") from None
    except OSError as error:
        raise ConfigError(f"{ws.shown(file)} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise ConfigError(f"{ws.shown(file)} is no JSON: {shown(error)}; `{command}` makes it anew") from None
    if not isinstance(document, dict):
        raise ConfigError(f"{ws.shown(file)} holds no JSON object; `{command}` makes it anew")
    return document


def read_report(ws: Workspace) -> dict[str, Any]:
    """The last cycle's report; raises ConfigError."""
    return _report(ws, ws.cycle_json, "recon run", read_json(ws, ws.cycle_json, "recon run"))


def read_step_report(ws: Workspace, step: Literal["analysis", "detection"]) -> dict[str, Any]:
    """The report of the cycle or the lone step that wrote the files in question; raises ConfigError."""
    file, command = (
        (ws.analysis_json, "recon analyze") if step == "analysis" else (ws.cache_dir / "detection.json", "recon detect")
    )
    return _report(ws, file, command, read_json(ws, file, command).get("report"))


def _report(ws: Workspace, file: Path, command: str, report: Any) -> dict[str, Any]:
    if not isinstance(report, dict) or not {"cycle_id", "as_of", "lake", "scope", "coverage"} <= report.keys():
        raise ConfigError(f"{ws.shown(file)} holds no report; `{command}` makes it anew")
    return report


def tasks_of(ws: Workspace, report: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the last cycle says of its tasks; ``None`` where ``report`` is of another one, or no cycle was completed."""
    if not ws.cycle_json.exists():
        return None
    cycle = read_report(ws)
    tasks = cycle.get("tasks")
    return tasks if cycle["cycle_id"] == report["cycle_id"] and isinstance(tasks, dict) else None


def read_queue(ws: Workspace) -> tuple[Path, dict[str, Any]]:
    """The task queue, where the settings say it lies; raises ConfigError."""
    from recon_core.config import load_settings

    file = ws.output_file(load_settings(ws).task_queue.output_file)
    try:
        queue = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise ConfigError(f"{ws.shown(file)} is not there yet: `recon run` makes it") from None
    except OSError as error:
        raise ConfigError(f"{ws.shown(file)} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise _no_queue(ws, file, f"no JSON: {shown(error)}") from None
    if not isinstance(queue, dict) or not isinstance(queue.get("tasks"), list) or not queue.keys() >= _QUEUE:
        raise _no_queue(ws, file, "tasks or what stands beside them is not in it")
    return file, queue


def _no_queue(ws: Workspace, file: Path, why: str) -> ConfigError:
    """A run cannot make a damaged queue anew: it would lose what the queue says of earlier gaps."""
    return ConfigError(
        f"{ws.shown(file)}: not a task queue ({why}): what it says of earlier gaps would be lost; restore it, or move "
        "it away to start afresh"
    )


def check_filters(report: Mapping[str, Any], **filters: Sequence[str] | None) -> None:
    """Refuse a filter that names nothing the last cycle looked at, as a typo would hide everything.

    The names are those of the report's columns: ``source``, ``season``, ``data_type``. Raises UsageError.
    """
    for column, names in filters.items():
        known = sorted({row[column] for row in report.get("coverage") or ()} | set(_also(report, column)))
        for name in names or ():
            if name not in known and not (column == "season" and name in ("current", "previous")):
                raise UsageError(
                    f"--{column.replace('_', '-')} {shown(name)}: the last cycle did not look at it"
                    f"{suggest(name, known)}; it looked at {', '.join(map(shown, known)) or 'nothing'}"
                )


def _also(report: Mapping[str, Any], column: str) -> Iterable[str]:
    return report["scope"][f"{column}s"] if column in ("source", "season") else ()


def season_pairs(report: Mapping[str, Any], seasons: Sequence[str]) -> list[tuple[str, str]]:
    """What ``current`` and ``previous`` mean for each source of the report, at its time."""
    wanted = [name for name in seasons if name in ("current", "previous")]
    if not wanted:
        return []
    from recon_core.plugins import load_registry
    from recon_core.seasons import current_and_previous

    as_of: datetime = parse_utc(report["as_of"])
    pairs = []
    for plugin in load_registry().plugins:
        labels = dict(
            zip(
                ("current", "previous"),
                current_and_previous(plugin.seasons, as_of, plugin.source.timezone),
                strict=True,
            )
        )
        pairs += [(plugin.source.name, label) for name in wanted if (label := labels[name]) is not None]
    return pairs
