"""What the plugin declares: source, layouts, teams, seasons, options; and that importing it is light."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from recon_nba_api import plugin
from recon_nba_api.options import FETCHES, OPTIONS, Settings
from recon_nba_api.seasons import SEASONS, season_label
from recon_nba_api.source import SOURCE
from recon_nba_api.teams import TEAMS, team_code

from recon_core.api import ConfigError
from recon_core.testing import load_registry

ROOT = Path(__file__).parents[1]


def test_the_core_loads_the_plugin_with_all_its_hooks():
    loaded = load_registry().get("nba_api")
    assert loaded.distribution == "recon-nba-api"
    assert loaded.hooks == {"recon_source", "recon_seasons", "recon_expected_games", "recon_schedule_notes"}
    assert loaded.call("recon_source") == SOURCE == plugin.recon_source()
    assert tuple(loaded.call("recon_seasons")) == SEASONS


def test_importing_the_plugin_imports_no_network_code():
    heavy = "httpx, httpcore, tenacity, asyncio, ssl, nba_api, requests, pandas, duckdb, pyarrow, boto3"
    code = f"import sys, recon_nba_api.plugin; print([m for m in '{heavy}'.split(', ') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_package_nba_api_comes_with_an_extra_alone():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not [name for name in project["dependencies"] if name.startswith("nba_api")]
    assert [re.split("[>=]", name)[0] for name in project["optional-dependencies"]["client"]] == ["nba_api"]


def dataset(data_type):
    return next(spec for spec in SOURCE.datasets if spec.data_type == data_type)


@pytest.mark.parametrize(
    ("data_type", "key", "fields"),
    [
        ("play_by_play", "nba_api_playbyplay/playbyplay_0022400061.json", {"game_id": "0022400061"}),
        (
            "box_scores",
            "nba_api_comprehensive/boxscores_traditional/traditional_0042400405.json",
            {"game_id": "0042400405"},
        ),
        (
            "box_scores_advanced",
            "nba_api_comprehensive/boxscores_advanced/advanced_0062400001.json",
            {"game_id": "0062400001"},
        ),
        ("schedule", "nba_api_schedule/schedule_2024-25.json", {"season": "2024-25"}),
    ],
)
def test_the_layouts(data_type, key, fields):
    (template,) = load_registry().get("nba_api").templates[data_type]
    assert template.parse(key) == fields
    assert template.render(fields) == key


@pytest.mark.parametrize(
    "key",
    [
        "nba_api_playbyplay/playbyplay_22400061.json",
        "nba_api_playbyplay/playbyplay_401704627.json",
        "nba_api_playbyplay/playbyplay_0072400061.json",
        "nba_api_playbyplay/0022400061.json",
        "nba_api_comprehensive/boxscores_advanced/traditional_0022400061.json",
        "nba_api_schedule/schedule_2024.json",
        "nba_api_schedule/schedule_latest.json",
    ],
)
def test_other_names_in_the_same_folders_are_not_read(key):
    for templates in load_registry().get("nba_api").templates.values():
        assert [template.parse(key) for template in templates] == [None] * len(templates)


def test_grains_and_the_default_season_types():
    assert {spec.data_type: spec.grain for spec in SOURCE.datasets} == {
        "play_by_play": ("game_id",),
        "box_scores": ("game_id",),
        "box_scores_advanced": ("game_id",),
        "schedule": ("season",),
    }
    assert SOURCE.season_types == ("regular", "cup_final", "playin", "playoffs")
    assert (SOURCE.league, SOURCE.timezone, SOURCE.schedule) == ("nba", "America/New_York", "pulled")
    assert {spec.scraper for spec in SOURCE.datasets} == {"nba_api_scraper"}
    assert [spec.data_type for spec in SOURCE.datasets if not spec.required] == ["schedule"]
    assert {spec.first_season for spec in SOURCE.datasets} == {None, "1996-97"}
    assert "1996-97" in {season.label for season in SEASONS}


def test_teams_and_league_are_those_of_the_other_sources():
    others = [one.source for one in load_registry().plugins if one.source.league == SOURCE.league]
    assert len(others) > 1
    canonical = set(TEAMS.values())
    assert len(canonical) == 30
    for other in others:
        assert canonical <= set(other.teams.values()), other.name
        shared = TEAMS.keys() & other.teams.keys()
        assert {code: TEAMS[code] for code in shared} == {code: other.teams[code] for code in shared}, other.name


def test_codes_of_former_names_lead_to_todays():
    former = {"NJN": "BKN", "SEA": "OKC", "VAN": "MEM", "CHH": "CHA", "NOH": "NOP", "NOK": "NOP", "WSB": "WAS"}
    assert {code: TEAMS[code] for code in former} == former
    assert {code for code, canonical in TEAMS.items() if code == canonical} == set(TEAMS.values())


@pytest.mark.parametrize(
    ("tricode", "number", "name", "code"),
    [
        ("BOS", 1610612738, "Celtics", "BOS"),
        ("SEA", 1610612760, "SuperSonics", "SEA"),
        ("GOS", 1610612744, "Warriors", "GSW"),  # as some early seasons spell it
        ("", 1610612744, "Warriors", "GSW"),
        (" LAL ", 0, "", "LAL"),
        ("NZB", 12321, "Breakers", "NZB"),
        ("", 12321, "Breakers", "Breakers"),
        ("", 0, "", None),
        ("TBD", 0, "", None),
        ("", 0, "TBD", None),
    ],
)
def test_the_code_that_stands_for_a_team(tricode, number, name, code):
    assert team_code(tricode, number, name) == code


def test_seasons_are_named_by_both_years_and_do_not_overlap():
    assert season_label(1999) == "1999-00"
    assert (SEASONS[0].label, SEASONS[0].fields) == ("1946-47", {"end_year": "1947"})
    for earlier, later in itertools.pairwise(SEASONS):
        assert earlier.ends < later.starts
        assert int(later.fields["end_year"]) == int(earlier.fields["end_year"]) + 1
        assert re.fullmatch(r"[0-9]{4}-[0-9]{2}", later.label)


@pytest.mark.parametrize(
    ("label", "first", "last"),
    [
        ("1946-47", date(1946, 11, 1), date(1947, 4, 22)),
        ("1998-99", date(1999, 2, 5), date(1999, 6, 25)),
        ("2011-12", date(2011, 12, 25), date(2012, 6, 21)),
        ("2018-19", date(2018, 9, 28), date(2019, 6, 13)),
        ("2019-20", date(2019, 9, 30), date(2020, 10, 11)),
        ("2020-21", date(2020, 12, 11), date(2021, 7, 20)),
        ("2022-23", date(2022, 9, 30), date(2023, 6, 12)),
        ("2024-25", date(2024, 10, 4), date(2025, 6, 22)),
        ("2025-26", date(2025, 10, 2), date(2026, 6, 19)),
    ],
)
def test_a_season_holds_its_first_and_its_last_game(label, first, last):
    season = next(season for season in SEASONS if season.label == label)
    assert season.starts <= first < last <= season.ends
    assert season.ends - season.starts < timedelta(days=400)


def test_the_options_defaults_are_valid_settings():
    settings = Settings.read({})
    assert settings.stats_url == OPTIONS["stats_url"].default
    assert settings.file_of("2024-25") is None
    assert Settings.read({"stats_url": "http://localhost:8080/nba/"}).stats_url == "http://localhost:8080/nba"
    assert Settings.read({"schedule_file": "a/{season}.json"}).file_of("2024-25") == Path("a/2024-25.json")
    assert [Settings.read({"fetch": fetch}).fetch for fetch in FETCHES] == ["auto", "cdn", "stats", "nba_api"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fetch", "sats"),
        ("user_agent", ""),
        ("user_agent", "a\r\nX: y"),
        ("user_agent", "ü"),
        ("pause_seconds", -1.0),
        ("timeout_seconds", 0.0),
        ("timeout_seconds", float("nan")),
        ("retries", -1),
        ("backoff_seconds", -0.5),
        ("max_wait_seconds", float("inf")),
        ("max_body_bytes", 0),
        ("cdn_url", "ftp://example.test/nba"),
        ("stats_url", "example.test/nba"),
        ("stats_url", "http://example.test/nba?key=1"),
        ("cdn_url", "http://[half/nba"),
    ],
)
def test_an_impossible_option_is_named(name, value):
    with pytest.raises(ConfigError, match=f"option {name} of nba_api") as caught:
        Settings.read({name: value})
    assert "\n" not in str(caught.value)


def test_a_password_in_a_wrong_address_is_not_shown():
    with pytest.raises(ConfigError) as caught:
        Settings.read({"cdn_url": "ftp://user:hunter2@example.test/nba?token=abc"})
    assert "hunter2" not in str(caught.value)
    assert "abc" not in str(caught.value)


def test_the_readme_names_every_option_with_its_default():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, option in OPTIONS.items():
        default = f"`{option.default}`" if option.default != "" else "none"
        assert f"| `{name}` | {default} | {option.help} |" in readme


def test_the_readme_names_every_layout_and_first_season():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for spec in SOURCE.datasets:
        (layout,) = spec.key_templates
        seen = "assumed" if spec.data_type in ("box_scores", "schedule") else "seen"
        row = f"| {spec.grain[0].removesuffix('_id')} | `{layout}` | {spec.first_season or SEASONS[0].label} | {seen} |"
        assert f"| `{spec.data_type}` {row}" in readme
