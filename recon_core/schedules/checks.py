"""What must hold between the games of one stored season, whoever brought them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from recon_core.api import Game, Status
from recon_core.text import shown
from recon_core.workspace import NAME

__all__ = [
    "CLOSED",
    "STATUSES",
    "IdClash",
    "bad_text",
    "counts",
    "first_problem",
    "id_clashes",
    "is_closed",
    "row_problem",
    "title",
]

STATUSES: Final[tuple[str, ...]] = get_args(Status)

CLOSED: Final = frozenset({"final", "postponed", "cancelled"})
"""The statuses that prove themselves: a row of another status is worth what its ``pulled_at`` says."""

_TEXT_COLUMNS = ("game_id", "season", "season_type", "home", "away", "league")

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdClash:
    """The game at ``index`` uses the id ``value`` that the game at ``other`` has (possibly itself)."""

    index: int
    column: str
    value: str
    other: int


def is_closed(game: Game) -> bool:
    """Whether the game's status proves itself."""
    return game.status in CLOSED


def title(game: Game) -> str:
    """``401705001 (2025-01-14 BOS @ LAL)``, safe to show."""
    teams = f" {game.away or '?'} @ {game.home or '?'}" if game.home or game.away else ""
    return shown(f"{game.game_id} ({game.date.isoformat()}{teams})")


def counts(values: Iterable[str | None]) -> Mapping[str, int]:
    """How often each value occurs, by value; ``None`` counts as ``""``."""
    return dict(sorted(Counter(value or "" for value in values).items()))


def bad_text(value: str) -> str | None:
    """What is wrong with a text of a schedule, or ``None``: blanks at its ends and control characters never match."""
    if value.isprintable() and value[:1] != " " and value[-1:] != " ":
        return None  # nearly every text, and soon said
    if value != value.strip():
        return f"{shown(value)!r} has blanks at its ends"
    if _CONTROL.search(value):
        return f"'{shown(value)}' has a control character"
    return None


def row_problem(game: Game) -> tuple[str, str] | None:
    """The first column of a game whose value cannot be stored, with what is wrong; types are the plugin host's."""
    if not game.game_id:
        return "game_id", "is empty"
    if game.status not in STATUSES:
        return "status", f"{shown(game.status)!r} is not one of {', '.join(STATUSES)}"
    if game.ordinal < 1 or game.ordinal >= 2**31:
        return "ordinal", f"{game.ordinal} is not a number from 1 up"
    texts = (game.game_id, game.season, game.season_type, game.home, game.away, game.league)
    for column, value in zip(_TEXT_COLUMNS, texts, strict=True):
        if value is not None and (wrong := bad_text(value)):
            return column, wrong
    for other in game.alt_ids:
        wrong = bad_text(other) if other else "has an empty id"
        if wrong is not None:
            return "alt_ids", wrong
    for name in game.unavailable:
        if not NAME.fullmatch(name):
            return "unavailable", f"{shown(name)!r} is no name of a data type"
    if game.pulled_at is None and not is_closed(game):
        return "pulled_at", f"is not known, which a game that is {game.status} needs"
    return None


def first_problem(games: Sequence[Game]) -> tuple[Game, str, str] | None:
    """The first game with a ``row_problem``, and that."""
    texts = {text for game in games for text in (game.season, game.season_type, game.home, game.away, game.league)}
    texts |= {text for game in games for text in (game.game_id, *game.alt_ids)}
    texts.discard(None)
    data_types = {name for game in games for name in game.unavailable}
    sound = (
        not any(bad_text(text) for text in texts if text is not None)
        and "" not in texts
        and all(NAME.fullmatch(name) for name in data_types)
        and {game.status for game in games} <= CLOSED
        and {game.ordinal for game in games} <= {1, 2}
    )
    if sound:
        return None  # distinct values are few: most seasons need no look at every row
    for game in games:
        problem = row_problem(game)
        if problem is not None:
            return game, *problem
    return None


def id_clashes(games: Sequence[Game]) -> Iterator[IdClash]:
    """Every id, own or alternative, that is used twice, in the order of the games."""
    names = [name for game in games for name in (game.game_id, *game.alt_ids)]
    if len(set(names)) == len(names):
        return
    owners: dict[str, int] = {}
    for index, game in enumerate(games):
        other = owners.setdefault(game.game_id, index)
        if other != index:
            yield IdClash(index=index, column="game_id", value=game.game_id, other=other)
    for index, game in enumerate(games):
        for alias in game.alt_ids:
            if alias in owners:
                yield IdClash(index=index, column="alt_ids", value=alias, other=owners[alias])
            else:
                owners[alias] = index
