"""What the contract catches: plugins that give less, or more, than a damaged schedule says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from recon_core.api import API_VERSION, DatasetSpec, Game, ScheduleError, Season, Source, hookimpl
from recon_core.testing import FakeContext, PluginContract, load_plugin

ENTRIES = [{"id": f"g{number}", "day": f"2025-01-{number:02}"} for number in range(10, 20)]
KEY = "toy/schedules/2025.json"


def game(game_id: str, day: Any) -> Game:
    if not isinstance(game_id, str) or not game_id or not isinstance(day, str):
        raise ScheduleError(f"{KEY}: no game")
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise ScheduleError(f"{KEY}: {day!r} is no day") from None
    return Game(game_id=game_id, season="2025", date=on, status="final")


def strict(body: bytes) -> list[Game]:
    """Reads the schedule as it should be read: whole or not at all."""
    try:
        entries = json.loads(body)
    except ValueError:
        raise ScheduleError(f"{KEY}: no JSON") from None
    if not isinstance(entries, list) or not entries or not all(isinstance(one, dict) for one in entries):
        raise ScheduleError(f"{KEY}: no list of games")
    return [game(one.get("id"), one.get("day")) for one in entries]


def silent(body: bytes) -> list[Game]:
    try:
        return strict(body)
    except ScheduleError:
        return []


def half(body: bytes) -> list[Game]:
    """Takes what can be read of a list that was cut."""
    try:
        return strict(body)
    except ScheduleError:
        end = body.rfind(b"}")
        return strict(body[: end + 1] + b"]")


def naming(body: bytes) -> list[Game]:
    """Makes a text of whatever stands for an id."""
    entries = json.loads(body) if body[:1] == b"[" and body[-1:] == b"]" and body.isascii() else None
    if not isinstance(entries, list) or not entries or not all(isinstance(one, dict) for one in entries):
        raise ScheduleError(f"{KEY}: no list of games")
    return [game(str(one.get("id")), one.get("day")) for one in entries]


def doubling(body: bytes) -> list[Game]:
    """Has a game of each day that it cannot understand."""
    try:
        return strict(body)
    except ScheduleError:
        if len(body) < 300:
            raise
        return [game(f"g{number}", f"2025-02-{number:02}") for number in range(10, 22)]


def plugin(read: Callable[[bytes], list[Game]]) -> Any:
    @hookimpl
    def recon_source() -> Source:
        schedules = DatasetSpec(
            data_type="schedules", grain=("season",), key_templates=("toy/schedules/{season}.json",)
        )
        records = DatasetSpec(data_type="records", grain=("game_id",), key_templates=("toy/records/{game_id}.json",))
        return Source(name="toy", api_version=API_VERSION, title="Toy", timezone="UTC", datasets=(schedules, records))

    @hookimpl
    def recon_seasons() -> list[Season]:
        return [Season(label="2025", starts=date(2025, 1, 1), ends=date(2025, 12, 31))]

    @hookimpl
    def recon_expected_games(season: Season, context: FakeContext) -> list[Game]:
        return read(context.read(KEY))

    return SimpleNamespace(
        recon_source=recon_source, recon_seasons=recon_seasons, recon_expected_games=recon_expected_games
    )


def damage(read: Callable[[bytes], list[Game]]) -> None:
    """Run the contract's test of damaged documents on a plugin."""
    loaded = load_plugin(plugin(read))
    lake = {KEY: json.dumps(ENTRIES).encode()}
    context = FakeContext(plugin=loaded, now=datetime(2025, 3, 1, tzinfo=UTC), lake=lake)
    PluginContract().test_a_damaged_schedule_is_an_error_of_one_line(loaded, loaded.seasons[0], context, lake)
    assert strict(lake[KEY]) == strict(json.dumps(ENTRIES).encode())


def test_a_plugin_that_gives_a_whole_schedule_or_none_passes() -> None:
    damage(strict)


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (silent, "neither an error nor the 10 games of the whole: 0 games"),
        (half, "neither an error nor the 10 games of the whole"),
        (naming, "games that stand in no document: None"),
        (doubling, "12 games, though the whole has 10"),
    ],
)
def test_games_lost_or_made_up_are_caught(read: Callable[[bytes], list[Game]], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        damage(read)
