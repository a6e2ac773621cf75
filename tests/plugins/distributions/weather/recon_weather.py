"""Daily readings of weather stations: no games, no teams, items that are computed.

``readings`` has one file per station and day, in a current and an older layout; ``bulletins`` one file per calendar
day. A season is a calendar year.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from datetime import datetime as moment
from zoneinfo import ZoneInfo

from recon_core.api import (
    Context,
    DatasetSpec,
    Items,
    Option,
    PriorityRule,
    Season,
    Source,
    Undetermined,
    hookimpl,
)

ZONE = "Europe/Oslo"
UTC = ZoneInfo("UTC")
# A station reports from the day it was opened.
STATIONS = {"bergen": date(2020, 1, 1), "oslo": date(2020, 1, 1), "tromso": date(2024, 3, 1)}


@hookimpl
def recon_source() -> Source:
    return Source(
        name="weather",
        api_version=1,
        title="Daily weather station files",
        timezone=ZONE,
        schedule="computed",
        options={"stations_unknown": Option(default=False, help="Act as if the list of stations were not to be had.")},
        datasets=(
            DatasetSpec(
                data_type="readings",
                grain=("date", "station"),
                key_templates=(
                    "weather/daily/{station}/{date:%Y%m%d}.csv",
                    "weather/old/{date:%Y}/{date:%m}/{station}-{date:%d}.csv",
                ),
                patterns={"station": "[a-z]+"},
                scraper="station_scraper",
                publish_lag_hours=12,
                minutes_per_file=0.5,
            ),
            DatasetSpec(
                data_type="bulletins",
                grain=("date",),
                key_templates=("weather/bulletins/{season}/{date:%Y-%m-%d}.txt",),
                every_day=True,
                required=False,
            ),
        ),
    )


@hookimpl
def recon_seasons() -> Sequence[Season]:
    return [Season(label=str(year), starts=date(year, 1, 1), ends=date(year, 12, 31)) for year in (2023, 2024, 2025)]


@hookimpl
def recon_expected_items(dataset: DatasetSpec, season: Season, context: Context) -> Iterator[Items | Undetermined]:
    if context.options["stations_unknown"]:
        yield Undetermined(reason="the list of stations is not to be had")
        return
    for station, opened in STATIONS.items():
        first = max(season.starts, opened)
        days = [first + timedelta(days=number) for number in range((season.ends - first).days + 1)]
        yield Items(columns={"date": days, "station": [station] * len(days)}, times=[_end_of(day) for day in days])


@hookimpl
def recon_priority_rules() -> Sequence[PriorityRule]:
    return [PriorityRule(name="bulletins-can-wait", when="data_type = 'bulletins'", priority="LOW")]


def _end_of(day: date) -> moment:
    """A day's readings are complete when the day has ended where the station stands."""
    following = day + timedelta(days=1)
    return moment(following.year, following.month, following.day, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
