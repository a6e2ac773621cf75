"""Games for tests: one with every field set sensibly, and the same with something wrong."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

from recon_core.api import Game, Status

__all__ = ["fuzzed_game", "fuzzed_text", "make_game"]

_TEXTS = ("", " ", "0", "-1", "é", "a/b", "%2F", "\u202e", "'; --", "x" * 200, "2025-02-30")


def make_game(game_id: str = "1", **fields: Any) -> Game:
    """A finished game of 14 January 2025; ``fields`` are those of ``Game`` that should be other."""
    usual: dict[str, Any] = {
        "season": "2024-25",
        "date": date(2025, 1, 14),
        "start_utc": datetime(2025, 1, 15, 0, 30, tzinfo=UTC),
        "home": "HOM",
        "away": "AWY",
        "status": "final",
    }
    return Game(game_id=game_id, **{**usual, **fields})


def fuzzed_text(chance: random.Random) -> str:
    """A text that nobody expected."""
    return chance.choice((*_TEXTS, "".join(chance.choices("abz019/._- ", k=chance.randrange(1, 12)))))


def fuzzed_game(game: Game, chance: random.Random) -> Game:
    """The game with one to three fields of other values, all of them of the types that ``Game`` states."""
    shift = timedelta(days=chance.randrange(-40_000, 40_000))
    others: dict[str, Any] = {
        "home": chance.choice((None, fuzzed_text(chance))),
        "away": chance.choice((None, fuzzed_text(chance), game.home)),
        "status": chance.choice(get_args(Status)),
        "start_utc": chance.choice((None, datetime(2025, 1, 1, tzinfo=UTC) + shift)),
        "date": date(2025, 1, 1) + shift,
        "season_type": chance.choice((None, fuzzed_text(chance))),
        "ordinal": chance.choice((1, 2, 9)),
        "alt_ids": chance.choice(((), (fuzzed_text(chance),))),
        "pulled_at": chance.choice((None, datetime(2025, 1, 1, tzinfo=UTC) + shift)),
    }
    return replace(game, **{name: others[name] for name in chance.sample(sorted(others), chance.randrange(1, 4))})
