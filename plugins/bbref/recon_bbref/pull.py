"""A season's games from its month pages: only those that may have changed, and going on where a pull was broken off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from recon_bbref.client import NotThereError, PageClient
from recon_bbref.merge import games_of
from recon_bbref.month_page import Page, page_name, parse_page
from recon_bbref.options import Settings
from recon_bbref.scratch import PageStore
from recon_bbref.seasons import Month, months_of
from recon_bbref.source import TIMEZONE
from recon_core.api import Context, Game, Season

__all__ = ["pull_games", "wanted_months"]

_EASTERN = ZoneInfo(TIMEZONE)
_OPEN = frozenset({"scheduled", "in_progress", "tbd"})


def pull_games(season: Season, context: Context) -> list[Game]:
    """All games of the season: those of the pages that had to be asked for, and the stored rows of all other months.

    Before the season an empty list, where the site has no page of it yet. Raises ConfigError for an option,
    UnreachableError, ScheduleError or DiskError for a page; the pages fetched before are kept in ``context.scratch``
    for the next attempt.
    """
    settings = Settings.read(context.options)
    with PageClient(settings) as client:
        return _Pull(season, context, settings, client).games()


def wanted_months(season: Season, stored: Sequence[Game], listed: Sequence[Month] = ()) -> list[Month]:
    """The months whose pages are needed, ascending; ``listed`` are the season's, where a page has said so.

    Without stored games: all. With them: months with a game that is not over, those from the last pull on, and those
    of which nothing is stored. Games without a time of pull were imported and prove nothing of the rest: then it is all
    again.
    """
    months = list(listed) or months_of(season)
    pulls = [game.pulled_at for game in stored if game.pulled_at is not None]
    if not pulls or len(pulls) < len(stored):
        return months
    last_pull = _local_day(max(pulls))

    def needed(month: Month) -> bool:
        own = [game for game in stored if month.holds(game.date)]
        return not own or month.last >= last_pull or any(game.status in _OPEN for game in own)

    return [month for month in months if needed(month)]


class _Pull:
    """One pull. ``pages`` are those at hand, ``absent`` what the site said of months that it has no page of."""

    def __init__(self, season: Season, context: Context, settings: Settings, client: PageClient) -> None:
        self._season = season
        self._context = context
        self._client = client
        self._store = PageStore(context.scratch, season, settings.base_url, context.now)
        self._pages: dict[Month, Page] = {}
        self._absent: dict[Month, NotThereError] = {}

    def games(self) -> list[Game]:
        today = _local_day(self._context.now)
        while missing := self._missing():
            self._context.progress(len(self._pages), len(self._pages) + len(missing), f"pages of {self._season.label}")
            try:
                self._pages[missing[0]] = self._store.load(missing[0]) or self._fetch(missing[0])
            except NotThereError as error:
                if self._listed() or (self._pages and missing[0].first <= today):
                    raise
                self._absent[missing[0]] = error
                if not self._pages and today < self._season.starts:
                    return []
        # A month that is listed, or without a list one that has begun, must have its page.
        listed = self._listed()
        for month in sorted(self._absent):
            if month in listed or (not listed and month.first <= today):
                raise self._absent[month]
        self._context.progress(len(self._pages), len(self._pages), f"pages of {self._season.label}")
        return games_of(self._season, self._pages.values(), self._context.stored, today)

    def _missing(self) -> list[Month]:
        wanted = wanted_months(self._season, self._context.stored, self._listed())
        return [month for month in wanted if month not in self._pages and month not in self._absent]

    def _listed(self) -> list[Month]:
        return sorted({month for page in self._pages.values() for month in page.months})

    def _fetch(self, month: Month) -> Page:
        name = page_name(self._season, month)

        def read(body: bytes) -> Page:
            page = parse_page(body, self._season, month, self._client.where(name))
            self._store.save(month, body)
            return page

        return self._client.fetch(name, read)


def _local_day(moment: datetime) -> date:
    return moment.astimezone(_EASTERN).date()
