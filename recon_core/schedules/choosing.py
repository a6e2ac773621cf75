"""Which sources and seasons a pull is about, and with which options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recon_core.api import PluginError, Season, UsageError
from recon_core.config import Inventory, SourceCoverage, parse_option, resolve_options
from recon_core.schedules.outcome import PullOutcome, PullRequest
from recon_core.seasons import CURRENT, PREVIOUS, season_labels

if TYPE_CHECKING:
    from recon_core.plugins import Plugin, Registry

__all__ = ["PullJob", "check_options", "chosen_jobs", "options_of"]


@dataclass(frozen=True, slots=True)
class PullJob:
    """One source and the seasons to pull of it, oldest first."""

    plugin: Plugin
    coverage: SourceCoverage
    seasons: tuple[Season, ...]


def chosen_jobs(
    registry: Registry, inventory: Inventory, request: PullRequest
) -> tuple[list[PullJob], list[PullOutcome]]:
    """The sources and seasons to pull, and the sources whose plugins could not be loaded.

    Raises ConfigError and UsageError for sources and seasons that cannot be pulled.
    """
    jobs: list[PullJob] = []
    failed: list[PullOutcome] = []
    for name in dict.fromkeys(request.sources or sorted(inventory.sources)):
        failure = registry.failure_of(name)
        if failure is not None:
            failed.append(
                PullOutcome(source=name, season="", state="failed", error=PluginError(f"plugin {failure.line()}"))
            )
            continue
        plugin = registry.get(name)
        if plugin.source.schedule == "computed":
            if request.sources:
                raise UsageError(
                    f"the schedule of {name} is computed by its plugin in every run: there is nothing to pull"
                )
            continue
        coverage = inventory.sources.get(name) or SourceCoverage(name=name)
        jobs.append(PullJob(plugin, coverage, ()))
    labels = {job.plugin.source.name: _labels(job, request, alone=len(jobs) == 1) for job in jobs}
    for label in request.seasons:
        if jobs and not any(_is_of(label, job.plugin) for job in jobs):
            # No source has it: the error of the first says what there is.
            _labels(jobs[0], replace(request, seasons=(label,)), alone=True)
    return [
        replace(job, seasons=tuple(s for s in job.plugin.seasons if s.label in labels[job.plugin.source.name]))
        for job in jobs
    ], failed


def _labels(job: PullJob, request: PullRequest, *, alone: bool) -> tuple[str, ...]:
    """The labels to pull of one source; of several sources each gives the seasons that it has."""
    source = job.plugin.source
    wanted = request.seasons or job.coverage.seasons
    if request.seasons and not alone:
        wanted = tuple(label for label in wanted if _is_of(label, job.plugin))
        if not wanted:
            return ()
    where = "--season" if request.seasons else job.coverage.where("seasons")
    return season_labels(job.plugin.seasons, wanted, request.now, source.timezone, where=where, source=source.name)


def _is_of(label: str, plugin: Plugin) -> bool:
    return label in (CURRENT, PREVIOUS) or any(season.label == label for season in plugin.seasons)


def check_options(plugins: Sequence[Plugin], given: Sequence[str]) -> None:
    """Check that each option is known to one of the sources at least; its type is each source's own affair.

    Raises UsageError.
    """
    declared = {name: option for plugin in plugins for name, option in plugin.source.options.items()}
    for text in given:
        if text.partition("=")[0] not in declared or "=" not in text:
            parse_option(text, declared)


def options_of(job: PullJob, given: Sequence[str]) -> Mapping[str, str | int | float | bool]:
    """Every option of the job's source; of the given ones those that it has. Raises ConfigError and UsageError."""
    declared = job.plugin.source.options
    return resolve_options(declared, job.coverage, [text for text in given if text.partition("=")[0] in declared])
