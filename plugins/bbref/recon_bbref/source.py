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

# Nothing with a game or a season in it fits into so few bytes; `{}` and error pages without text do.
_EMPTY = 100

# A page, and the twelve seconds before the next may be asked for.
_MINUTES = 0.2

# settle_days stays 0 throughout: nothing is known of how long the site corrects a finished game, and a guess would call
# good files stale.


def _per_game(data_type: str, template: str, *, required: bool = True, first_season: str | None = None) -> DatasetSpec:
    """One file a game; the site has a game's pages by the next morning."""
    return DatasetSpec(
        data_type=data_type,
        grain=("game_id",),
        key_templates=(template,),
        patterns={"game_id": GAME_ID},
        required=required,
        freshness_days=7,
        publish_lag_hours=24,
        min_size_bytes=_EMPTY,
        scraper=_SCRAPER,
        minutes_per_file=_MINUTES,
        first_season=first_season,
    )


def _of_season(
    data_type: str, template: str, column: str | None = None, pattern: str = "", *, enumerated: bool = False
) -> DatasetSpec:
    """What a whole season makes: one file, or one for each value of ``column``."""
    return DatasetSpec(
        data_type=data_type,
        grain=("season", column) if column else ("season",),
        key_templates=(template,),
        patterns={"end_year": "[0-9]{4}", **({column: pattern} if column else {})},
        enumerated=enumerated,
        required=False,
        publish_lag_hours=72,
        min_size_bytes=_EMPTY if column else 1,
        scraper=_SCRAPER,
        minutes_per_file=_MINUTES,
    )


_DATASETS = (
    _per_game("box_scores", "basketball_reference/box_scores/{end_year}/{game_id}.json"),
    # The first seasons of play-by-play and shot charts are general knowledge: not counted.
    _per_game("play_by_play", "basketball_reference/pbp/{end_year}/{game_id}_pbp.json", first_season="1996-97"),
    _per_game(
        "shot_charts",
        "basketball_reference/shot_charts/{end_year}/{game_id}_shots.json",
        required=False,
        first_season="2000-01",
    ),
    DatasetSpec(
        data_type=PAGES,
        grain=("season", "month"),
        key_templates=("basketball_reference/schedules/{end_year}/{league_code}_{end_year}_games-{month}.html",),
        patterns={"end_year": "[0-9]{4}", "league_code": "[A-Z]{3}", "month": "[a-z]+(?:-[0-9]{4})?"},
        publish_lag_hours=24,
        min_size_bytes=_EMPTY,
        scraper=_SCRAPER,
        minutes_per_file=_MINUTES,
    ),
    # Games would have these two due after the season's, or a team's, first game: so the plugin names them.
    _of_season(
        TEAM_PAGES, "basketball_reference/team_pages/{end_year}/{team}.json", "team", "[A-Z]{3}", enumerated=True
    ),
    _of_season(ROSTERS, "basketball_reference/rosters/{end_year}.json", enumerated=True),
    _of_season(PLAYER_LOGS, "basketball_reference/player_logs/{end_year}/{player}.json", "player", PLAYER),
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
