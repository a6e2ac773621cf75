"""``init``, ``doctor``, ``validate``, ``plugins`` and ``demo``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock
from support.command_line import NOW, Inside, Recon, command
from support.fake_distributions import Site, simple_plugin

CONFIG = "config/reconciliation_config.yaml"
INVENTORY = "inventory/data_inventory.yaml"


@pytest.fixture
def fresh(mine: Inside, tmp_path: Path) -> Inside:
    """The command in an empty folder."""
    folder = tmp_path / "fresh"
    folder.mkdir()
    return Inside(folder, mine.environment, mine.site)


def errors(mine: Inside, *more: str) -> list[str]:
    found: list[str] = mine("validate", "--now", NOW, "--format", "json", *more, code=2).json()["errors"]
    return found


def test_init_writes_a_workspace_that_is_valid(fresh: Inside, tmp_path: Path) -> None:
    lake = (tmp_path / "its lake").as_uri()
    result = fresh("init", "--lake", lake, "--format", "json").json()
    assert sorted(result["written"]) == [".gitignore", CONFIG, INVENTORY]
    assert result["kept"] == []
    assert "toy" in result["sources"]
    assert lake in (fresh.folder / CONFIG).read_text()
    assert "  toy:  # A league for tests" in (fresh.folder / INVENTORY).read_text()
    validated = fresh("validate", "--now", NOW, "--format", "json").json()
    assert validated["ok"]
    assert any("recon schedules pull toy --season 2024" in warning for warning in validated["warnings"])


def test_init_keeps_what_is_there_unless_forced(fresh: Inside) -> None:
    (fresh.folder / "config").mkdir()
    (fresh.folder / CONFIG).write_text("lake: {url: 's3://mine'}\n")
    done = fresh("init", "--lake", "s3://other")
    assert (fresh.folder / CONFIG).read_text() == "lake: {url: 's3://mine'}\n"
    assert f"{CONFIG}: kept as it is" in done.out
    assert "--lake was not written" in done.out
    following = done.out.partition("What to do next:")[2]
    assert "recon doctor" in following
    assert "set lake.url" not in following
    assert "It expects the current" in done.out
    assert "It expects the current" not in fresh("init").out
    done = fresh("init", "--lake", "s3://other", "--force")
    assert "s3://other" in (fresh.folder / CONFIG).read_text()
    assert "kept" not in done.out


def test_init_elsewhere(fresh: Inside) -> None:
    done = fresh("init", "-w", "a place")
    assert (fresh.folder / "a place" / INVENTORY).is_file()
    assert "cd 'a place'" in done.out
    assert "set lake.url" in done.out


@pytest.mark.parametrize("url", ["/srv/lake", "http://bucket", "s3://user:secret@bucket", "s3://"])
def test_init_refuses_what_is_no_lake(fresh: Inside, url: str) -> None:
    done = fresh("init", "--lake", url, code=2)
    assert "--lake" in done.err
    assert "secret" not in done.err
    assert list(fresh.folder.iterdir()) == []


def test_doctor_finds_all_well(mine: Inside, template: Path) -> None:
    result = mine("doctor", "--format", "json").json()
    assert result["ok"]
    checks = {one["check"] if "check" in one else one["name"]: one for one in result["checks"]}
    assert {"plugin", "configuration", "schedules", "disk", "lock", "lake", "lake list", "lake read"} <= checks.keys()
    # The schedule is of 2024, and some of its games were to be played since.
    assert checks["schedules"]["state"] == "warn"
    assert "recon schedules pull toy --season 2024" in checks["schedules"]["advice"]
    text = mine("doctor").out
    assert "All is well" in text
    assert "recon schedules pull toy --season 2024" in text


def test_doctor_tells_what_fails_and_how_to_mend_it(mine: Inside, tmp_path: Path) -> None:
    (mine.folder / "inventory/schedules/toy/2023.parquet").unlink()
    done = mine("doctor", "--lake", "file:///no/such/lake", code=2)
    states = [line.split()[:2] for line in done.out.splitlines()]
    assert ["fail", "schedules"] in states
    assert ["fail", "lake"] in states
    assert "recon schedules pull toy --season 2023" in done.out


def test_doctor_ends_with_3_if_only_the_lake_fails(mine: Inside) -> None:
    done = mine("doctor", "--lake", "file:///no/such/lake", code=3)
    assert "1 check failed" in done.out


def test_doctor_without_a_workspace_still_checks_plugins_and_lake(fresh: Inside, template: Path) -> None:
    done = fresh("doctor", "--lake", (template / "lake").as_uri(), code=2)
    states = [line.split()[:2] for line in done.out.splitlines()]
    assert ["fail", "workspace"] in states
    assert ["ok", "plugin"] in states
    assert ["ok", "lake"] in states
    assert "recon init" in done.out


def test_doctor_sees_a_workspace_at_work_and_one_that_cannot_be_written(mine: Inside) -> None:
    with FileLock(mine.folder / "inventory/cache/recon.lock"):
        done = mine("doctor")
    assert "another recon is at work" in done.out
    cache = mine.folder / "inventory/cache"
    cache.rename(mine.folder / "elsewhere")
    cache.write_text("in the way")
    done = mine("doctor", code=3)
    assert "inventory/cache cannot be written to" in done.out


def test_validate_finds_all_right(mine: Inside) -> None:
    result = mine("validate", "--now", NOW, "--format", "json").json()
    assert (result["ok"], result["errors"], result["warnings"]) == (True, [], [])
    assert "2 stored schedules" in result["checked"]
    assert "All is right." in mine("validate", "--now", NOW).out


def test_validate_lists_every_error_with_its_place(mine: Inside) -> None:
    (mine.folder / CONFIG).write_text("scan:\n  workers: many\nlaek: {}\n")
    (mine.folder / INVENTORY).write_text(
        "expected_coverage:\n  toy:\n    seasons: ['2023']\n    data_types:\n      games: {freshness_days: -3}\n"
    )
    found = errors(mine)
    assert len(found) == 3
    assert any(error.startswith(f"{CONFIG}:2: scan.workers") for error in found)
    assert any(error.startswith(f"{CONFIG}:3: ") and "did you mean 'lake'" in error for error in found)
    assert any(error.startswith(f"{INVENTORY}:5: ") and "-3" in error for error in found)
    text = mine("validate", code=2)
    assert text.out.startswith("3 errors:\n")


def test_validate_holds_the_inventory_against_the_plugins(mine: Inside) -> None:
    (mine.folder / INVENTORY).write_text(
        "expected_coverage:\n"
        "  toy:\n"
        "    seasons: ['2023', '1999']\n"
        "    options: {cuont: 3}\n"
        "    data_types:\n"
        "      gmaes: {}\n"
        "      games: {key_templates: ['x/{day}.json']}\n"
        "  absent:\n"
        "    seasons: [current]\n"
    )
    found = errors(mine)
    for line, words in [
        (3, "'1999'"),
        (4, "did you mean 'count'"),
        (6, "did you mean 'games'"),
        (7, "lacks 'game_id'"),
        (8, "'absent'"),
    ]:
        assert any(error.startswith(f"{INVENTORY}:{line}: ") and words in error for error in found), (line, found)
    assert len(found) == 5


def test_validate_takes_a_source_that_has_one_season(mine: Inside, tmp_path: Path) -> None:
    site = Site(tmp_path / "more")
    site.install_module("solo", simple_plugin("solo"))
    (mine.folder / INVENTORY).write_text("expected_coverage:\n  solo: {}\n")
    result = Inside(mine.folder, mine.environment, site)("validate", "--now", NOW, "--format", "json").json()
    assert result["errors"] == []


def test_validate_compiles_rules_and_waivers(mine: Inside) -> None:
    config = mine.folder / CONFIG
    config.write_text(
        config.read_text() + "priorities:\n  rules:\n"
        "    - {name: a, when: 'sise > 3', priority: LOW}\n"
        "    - {name: b, when: 'size >', priority: LOW}\n"
        "waivers:\n"
        "  - {when: \"data_type = 'games'\", reason: over, expires: 2020-01-01}\n"
        "  - {when: 'nonsense(1)', reason: never, expires: 2030-01-01}\n"
    )
    result = mine("validate", "--now", NOW, "--format", "json", code=2).json()
    for line, words in [(5, "did you mean 'size'"), (6, CONFIG), (9, "nonsense")]:
        assert any(error.startswith(f"{CONFIG}:{line}: ") and words in error for error in result["errors"])
    assert len(result["errors"]) == 3
    assert result["warnings"] == [f"{CONFIG}:8: waivers[0].when: the waiver expired on 2020-01-01: remove it"]


def test_validate_checks_the_stored_schedules(mine: Inside) -> None:
    (mine.folder / "inventory/schedules/toy/2023.parquet").unlink()
    (mine.folder / "inventory/schedules/toy/2024.parquet").write_text("broken")
    result = mine("validate", "--now", NOW, "--format", "json", code=2).json()
    assert result["warnings"] == ["no stored schedule of toy 2023: run `recon schedules pull toy --season 2023`"]
    assert len(result["errors"]) == 1
    assert "2024.parquet" in result["errors"][0]


def test_validate_wants_a_lake_that_can_be_one(mine: Inside) -> None:
    (mine.folder / CONFIG).write_text("lake:\n  url: gopher://x\n")
    assert errors(mine)[0].startswith(f"{CONFIG}:2: lake.url: ")
    (mine.folder / CONFIG).write_text("")
    assert "every run needs --lake" in mine("validate", "--now", NOW).out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("known.txt", "# who runs\ntoy_scraper\ntoy_day_scraper  # daily\n"),
        ("known.yaml", "- toy_scraper\n- {name: toy_day_scraper, image: x}\n"),
        ("known.yaml", "toy_scraper: {image: x}\ntoy_day_scraper: {}\n"),
        ("known.json", '{"scrapers": ["toy_scraper", "toy_day_scraper"]}'),
    ],
)
def test_validate_knows_the_scrapers_of_a_file(mine: Inside, name: str, text: str) -> None:
    (mine.folder / name).write_text(text)
    mine("validate", "--now", NOW, "--scrapers", name)
    (mine.folder / name).write_text(text.replace("toy_day_scraper", "toy_dya_scraper"))
    (error,) = errors(mine, "--scrapers", name)
    assert "toy/days: its tasks name the scraper 'toy_day_scraper'" in error
    assert "did you mean 'toy_dya_scraper'" in error


def test_validate_needs_a_list_of_scrapers_that_can_be_read(mine: Inside) -> None:
    assert "absent.txt" in mine("validate", "--scrapers", "absent.txt", code=2).err
    (mine.folder / "odd.yaml").write_text("[[1]]\n")
    assert "odd.yaml" in mine("validate", "--scrapers", "odd.yaml", code=2).err


def test_plugins_are_listed_and_checked(recon: Recon) -> None:
    listed = recon("plugins", "list", "--format", "json").json()
    (row,) = [row for row in listed["plugins"] if row["source"] == "toy"]
    options = row.pop("options")
    assert {option["name"]: option["default"] for option in options}["count"] == 6
    assert all(set(option) == {"name", "default", "help"} and option["help"] for option in options)
    assert row == {
        "distribution": "recon-toy",
        "version": "2.5",
        "source": "toy",
        "data_types": ["games", "days"],
        "seasons": ["2022", "2023", "2024", "2025"],
        "state": "ok",
    }
    assert "-m pip install recon-<source>" in recon("plugins", "list").out
    checked = recon("plugins", "check", "--format", "json").json()
    assert checked["ok"]
    assert {one["check"] for one in checked["checks"] if one["source"] == "toy"} > {"load", "recon_source"}
    assert ", 0 failed." in recon("plugins", "check").out


def test_a_demo_says_that_it_is_one_and_what_to_try(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    demo = simple_plugin("made", extra=_DEMO).replace('schedule="computed"', 'schedule="pulled"')
    site.install_module("made", demo.replace('grain=("date",)', 'grain=("date",)').replace("every_day=True,", ""))
    run = command(tmp_path, tmp_path, site)
    done = run("demo", "shown", "--source", "made", "--now", "2024-11-20T00:00:00Z")
    assert done.out.startswith("These games are made up.")
    assert "Planted faults:" in done.out
    assert "cd shown" in done.out
    assert run.at(tmp_path / "shown")("status", "--format", "json").json()["report"]["gaps"]["total"] > 0
    assert "not empty" in run("demo", "shown", "--source", "made", code=2).err
    assert "made" in run("demo", "other", "--source", "mad", code=2).err
    assert not os.path.lexists(tmp_path / "other")


_DEMO = """
from datetime import timedelta


