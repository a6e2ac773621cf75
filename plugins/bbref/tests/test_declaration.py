"""What the plugin declares: source, layouts, teams, seasons, options; and that importing it is light."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from recon_bbref import plugin
from recon_bbref.options import OPTIONS, Settings
from recon_bbref.seasons import SEASONS, season_label
from recon_bbref.source import SOURCE

from recon_core.api import ConfigError, Game
from recon_core.testing import load_registry


def test_the_core_loads_the_plugin_with_all_its_hooks():
    loaded = load_registry().get("bbref")
    assert loaded.distribution == "recon-bbref"
    assert loaded.hooks == {
        *("recon_source", "recon_seasons", "recon_expected_games", "recon_expected_items", "recon_game_id")
    }
    assert loaded.call("recon_source") == SOURCE == plugin.recon_source()
    assert tuple(loaded.call("recon_seasons")) == SEASONS


def test_importing_the_plugin_imports_no_network_code_and_no_parser():
    heavy = "httpx, httpcore, selectolax, ssl, json, duckdb, pyarrow, boto3"
    code = f"import sys, recon_bbref.plugin; print([m for m in '{heavy}'.split(', ') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, text=True, check=True)
    assert done.stdout.strip() == "[]"


def dataset(data_type: str):
    return next(spec for spec in SOURCE.datasets if spec.data_type == data_type)


@pytest.mark.parametrize(
    ("data_type", "key", "fields"),
    [
        (
            "box_scores",
            "basketball_reference/box_scores/2024/202310240DEN.json",
            {"end_year": "2024", "game_id": "202310240DEN"},
        ),
        (
            "play_by_play",
            "basketball_reference/pbp/2024/202310240DEN_pbp.json",
            {"end_year": "2024", "game_id": "202310240DEN"},
        ),
        (
            "shot_charts",
            "basketball_reference/shot_charts/2024/202310240DEN_shots.json",
            {"end_year": "2024", "game_id": "202310240DEN"},
        ),
        (
            "schedule_pages",
            "basketball_reference/schedules/2020/NBA_2020_games-october-2019.html",
            {"end_year": "2020", "league_code": "NBA", "month": "october-2019"},
        ),
        ("team_pages", "basketball_reference/team_pages/2024/BRK.json", {"end_year": "2024", "team": "BRK"}),
        ("rosters", "basketball_reference/rosters/2024.json", {"end_year": "2024"}),
        (
            "player_logs",
            "basketball_reference/player_logs/2024/jamesle01.json",
            {"end_year": "2024", "player": "jamesle01"},
        ),
    ],
)
def test_layouts(data_type, key, fields):
    (template,) = load_registry().get("bbref").templates[data_type]
    assert template.parse(key) == fields
    assert template.render(fields) == key


@pytest.mark.parametrize(
    "key",
    [
        "basketball_reference/box_scores/2024/latest.json",
        "basketball_reference/box_scores/2024/401704627.json",
        "basketball_reference/pbp/2024/202310240DEN.json",
        "basketball_reference/rosters/current.json",
        "basketball_reference/team_pages/2024/index.json",
    ],
)
def test_other_names_in_the_same_folders_are_not_read(key):
    for templates in load_registry().get("bbref").templates.values():
        assert [template.parse(key) for template in templates] == [None] * len(templates)


def test_grains_and_the_default_season_types():
    assert {spec.data_type: (spec.grain, spec.enumerated) for spec in SOURCE.datasets} == {
        "play_by_play": (("game_id",), False),
        "box_scores": (("game_id",), False),
        "shot_charts": (("game_id",), False),
        "schedule_pages": (("season", "month"), False),
        "team_pages": (("season", "team"), True),
        "rosters": (("season",), True),
        "player_logs": (("season", "player"), False),
    }
    assert SOURCE.season_types == ("regular", "cup_final", "playin", "playoffs")
    assert (SOURCE.league, SOURCE.timezone, SOURCE.schedule) == ("nba", "America/New_York", "pulled")
    assert {spec.first_season for spec in SOURCE.datasets} - {None} <= {season.label for season in SEASONS}


def test_seasons_are_named_by_both_years_and_do_not_overlap():
    assert season_label(2000) == "1999-00"
    assert (SEASONS[0].label, SEASONS[0].fields) == ("1946-47", {"end_year": "1947", "league_code": "BAA"})
    for earlier, later in itertools.pairwise(SEASONS):
        assert earlier.ends < later.starts
        assert int(later.fields["end_year"]) == int(earlier.fields["end_year"]) + 1


@pytest.mark.parametrize(
    ("label", "first", "last"),
    [
        ("1946-47", date(1946, 11, 1), date(1947, 4, 22)),
        ("1998-99", date(1999, 2, 5), date(1999, 6, 25)),
        ("2011-12", date(2011, 12, 25), date(2012, 6, 21)),
        ("2019-20", date(2019, 10, 22), date(2020, 10, 11)),
        ("2020-21", date(2020, 12, 22), date(2021, 7, 20)),
        ("2024-25", date(2024, 10, 22), date(2025, 6, 22)),
    ],
)
def test_a_season_holds_its_first_and_its_last_game(label, first, last):
    season = next(season for season in SEASONS if season.label == label)
    assert season.starts <= first < last <= season.ends
    assert season.ends - season.starts < timedelta(days=400)


def test_the_options_defaults_are_valid_settings_and_polite():
    settings = Settings.read({})
    assert settings.base_url == OPTIONS["base_url"].default
    assert settings.seconds_between_requests == 12
    assert Settings.read({"base_url": "http://localhost:8080/mirror/"}).base_url == "http://localhost:8080/mirror"
    assert Settings.read({"base_url": "http://localhost:8080", "seconds_between_requests": 0.0})
    assert Settings.read({"seconds_between_requests": 3.0}).seconds_between_requests == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seconds_between_requests", -1.0),
        ("seconds_between_requests", float("nan")),
        ("seconds_between_requests", 2.5),
        ("timeout_seconds", 0.0),
        ("retries", -1),
        ("retries", True),
        ("backoff_seconds", -0.5),
        ("max_body_bytes", 0),
        ("base_url", "ftp://example.test"),
        ("base_url", "example.test"),
        ("base_url", "http://example.test/?key=1"),
        ("base_url", "http://[half"),
    ],
)
def test_an_impossible_option_is_named(name, value):
    with pytest.raises(ConfigError, match=f"option {name} of bbref: "):
        Settings.read({name: value})


def test_a_password_in_a_wrong_address_is_not_shown():
    with pytest.raises(ConfigError) as caught:
        Settings.read({"base_url": "ftp://user:hunter2@example.test/?token=abc"})
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


def test_the_id_of_a_game_that_another_source_knows():
    one = Game(game_id="0022300061", season="2023-24", date=date(2023, 10, 24), status="final", home="PHX", away="LAL")
    assert load_registry().get("bbref").call("recon_game_id", game=one) == "202310240PHO"
    assert load_registry().get("bbref").call("recon_game_id", game=replace(one, home="MAD")) is None
