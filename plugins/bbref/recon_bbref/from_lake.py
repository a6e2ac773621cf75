"""A season's games out of the month pages that the lake itself holds, for when the site is not to be asked.

Such a schedule knows only what was saved. A file does not say when it was fetched, so its rows carry the earliest time
they can have: the season's first moment. A game that was not over in its page is therefore never proved by it, and the
next pull from the site asks for every page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from recon_bbref.merge import games_of, sort_games
from recon_bbref.month_page import Page, parse_page
from recon_bbref.options import Settings
from recon_bbref.seasons import Month, month_of, months_of
from recon_bbref.source import PAGES, TIMEZONE
from recon_bbref.text import printable
from recon_core.api import Context, Game, ScheduleError, Season

__all__ = ["games_from_lake"]

_EASTERN = ZoneInfo(TIMEZONE)
_INSTEAD = "or pull from the site, without --from-lake"


def games_from_lake(season: Season, context: Context) -> list[Game]:
    """The games of all month pages of the season, and stored rows of months without a page.

    Raises ScheduleError, naming the first key or month and how many there are, when the lake holds no page of the
    season, when a month has pages of which none can be read, or when a month that has begun has none (unless the option
    ``lake_gaps`` is set); LakeError when the lake cannot be read.
    """
    settings = Settings.read(context.options)
    keys = _keys_by_month(season, context)
    if not keys:
        raise ScheduleError(
            f"the lake holds no month page of {season.label} (data type {PAGES}): check the url, the prefix of bbref "
            f"and the layout, {_INSTEAD}"
        )
    begins = datetime(season.starts.year, season.starts.month, season.starts.day, tzinfo=_EASTERN).astimezone(UTC)
    pages = _read(keys, season, context, settings, min(begins, context.now))
    if not settings.lake_gaps:
        _check_gaps(season, context, pages)
    return _joined(context.stored, games_of(season, pages, ()), pages)


def _keys_by_month(season: Season, context: Context) -> dict[Month, list[str]]:
    known = {"season": season.label, **season.fields}
    found: dict[Month, list[str]] = {}
    for key, fields in context.keys(PAGES):
        month = month_of(season, fields["month"])
        if all(fields.get(name, own) == own for name, own in known.items()) and month is not None:
            found.setdefault(month, []).append(key)
    return {month: sorted(found[month]) for month in sorted(found)}


def _read(
    keys: Mapping[Month, Sequence[str]], season: Season, context: Context, settings: Settings, earliest: datetime
) -> list[Page]:
    pages: list[Page] = []
    broken: list[str] = []
    for done, (month, month_keys) in enumerate(keys.items()):
        context.progress(done, len(keys), f"month pages of {season.label}")
        problems: list[str] = []
        for key in month_keys:
            where = f"lake object {printable(key)}"
            body = context.read(key)
            try:
                if len(body) > settings.max_body_bytes:
                    raise ScheduleError(f"{where}: more than {settings.max_body_bytes} bytes (option max_body_bytes)")
                pages.append(replace(parse_page(body, season, month, where), fetched_at=earliest))
            except ScheduleError as error:
                problems.append(str(error))
        if len(problems) == len(month_keys):
            broken.append(problems[0])
    context.progress(len(keys), len(keys), f"month pages of {season.label}")
    if broken:
        raise ScheduleError(
            f"{broken[0]}; {len(broken)} of {len(keys)} months of {season.label} have no readable page, so their games "
            f"are not known: fetch these pages again, {_INSTEAD}"
        )
    return pages


def _check_gaps(season: Season, context: Context, pages: Sequence[Page]) -> None:
    today = context.now.astimezone(_EASTERN).date()
    listed = {month for page in pages for month in page.months} or set(months_of(season))
    absent = sorted(month for month in listed - {page.month for page in pages} if month.first <= today)
    if absent:
        raise ScheduleError(
            f"the lake holds no page of {absent[0].name}, a month of {season.label}, {len(absent)} such months in all: "
            f"fetch these pages, set the option lake_gaps of bbref to go on without their games, {_INSTEAD}"
        )


def _joined(stored: Sequence[Game], games: Sequence[Game], pages: Sequence[Page]) -> list[Game]:
    """Lake rows and stored rows: a stored row stays where the lake knows less of it."""
    fresh = {game.game_id: game for game in games}
    for old in stored:
        new = fresh.get(old.game_id)
        if new is None:
            if old.status in ("postponed", "cancelled") or not any(page.month.holds(old.date) for page in pages):
                fresh[old.game_id] = old
        elif _knows_more(old, new):
            fresh[old.game_id] = old
    return sort_games(fresh.values())


def _knows_more(old: Game, new: Game) -> bool:
    if "final" in (old.status, new.status):
        return new.status != "final"
    return old.pulled_at is not None and new.pulled_at is not None and old.pulled_at > new.pulled_at
