"""The made-up league of the demo."""

from __future__ import annotations

from collections import Counter, defaultdict
from zoneinfo import ZoneInfo

import pytest
from recon_espn.demo import DEMO_TEAMS
from recon_espn.ids import is_new_id
from recon_espn.plugin import recon_demo_games
from recon_espn.seasons import SEASONS
from recon_espn.teams import TEAMS

from recon_core.testing import load_registry

LABELS = ["1998-99", "2011-12", "2019-20", "2024-25", "2049-50"]


@pytest.fixture(params=LABELS)
def demo_season(request):
    return next(season for season in SEASONS if season.label == request.param)


@pytest.fixture
def games(demo_season):
    return list(recon_demo_games(demo_season))


def test_the_core_accepts_the_games(demo_season, games):
    assert load_registry().get("espn").call("recon_demo_games", season=demo_season) == games


def test_no_team_and_no_id_is_real(games):
    assert len(DEMO_TEAMS) == 12
    assert {team for game in games for team in (game.home, game.away)} == set(DEMO_TEAMS)
    assert set(DEMO_TEAMS).isdisjoint(TEAMS)
    assert all(is_new_id(game.game_id) and game.game_id.startswith("499") for game in games)


def test_ids_are_unique_also_across_seasons():
    ids = [game.game_id for season in SEASONS[-12:] for game in recon_demo_games(season)]
    assert len(ids) == len(set(ids))


def test_the_same_season_gives_the_same_games(demo_season, games):
    assert list(recon_demo_games(demo_season)) == games


def test_all_games_lie_within_the_season(demo_season, games):
    assert games[0].date >= demo_season.starts
    assert games[-1].date <= demo_season.ends
    assert {game.season for game in games} == {demo_season.label}
    eastern = ZoneInfo("America/New_York")
    assert all(game.start_utc.astimezone(eastern).date() == game.date for game in games if game.start_utc)


def test_nobody_plays_twice_on_a_day(games):
    played = Counter(
        (game.date, team) for game in games if game.status != "postponed" for team in (game.home, game.away)
    )
    assert set(played.values()) == {1}


def test_what_makes_schedules_hard_is_in_it(games):
    kinds = Counter((game.season_type, game.status) for game in games)
    assert kinds["regular", "postponed"] >= 3
    assert kinds["playoffs", "tbd"] == 4
    assert kinds["preseason", "cancelled"] == 1
    assert any(game.start_utc.date() > game.date for game in games if game.start_utc)
    assert all(game.start_utc is None for game in games if game.status == "tbd")
    for old in (game for game in games if game.status == "postponed"):
        pairs = [game for game in games if (game.home, game.away) == (old.home, old.away) and game.date > old.date]
        assert any(game.status == "scheduled" and game.game_id != old.game_id for game in pairs)


def test_a_full_season_has_180_balanced_regular_games():
    season = next(season for season in SEASONS if season.label == "2024-25")
    regular = [g for g in recon_demo_games(season) if g.season_type == "regular" and g.status == "scheduled"]
    assert len(regular) == 180
    meetings = defaultdict(int)
    for game in regular:
        meetings[frozenset((game.home, game.away))] += 1
    assert len(meetings) == 66
    assert set(meetings.values()) == {2, 3}
    hosts = Counter(game.home for game in regular)
    assert all(12 <= hosts[team] <= 18 for team in DEMO_TEAMS)
