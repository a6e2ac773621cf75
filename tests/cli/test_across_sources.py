"""What the commands tell of one game that several sources have."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command_line import Inside
from support.two_sources import World, almanac, inside, install, wire


@pytest.fixture
def run(tmp_path: Path) -> Inside:
    world: World = install(tmp_path)
    world.store("wire", wire(5), wire(6))
    world.store("almanac", almanac(5))
    world.put("almanac/20250105AAA.json")
    world.run()
    return inside(world)


def test_gaps_name_where_else_the_game_is(run: Inside) -> None:
    found = run("gaps", "--format", "json").json()["gaps"]
    assert {row["item"]: row["available_from"] for row in found} == {
        "wire/pbp/w5ab": ["almanac/pbp"],
        "wire/pbp/w6ab": [],
        "almanac/pbp/20250106AAA": [],
    }
    assert "almanac/pbp" in run("gaps", "--source", "wire").out


def test_explain_shows_one_game_across_all_sources(run: Inside) -> None:
    for asked in ("wire/pbp/w5ab", "w5ab", "20250105AAA"):
        found = run("explain", asked, "--format", "json").json()
        (game,) = found["games"]
        assert {name: game[name] for name in ("league", "date", "home", "away", "ordinal")} == {
            "league": "league", "date": "2025-01-05", "home": "AAA", "away": "BBB", "ordinal": 1,
        }  # fmt: skip
        assert game["sources"] == [
            {
                "source": "almanac",
                "season": "2025",
                "game_id": "20250105AAA",
                "status": "final",
                "pulled_at": "2025-01-14T23:00:00Z",
                "derived": False,
                "items": [{"item": "almanac/pbp/20250105AAA", "verdict": "present"}],
            },
            {
                "source": "wire",
                "season": "2024-25",
                "game_id": "w5ab",
                "status": "final",
                "pulled_at": "2025-01-14T23:00:00Z",
                "derived": False,
                "items": [{"item": "wire/pbp/w5ab", "verdict": "missing"}],
            },
        ]
    text = run("explain", "w5ab").out
    assert "BBB at AAA on 2025-01-05 (league) in every source" in text
    assert "pbp present" in text
    assert "Other sources have data of this game: almanac/pbp." in text


def test_explain_says_that_a_game_is_expected_because_others_have_it(run: Inside) -> None:
    (item,) = run("explain", "almanac/pbp/20250106AAA", "--format", "json").json()["items"]
    assert (item["verdict"], item["derived"]) == ("missing", True)
    text = run("explain", "almanac/pbp/20250106AAA").out
    assert "its own schedule lacks the game: expected since other sources have it, see below" in text
    assert "nothing: id derived" in text


def test_an_id_of_a_source_of_which_nothing_is_expected_shows_the_game(tmp_path: Path) -> None:
    world = install(tmp_path)
    world.expect(almanac="2025")
    world.store("wire", wire(5))
    world.store("almanac", almanac(5))
    world.run()
    found = inside(world)("explain", "w5ab", "--format", "json").json()
    assert found["items"] == []
    assert [one["source"] for one in found["games"][0]["sources"]] == ["almanac", "wire"]
    assert "none expected" in inside(world)("explain", "w5ab").out
    assert inside(world)("explain", "w6ab", code=2).err.startswith("recon: no item, id or key 'w6ab' is known")
