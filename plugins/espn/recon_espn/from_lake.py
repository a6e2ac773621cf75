"""A season's games out of the scoreboard files that the lake itself holds, for when ESPN cannot be asked.

Such a schedule knows only what the lake's own scraper saw. A file does not say when it was fetched, so its rows carry
the earliest time they can have: the season's first moment. A game that was not over in its file is therefore never
proved by it, and the next pull from ESPN asks for every day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from recon_core.api import Context, Game, ScheduleError, Season
from recon_espn.calendar import season_days
from recon_espn.merge import games_of, ids_of, sort_games
from recon_espn.options import Settings
from recon_espn.scoreboard import Page, parse_body, parse_page
from recon_espn.source import TIMEZONE
from recon_espn.text import printable

__all__ = ["games_from_lake"]

_EASTERN = ZoneInfo(TIMEZONE)
_INSTEAD = "or pull from ESPN, without --from-lake"


def games_from_lake(season: Season, context: Context) -> list[Game]:
    """The games of all scoreboard files of the season, of either layout, and stored rows of days without a file.

    Raises ScheduleError, naming the first key or day and how many there are, when the lake holds no file of the
    season, when a day has files of which none can be read, or when a game day of ESPN's calendar that is over has no
    file (unless the option ``lake_gaps`` is set); LakeError when the lake cannot be read.
    """
    settings = Settings.read(context.options)
    keys = _keys_by_day(season, context)
    if not keys:
        raise ScheduleError(
            f"the lake holds no scoreboard file of {season.label} (espn_schedules/ or schedule/): "
            "check the url and the prefix of espn, " + _INSTEAD
        )
    begins = datetime(season.starts.year, season.starts.month, season.starts.day, tzinfo=_EASTERN).astimezone(UTC)
    pages = _read(keys, season, context, settings, min(begins, context.now))
    if not settings.lake_gaps:
        _check_gaps(season, context, pages)
    return _joined(season, context.stored, pages, set(keys))


def _keys_by_day(season: Season, context: Context) -> dict[date, list[str]]:
    found: dict[date, list[str]] = {}
    for key, fields in context.keys("schedule"):
        day = date.fromisoformat(fields["date"])
        if season.starts <= day <= season.ends:
            found.setdefault(day, []).append(key)
    return {day: sorted(found[day]) for day in sorted(found)}


def _read(
    keys: Mapping[date, Sequence[str]], season: Season, context: Context, settings: Settings, earliest: datetime
) -> list[Page]:
    pages: list[Page] = []
    broken: list[str] = []
    for done, (day, day_keys) in enumerate(keys.items()):
        context.progress(done, len(keys), f"scoreboard files of {season.label}")
        problems: list[str] = []
        for key in day_keys:
            where = f"lake object {printable(key)}"
            body = context.read(key)
            try:
                if len(body) > settings.max_body_bytes:
                    raise ScheduleError(f"{where}: more than {settings.max_body_bytes} bytes (option max_body_bytes)")
                pages.append(replace(parse_page(parse_body(body, where), day, where), fetched_at=earliest))
            except ScheduleError as error:
                problems.append(str(error))
        if len(problems) == len(day_keys):
            broken.append(problems[0])
    context.progress(len(keys), len(keys), f"scoreboard files of {season.label}")
    if broken:
        raise ScheduleError(
            f"{broken[0]}; {len(broken)} of {len(keys)} days of {season.label} have no readable scoreboard file, "
            f"so their games are not known: fetch these files again, {_INSTEAD}"
        )
    return pages


def _check_gaps(season: Season, context: Context, pages: Sequence[Page]) -> None:
    calendars = {page.calendar for page in pages if page.calendar is not None}
    listed = {day for calendar in calendars for day in calendar.days}
    today = context.now.astimezone(_EASTERN).date()
    wanted = {day for day in season_days(season, calendars) if day in listed and day < today}
    absent = sorted(wanted - {page.day for page in pages})
    if absent:
        raise ScheduleError(
            f"the lake holds no scoreboard file of {absent[0]}, a game day of {season.label} in ESPN's calendar, "
            f"{len(absent)} such days in all: fetch these files, set the option lake_gaps of espn to go on without "
            f"their games, {_INSTEAD}"
        )


def _joined(season: Season, stored: Sequence[Game], pages: Iterable[Page], days: set[date]) -> list[Game]:
    """Lake rows and stored rows: a stored row stays where the lake knows less of it."""
    fresh = {game.game_id: game for game in games_of(season, pages)}
    for old in stored:
        new = fresh.get(old.game_id)
        if new is None:
            if old.date not in days and ids_of(fresh.values()).isdisjoint(ids_of([old])):
                fresh[old.game_id] = old
        elif _knows_more(old, new):
            fresh[old.game_id] = old
    return sort_games(fresh.values())


def _knows_more(old: Game, new: Game) -> bool:
    if "final" in (old.status, new.status):
        return old.status == "final"
    return old.pulled_at is not None and new.pulled_at is not None and old.pulled_at > new.pulled_at
