"""``recon doctor``: tries everything that a run needs, and says how to mend what does not work."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from recon_core.api.errors import ReconError
from recon_core.config import LakeSettings, Settings, load_settings
from recon_core.files import WorkspaceLock
from recon_core.plan import Plan
from recon_core.plugins import Registry, install_command
from recon_core.schedules.checks import is_closed
from recon_core.schedules.store import NOT_STORED, load_schedule
from recon_core.times import format_minutes
from recon_core.validation import Findings, check_workspace, missing_schedules
from recon_core.workspace import Workspace

__all__ = ["Check", "diagnose", "workspace_problem"]

USAGE = 2
OUTSIDE = 3

_LITTLE_SPACE = 1_000_000_000
_NO_SPACE = 50_000_000
_OLD_PULL = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried. ``exit_code`` is what a failure of it ends the command with."""

    name: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    advice: str = ""
    exit_code: int = USAGE


def workspace_problem(error: ReconError) -> Check:
    """The check of a workspace that is not there."""
    return Check("workspace", "fail", str(error))


def diagnose(
    ws: Workspace | None, registry: Registry, now: datetime, clock: Callable[[], datetime], lake_url: str | None
) -> Iterator[Check]:
    """Every check in turn, those that need no network first. ``ws`` of ``None``: only what needs no workspace.

    ``now`` is the time for which seasons and schedules are judged, ``clock`` the true time that is held against the
    lake's.
    """
    yield from _plugins(registry)
    if ws is None:
        if lake_url is not None:
            yield from _lake(LakeSettings(), lake_url, clock, [])
        return
    found = check_workspace(ws, registry, now)
    yield from _configuration(ws, found)
    yield from _schedules(ws, found, now)
    yield from _disk(ws)
    yield from _lock(ws)
    try:
        settings = load_settings(ws)
    except ReconError:
        yield Check("lake", "warn", "not tried, as the configuration cannot be read")
        return
    yield from _lake(settings.lake, lake_url, clock, _in_containers(found.plan))
    if settings.scan.mode == "inventory_report":
        yield _report(settings, lake_url, now)


def _in_containers(plan: Plan | None) -> list[str]:
    """The configured data types of which a run has to read objects, and not only to list them."""
    return [f"{one.source}/{one.data_type}" for one in (plan.datasets if plan else ()) if one.layout.inside is not None]


def _plugins(registry: Registry) -> Iterator[Check]:
    for failure in registry.failures:
        yield Check("plugin", "fail", failure.line(), "update or uninstall it; `recon plugins check` says more")
    for plugin in registry.plugins:
        yield Check("plugin", "ok", f"{plugin.source.name}: {plugin.distribution} {plugin.version}")
    if not registry.plugins and not registry.failures:
        yield Check("plugin", "fail", "no source plugin is installed", f"install one: {install_command()}")


def _configuration(ws: Workspace, found: Findings) -> Iterator[Check]:
    errors = [error for error in found.errors if not error.startswith(("plugin failed", "schedule "))]
    for error in errors:
        yield Check("configuration", "fail", error, "`recon validate` lists all errors")
    for warning in found.warnings:
        # Those of schedules stand with the schedules.
        if not warning.startswith(NOT_STORED):
            yield Check("configuration", "warn", warning)
    if not errors:
        yield Check("configuration", "ok", f"{ws.shown(ws.config_file)} and {ws.shown(ws.inventory_file)}")


