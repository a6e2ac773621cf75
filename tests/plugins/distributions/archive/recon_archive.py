"""A quiz league whose scans lie in folders named by a hash of the id: a layout that key templates cannot say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from recon_core.api import Context, DatasetSpec, Game, ParsedKey, Season, Source, hookimpl


def key_of(game_id: str) -> str:
    """Where a scan lies."""
    folder = hashlib.sha256(game_id.encode()).hexdigest()[:2]
    return f"archive/scans/{folder}/{game_id}.pdf"


@hookimpl
def recon_source() -> Source:
    return Source(
        name="archive",
        api_version=1,
        title="Quiz league archive",
        timezone="UTC",
        schedule="computed",
        datasets=(
            DatasetSpec(data_type="scans", grain=("game_id",), prefixes=("archive/scans/",), scraper="scan_scraper"),
        ),
    )


@hookimpl
def recon_seasons() -> Sequence[Season]:
    return [Season(label="2024", starts=date(2024, 1, 1), ends=date(2024, 12, 31))]


@hookimpl
def recon_parse_key(key: str) -> ParsedKey | None:
    game_id = key.rpartition("/")[2].removesuffix(".pdf")
    return ParsedKey(data_type="scans", fields={"game_id": game_id}) if game_id and key == key_of(game_id) else None


@hookimpl
def recon_expected_games(season: Season, context: Context) -> Iterator[Game]:
    for week in range(52):
        day = season.starts + timedelta(weeks=week)
        start = datetime(day.year, day.month, day.day, 19, tzinfo=UTC)
        yield Game(
            game_id=f"q{day:%Y%m%d}",
            season=season.label,
            date=day,
            start_utc=start,
            status="final" if start + timedelta(hours=3) <= context.now else "scheduled",
        )
