"""A season's games from ESPN's scoreboard, day by day: only what is not final yet, and going on where it was."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from recon_core.api import Context, Game, Season
from recon_espn.calendar import contradicted, days_between, season_days
from recon_espn.merge import games_of, ids_of, sort_games
from recon_espn.options import Settings
from recon_espn.scoreboard import Page, parse_page
from recon_espn.scratch import PageStore
from recon_espn.source import TIMEZONE

if TYPE_CHECKING:
    from recon_espn.client import ScoreboardClient

__all__ = ["pull_games", "wanted_days"]

_EASTERN = ZoneInfo(TIMEZONE)
_OPEN = frozenset({"scheduled", "in_progress", "tbd"})

# Longer than any pause within a season or at its ends: stored rows that leave out so many days on end are a part of a
# season, as an imported file may be, and not a season in which nothing happened.
_HOLE_DAYS = 20


def pull_games(season: Season, context: Context) -> list[Game]:
    """All games of the season: those of the days that had to be asked for, and the stored rows of all other days.

    Raises ConfigError for an option, UnreachableError, ScheduleError or DiskError for a day; the days fetched before
    are kept in ``context.scratch`` for the next attempt.
    """
    settings = Settings.read(context.options)
    pages: dict[date, Page] = {}
    if _missing(season, context, settings, pages):
        asyncio.run(_fetch_pages(season, context, settings, pages))
    fresh = games_of(season, pages.values())
    seen = ids_of(fresh)
    kept = [game for game in context.stored if game.date not in pages and seen.isdisjoint(ids_of([game]))]
    return sort_games([*fresh, *kept])


def wanted_days(
    season: Season, stored: Sequence[Game], settings: Settings, pages: Mapping[date, Page] | None = None
) -> list[date]:
    """The days whose scoreboards are needed, as far as the pages at hand tell; ascending.

    Without stored games: every day of the season. With them: the days of games that are not over, every day from that
    of the last pull on, and long stretches that the stored games leave out altogether. Games without a time of pull
    were imported and prove nothing of the days without any: then it is every day again.
    """
    universe = _season_days(season, settings, (pages or {}).values())
    pulls = [game.pulled_at for game in stored if game.pulled_at is not None]
    if not pulls or len(pulls) < len(stored):
        return universe
    last_pull = _local_day(max(pulls))
    open_days = {game.date for game in stored if game.status in _OPEN}
    holes = set(_holes(season, stored, last_pull))
    wanted = open_days.union(day for day in universe if day >= last_pull or day in holes)
    # A day's scoreboard reaches into the next morning: a game abroad that begins at 05:30 stands on the day before.
    early = {game.date - timedelta(days=1) for game in stored if game.date in wanted and _is_early(game)}
    return sorted(wanted | early)


async def _fetch_pages(season: Season, context: Context, settings: Settings, pages: dict[date, Page]) -> None:
    from recon_espn.client import ScoreboardClient

    store = PageStore(context.scratch, season.label, settings.base_url, context.now)
    today = _local_day(context.now)
    async with ScoreboardClient(settings) as client:
        ask_first = settings.calendar
        while missing := _missing(season, context, settings, pages):
            pages.update(_saved(store, missing))
            unknown = [day for day in missing if day not in pages]
            if ask_first and not any(page.calendar for page in pages.values()):
                # The first answer brings the calendar, which says what else need not be asked for.
                unknown = sorted(unknown, key=lambda day: abs(day - today))[:1]
            ask_first = False
            await _fetch_all(unknown, season, context, client, store, pages)


async def _fetch_all(
    days: Sequence[date],
    season: Season,
    context: Context,
    client: ScoreboardClient,
    store: PageStore,
    pages: dict[date, Page],
) -> None:
    """Fetch the days at once; the first that fails ends the others, and its error is the one raised."""
    total = len(pages) + len(days)
    what = f"days of {season.label}"
    context.progress(len(pages), total, what)

    async def fetch(day: date) -> None:
        document = await client.fetch(day)
        pages[day] = parse_page(document, day, client.where(day))
        store.save(day, document)
        context.progress(len(pages), total, what)

    try:
        async with asyncio.TaskGroup() as group:
            for day in days:
                group.create_task(fetch(day))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


def _saved(store: PageStore, days: Iterable[date]) -> dict[date, Page]:
    return {day: page for day in days if (page := store.load(day)) is not None}


def _missing(season: Season, context: Context, settings: Settings, pages: Mapping[date, Page]) -> list[date]:
    return [day for day in wanted_days(season, context.stored, settings, pages) if day not in pages]


def _season_days(season: Season, settings: Settings, pages: Iterable[Page]) -> list[date]:
    at_hand = list(pages)
    # Of one pull nearly all calendars are equal.
    calendars = {page.calendar for page in at_hand if page.calendar is not None} if settings.calendar else set()
    if contradicted(season, calendars, (page.day for page in at_hand if page.events)):
        return season_days(season, ())
    return season_days(season, calendars)


def _holes(season: Season, stored: Sequence[Game], last_pull: date) -> Iterator[date]:
    played = {game.date for game in stored}
    run: list[date] = []
    for day in days_between(season.starts, min(season.ends, last_pull) + timedelta(days=1)):
        if day not in played and day <= min(season.ends, last_pull):
            run.append(day)
            continue
        if len(run) >= _HOLE_DAYS:
            yield from run
        run = []


def _is_early(game: Game) -> bool:
    return game.start_utc is not None and game.start_utc.astimezone(_EASTERN).hour < 12


def _local_day(moment: datetime) -> date:
    return moment.astimezone(UTC).astimezone(_EASTERN).date()