def _schedules(ws: Workspace, found: Findings, now: datetime) -> Iterator[Check]:
    if found.plan is None:
        return
    try:
        files = missing_schedules(ws, found.plan)
    except ReconError as error:
        yield Check("schedules", "fail", str(error))
        return
    for source, seasons in files.items():
        for label, file in seasons.items():
            try:
                schedule = load_schedule(file)
            except ReconError as error:
                yield Check("schedules", "fail", str(error))
                continue
            waiting = sum(not is_closed(game) and game.date <= now.date() for game in schedule.games)
            pulled = schedule.pulled_at
            text = f"{source} {label}: {_games(len(schedule.games))}, pulled " + (
                format_minutes(pulled) if pulled else "at an unknown time"
            )
            if waiting and (pulled is None or now - pulled > _OLD_PULL):
                text += (
                    f"; {_games(waiting)} since then {'is' if waiting == 1 else 'are'} not known to have been played"
                )
                yield Check("schedules", "warn", text, f"run `recon schedules pull {source} --season {label}`")
            else:
                yield Check("schedules", "ok", text)


def _games(number: int) -> str:
    return f"{number} {'game' if number == 1 else 'games'}"


def _disk(ws: Workspace) -> Iterator[Check]:
    for folder in dict.fromkeys((_nearest(ws.cache_dir), _nearest(ws.inventory_dir))):
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            reason = error.strerror or str(error)
            yield Check(
                "disk",
                "fail",
                f"{ws.shown(folder)} cannot be written to: {reason}",
                "make it writable, or choose another workspace with -w",
                OUTSIDE,
            )
            return
    free = shutil.disk_usage(ws.root).free
    text = f"{free / 1e9:,.1f} GB free"
    if free < _NO_SPACE:
        yield Check("disk", "fail", text, "free some space", OUTSIDE)
    elif free < _LITTLE_SPACE:
        yield Check("disk", "warn", text, "a large lake may need more: free some space")
    else:
        yield Check("disk", "ok", f"{text}, writable")


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _lock(ws: Workspace) -> Iterator[Check]:
    if not ws.lock_file.exists() or not os.access(ws.lock_file, os.W_OK):
        yield Check("lock", "ok", "no other recon is at work here")
        return
    try:
        with WorkspaceLock(ws.lock_file):
            yield Check("lock", "ok", "no other recon is at work here")
    except ReconError as error:
        yield Check("lock", "warn", str(error))


def _lake(
    settings: LakeSettings, lake_url: str | None, clock: Callable[[], datetime], read: Sequence[str]
) -> Iterator[Check]:
    """Try the lake. ``read`` are data types whose objects a run has to read."""
    from recon_core.lake import open_lake

    try:
        lake = open_lake(settings, lake_url)
    except ReconError as error:
        yield Check("lake", "fail", str(error), exit_code=error.exit_code)
        return
    yield Check("lake", "ok", lake.url)
    for probe in lake.check(clock):
        required, advice = probe.required, probe.advice
        if probe.name == "read" and not probe.ok and read:
            required = True
            advice += f"; {', '.join(read)} lie in containers, and stay unknown where these cannot be read"
        state: Literal["ok", "warn", "fail"] = "ok" if probe.ok else "fail" if required else "warn"
        yield Check(f"lake {probe.name}", state, probe.detail, "" if probe.ok else advice, OUTSIDE)


def _report(settings: Settings, lake_url: str | None, now: datetime) -> Check:
    """Whether a run finds a report; without one it lists the lake, if it may."""
    from recon_core.lake import open_lake
    from recon_core.lake.inventory_report import as_bucket, usable_reports

    options = settings.scan.inventory_report
    passed_over: list[str] = []
    try:
        lake = as_bucket(open_lake(settings.lake, lake_url))
        report = next(usable_reports(lake, options, now, passed_over.append))
    except ReconError as error:
        advice = "until then runs list the lake" if options.fallback else ""
        return Check("inventory report", "warn" if options.fallback else "fail", str(error), advice, OUTSIDE)
    size = f"{len(report.manifest.files):,} files, {report.manifest.bytes / 1e6:,.1f} MB"
    text = f"{report.url}: began {format_minutes(report.started_at)}, {size}"
    if passed_over:
        return Check("inventory report", "warn", f"{text}; passed over: {'; '.join(passed_over)}")
    return Check("inventory report", "ok", text)
