"""What the source declares: its datasets, layouts and teams.

The layouts are those seen in a real lake of scraped ESPN files: the newer one, under which a scraper puts new files,
and the older one, under which the same data was kept before.
"""

from __future__ import annotations

from recon_core.api import API_VERSION, DatasetSpec, Source
from recon_espn.options import OPTIONS
from recon_espn.teams import TEAMS

__all__ = ["SOURCE", "TIMEZONE"]

TIMEZONE = "America/New_York"
"""The zone of the league's official dates: about three of four tip-offs fall on the next day in UTC."""

_SCRAPER = "espn_async_scraper"
_GAME_ID = {"game_id": "[0-9]+"}

# Nothing with a game in it fits into so few bytes; `{}` and `{"plays": []}` do. Larger shells stand out against the
# median size, which is what the core holds every copy against.
_EMPTY = 100

# settle_days stays 0 throughout: nothing is known of how long ESPN corrects a finished game, and a guess would call
# good files stale. A team that sees corrections sets it; freshness_days then says how old a copy may be meanwhile.
_DATASETS = (
    DatasetSpec(
        data_type="play_by_play",
        grain=("game_id",),
        key_templates=("espn_play_by_play/{game_id}.json", "pbp/{game_id}.json"),
        patterns=_GAME_ID,
        freshness_days=7,
        min_size_bytes=_EMPTY,
        scraper=_SCRAPER,
        minutes_per_file=2,
        # hoopR, which republishes ESPN's data, begins here. Older play-by-play files in lakes are empty shells.
        first_season="2001-02",
    ),
    DatasetSpec(
        data_type="box_scores",
        grain=("game_id",),
        key_templates=("espn_box_scores/{game_id}.json", "box_scores/{game_id}.json"),
        patterns=_GAME_ID,
        freshness_days=7,
        min_size_bytes=_EMPTY,
        scraper=_SCRAPER,
        minutes_per_file=1,
    ),
    DatasetSpec(
        data_type="team_stats",
        grain=("game_id",),
        key_templates=("espn_team_stats/{game_id}.json", "team_stats/{game_id}.json"),
        patterns=_GAME_ID,
        freshness_days=7,
        min_size_bytes=_EMPTY,
        scraper=_SCRAPER,
        minutes_per_file=1,
    ),
    DatasetSpec(
        data_type="schedule",
        grain=("date",),
        key_templates=("espn_schedules/{date:%Y%m%d}.json", "schedule/{date:%Y%m%d}.json"),
        freshness_days=1,
        completeness_threshold=0.99,
        min_size_bytes=_EMPTY,
        scraper=_SCRAPER,
        minutes_per_file=1,
    ),
)

SOURCE = Source(
    name="espn",
    api_version=API_VERSION,
    title="ESPN (NBA)",
    timezone=TIMEZONE,
    datasets=_DATASETS,
    league="nba",
    teams=TEAMS,
    schedule="pulled",
    # Left out: preseason and allstar, whose opponents are no NBA teams or whose files few lakes keep.
    season_types=("regular", "cup_final", "playin", "playoffs"),
    options=OPTIONS,
)
