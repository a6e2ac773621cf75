"""What the source declares: its datasets, layouts and teams.

The layouts of play-by-play and of the advanced box scores are those seen in a real lake. The others follow them: a
traditional box score beside the advanced one, and the schedule as the payload of the endpoint, one file a season.
"""

from __future__ import annotations

from recon_core.api import API_VERSION, DatasetSpec, Source
from recon_nba_api.options import OPTIONS
from recon_nba_api.teams import TEAMS

__all__ = ["SOURCE", "TIMEZONE"]

TIMEZONE = "America/New_York"
"""The zone of the league's official dates, and of the schedule's fields whose names end in ``Est``."""

_SCRAPER = "nba_api_scraper"

# Nothing with a game in it fits into so few bytes; `{}` and `{"game": {}}` do. Larger shells stand out against the
# median size, which is what the core holds every copy against.
_EMPTY = 100

# The statistics site has no play-by-play of earlier seasons, and what is computed from it none either.
_FIRST_PLAY_BY_PLAY = "1996-97"


# settle_days stays 0 throughout: nothing is known of how long the NBA corrects a finished game, and a guess would call
# good files stale. A team that sees corrections sets it; freshness_days then says how old a copy may be meanwhile.
def _per_game(data_type: str, template: str, first_season: str | None) -> DatasetSpec:
    return DatasetSpec(
        data_type=data_type,
        grain=("game_id",),
        key_templates=(template,),
        patterns={"game_id": "00[1-6][0-9]{7}"},
        freshness_days=7,
        min_size_bytes=_EMPTY,
        scraper=_SCRAPER,
        first_season=first_season,
    )


_COMPREHENSIVE = "nba_api_comprehensive"
_DATASETS = (
    _per_game("play_by_play", "nba_api_playbyplay/playbyplay_{game_id}.json", _FIRST_PLAY_BY_PLAY),
    _per_game("box_scores", f"{_COMPREHENSIVE}/boxscores_traditional/traditional_{{game_id}}.json", None),
    _per_game(
        "box_scores_advanced", f"{_COMPREHENSIVE}/boxscores_advanced/advanced_{{game_id}}.json", _FIRST_PLAY_BY_PLAY
    ),
    DatasetSpec(
        data_type="schedule",
        grain=("season",),
        key_templates=("nba_api_schedule/schedule_{season}.json",),
        patterns={"season": "[0-9]{4}-[0-9]{2}"},
        required=False,
        freshness_days=1,
        min_size_bytes=_EMPTY,
        scraper=_SCRAPER,
    ),
)

SOURCE = Source(
    name="nba_api",
    api_version=API_VERSION,
    title="NBA statistics (nba.com)",
    timezone=TIMEZONE,
    datasets=_DATASETS,
    league="nba",
    teams=TEAMS,
    schedule="pulled",
    # Left out: preseason and allstar, whose opponents are no NBA teams or whose files few lakes keep.
    season_types=("regular", "cup_final", "playin", "playoffs"),
    options=OPTIONS,
)
