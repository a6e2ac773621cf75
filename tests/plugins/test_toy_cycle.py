"""Sources of another kind go through the whole cycle: daily files of weather stations, and a layout of hashed folders.

The core knows nothing of either. What must come out is worked out here by hand.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.fake_distributions import ARCHIVE, WEATHER, Site, simple_plugin

from recon_core.api import ConfigError
from recon_core.request import CycleResult
from recon_core.testing import ToyLake

# In Oslo the 9th of March 2024 ends at 23:00 UTC and readings are due 12 hours later, so the 9th is the last due day.
NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
DUE_DAYS = [date(2024, 1, 1) + timedelta(days=number) for number in range(69)]
OPENED = {"bergen": date(2024, 1, 1), "oslo": date(2024, 1, 1), "tromso": date(2024, 3, 1)}
TAKEN = datetime(2024, 3, 10, 6, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path) -> ToyLake:
    return ToyLake(tmp_path / "workspace", now=NOW, taken=TAKEN)


def reading(station: str, day: date) -> str:
    return f"weather/daily/{station}/{day:%Y%m%d}.csv"


def fill_weather(world: ToyLake) -> None:
    """Every due file, as it should be."""
    for day in DUE_DAYS:
        world.put(f"weather/bulletins/2024/{day}.txt")
        for station, opened in OPENED.items():
            if day >= opened:
                world.put(reading(station, day))


def test_daily_files_of_stations(site: Site, world: ToyLake) -> None:
    site.add(WEATHER)
    world.expect("  weather:\n    seasons: [2024]\n")
    fill_weather(world)
    world.remove(reading("oslo", date(2024, 2, 3)))
    # Taken an hour before the day had ended in Oslo.
    world.put(reading("bergen", date(2024, 1, 5)), taken=datetime(2024, 1, 5, 22, tzinfo=UTC))
    world.put(reading("bergen", date(2024, 1, 6)), size=0)
    # The older layout counts as well, and a second copy is a duplicate.
    world.remove(reading("tromso", date(2024, 3, 2)))
    world.put("weather/old/2024/03/tromso-02.csv")
    world.put("weather/old/2024/03/tromso-03.csv", taken=TAKEN - timedelta(days=1))
    world.remove("weather/bulletins/2024/2024-02-29.txt")
    world.put("weather/daily/oslo/README.md")
    world.put(reading("svalbard", date(2024, 1, 1)))

    with site.active():
        result = world.run()

    assert result.exit_code == 0
    gaps = {row["item"]: (row["verdict"], row["priority"], row["rule"]) for row in world.rows("gaps")}
    assert gaps == {
        "weather/readings/2024-02-03/oslo": ("missing", "MEDIUM", "current-season"),
        "weather/readings/2024-01-05/bergen": ("stale", "MEDIUM", "current-season"),
        "weather/readings/2024-01-06/bergen": ("undersized", "MEDIUM", "current-season"),
        "weather/bulletins/2024-02-29": ("missing", "LOW", "bulletins-can-wait"),
    }
    targets = {row["item"]: row["target_key"] for row in world.rows("gaps")}
    assert targets["weather/readings/2024-02-03/oslo"] == reading("oslo", date(2024, 2, 3))
    assert targets["weather/bulletins/2024-02-29"] == "weather/bulletins/2024/2024-02-29.txt"
    days = 366
    due = 2 * 69 + 9
    assert world.verdicts("weather", "readings") == {
        "present": due - 3,
        "missing": 1,
        "stale": 1,
        "undersized": 1,
        "not_due": 2 * days + (days - 60) - due,
    }
    assert world.verdicts("weather", "bulletins") == {"present": 68, "missing": 1, "not_due": days - 69}
    kinds = {row["key"]: row["kind"] for row in world.rows("objects")}
    # The seasons that were not asked for may have known a station of that name.
    assert kinds == {
        "weather/daily/oslo/README.md": "unrecognised",
        reading("svalbard", date(2024, 1, 1)): "out_of_scope",
        "weather/old/2024/03/tromso-03.csv": "duplicate",
    }
    scrapers = {(task["data_type"], task["scraper"]) for task in _tasks(result)}
    assert scrapers == {("readings", "station_scraper"), ("bulletins", "weather_bulletins")}


def test_items_that_cannot_be_told_are_unknown(site: Site, world: ToyLake) -> None:
    site.add(WEATHER)
    world.expect("  weather:\n    seasons: [2024]\n    options: {stations_unknown: true}\n")
    fill_weather(world)
    with site.active():
        result = world.run()
    assert "missing" not in world.verdicts("weather", "readings")
    assert world.verdicts("weather", "bulletins")["present"] == 69
    (row,) = [row for row in result.report["coverage"] if row["data_type"] == "readings"]
    assert row["completeness"] is None
    assert "the list of stations is not to be had" in str(result.report)


def test_a_layout_that_only_its_plugin_reads(site: Site, world: ToyLake) -> None:
    site.add(ARCHIVE)
    world.expect("  archive:\n    seasons: [2024]\n")
    mondays = [date(2024, 1, 1) + timedelta(weeks=number) for number in range(10)]
    withheld = "q20240219"
    with site.active():
        import recon_archive  # type: ignore[import-not-found]

        for monday in mondays:
            if f"q{monday:%Y%m%d}" != withheld:
                world.put(recon_archive.key_of(f"q{monday:%Y%m%d}"))
        # In the wrong folder it is not what its name says.
        world.put(f"archive/scans/zz/{withheld}.pdf")
        result = world.run()
    assert result.exit_code == 0
    assert world.verdicts("archive", "scans") == {"present": 9, "missing": 1, "not_due": 42}
    assert [row["item"] for row in world.rows("gaps")] == [f"archive/scans/{withheld}"]
    assert [(row["key"], row["kind"]) for row in world.rows("objects")] == [
        (f"archive/scans/zz/{withheld}.pdf", "unrecognised")
    ]


HALF_WAY = """
@hookimpl
def recon_expected_games(season, context):
    yield Game(game_id="1", season=season.label, date=date(2024, 1, 1), status="final")
    raise LookupError("no second page")
