"""A regatta whose data lies in files of many: a season's race results in one, a day's logs of all boats in one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from recon_core.api import Context, DatasetSpec, Game, Items, Season, Source, hookimpl

BOATS = ("Argo", "Le Rêve/2", "50%")


@hookimpl
def recon_source() -> Source:
    return Source(
        name="rowing",
        api_version=1,
        title="Lake regatta",
        timezone="Europe/Zurich",
        schedule="computed",
        season_types=("final",),
        datasets=(
            DatasetSpec(
                data_type="results",
                grain=("game_id",),
                container="rowing/results_{year}.parquet",
                inside="race_id",
                freshness_days=7,
                scraper="results_scraper",
                minutes_per_file=0.5,
            ),
            DatasetSpec(
                data_type="logs",
                grain=("date", "boat"),
                container="rowing/logs/{date:%Y%m%d}.parquet",
                inside="boat",
                required=False,
            ),
        ),
    )


@hookimpl
def recon_seasons() -> Sequence[Season]:
    return [
        Season(label=f"S{year}", starts=date(year, 5, 1), ends=date(year, 9, 30), fields={"year": str(year)})
        for year in (2023, 2024)
    ]


@hookimpl
def recon_expected_games(season: Season, context: Context) -> Iterator[Game]:
    for number in range(1, 13):
        day = season.starts + timedelta(days=number - 1)
        start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        over = start + timedelta(hours=3) <= context.now
        yield Game(
            game_id=f"{season.starts.year}{number:02}",
            season=season.label,
            date=day,
            start_utc=start,
            status="final" if over else "scheduled",
            season_type="heat" if number == 1 else "final",
            alt_ids=(f"9{number:02}",) if number == 2 else (),
            unavailable=("results",) if number == 3 else (),
        )


@hookimpl
def recon_expected_items(dataset: DatasetSpec, season: Season, context: Context) -> Iterator[Items]:
    days = [season.starts + timedelta(days=number) for number in range(3)]
    yield Items(
        columns={"date": [day for day in days for _ in BOATS], "boat": [*BOATS] * len(days)},
        times=[datetime(day.year, day.month, day.day, 20, tzinfo=UTC) for day in days for _ in BOATS],
    )
