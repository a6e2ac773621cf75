"""``recon schedules compare`` over two sources of one league."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.two_sources import WIRE, World, almanac, inside, install, wire

NOW = "2025-01-15T12:00:00Z"
TOTALS = WIRE.replace("ends=date(2025 - back, 6, 30))", "ends=date(2025 - back, 6, 30), games={'regular': 7})")


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = install(tmp_path, wire=TOTALS)
    world.store(
        "wire",
        wire(2),
        wire(3, "postponed"),
        wire(5),
        wire(6, home="c"),
        wire(8, home="c"),
        wire(9, season_type="preseason"),
        wire(10, home="z"),
    )
    world.store("almanac", almanac(2), almanac(3), almanac(7, home="CCC"), almanac(8, home="BBB", away="CCC"))
    return world


def test_every_pair_is_counted_and_every_difference_told(world: World) -> None:
    found = inside(world)("schedules", "compare", "--now", NOW, "--format", "json").json()
    assert found["pairs"] == [
        {
            "first": "almanac",
            "second": "wire",
            "season": "2025",
            "agreed": 1,  # the 2nd
            "disputed": 1,  # the 3rd
            "only_first": 2,  # the 7th and the 8th, as the almanac has them
            "only_second": 3,  # the 5th, and the 6th and the 8th, as the wire has them
            "moved": 1,
            "swapped": 1,
        }
    ]
    assert [(one["source"], one["kind"], one["date"]) for one in found["differences"]] == [
        ("almanac", "lacks", "2025-01-05"),
        ("almanac", "moved", "2025-01-06"),
        ("almanac", "swapped", "2025-01-08"),
        ("wire", "status", "2025-01-03"),
        ("wire", "moved", "2025-01-07"),
        ("wire", "swapped", "2025-01-08"),
    ]
    assert (found["total"], found["shown"], found["problems"]) == (6, 6, [])
    assert "does not know z (1)" in found["warnings"][0]
    # What is called off does not count; the almanac does not know how many there are, so the wire's total is taken.
    assert [(one["source"], one["season"], one["games"], one["known"]) for one in found["totals"]] == [
        ("almanac", "2025", 4, 7),
        ("wire", "2024-25", 5, 7),
    ]
    assert {one["told_by"] for one in found["totals"]} == {"wire"}


def test_the_tables_say_it_for_people(world: World) -> None:
    text = inside(world)("schedules", "compare", "--now", NOW, "--limit", "1").out
    assert "2025    almanac  wire         1              2               3      1        1       1" in text
    assert "wire     2024-25  regular      5      7   -2 so far  wire" in text
    assert "almanac  2025    lacks  lacks BBB at AAA on 2025-01-05: it is known to wire as final (w5ab)" in text
    assert "5 more: --limit 0 shows all." in text
    markdown = inside(world)("schedules", "compare", "--now", NOW, "--format", "markdown").out
    assert "| 2025 | almanac | wire | 1 | 2 | 3 | 1 | 1 | 1 |" in markdown


def test_schedules_that_agree(world: World) -> None:
    world.store("wire", wire(2), wire(9, season_type="preseason"))
    world.store("almanac", almanac(2))
    text = inside(world)("schedules", "compare", "--now", NOW).out
    assert "None: the schedules agree on every game that is expected of both." in text


def test_seasons_and_sources_are_chosen(world: World) -> None:
    run = inside(world)
    assert run("schedules", "compare", "--season", "2025", "--now", NOW, "--format", "json").json()["total"] == 6
    assert run("schedules", "compare", "--season", "previous", "--now", NOW, "--format", "json").json()["pairs"] == []
    alone = run("schedules", "compare", "wire", "--now", NOW)
    assert "Nothing to compare" in alone.out
    assert "2024-25  regular" in alone.out
    assert (
        "no schedule of 'almanca' is stored (did you mean 'almanac'?)"
        in run("schedules", "compare", "almanca", code=2).err
    )
    assert "no schedule of season '2031' is stored" in run("schedules", "compare", "--season", "2031", code=2).err


def test_a_schedule_that_cannot_be_read_is_a_problem(world: World) -> None:
    world.ws.schedule_file("wire", "2024-25").write_bytes(b"no Parquet")
    done = inside(world)("schedules", "compare", "--now", NOW, "--format", "json", code=2).json()
    assert len(done["problems"]) == 1
    assert "wire/2024-25.parquet" in done["problems"][0]
    assert done["pairs"] == []


def totals(world: World, now: str = NOW) -> dict[str, tuple[int, int, bool]]:
    found = inside(world)("schedules", "compare", "--now", now, "--format", "json").json()["totals"]
    return {one["source"]: (one["games"], one["untyped"], one["over"]) for one in found}


def test_a_game_without_a_type_is_of_the_type_that_others_give_it(world: World) -> None:
    world.store("wire", wire(2), wire(3), wire(5, season_type="playoffs"), wire(6), wire(7))
    world.store("almanac", *(almanac(day, season_type=None) for day in (2, 3, 5, 8, 9)))
    # The 5th is a game of the playoffs; of the 8th and the 9th nobody says what they are.
    assert totals(world) == {"almanac": (2, 2, False), "wire": (4, 0, False)}
    text = inside(world)("schedules", "compare", "--now", NOW).out
    assert "almanac  2025     regular      2      7  -5 to -3 so far, 2 games without a type  wire" in text


def test_sources_that_contradict_each_other_give_no_type(world: World) -> None:
    world.store("wire", wire(2), wire(2, season_type="playoffs", ordinal=1, home="A"))
    world.store("almanac", almanac(2, season_type=None))
    assert totals(world)["almanac"] == (0, 1, False)


def test_games_without_a_type_are_no_games_that_are_lacking(world: World) -> None:
    world.store("wire", wire(10))
    world.store("almanac", *(almanac(day, season_type=None) for day in range(2, 9)))
    text = inside(world)("schedules", "compare", "--now", NOW).out
    assert "almanac  2025     regular      0      7  7 games without a type  wire" in text


def test_once_the_season_is_over_what_is_lacking_is_lost(world: World) -> None:
    assert totals(world, now="2025-06-30T23:59:00Z")["wire"] == (5, 0, False)
    assert totals(world, now="2025-07-01T00:00:00Z")["wire"] == (5, 0, True)
    text = inside(world)("schedules", "compare", "--now", "2025-07-01T00:00:00Z").out
    assert "wire     2024-25  regular      5      7          -2  wire" in text
