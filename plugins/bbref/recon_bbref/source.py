"""What the source declares: its datasets, layouts and teams.

The layouts of box scores and play-by-play are those seen in a real lake of scraped Basketball-Reference files, sorted
into folders by the year in which the season ends; those of the other datasets are made after them.
"""

from __future__ import annotations

from recon_bbref.ids import GAME_ID
from recon_bbref.options import OPTIONS
from recon_bbref.teams import TEAMS
from recon_core.api import API_VERSION, DatasetSpec, Source

__all__ = ["PAGES", "PER_GAME", "PLAYER", "PLAYER_LOGS", "ROSTERS", "SOURCE", "TEAM_PAGES", "TIMEZONE"]

TIMEZONE = "America/New_York"
"""The zone of the official dates, and of the start times on the pages."""

PAGES = "schedule_pages"
"""The data type of the schedule's month pages, which ``recon schedules pull --from-lake`` reads."""

ROSTERS, TEAM_PAGES, PLAYER_LOGS = "rosters", "team_pages", "player_logs"

PER_GAME = ("box_scores", "play_by_play", "shot_charts")

PLAYER = "[a-z]{2,}[0-9]{2}"
"""The pattern of a player's id: ``jamesle01``."""

_SCRAPER = "basketball_reference_scraper"
_GAME = {"game_id": GAME_ID}

# Nothing with a game or a season in it fits into so few bytes; `{}` and error pages without text do.
_EMPTY = 100

# A page, and the twelve seconds before the next may be asked for.
_MINUTES = 0.2

# settle_days stays 0 throughout: nothing is known of how long the site corrects a finished game, and a guess would call
# good files stale.
_DATASETS = (
    DatasetSpec(
        data_type="box_scores",
        grain=("game_id",),
        key_templates=("basketball_reference/box_scores/{end_year}/{game_id}.json",),
        patterns=_GAME,
        freshness_days=7,
        min_size_bytes=_EMPTY,
        publish_lag_hours=24,
        scraper=_SCRAPER,
        minutes_per_file=_MINUTES,
    ),
    DatasetSpec(
        data_type="play_by_play",
        grain=("game_id",),
        key_templates=("basketball_reference/pbp/{end_year}/{game_id}_pbp.json",),
        patterns=_GAME,
        freshness_days=7,
        min_size_bytes=_EMPTY,
        publish_lag_hours=24,
        scraper=_SCRAPER,
        minutes_per_file=_MINUTES,
        # General knowledge, as is the first season of shot charts: not counted.
        first_season="1996-97",
    ),
    DatasetSpec(
        data_type="shot_charts",
        grain=("game_id",),
        key_templates=("basketball_reference/shot_charts/{end_year}/{game_id}_shots.json",),
        patterns=_GAME,
        required=False,
        freshness_days=7,
        min_size_bytes=_EMPTY,
        publish_lag_hours=24,
        scraper=_SCRAPER,
        minutes_per_file=_MINUTES,
        first_season="2000-01",
    ),
    DatasetSpec(
        data_type=PAGES,
        grain=("season", "month"),
        key_templates=("basketball_reference/schedules/{end_year}/{league_code}_{end_year}_games-{month}.html",),
        patterns={"end_year": "[0-9]{4}", "league_code": "[A-Z]{3}", "month": "[a-z]+(?:-[0-9]{4})?"},
        min_size_bytes=_EMPTY,
        publish_lag_hours=24,
        scraper=_SCRAPER,
        minutes_per_file=_MINUTES,
    ),
    # What a whole season makes: games would have these due after a team's first game, so the plugin names them.
    DatasetSpec(
        data_type=TEAM_PAGES,
        grain=("season", "team"),
        key_templates=("basketball_reference/team_pages/{end_year}/{team}.json",),
        patterns={"end_year": "[0-9]{4}", "team": "[A-Z]{3}"},
        enumerated=True,
        required=False,
        min_size_bytes=_EMPTY,
        publish_lag_hours=72,
        scraper=_SCRAPER,
        minutes_per_file=_MINUTES,
    ),
    DatasetSpec(
        data_type=ROSTERS,
        grain=("season",),
        key_templates=("basketball_reference/rosters/{end_year}.json",),
        patterns={"end_year": "[0-9]{4}"},
        enumerated=True,
        required=False,
        publish_lag_hours=72,
        scraper=_SCRAPER,
        minutes_per_file=_MINUTES,
    ),
    DatasetSpec(
        data_type=PLAYER_LOGS,
        grain=("season", "player"),
        key_templates=("basketball_reference/player_logs/{end_year}/{player}.json",),
        patterns={"end_year": "[0-9]{4}", "player": PLAYER},
        required=False,
        min_size_bytes=_EMPTY,
        publish_lag_hours=72,
        scraper=_SCRAPER,
        minutes_per_file=_MINUTES,
    ),
)

SOURCE = Source(
    name="bbref",
    api_version=API_VERSION,
    title="Basketball-Reference (NBA)",
    timezone=TIMEZONE,
    datasets=_DATASETS,
    league="nba",
    teams=TEAMS,
    schedule="pulled",
    season_types=("regular", "cup_final", "playin", "playoffs"),
    options=OPTIONS,
)
