"""Gathers what should exist: stored schedules, and what plugins compute for this run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path

from recon_core.adopted import load_adopted
from recon_core.api import Game, Items, LakeError, ScheduleError, Season, Undetermined
from recon_core.config import resolve_options
from recon_core.engine.inputs import Expectation
from recon_core.lake import Lake
from recon_core.plan import DatasetPlan, Plan, SourcePlan
from recon_core.plugins import PluginCallError, PluginFailure, Registry
from recon_core.progress import Progress
from recon_core.schedules.context import PluginContext
from recon_core.schedules.store import check_schedule, load_games, require_schedules, stored_seasons
from recon_core.workspace import NAME, Workspace

__all__ = ["gather"]


def gather(
    ws: Workspace, plan: Plan, registry: Registry, lake: Callable[[], Lake], progress: Progress
) -> tuple[Expectation, list[PluginFailure]]:
    """Everything that the plan's sources say should exist, and the failures of those that could not say.

    A source of which one hook fails is unknown as a whole; the others are not touched. Raises ScheduleError when a
    wanted season has no stored schedule or an unreadable one.
    """
    pulled = {
        source.name: _wanted(source)
        for source in plan.sources
        if source.plugin.source.schedule == "pulled" and any(_needs_games(dataset) for dataset in source.datasets)
    }
    require_schedules(ws, pulled)
    stored, unread = _readable(ws, registry, pulled)
    computed: dict[str, tuple[Game, ...]] = {}
    items: dict[tuple[str, str], tuple[tuple[str, Items], ...]] = {}
    undetermined: dict[tuple[str, str, str], str] = {}
    failures: list[PluginFailure] = []
    for source in plan.sources:
        try:
            own = _Enumeration(plan, source, stored.get(source.name, {}), lake, progress)
            games = own.games()
            batches, unknown = own.items()
        except PluginCallError as error:
            failures.append(error.failure)
            continue
        if games is not None:
            computed[source.name] = games
        items |= batches
        undetermined |= unknown
    expectation = Expectation(
        stored=stored,
        computed=computed,
        unread=unread,
        items=items,
        undetermined=undetermined,
        failed={failure.source: failure.line() for failure in [*plan.failures, *failures] if failure.source},
        adopted=tuple(load_adopted(ws)),
    )
    return expectation, failures


def _readable(
    ws: Workspace, registry: Registry, wanted: Mapping[str, Collection[str]]
) -> tuple[dict[str, dict[str, Path]], dict[str, str]]:
    """The schedule files of every installed source, and why some sources' are left out.

    The engine reads the files itself and could only say that something in them is wrong, so they are read here first.
    A wanted season must be readable; what others are only held against is left out, and the run says so. Raises
    ScheduleError.
    """
    stored: dict[str, dict[str, Path]] = {}
    unread: dict[str, str] = {}
    for plugin in registry.plugins:
        name = plugin.source.name
        for season, path in (stored_seasons(ws, name) if plugin.source.schedule == "pulled" else {}).items():
            try:
                check_schedule(path)
            except ScheduleError as error:
                if season in wanted.get(name, ()):
                    raise
                unread.setdefault(name, str(error))
            else:
                stored.setdefault(name, {})[season] = path
    for failure in registry.failures:
        for name in {failure.source or "", failure.entry_point}:
            if NAME.fullmatch(name) and stored_seasons(ws, name):
                unread.setdefault(name, f"its plugin failed: {failure.line()}")
    return stored, unread


def _wanted(source: SourcePlan) -> list[str]:
    labels = {label for dataset in source.datasets if _needs_games(dataset) for label in dataset.seasons}
    return [season.label for season in source.seasons if season.label in labels]


def _needs_games(dataset: DatasetPlan) -> bool:
    return not dataset.layout.enumerated


class _Enumeration:
    """One source's answers in this run."""

    def __init__(
        self,
        plan: Plan,
        source: SourcePlan,
        stored: Mapping[str, Path],
        lake: Callable[[], Lake],
        progress: Progress,
    ) -> None:
        self._source = source
        options = resolve_options(source.plugin.source.options, source.coverage)
        layouts = {one.data_type: one.templates for one in plan.layouts if one.source == source.name}

        @cache
        def context(label: str) -> PluginContext:
            return PluginContext(
                now=plan.now,
                options=options,
                load=cache(lambda: tuple(load_games(stored[label])) if label in stored else ()),
                scratch=None,
                from_lake=False,
                layouts=layouts,
                lake=lake,
                report=progress.update,
            )

        self._context = context

    def games(self) -> tuple[Game, ...] | None:
        """The games of a source that computes them; ``None`` where they are stored, or where nothing asks for games."""
        if self._source.plugin.source.schedule != "computed":
            return None
        labels = set(_wanted(self._source))
        if not labels or "recon_expected_games" not in self._source.plugin.hooks:
            return None
        return tuple(
            game
            for season in self._source.seasons
            if season.label in labels
            for game in self._source.plugin.call(
                "recon_expected_games", season=season, context=self._context(season.label)
            )
        )

    def items(self) -> tuple[dict[tuple[str, str], tuple[tuple[str, Items], ...]], dict[tuple[str, str, str], str]]:
        """The batches of every dataset whose items only the plugin can name, and what it could not determine."""
        found: dict[tuple[str, str], tuple[tuple[str, Items], ...]] = {}
        unknown: dict[tuple[str, str, str], str] = {}
        for dataset in self._source.datasets:
            if _needs_games(dataset):
                continue
            batches: list[tuple[str, Items]] = []
            for season in self._source.seasons:
                if season.label not in dataset.seasons:
                    continue
                for answer in self._answers(dataset, season):
                    if isinstance(answer, Undetermined):
                        unknown[dataset.source, dataset.data_type, season.label] = answer.reason
                    else:
                        batches.append((season.label, answer))
            found[dataset.source, dataset.data_type] = tuple(batches)
        return found, unknown

    def _answers(self, dataset: DatasetPlan, season: Season) -> list[Items] | list[Undetermined]:
        """What the plugin says. A lake that could not be read costs this dataset and season, and not the source."""
        try:
            answers: list[Items] | list[Undetermined] = self._source.plugin.call(
                "recon_expected_items", dataset=dataset.spec, season=season, context=self._context(season.label)
            )
        except PluginCallError as error:
            if not isinstance(error.__cause__, LakeError):
                raise
            return [Undetermined(reason=str(error.__cause__))]
        return answers