@hookimpl
def recon_expected_games(season, context):
    return []


@hookimpl
def recon_demo_games(season):
    for number in range(80):
        day = season.starts + timedelta(days=number)
        start = datetime(day.year, day.month, day.day, 18, tzinfo=timezone.utc)
        yield Game(game_id=f"m{number}", season=season.label, date=day, start_utc=start, status="scheduled")
"""


def test_the_doctor_judges_seasons_for_the_time_given(mine: Inside) -> None:
    checks = mine("doctor", "--now", NOW, "--format", "json").json()["checks"]
    assert any(one["detail"].startswith("toy 2024: 9 games") for one in checks if one["name"] == "schedules")
    assert not [one for one in checks if one["name"] == "configuration" and one["state"] == "fail"]


def test_options_of_plugins_are_listed(done: Inside) -> None:
    rows = done("plugins", "list", "--format", "json").json()["plugins"]
    options = next(row["options"] for row in rows if row["source"] == "toy")
    assert {"name": "count", "default": 6, "help": "How many games a pull finds."} in options
    assert "toy: count (default 6): How many games a pull finds." in done("plugins", "list").out


def test_a_priority_that_is_none_is_refused_without_jargon(done: Inside) -> None:
    result = done("run", "--fail-on", "urgent", code=2)
    assert "'--fail-on': 'urgent' is not one of" in result.err


def test_an_error_of_the_schema_hides_none_of_an_expression(mine: Inside) -> None:
    config = mine.folder / "config/reconciliation_config.yaml"
    config.write_text(
        config.read_text()
        + "\nscna: {}\nwaivers:\n  - when: nonsense_column = 1\n    reason: gone\n    expires: 2030-01-01\n"
    )
    errors = mine("validate", "--now", NOW, "--format", "json", code=2).json()["errors"]
    assert any("scna" in error for error in errors)
    assert any("waivers" in error and "nonsense_column" in error for error in errors)
