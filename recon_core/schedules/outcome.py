"""What a pull is asked for, and what becomes of each season."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from recon_core.api import ReconError
from recon_core.schedules.changes import Changes

__all__ = ["PullOutcome", "PullReport", "PullRequest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """What to pull.

    Without ``sources`` every configured one whose schedule is pulled, without ``seasons`` the configured ones of each.
    ``options`` are ``NAME=VALUE`` texts. ``force`` stores a result in which stored games vanished, or an empty one;
    ``refresh`` takes nothing from what is stored or left by an interrupted pull; ``from_lake`` takes the games out of
    the lake's own files.
    """

    now: datetime
    sources: tuple[str, ...] = ()
    seasons: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    force: bool = False
    refresh: bool = False
    from_lake: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOutcome:
    """What became of one season; ``season`` is empty where the source failed before any season was asked for.

    ``stored`` is in ``file``; ``skipped`` had nothing to do; ``refused`` and ``failed`` left what was stored as it was
    and say why in ``error``. ``note`` is a sentence on the pull, or empty; ``notes`` are the plugin's on what the games
    lack. ``games`` and ``by_status`` are those that are stored; ``changes`` are those made, or those refused.
    """

    source: str
    season: str
    state: Literal["stored", "skipped", "refused", "failed"]
    file: Path | None = None
    games: int = 0
    by_status: Mapping[str, int] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    note: str = ""
    notes: tuple[str, ...] = ()
    error: ReconError | None = None

    @property
    def exit_code(self) -> int:
        """0, or that of the error: for a plugin that met one of the API's own errors, of that one."""
        if self.error is None:
            return 0
        cause = self.error.__cause__
        return cause.exit_code if isinstance(cause, ReconError) else self.error.exit_code


@dataclass(frozen=True, slots=True)
class PullReport:
    """What became of every season that was asked for, by source, oldest first."""

    outcomes: tuple[PullOutcome, ...]

    @property
    def exit_code(self) -> int:
        """The gravest of the outcomes' exit codes."""
        return max((outcome.exit_code for outcome in self.outcomes), default=0)
