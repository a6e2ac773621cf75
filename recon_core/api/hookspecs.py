"""The hooks that a plugin implements, found by an entry point in the group ``recon``.

The core calls each plugin's implementation on its own and materialises what it returns, so an exception, also one
from a half-consumed generator, is charged to that plugin alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pluggy

from recon_core.api.types import (
    Context,
    DatasetSpec,
    Game,
    Items,
    ParsedKey,
    PriorityRule,
    Season,
    Source,
    Undetermined,
)

__all__ = ["HookSpecs", "hookimpl", "hookspec"]

hookspec = pluggy.HookspecMarker("recon")
hookimpl = pluggy.HookimplMarker("recon")


class HookSpecs:
    """Every hook of the API. ``recon_source`` and ``recon_seasons`` are required, the others optional."""

    @hookspec
    def recon_source(self) -> Source:  # type: ignore[empty-body]
        """Declare the source. Called once, when the plugin is loaded; must be cheap and must not touch the network."""

    @hookspec
    def recon_seasons(self) -> Sequence[Season]:  # type: ignore[empty-body]
        """List the seasons that the source has, oldest first, with nominal bounds."""

    @hookspec
    def recon_parse_key(self, key: str) -> ParsedKey | None:
        """Read a key of a layout that templates cannot say, or return None."""

    @hookspec
    def recon_expected_games(self, season: Season, context: Context) -> Iterable[Game]:  # type: ignore[empty-body]
        """Enumerate a season's games: from the network, from the lake, or by computing."""

    @hookspec
    def recon_expected_items(  # type: ignore[empty-body]
        self, dataset: DatasetSpec, season: Season, context: Context
    ) -> Iterable[Items | Undetermined]:
        """Enumerate a season's items of a dataset whose grain games do not give, in batches of columns."""

    @hookspec
    def recon_priority_rules(self) -> Sequence[PriorityRule]:  # type: ignore[empty-body]
        """Rules that rank this source's gaps, after the user's rules and before the core's defaults."""

    @hookspec
    def recon_demo_games(self, season: Season) -> Iterable[Game]:  # type: ignore[empty-body]
        """Make games up for ``recon demo``, in the source's own id format and layout; never real ones.

        The same season gives the same games. The hook has no clock: it leaves ``scheduled`` what is to be played.
        """

    @hookspec
    def recon_cycle_finished(self, report: Mapping[str, Any]) -> None:
        """Observe a finished cycle's report. What it returns or raises cannot alter the run."""
