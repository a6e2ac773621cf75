"""What the analysis is given: the plan, what a scan saw, the games and items that should exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from recon_core.adopted import Adopted
from recon_core.api import Game, Items
from recon_core.containers import ContainerColumn, ContainerObject
from recon_core.plan import Plan
from recon_core.plugins import PluginFailure
from recon_core.snapshot import Snapshot

__all__ = ["AnalysisInputs", "CompiledWaiver", "Expectation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the schedules and plugins say should exist, before any time or rule is applied to it.

    ``stored`` are the schedule files of every installed source by season label, ``computed`` the games of sources
    without stored schedules, ``items`` the batches (season label, columns) of each
    dataset (source, data type) whose grain games do not give.
    ``unread`` says of sources why schedules of theirs are left out that others might be held against.
    ``undetermined`` are (source, data type, season) whose items nobody can name now, with the reason; ``failed`` the
    sources whose plugin failed, with what it said; ``adopted`` are items that another tool named.
    """

    stored: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    computed: Mapping[str, tuple[Game, ...]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[tuple[str, str], tuple[tuple[str, Items], ...]] = field(default_factory=dict)
    undetermined: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    adopted: tuple[Adopted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledWaiver:
    """A waiver in force, its rule already compiled to SQL."""

    when_sql: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisInputs:
    """Everything that ``analyze`` is a function of.

    ``containers`` gives what containers of the snapshot hold, in the order in which it is asked.
    ``gaps_before``: gaps that rest on evidence from before that time are counted.
    """

    plan: Plan
    snapshot: Snapshot
    snapshot_file: Path
    expectation: Expectation
    containers: Callable[[Sequence[ContainerObject]], Sequence[ContainerColumn]]
    waivers: tuple[CompiledWaiver, ...] = ()
    gaps_before: datetime | None = None

    def with_failures(self, failures: Sequence[PluginFailure]) -> AnalysisInputs:
        """The same, with these plugins' sources failed as well."""
        if not failures:
            return self
        failed = {failure.source: failure.line() for failure in failures if failure.source}
        return replace(self, expectation=replace(self.expectation, failed={**self.expectation.failed, **failed}))
