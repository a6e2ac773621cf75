"""Which of a source's seasons are meant: ``current`` and ``previous`` at a moment, or a label."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from recon_core.api import ConfigError, Season
from recon_core.text import shown, suggest
from recon_core.times import day_start, format_minutes

__all__ = ["CURRENT", "PREVIOUS", "current_and_previous", "has_started", "season_labels"]

CURRENT = "current"
PREVIOUS = "previous"


def has_started(season: Season, now: datetime, timezone: str) -> bool:
    """Whether the season's first local day has begun at ``now`` (UTC)."""
    return day_start(season.starts, timezone) <= now


def current_and_previous(seasons: Sequence[Season], now: datetime, timezone: str) -> tuple[str | None, str | None]:
    """The labels of the latest season that has started at ``now`` and of the one before it, by their starts.

    Between two seasons the one that ended stays the current one. Either is ``None`` where there is no such season.
    """
    started = sorted(
        (season for season in seasons if has_started(season, now, timezone)),
        key=lambda season: (season.starts, season.label),
    )
    labels: list[str | None] = [None, None, *(season.label for season in started)]
    return labels[-1], labels[-2]


def season_labels(
    seasons: Sequence[Season],
    wanted: Sequence[str],
    now: datetime,
    timezone: str,
    *,
    where: str = "",
    source: str = "",
) -> tuple[str, ...]:
    """The labels that ``wanted`` names (labels, ``current``, ``previous``), each once, oldest season first.

    ``previous`` of a source with one season names nothing. ``where`` and ``source`` stand in the errors. Raises
    ConfigError for a label that the source does not have, and when nothing is left: an empty expectation would make
    everything look complete.
    """
    current, previous = current_and_previous(seasons, now, timezone)
    known = [season.label for season in seasons]
    at = f"{where}: " if where else ""
    owner = f"source {shown(source)!r}" if source else "the source"
    chosen: set[str] = set()
    for name in wanted:
        label = {CURRENT: current, PREVIOUS: previous}.get(name, name)
        if label is None:
            continue
        if label not in known:
            raise ConfigError(
                f"{at}{owner} has no season {shown(label)!r}{suggest(label, [*known, CURRENT, PREVIOUS])}; "
                f"it has {_range(seasons)}"
            )
        chosen.add(label)
    if not chosen:
        asked = " and ".join(shown(name) for name in wanted) or "no season"
        raise ConfigError(
            f"{at}{asked} of {owner}: none of its seasons is meant at {format_minutes(now)}; it has {_range(seasons)}: "
            "name a season by its label"
        )
    ordered = sorted(seasons, key=lambda season: (season.starts, season.label))
    return tuple(season.label for season in ordered if season.label in chosen)


def _range(seasons: Sequence[Season]) -> str:
    """``1993-94 (from 1993-11-05) to 2026-27 (from 2026-10-20)``."""
    ordered = sorted(seasons, key=lambda season: (season.starts, season.label))
    if not ordered:
        return "none"
    first, last = (f"{shown(season.label)} (from {season.starts.isoformat()})" for season in (ordered[0], ordered[-1]))
    return first if first == last else f"{first} to {last}"
