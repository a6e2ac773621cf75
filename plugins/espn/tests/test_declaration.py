"""What the plugin declares: source, layouts, teams, seasons, options; and that importing it is light."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from recon_espn import plugin
from recon_espn.options import OPTIONS, Settings
from recon_espn.seasons import SEASONS, season_label
from recon_espn.source import SOURCE
from recon_espn.teams import TEAMS, canonical

from recon_core.api import ConfigError
from recon_core.testing import load_registry

THIRTY = [
    *("ATL", "BOS", "BKN", "CHA", "CHI", "CLE", "DAL", "DEN", "DET", "GS", "HOU", "IND", "LAC", "LAL", "MEM"),
    *("MIA", "MIL", "MIN", "NO", "NY", "OKC", "ORL", "PHI", "PHX", "POR", "SAC", "SA", "TOR", "UTAH", "WSH"),
]


def test_the_core_loads_the_plugin_with_all_its_hooks():
    loaded = load_registry().get("espn")
    assert loaded.distribution == "recon-espn"
    assert loaded.hooks == {"recon_source", "recon_seasons", "recon_expected_games", "recon_demo_games"}
    assert loaded.call("recon_source") == SOURCE == plugin.recon_source()
    assert tuple(loaded.call("recon_seasons")) == SEASONS


def test_importing_the_plugin_imports_no_network_code():
    heavy = "httpx, httpcore, aiolimiter, tenacity, asyncio, ssl, duckdb, pyarrow, boto3"
    code = f"import sys, recon_espn.plugin; print([m for m in '{heavy}'.split(', ') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, text=True, check=True)
    assert done.stdout.strip() == "[]"


def dataset(data_type: str):
    return next(spec for spec in SOURCE.datasets if spec.data_type == data_type)


@pytest.mark.parametrize(
    ("data_type", "key", "fields"),
    [
        ("play_by_play", "espn_play_by_play/401809801.json", {"game_id": "401809801"}),
        ("play_by_play", "pbp/131105001.json", {"game_id": "131105001"}),
        ("box_scores", "espn_box_scores/401736814.json", {"game_id": "401736814"}),
        ("box_scores", "box_scores/131105001.json", {"game_id": "131105001"}),
        ("team_stats", "espn_team_stats/401809801.json", {"game_id": "401809801"}),
        ("team_stats", "team_stats/401307856.json", {"game_id": "401307856"}),
        ("schedule", "espn_schedules/20230410.json", {"date": "2023-04-10"}),
        ("schedule", "schedule/20241015.json", {"date": "2024-10-15"}),
    ],
)
def test_both_layouts_are_read_and_the_newer_one_is_written(data_type, key, fields):
    templates = load_registry().get("espn").templates[data_type]
    assert [template.parse(key) for template in templates].count(None) == len(templates) - 1
    assert fields in [template.parse(key) for template in templates]
    assert templates[0].text.startswith("espn_")


@pytest.mark.parametrize(
    "key",
    ["espn_play_by_play/latest.json", "pbp/4018098O1.json", "espn_schedules/2023041.json", "schedule/20231301.json"],
)
def test_other_names_in_the_same_folders_are_not_read(key):
    for templates in load_registry().get("espn").templates.values():
        assert [template.parse(key) for template in templates] == [None] * len(templates)


def test_grains_and_the_default_season_types():
    assert {spec.data_type: spec.grain for spec in SOURCE.datasets} == {
        "play_by_play": ("game_id",),
        "box_scores": ("game_id",),
        "team_stats": ("game_id",),
        "schedule": ("date",),
    }
    assert SOURCE.season_types == ("regular", "cup_final", "playin", "playoffs")
    assert (SOURCE.league, SOURCE.timezone, SOURCE.schedule) == ("nba", "America/New_York", "pulled")
    assert dataset("play_by_play").minutes_per_file == 2
    assert {spec.scraper for spec in SOURCE.datasets} == {"espn_async_scraper"}
    labels = {season.label for season in SEASONS}
    assert {spec.first_season for spec in SOURCE.datasets} - {None} <= labels


def test_every_team_has_one_code_that_all_sources_share():
    assert len({TEAMS[code] for code in THIRTY}) == 30
    assert {code: TEAMS[code] for code in THIRTY if TEAMS[code] != code} == {
        "GS": "GSW",
        "NO": "NOP",
        "NY": "NYK",
        "SA": "SAS",
        "UTAH": "UTA",
        "WSH": "WAS",
    }
    assert set(TEAMS.values()) == {TEAMS[code] for code in THIRTY}
    former = {"NJN": "BKN", "SEA": "OKC", "VAN": "MEM", "CHH": "CHA", "NOH": "NOP", "NOK": "NOP", "WSB": "WAS"}
    assert {code: canonical(code) for code in former} == former
    assert canonical("Team Chuck") == "Team Chuck"
    assert canonical(None) is None


def test_seasons_are_named_by_both_years_and_do_not_overlap():
    assert season_label(2000) == "1999-00"
    assert (SEASONS[0].label, SEASONS[0].fields) == ("1993-94", {"end_year": "1994"})
    for earlier, later in itertools.pairwise(SEASONS):
        assert earlier.ends < later.starts
        assert int(later.fields["end_year"]) == int(earlier.fields["end_year"]) + 1
        assert re.fullmatch(r"[0-9]{4}-[0-9]{2}", later.label)


@pytest.mark.parametrize(
    ("label", "first", "last"),
    [
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
    assert settings.base_url == OPTIONS["base_url"].default
    assert Settings.read({"base_url": "http://localhost:8080/nba/"}).base_url == "http://localhost:8080/nba"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("requests_per_second", 0.0),
        ("requests_per_second", float("nan")),
        ("max_concurrency", 0),
        ("timeout_seconds", -1.0),
        ("retries", -1),
        ("backoff_seconds", -0.5),
        ("max_body_bytes", 0),
        ("base_url", "ftp://example.test/nba"),
        ("base_url", "example.test/nba"),
        ("base_url", "http://example.test/nba?key=1"),
        ("base_url", "http://[half/nba"),
    ],
)
def test_an_impossible_option_is_named(name, value):
    with pytest.raises(ConfigError, match=f"option {name} of espn: "):
        Settings.read({name: value})


def test_a_password_in_a_wrong_address_is_not_shown():
    with pytest.raises(ConfigError) as caught:
        Settings.read({"base_url": "ftp://user:hunter2@example.test/nba?token=abc"})
    assert "hunter2" not in str(caught.value)
    assert "abc" not in str(caught.value)


def test_the_readme_names_every_option_with_its_default():
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for name, option in OPTIONS.items():
        default = str(option.default).lower() if isinstance(option.default, bool) else option.default
        assert f"| `{name}` | `{default}` | {option.help} |" in readme


def test_the_readme_names_every_layout_and_first_season():
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for spec in SOURCE.datasets:
        layouts = ", ".join(f"`{text}`" for text in spec.key_templates)
        assert f"| {layouts} | {spec.first_season or SEASONS[0].label} |" in readme
