"""``recon schedules pull``: asks each source's plugin for its games and stores them, season by season."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from recon_core.api import (
    Game,
    LakeError,
    PluginError,
    ReconError,
    RefusedError,
    ScheduleError,
    Season,
)
from recon_core.config import Inventory
from recon_core.files import disk_errors
from recon_core.plan import Plan, build_plan
from recon_core.progress import NoProgress, Progress
from recon_core.schedules.changes import compare, refuse_ids_of_other_seasons, refuse_vanished
from recon_core.schedules.checks import counts, first_problem, is_closed
from recon_core.schedules.choosing import check_options, chosen_jobs, options_of
from recon_core.schedules.context import PluginContext
from recon_core.schedules.notes import notes_on
from recon_core.schedules.outcome import PullOutcome, PullReport, PullRequest
from recon_core.schedules.store import StoredSchedule, load_schedule, save_games
from recon_core.seasons import has_started
from recon_core.text import shown
from recon_core.times import day_end
from recon_core.workspace import Workspace

if TYPE_CHECKING:
    from recon_core.lake import Lake
    from recon_core.plugins import Plugin, Registry

__all__ = ["pull"]

# A season is done with when it was pulled so long after its nominal end that nothing can be added any more: delayed
# finals have been played, late corrections of statuses made.
_SETTLED_AFTER = timedelta(days=7)


def pull(
    ws: Workspace,
    registry: Registry,
    inventory: Inventory,
    request: PullRequest,
    *,
    lake: Callable[[], Lake] | None = None,
    progress: Progress | None = None,
) -> PullReport:
    """Pull and store schedules; what fails for one season of one source stops no other.

    ``lake`` opens the lake when a plugin asks for it. The caller holds the workspace's lock. Raises ConfigError and
    UsageError for what was asked wrongly, before anything is pulled.
    """
    plan = build_plan(inventory, registry, request.now)
    jobs, failed = chosen_jobs(registry, inventory, request)
    check_options([job.plugin for job in jobs], request.options)
    prepared = [(job, options_of(job, request.options)) for job in jobs]
    puller = _Puller(ws, plan, request, lake or _no_lake, progress or NoProgress())
    outcomes = list(failed)
    for job, options in prepared:
        outcomes += [puller.season(job.plugin, season, options) for season in job.seasons]
    return PullReport(tuple(sorted(outcomes, key=lambda outcome: outcome.source)))


def _no_lake() -> Lake:
    raise LakeError("no lake is at hand: set lake.url in config/reconciliation_config.yaml")


@dataclass(frozen=True, slots=True)
class _Puller:
    """Pulls one season after the other."""

    ws: Workspace
    plan: Plan
    request: PullRequest
    lake: Callable[[], Lake]
    progress: Progress

    def season(self, plugin: Plugin, season: Season, options: Mapping[str, str | int | float | bool]) -> PullOutcome:
        """Pull one season. Everything but a bug and an interrupt becomes an outcome."""
        try:
            return self._season(plugin, season, options)
        except ReconError as error:
            state: Literal["refused", "failed"] = "refused" if isinstance(error, RefusedError) else "failed"
            return PullOutcome(source=plugin.source.name, season=season.label, state=state, error=error)

    def _season(self, plugin: Plugin, season: Season, options: Mapping[str, str | int | float | bool]) -> PullOutcome:
        name, request = plugin.source.name, self.request
        file = self.ws.schedule_file(name, season.label)
        stored, note = _stored(file)
        if stored is not None and not request.refresh and not request.force and _is_done(plugin, season, stored):
            return PullOutcome(
                source=name,
                season=season.label,
                state="skipped",
                file=file,
                games=len(stored.games),
                by_status=counts(game.status for game in stored.games),
                note="every game is over and was pulled after the season ended; --refresh pulls it again",
                notes=stored.notes,
            )
        games = self._games(plugin, season, options, stored.games if stored is not None else ())
        changes = compare(stored.games if stored is not None else (), games)
        if not request.force:
            try:
                refuse_vanished(name, season.label, changes, "what was pulled")
            except RefusedError as error:
                return PullOutcome(source=name, season=season.label, state="refused", changes=changes, error=error)
        if not games and not request.force:
            return self._nothing(plugin, season)
        refuse_ids_of_other_seasons(self.ws, name, {season.label: games})
        notes = notes_on(plugin, season, games)
        save_games(file, games, None if request.from_lake else request.now, notes)
        self._clear_scratch(name, season.label)
        return PullOutcome(
            source=name,
            season=season.label,
            state="stored",
            file=file,
            games=len(games),
            by_status=counts(game.status for game in games),
            changes=changes,
            note=note,
            notes=notes,
        )

    def _games(
        self,
        plugin: Plugin,
        season: Season,
        options: Mapping[str, str | int | float | bool],
        stored: Sequence[Game],
    ) -> list[Game]:
        """What the plugin enumerates, checked."""
        name, request = plugin.source.name, self.request
        self.progress.step(f"{name} {season.label}")
        if request.refresh:
            self._clear_scratch(name, season.label)
        scratch = self._scratch(name, season.label)
        with disk_errors(scratch):
            scratch.mkdir(parents=True, exist_ok=True)
        context = PluginContext(
            now=request.now,
            options=options,
            load=lambda: () if request.refresh else tuple(stored),
            scratch=scratch,
            from_lake=request.from_lake,
            layouts={one.data_type: one.templates for one in self.plan.layouts if one.source == name},
            lake=self.lake,
            report=self.progress.update,
        )
        games: list[Game] = plugin.call("recon_expected_games", season=season, context=context)
        # What the lake's files say was true when they were written, which only the plugin can tell.
        stamp = None if request.from_lake else request.now
        problem = first_problem([replace(game, pulled_at=game.pulled_at or stamp) for game in games])
        if problem is not None:
            game, column, wrong = problem
            message = f"gave game {shown(game.game_id)}, whose {column} {wrong}"
            raise PluginError(plugin.failure("recon_expected_games", message).line())
        return games

    def _nothing(self, plugin: Plugin, season: Season) -> PullOutcome:
        """No game at all: normal before a season, a failure of the source within it."""
        name = plugin.source.name
        if has_started(season, self.request.now, plugin.source.timezone):
            raise RefusedError(
                f"{name} {season.label}: 0 games were found of a season that began on {season.starts.isoformat()}; "
                "nothing was stored; try again later, or store an empty schedule with --force"
            )
        self._clear_scratch(name, season.label)
        return PullOutcome(
            source=name,
            season=season.label,
            state="skipped",
            note=f"the source has no games of it yet; the season begins on {season.starts.isoformat()}",
        )

    def _scratch(self, source: str, label: str) -> Path:
        return self.ws.cache_dir / "pull" / source / label

    def _clear_scratch(self, source: str, label: str) -> None:
        folder = self._scratch(source, label)
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # other seasons' scratch may still be there
            folder.parent.rmdir()
            folder.parent.parent.rmdir()


def _stored(file: Path) -> tuple[StoredSchedule | None, str]:
    """The season as stored; one that cannot be read is what a pull is to mend, so it only leaves a note."""
    if not file.exists():
        return None, ""
    try:
        return load_schedule(file), ""
    except ScheduleError:
        return None, "the stored file could not be read, so vanished games could not be looked for"


def _is_done(plugin: Plugin, season: Season, stored: StoredSchedule) -> bool:
    """Whether nothing of a season can change any more, and it was pulled when that was so."""
    settled = day_end(season.ends, plugin.source.timezone) + _SETTLED_AFTER
    return (
        bool(stored.games)
        and stored.pulled_at is not None
        and stored.pulled_at >= settled
        and all(is_closed(game) for game in stored.games)
    )
