"""What the source declares: its datasets, where they lie, and its teams.

hoopR publishes one file a season and kind of data. A lake keeps them as they are, so the items of single games lie
inside, told by the column ``game_id``, which holds ESPN's event ids.
"""

from __future__ import annotations

from recon_core.api import API_VERSION, DatasetSpec, Source
from recon_hoopr.options import OPTIONS
from recon_hoopr.teams import TEAMS

__all__ = ["FLAGS", "SOURCE", "TIMEZONE"]

TIMEZONE = "America/New_York"
"""The zone of the league's official dates: about three of four tip-offs fall on the next day in UTC."""

FLAGS = {"PBP": "play_by_play", "team_box": "team_box", "player_box": "player_box"}
"""Column of hoopR's schedule -> data type: whether the data of a game exists at the source at all."""

_SCRAPER = "hoopr_release_scraper"

# hoopR builds its files once a day, from what ESPN shows the morning after.
_LAG_HOURS = 36

# One download closes all the gaps of a season; a task's estimate is reckoned per item.
_MINUTES = 0.002

_YEAR = {"end_year": "[0-9]{4}"}


def _inside(data_type: str) -> DatasetSpec:
    return DatasetSpec(
        data_type=data_type,
        grain=("game_id",),
        container=f"hoopr_parquet/{data_type}/nba_data_{{end_year}}.parquet",
        patterns=_YEAR,
        inside="game_id",
        publish_lag_hours=_LAG_HOURS,
        scraper=_SCRAPER,
        minutes_per_file=_MINUTES,
    )


_DATASETS = (
    *(_inside(data_type) for data_type in FLAGS.values()),
    DatasetSpec(
        data_type="schedules",
        grain=("season",),
        key_templates=("hoopr_parquet/schedules/nba_data_{end_year}.parquet",),
        patterns=_YEAR,
        freshness_days=2,
        publish_lag_hours=_LAG_HOURS,
        completeness_threshold=1.0,
        min_size_bytes=100,
        scraper=_SCRAPER,
        minutes_per_file=1,
    ),
)

SOURCE = Source(
    name="hoopr",
    api_version=API_VERSION,
    title="hoopR (NBA season files)",
    timezone=TIMEZONE,
    datasets=_DATASETS,
    league="nba",
    teams=TEAMS,
    schedule="pulled",
    # As of ESPN: pre-season guests and all-star teams are no NBA teams.
    season_types=("regular", "cup_final", "playin", "playoffs"),
    options=OPTIONS,
)