"""


@pytest.mark.parametrize("text", [simple_plugin("broken", extra=HALF_WAY), "raise ImportError('half installed')"])
def test_a_broken_plugin_leaves_the_others_as_they_would_be_without_it(site: Site, world: ToyLake, text: str) -> None:
    site.add(WEATHER)
    alone = "  weather:\n    seasons: [2024]\n"
    fill_weather(world)
    world.remove(reading("oslo", date(2024, 2, 3)))
    with site.active():
        world.expect(alone)
        assert world.run().exit_code == 0
        before = (world.rows("coverage"), world.rows("gaps"))
        site.install_module("broken", text)
        world.expect(alone + "  broken:\n    seasons: [2024]\n")
        result = world.run()
    assert result.exit_code == 2
    (failure,) = result.report["failures"]
    assert (failure["source"], failure["distribution"], failure["version"]) == ("broken", "recon-broken", "1.0")
    assert "no second page" in failure["message"] or "half installed" in failure["message"]
    assert before[1] == world.rows("gaps")
    assert before[0] == [row for row in world.rows("coverage") if row["source"] == "weather"]
    assert {row["verdict"] for row in world.rows("coverage") if row["source"] == "broken"} <= {"unknown"}


def test_a_source_that_nobody_provides_says_what_to_install(site: Site, world: ToyLake) -> None:
    site.add(WEATHER)
    world.expect("  wether:\n    seasons: [2024]\n")
    with site.active(), pytest.raises(ConfigError, match=r"data_inventory\.yaml:2: .*did you mean 'weather'"):
        world.run()


@pytest.mark.parametrize("field", ["staton", "home"])
def test_a_template_of_the_inventory_may_only_use_what_items_have(site: Site, world: ToyLake, field: str) -> None:
    site.add(WEATHER)
    template = f"w/{{{field}}}/{{station}}/{{date:%Y%m%d}}"
    world.expect(
        f"  weather:\n    seasons: [2024]\n    data_types:\n      readings:\n        key_templates: ['{template}']\n"
    )
    told = rf"data_inventory\.yaml:5: .*readings: .* has the field \{{{field}\}}, which nothing fills.*date, season, st"
    with site.active(), pytest.raises(ConfigError, match=told):
        world.run()


def test_observers_see_the_cycle_and_cannot_spoil_it(site: Site, world: ToyLake) -> None:
    observer = """
seen = []

@hookimpl
def recon_cycle_finished(report):
    seen.append(report["gaps"]["total"])
    report.clear()
    raise OSError("no route to the chat")
"""
    site.install_module("chatty", simple_plugin("chatty", extra=observer))
    world.expect("  chatty:\n    seasons: [2024]\n")
    world.put("chatty/20240101.csv")
    with site.active():
        result = world.run()
        import recon_chatty  # type: ignore[import-not-found]

        assert recon_chatty.seen == [result.report["gaps"]["total"]]
    assert result.exit_code == 0
    assert result.report["gaps"]["total"] == 68
    assert any("recon-chatty 1.0: recon_cycle_finished failed: OSError" in text for text in result.report["warnings"])


def _tasks(result: CycleResult) -> list[dict[str, Any]]:
    assert result.queue is not None
    tasks: list[dict[str, Any]] = json.loads(result.queue)["tasks"]
    return tasks
