"""What the plugin declares: source, containers, teams, seasons, options; and that importing it is light."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest
from recon_hoopr import plugin
from recon_hoopr.options import OPTIONS, Settings
from recon_hoopr.seasons import SEASONS, end_year
from recon_hoopr.source import FLAGS, SOURCE
from recon_hoopr.teams import TEAMS

from recon_core.api import ConfigError
from recon_core.testing import load_registry

THIRTY = [
    *("ATL", "BOS", "BKN", "CHA", "CHI", "CLE", "DAL", "DEN", "DET", "GS", "HOU", "IND", "LAC", "LAL", "MEM"),
    *("MIA", "MIL", "MIN", "NO", "NY", "OKC", "ORL", "PHI", "PHX", "POR", "SAC", "SA", "TOR", "UTAH", "WSH"),
]


def test_the_core_loads_the_plugin_with_all_its_hooks():
    loaded = load_registry().get("hoopr")
    assert loaded.distribution == "recon-hoopr"
    assert loaded.hooks == {"recon_source", "recon_seasons", "recon_expected_games"}
    assert loaded.call("recon_source") == SOURCE == plugin.recon_source()
    assert tuple(loaded.call("recon_seasons")) == SEASONS


def test_importing_the_plugin_imports_no_network_code():
    heavy = "httpx, httpcore, tenacity, asyncio, ssl, duckdb, pyarrow, boto3"
    code = f"import sys, recon_hoopr.plugin; print([m for m in '{heavy}'.split(', ') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("data_type", "key"),
    [
        ("play_by_play", "hoopr_parquet/play_by_play/nba_data_2021.parquet"),
        ("team_box", "hoopr_parquet/team_box/nba_data_2021.parquet"),
        ("player_box", "hoopr_parquet/player_box/nba_data_2002.parquet"),
        ("schedules", "hoopr_parquet/schedules/nba_data_2021.parquet"),
    ],
)
def test_the_layout_of_a_lake_of_season_files(data_type, key):
    spec = next(one for one in SOURCE.datasets if one.data_type == data_type)
    template = load_registry().get("hoopr").templates[data_type][0]
    assert template.parse(key) == {"end_year": re.search("[0-9]{4}", key)[0]}
    assert (spec.grain, spec.inside) == ((("season",), None) if data_type == "schedules" else (("game_id",), "game_id"))


def test_a_games_data_types_are_those_that_the_flags_speak_of():
    assert set(FLAGS.values()) == {spec.data_type for spec in SOURCE.datasets if spec.container}
    assert SOURCE.season_types == ("regular", "cup_final", "playin", "playoffs")


def test_teams_are_canonical_as_the_leagues():
    assert len({TEAMS[code] for code in THIRTY}) == 30
    assert (TEAMS["GS"], TEAMS["NY"], TEAMS["UTAH"], TEAMS["WSH"]) == ("GSW", "NYK", "UTA", "WAS")


def test_a_team_has_the_code_that_other_sources_of_the_league_give_it():
    espn = load_registry().get("espn").source
    assert SOURCE.league == espn.league
    assert {code: espn.teams[code] for code in THIRTY} == {code: TEAMS[code] for code in THIRTY}


def test_seasons_begin_with_the_oldest_release_and_do_not_overlap():
    assert (SEASONS[0].label, SEASONS[0].fields) == ("2001-02", {"end_year": "2002"})
    for before, after in itertools.pairwise(SEASONS):
        assert before.ends < after.starts
        assert end_year(after) == end_year(before) + 1


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("base_url", "ftp://x", "is not a plain http:// or https:// address"),
        ("base_url", "https://user:secret@host/?token=1", "https://host/ is not a plain"),
        ("schedule_format", "rds", "rds is none of parquet, csv"),
        ("timeout_seconds", 0, "0 is not a number above 0"),
        ("retries", -1, "-1 is not a number 0 or more"),
        ("backoff_seconds", float("nan"), "nan is not a number 0 or more"),
        ("max_body_bytes", 0, "0 is not a number above 0"),
        ("unavailable_after_days", "soon", "soon is not a number 0 or more"),
    ],
)
def test_wrong_options_are_named(name, value, told):
    with pytest.raises(ConfigError, match=f"option {name} of hoopr") as caught:
        Settings.read({name: value})
    assert told in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_readme_lists_every_option_with_its_default():
    text = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    for name, option in OPTIONS.items():
        default = str(option.default).lower() if isinstance(option.default, bool) else str(option.default)
        assert f"| `{name}` | `{default}` | {option.help} |" in text
