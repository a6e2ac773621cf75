"""What a plugin sees of the lake: its own data types' keys, each once, and the content of objects."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.league import League, game, inventory_of, registry_of

from recon_core.api import Context, Game, Season
from recon_core.config import Inventory, LakeSettings, SourceCoverage
from recon_core.lake import Lake, open_lake
from recon_core.schedules.outcome import PullOutcome, PullRequest
from recon_core.schedules.pull import pull
from recon_core.workspace import Workspace

NOW = datetime(2025, 1, 15, 12, tzinfo=UTC)


def put(root: Path, *keys: str) -> Path:
    for key in keys:
        (root / key).parent.mkdir(parents=True, exist_ok=True)
        (root / key).write_text(key)
    return root


def pulled(ws: Workspace, lake: Path, ask: Any, inventory: Inventory | None = None) -> PullOutcome:
    """Pull with a plugin that does ``ask`` with its context."""

    def answer(season: Season, context: Context) -> list[Game]:
        ask(context)
        return [game(1)]

    def opened() -> Lake:
        return open_lake(LakeSettings(url=lake.as_uri()))

    (outcome,) = pull(
        ws,
        registry_of(League(answer)),
        inventory or inventory_of(league=("2024-25",)),
        PullRequest(now=NOW, from_lake=True),
        lake=opened,
    ).outcomes
    return outcome


def test_the_keys_of_all_layouts_are_listed_once_with_their_fields(ws: Workspace, tmp_path: Path) -> None:
    lake = put(
        tmp_path / "lake",
        "league/days/20241001.json",
        "league/days/20241002.json",
        "league/days/old/2024-10-03.json",
        "league/days/20241399.json",
        "league/days/notes.txt",
        "league/pbp/1.json",
    )
    found: list[tuple[str, Mapping[str, str]]] = []
    outcome = pulled(ws, lake, lambda context: found.extend(context.keys("days")))
    assert outcome.error is None
    assert found == [
        ("league/days/20241001.json", {"date": "2024-10-01"}),
        ("league/days/20241002.json", {"date": "2024-10-02"}),
        ("league/days/old/2024-10-03.json", {"date": "2024-10-03"}),
    ]


def test_the_prefix_and_data_types_of_the_inventory_do_not_hide_keys(ws: Workspace, tmp_path: Path) -> None:
    lake = put(tmp_path / "lake", "raw/{1}/league/days/20241001.json", "league/days/20241002.json")
    coverage = SourceCoverage(name="league", seasons=("2024-25",), prefix="raw/{1}/", data_types={})
    found: list[str] = []
    outcome = pulled(
        ws,
        lake,
        lambda context: found.extend(key for key, _ in context.keys("days")),
        Inventory(sources={"league": coverage}),
    )
    assert outcome.error is None
    assert found == ["raw/{1}/league/days/20241001.json"]


def test_objects_are_read(ws: Workspace, tmp_path: Path) -> None:
    lake = put(tmp_path / "lake", "league/days/20241001.json")
    contents: list[bytes] = []
    outcome = pulled(ws, lake, lambda context: contents.append(context.read("league/days/20241001.json")))
    assert outcome.state == "stored"
    assert contents == [b"league/days/20241001.json"]


def test_the_time_of_an_object_is_told(ws: Workspace, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    put(lake, "league/a.json.bak", "league/a.json", "league/b.json/c")
    os.utime(lake / "league/a.json", (1_700_000_000, 1_700_000_000))
    times: list[datetime | None] = []
    names = ("league/a.json", "league/b.json", "league/b.json/", "gone")
    pulled(ws, lake, lambda context: times.extend(map(context.last_modified, names)))
    assert times == [datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), None, None, None]


@pytest.mark.parametrize(
    ("ask", "told", "exit_code"),
    [
        (lambda context: context.read("gone.json"), "gone.json", 3),
        (lambda context: list(context.keys("dayz")), "'dayz', which has no key templates (did you mean 'days'?)", 2),
    ],
)
def test_what_cannot_be_had_fails_the_season(
    ws: Workspace, tmp_path: Path, ask: Any, told: str, exit_code: int
) -> None:
    (tmp_path / "lake").mkdir()
    outcome = pulled(ws, tmp_path / "lake", ask)
    assert (outcome.state, outcome.exit_code) == ("failed", exit_code)
    assert told in str(outcome.error)


def test_a_lake_that_is_not_there_fails_the_season(ws: Workspace, tmp_path: Path) -> None:
    outcome = pulled(ws, tmp_path / f"nowhere{os.getpid()}", lambda context: context.read("x"))
    assert (outcome.state, outcome.exit_code) == ("failed", 3)


def test_the_lake_is_not_opened_by_a_plugin_that_does_not_ask(ws: Workspace, tmp_path: Path) -> None:
    assert pulled(ws, tmp_path / "nowhere", lambda context: None).state == "stored"
