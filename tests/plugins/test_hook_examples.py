"""Every hook is documented by an example, and every example runs as it stands."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from recon_core.api import Game, HookSpecs, Items, ParsedKey, Undetermined, hookspecs
from recon_core.plugins import Plugin, load_plugin

HOOKS = sorted(name for name in vars(HookSpecs) if name.startswith("recon_"))


def block(docstring: str) -> str:
    """The code after the ``::`` of a docstring."""
    matches = re.findall(r"::\n\n((?:[ ]{4}.*\n?|\n)+)", inspect.cleandoc(docstring))
    assert len(matches) == 1
    return textwrap.dedent(matches[0])


def example(hook: str) -> str:
    return block(getattr(HookSpecs, hook).__doc__)


@pytest.fixture(scope="module")
def plugin() -> Plugin:
    """One plugin made of all the examples."""
    module = ModuleType("recon_riverside")
    for text in (block(str(hookspecs.__doc__)), *(example(hook) for hook in HOOKS)):
        exec(compile(text, "example", "exec"), module.__dict__)
    return load_plugin(module, distribution="recon-riverside", version="1.0", entry_point="riverside")


def test_the_examples_implement_every_hook(plugin: Plugin) -> None:
    assert plugin.hooks == set(HOOKS)


@pytest.mark.parametrize("hook", HOOKS)
def test_each_example_is_of_its_hook_and_takes_its_arguments(hook: str) -> None:
    assert re.match(rf"@hookimpl\ndef {hook}\(", example(hook))
    names: Mapping[str, Any] = inspect.signature(getattr(HookSpecs, hook)).parameters
    told = re.search(r"def \w+\((.*?)\) ->", example(hook), re.DOTALL)
    assert told is not None
    assert re.findall(r"(\w+): ", told[1]) == list(names)[1:]


def test_the_examples_answer(plugin: Plugin, capsys: pytest.CaptureFixture[str]) -> None:
    context = SimpleNamespace(now=datetime(2024, 1, 1, tzinfo=UTC), options={})
    earlier, season = plugin.seasons[0], plugin.seasons[1]
    assert (earlier.label, season.label) == ("2022-23", "2023-24")
    assert plugin.call("recon_source") == plugin.source
    assert plugin.call("recon_seasons") == plugin.seasons
    assert [rule.name for rule in plugin.call("recon_priority_rules")] == ["photos-can-wait"]

    games = plugin.call("recon_expected_games", season=season, context=context)
    assert (len(games), games[0].status, games[-1].status) == (30, "final", "scheduled")
    assert plugin.call("recon_schedule_notes", season=season, games=games) == []
    assert plugin.call("recon_schedule_notes", season=season, games=games[2:]) == [
        "2 of 30 rounds are not listed, first round 0: ask the league for them"
    ]
    demo = plugin.call("recon_demo_games", season=season)
    assert demo == plugin.call("recon_demo_games", season=season)
    assert {game.status for game in demo} == {"scheduled"}

    ratings = plugin.source.datasets[1]
    batches = plugin.call("recon_expected_items", dataset=ratings, season=season, context=context)
    assert [type(batch) for batch in batches] == [Items, Items]
    assert batches[0].times[0] == datetime(2023, 11, 1, tzinfo=UTC)
    for month, club in zip(batches[0].columns["month"], batches[0].columns["club"], strict=True):
        template = plugin.templates["ratings"][0]
        fields = {"month": str(month), "club": str(club)}
        assert template.parse(template.render(fields)) == fields
    unknown = plugin.call("recon_expected_items", dataset=ratings, season=earlier, context=context)
    assert unknown == [Undetermined(reason="ratings before 2023-24 were kept on paper")]

    photo = ParsedKey(data_type="photos", fields={"game_id": "2024017"})
    assert plugin.call("recon_parse_key", key="photos/7/2024017.jpg") == photo
    for key in ("photos/8/2024017.jpg", "photos/7/2024017", "records/2024017.pgn", "", "photos//.jpg"):
        assert plugin.call("recon_parse_key", key=key) is None

    other = Game(game_id="77", season="2023-24", date=date(2023, 9, 8), status="final", home="NORTH", away="SOUTH")
    assert plugin.call("recon_game_id", game=other) == "20230908NORTH"
    assert plugin.call("recon_game_id", game=replace(other, ordinal=2)) is None

    plugin.call("recon_cycle_finished", report={"gaps": {"total": 3}, "lake": "s3://lake"})
    assert capsys.readouterr().err == "3 gaps in s3://lake\n"
