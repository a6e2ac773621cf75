"""The schedules of one league's sources are held against each other; what must come out is worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.two_sources import WIRE, World, almanac, inside, install, wire

from recon_core.api import ScheduleError, Status
from recon_core.request import CycleResult

Install = Callable[..., World]

MISSING, UNKNOWN = ("missing", None), ("unknown", "schedule")


@pytest.fixture(name="install")
def _install(tmp_path: Path) -> Install:
    return lambda *given, **named: install(tmp_path, *given, **named)


def messages(result: CycleResult) -> list[str]:
    return [f"{one['source']} {one['kind']}: {one['message']}" for one in result.report["conflicts"]]


def test_what_another_source_calls_final_is_proved(install: Install) -> None:
    world = install()
    world.store("wire", wire(5), wire(7, "scheduled", pulled=8))
    world.store("almanac", almanac(5, "scheduled", pulled=1), almanac(7, "scheduled", pulled=1))
    assert world.verdicts() == {
        "wire/pbp/w5ab": MISSING,
        "wire/pbp/w7ab": MISSING,
        "almanac/pbp/20250105AAA": MISSING,  # final to the wire
        "almanac/pbp/20250107AAA": MISSING,  # the wire still had it after it was over
    }


def test_a_later_pull_that_calls_a_game_off_leaves_it_unproved(install: Install) -> None:
    world = install()
    world.store("wire", wire(5, "postponed", pulled=9), wire(7, "postponed", pulled=6))
    world.store("almanac", almanac(5, "scheduled", pulled=8), almanac(7, "scheduled", pulled=8))
    assert world.verdicts() == {
        "wire/pbp/w5ab": ("excused", None),
        "wire/pbp/w7ab": ("excused", None),
        "almanac/pbp/20250105AAA": UNKNOWN,
        "almanac/pbp/20250107AAA": MISSING,
    }
    result = world.run()
    assert messages(result) == [
        (
            "almanac status: has BBB at AAA on 2025-01-05 as scheduled (20250105AAA), but it is known to wire as "
            "postponed (w5ab)"
        ),
        (
            "wire status: has BBB at AAA on 2025-01-07 as postponed (w7ab), but it is known to almanac as scheduled "
            "(20250107AAA)"
        ),
    ]
    reasons = {row["item"]: row["reason"] for row in pq.read_table(world.ws.coverage).to_pylist()}
    assert reasons["almanac/pbp/20250105AAA"] == (
        "schedule: that of another source calls the game off and was pulled later"
    )


def test_an_id_that_is_called_off_is_excused_whatever_others_say(install: Install) -> None:
    world = install()
    world.store("wire", wire(5, "postponed"))
    world.store("almanac", almanac(5, "final"))
    assert world.verdicts() == {"wire/pbp/w5ab": ("excused", None), "almanac/pbp/20250105AAA": MISSING}
    assert [(one["source"], one["kind"]) for one in world.run().report["conflicts"]] == [("wire", "status")]


def test_a_game_that_the_own_schedule_lacks_is_expected_if_its_id_can_be_derived(install: Install) -> None:
    world = install()
    world.store("wire", wire(5), wire(6))
    world.store("almanac", almanac(6, away="BB"), almanac(7, home="CCC", away="BB"))
    assert world.verdicts() == {
        "wire/pbp/w5ab": MISSING,
        "wire/pbp/w6ab": MISSING,
        "almanac/pbp/20250105AAA": MISSING,
        "almanac/pbp/20250106AAA": MISSING,
        "almanac/pbp/20250107CCC": MISSING,
    }
    result = world.run()
    assert messages(result) == [
        "wire lacks: lacks BBB at CCC on 2025-01-07: it is known to almanac as final (20250107CCC)"
    ]
    conflict = result.report["conflicts"][0]
    assert {name: conflict[name] for name in ("season", "game_id", "date", "known_by")} == {
        "season": "2024-25",
        "game_id": None,
        "date": "2025-01-07",
        "known_by": [{"source": "almanac", "game_id": "20250107CCC", "status": "final"}],
    }
    # The teams of a derived game are written as the source writes them.
    (task,) = [one for one in json.loads(world.ws.queue_file.read_text())["tasks"] if one["source"] == "almanac"]
    assert {tuple(one["fields"].values()) for one in task["items"]} >= {("20250105AAA", "2025-01-05", "AAA", "BB")}


EARLY = -101  # 21 September 2024: the seasons of both begin in October


def test_a_game_outside_of_all_bounds_is_of_the_season_that_is_the_others(install: Install) -> None:
    """Bounds are nominal: what the wire has in its season, the almanac lacks in its own one of the same time."""
    world = install()
    world.store("wire", wire(5), wire(EARLY))
    world.store("almanac", almanac(5), almanac(EARLY + 1, home="CCC"))
    assert world.verdicts() == {
        "wire/pbp/w5ab": MISSING,
        f"wire/pbp/w{EARLY}ab": MISSING,
        "almanac/pbp/20250105AAA": MISSING,
        "almanac/pbp/20240921AAA": MISSING,
        "almanac/pbp/20240922CCC": MISSING,
    }
    result = world.run()
    assert messages(result) == [
        "wire lacks: lacks BBB at CCC on 2024-09-22: it is known to almanac as final (20240922CCC)"
    ]
    assert result.report["conflicts"][0]["season"] == "2024-25"
    (pair,) = inside(world)("schedules", "compare", "--format", "json").json()["pairs"]
    assert (pair["agreed"], pair["only_first"], pair["only_second"]) == (1, 1, 1)


def test_seasons_that_share_less_than_half_of_their_days_are_not_the_same(install: Install) -> None:
    years = WIRE.replace("10, 1), ends=date(2025 - back, 6, 30)", "1, 1), ends=date(2024 - back, 12, 31)")
    world = install(wire=years)
    world.store("wire", wire(5), wire(EARLY))
    world.store("almanac", almanac(5))
    assert set(world.verdicts()) == {"wire/pbp/w5ab", f"wire/pbp/w{EARLY}ab", "almanac/pbp/20250105AAA"}
    assert messages(world.run()) == []


def test_a_game_that_is_not_final_is_expected_only_of_an_older_schedule(install: Install) -> None:
    world = install()
    world.store("wire", wire(5, "scheduled", pulled=6), wire(14, "scheduled", pulled=6))
    world.store("almanac", almanac(6, home="CCC", pulled=10))
    assert world.verdicts() == {
        "wire/pbp/w5ab": MISSING,
        "wire/pbp/w14ab": UNKNOWN,
        "almanac/pbp/20250106CCC": MISSING,
        "almanac/pbp/20250114AAA": UNKNOWN,
    }
    # As of the 10th, the almanac says that there was no such game on the 5th.
    assert [line for line in messages(world.run()) if line.startswith("almanac")] == [
        "almanac lacks: lacks BBB at AAA on 2025-01-05: it is known to wire as scheduled (w5ab)"
    ]


@pytest.mark.parametrize("status", ["postponed", "cancelled", "tbd"])
def test_what_is_called_off_or_uncertain_elsewhere_is_lacked_by_nobody(install: Install, status: Status) -> None:
    world = install()
    world.store("wire", wire(5, status))
    world.store("almanac", almanac(6))
    assert set(world.verdicts()) == {"wire/pbp/w5ab", "almanac/pbp/20250106AAA"}
    assert [one["source"] for one in world.run().report["conflicts"]] == ["wire"]


def test_types_that_are_not_expected_are_neither_expected_nor_a_conflict(install: Install) -> None:
    world = install()
    world.store("wire", wire(5, season_type="preseason"), wire(6, season_type=None), wire(7, season_type="playoffs"))
    world.store("almanac", almanac(9), almanac(10, home="CCC", status="tbd"))
    found = {name for name in world.verdicts() if name.startswith("almanac")}
    assert found == {f"almanac/pbp/{own_id}" for own_id in ("20250106AAA", "20250107AAA", "20250109AAA", "20250110CCC")}
    assert [one["source"] for one in world.run().report["conflicts"]] == ["wire"]


def test_a_game_on_another_date_or_with_the_places_swapped_is_not_expected_twice(install: Install) -> None:
    world = install()
    world.store("wire", wire(5), wire(8), wire(11, "scheduled"))
    world.store("almanac", almanac(6), almanac(8, home="BBB", away="AAA"), almanac(11, "tbd", game_id="t"))
    items = {name for name in world.verdicts() if name.startswith("almanac")}
    assert items == {"almanac/pbp/20250106AAA", "almanac/pbp/20250108BBB", "almanac/pbp/t"}
    assert [line for line in messages(world.run()) if line.startswith("almanac")] == [
        (
            "almanac moved: has BBB at AAA on 2025-01-06 (20250106AAA), but on 2025-01-05 it is known to wire as final "
            "(w5ab)"
        ),
        (
            "almanac swapped: has AAA at BBB on 2025-01-08 (20250108BBB), but BBB at AAA it is known to wire as final "
            "(w8ab)"
        ),
        "almanac status: has BBB at AAA on 2025-01-11 as tbd (t), but it is known to wire as scheduled (w11ab)",
    ]


def test_a_game_that_has_moved_since_the_own_schedule_was_pulled_is_expected_at_its_new_date(install: Install) -> None:
    world = install()
    world.store("wire", wire(9))
    world.store("almanac", almanac(5, "scheduled", pulled=1))
    assert world.verdicts() == {
        "wire/pbp/w9ab": MISSING,
        "almanac/pbp/20250105AAA": UNKNOWN,
        "almanac/pbp/20250109AAA": MISSING,
    }


def test_an_id_that_another_game_has_makes_no_item(install: Install) -> None:
    world = install("if game.home == 'CCC': return '20250109AAA'")
    world.store("wire", wire(5, home="c", away="b"), wire(9))
    world.store("almanac", almanac(9))
    assert {name for name in world.verdicts() if name.startswith("almanac")} == {"almanac/pbp/20250109AAA"}
    assert messages(world.run()) == [
        (
            "almanac lacks: lacks BBB at CCC on 2025-01-05: it is known to wire as final (w5cb); the id that its "
            "plugin tells, 20250109AAA, is that of another game"
        )
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise LookupError('no such club')", "failed for BBB at AAA on 2025-01-05: LookupError: no such club"),
        ("return 5", "gave a wrong answer for BBB at AAA on 2025-01-05: what it returned is 5, expected text"),
        ("return ' x'", "gave a wrong answer for BBB at AAA on 2025-01-05: it returned the id ' x'"),
    ],
)
def test_a_plugin_that_cannot_derive_costs_its_own_source_only(install: Install, body: str, told: str) -> None:
    world = install(body)
    world.store("wire", wire(5), wire(6))
    world.store("almanac", almanac(6))
    result = world.run()
    assert result.report["exit_code"] == 2
    (failure,) = result.report["failures"]
    assert (failure["source"], failure["hook"]) == ("almanac", "recon_game_id")
    assert failure["message"].startswith(told)
    assert {item: verdict for item, (verdict, _) in world.verdicts().items()} == {
        "wire/pbp/w5ab": "missing",
        "wire/pbp/w6ab": "missing",
        "almanac/pbp/20250106AAA": "unknown",
    }


def test_a_schedule_that_cannot_be_read_is_left_out_and_closes_nothing(install: Install) -> None:
    world = install()
    world.expect(almanac="2025")
    world.store("wire", wire(5))
    world.store("almanac", almanac(9))
    assert set(world.verdicts()) == {"almanac/pbp/20250105AAA", "almanac/pbp/20250109AAA"}
    world.ws.schedule_file("wire", "2024-25").write_bytes(b"no Parquet")
    result = world.run()
    assert result.report["exit_code"] == 0
    (warning,) = result.report["warnings"]
    assert warning.startswith("wire: its schedule is left out of the comparison with others: schedule ")
    queue = json.loads(world.ws.queue_file.read_text())
    assert [(one["item"], one["reason"]) for one in queue["unverified"]] == [
        ("almanac/pbp/20250105AAA", "schedule: that of wire cannot be read")
    ]
    assert result.report["changes"]["closed"] == 0
    world.expect(wire="2024-25")
    with pytest.raises(ScheduleError, match="wire"):
        world.run()


def test_the_schedule_of_a_plugin_that_failed_is_left_out_and_said_so(install: Install) -> None:
    world = install(wire="raise RuntimeError('out of order')")
    world.expect(almanac="2025")
    world.store("wire", wire(5))
    world.store("almanac", almanac(6))
    result = world.run()
    (warning,) = result.report["warnings"]
    assert "wire: its schedule is left out of the comparison with others: its plugin failed: recon-wire 1.0" in warning
    assert result.report["coverage"][0]["expected"] == 1


def test_teams_that_a_plugin_does_not_know_are_named(install: Install) -> None:
    world = install()
    world.store("wire", wire(5, home="x"), wire(6), wire(7, home="y", season_type="preseason"))
    world.store("almanac", almanac(6))
    assert world.run().report["warnings"] == [
        (
            "wire: the team table of its plugin does not know x (1): games of these teams are held against no other "
            "schedule"
        )
    ]
    assert messages(world.run()) == []


def test_a_gap_names_the_other_sources_that_have_the_game(install: Install) -> None:
    world = install()
    world.store("wire", wire(5), wire(6), wire(7, home="c"))
    world.store("almanac", almanac(5), almanac(7, home="CCC"))
    world.put("almanac/20250105AAA.json")
    world.put("wire/w6ab.json")
    world.put("wire/w7cb.json", size=0)
    world.run()
    tasks = json.loads(world.ws.queue_file.read_text())["tasks"]
    items = {item["item"]: item for task in tasks for item in task["items"]}
    assert {name: item.get("available_from") for name, item in items.items()} == {
        "wire/pbp/w5ab": ["almanac/pbp"],
        "wire/pbp/w7cb": None,
        "almanac/pbp/20250106AAA": ["wire/pbp"],
        "almanac/pbp/20250107CCC": None,  # the wire's copy is an empty shell
    }
    rows = pq.read_table(world.ws.cache_dir / "available.parquet").to_pylist()
    assert rows == [
        {"item": "almanac/pbp/20250106AAA", "available_from": ["wire/pbp"]},
        {"item": "wire/pbp/w5ab", "available_from": ["almanac/pbp"]},
    ]
    matches = pq.read_table(world.ws.cache_dir / "matches.parquet").to_pylist()
    assert [(row["source"], row["game_id"], row["status"], row["derived"]) for row in matches] == [
        ("almanac", "20250105AAA", "final", False),
        ("almanac", "20250106AAA", None, True),
        ("almanac", "20250107CCC", "final", False),
        ("wire", "w5ab", "final", False),
        ("wire", "w6ab", "final", False),
        ("wire", "w7cb", "final", False),
    ]
