"""What a new schedule of a season changes in the stored one, and which changes must not happen silently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from recon_core.api import Game, RefusedError, ScheduleError
from recon_core.schedules.checks import title
from recon_core.schedules.store import stored_seasons
from recon_core.text import shown
from recon_core.workspace import Workspace

__all__ = ["Changes", "compare", "refuse_ids_of_other_seasons", "refuse_vanished"]

_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How many games are new, changed their status, moved to another date, or are gone.

    ``vanished`` are the gone games that were not ``tbd``: those that must not be lost without a word.
    """

    new: int = 0
    status_changed: int = 0
    moved: int = 0
    gone: int = 0
    vanished: tuple[Game, ...] = ()


def compare(stored: Sequence[Game], games: Sequence[Game]) -> Changes:
    """Compare a stored season with a new one; a game is the same under any of its ids."""
    by_id = {name: game for game in games for name in (game.game_id, *game.alt_ids)}
    known = {name for game in stored for name in (game.game_id, *game.alt_ids)}
    pairs = [(old, next((by_id[i] for i in (old.game_id, *old.alt_ids) if i in by_id), None)) for old in stored]
    gone = [old for old, new in pairs if new is None]
    return Changes(
        new=sum(known.isdisjoint((game.game_id, *game.alt_ids)) for game in games),
        status_changed=sum(new is not None and new.status != old.status for old, new in pairs),
        moved=sum(new is not None and new.date != old.date for old, new in pairs),
        gone=len(gone),
        vanished=tuple(old for old in gone if old.status != "tbd"),
    )


def refuse_vanished(source: str, season: str, changes: Changes, origin: str) -> None:
    """Raise RefusedError, which says which, when stored games are not in what ``origin`` brought."""
    gone = changes.vanished
    if not gone:
        return
    named = ", ".join(title(game) for game in gone[:_NAMED])
    more = f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else ""
    games = "1 stored game is" if len(gone) == 1 else f"{len(gone)} stored games are"
    raise RefusedError(
        f"{source} {season}: {games} not in {shown(origin)}: {named}{more}; the stored schedule is unchanged; "
        "if they are really gone, run it again with --force"
    )


def refuse_ids_of_other_seasons(ws: Workspace, source: str, schedules: Mapping[str, Iterable[Game]]) -> None:
    """Raise ScheduleError when an id also stands in a stored season that is not replaced: it would be two items.

    A stored season that cannot be read is passed over; whoever needs it says so.
    """
    others = {label: path for label, path in stored_seasons(ws, source).items() if label not in schedules}
    if not others:
        return
    incoming = {
        name: (label, game)
        for label, games in schedules.items()
        for game in games
        for name in (game.game_id, *game.alt_ids)
    }
    for label, path in others.items():
        for name in sorted(incoming.keys() & _ids(path)):
            season, game = incoming[name]
            raise ScheduleError(
                f"{source} {season}: game {title(game)} also stands in the stored season {label}: an id belongs to one "
                f"season; if {label} is the wrong one, pull or import that season again with --force first"
            )


def _ids(path: Path) -> set[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        columns = pq.read_table(path, columns=["game_id", "alt_ids"], partitioning=None).to_pydict()
        return {*columns["game_id"], *(name for names in columns["alt_ids"] for name in names)}
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return set()
