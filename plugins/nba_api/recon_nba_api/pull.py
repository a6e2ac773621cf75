"""A season's games: one document, from the NBA, a local file or the lake, and what is stored that it does not know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from recon_core.api import Context, Game, ScheduleError, Season
from recon_nba_api.options import Settings
from recon_nba_api.schedule import Document, games_of, parse_body, read_document, season_began, sort_games
from recon_nba_api.source import TIMEZONE

__all__ = ["pull_games"]

# The NBA lists a season from August on, and keeps it at the same place until it lists the next.
_LISTED_BEFORE = timedelta(days=100)
_LISTED_AFTER = timedelta(days=100)

_INSTEAD = "or pull from the NBA, without --from-lake"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A document, the name of where it was found, and when what it says was so."""

    document: Document
    where: str
    seen_at: datetime


def pull_games(season: Season, context: Context) -> list[Game]:
    """All games of the season.

    Raises ConfigError for an option; UnreachableError, LakeError or ScheduleError, naming the address, file or key,
    when there is no document, or none that is to be used.
    """
    settings = Settings.read(context.options)
    if context.from_lake:
        found = _in_the_lake(season, context, settings)
    elif (file := settings.file_of(season.label)) is not None:
        found = _in_a_file(file, season, context, settings)
    else:
        found = _at_the_nba(season, context, settings)
    games = games_of(found.document, season, found.seen_at, found.where)
    if found.seen_at.date() > season.ends + timedelta(days=1) and not any(game.status == "final" for game in games):
        raise ScheduleError(
            f"{found.where}: not one of the {len(games)} games of {season.label} is said to have been played, though "
            "the season is over: pull it from elsewhere (options fetch and schedule_file of nba_api)"
        )
    return _joined(games, context.stored, found.seen_at)


def _at_the_nba(season: Season, context: Context, settings: Settings) -> _Found:
    if settings.fetch == "cdn" or (settings.fetch == "auto" and _may_be_listed(season, context.now)):
        found = _asked(settings, context, settings.cdn_url, {})
        if settings.fetch == "cdn" or found.document.season == season.label:
            return found
    if settings.fetch == "nba_api":
        return _asked_by_package(season, settings, context)
    query = {"LeagueID": "00", "Season": season.label}
    return _asked(settings, context, f"{settings.stats_url}/scheduleleaguev2", query)


def _asked(settings: Settings, context: Context, url: str, query: dict[str, str]) -> _Found:
    from recon_nba_api.client import fetch, get_over_http, plain_url

    where = plain_url(url) + (f" for {query['Season']}" if query else "")
    document = fetch(lambda: get_over_http(url, query, settings, where), settings, where)
    return _found(document, where, context, fallback=context.now)


def _asked_by_package(season: Season, settings: Settings, context: Context) -> _Found:
    from recon_nba_api.client import fetch, plain_url
    from recon_nba_api.package import get_by_package

    where = f"{plain_url(settings.stats_url)}/scheduleleaguev2 for {season.label}, by the package nba_api"
    document = fetch(lambda: get_by_package(season.label, settings), settings, where)
    return _found(document, where, context, fallback=context.now)


def _may_be_listed(season: Season, now: datetime) -> bool:
    today = now.astimezone(ZoneInfo(TIMEZONE)).date()
    return season.starts - _LISTED_BEFORE <= today <= season.ends + _LISTED_AFTER


def _in_a_file(file: Path, season: Season, context: Context, settings: Settings) -> _Found:
    where = f"file {file}"
    try:
        with file.open("rb") as stream:
            body = stream.read(settings.max_body_bytes + 1)
    except OSError as error:
        raise ScheduleError(
            f"{where}: {error.strerror or error}; set the option schedule_file of nba_api right, or leave it out"
        ) from error
    return _kept(body, where, season, context, settings)


def _in_the_lake(season: Season, context: Context, settings: Settings) -> _Found:
    """The newest schedule file of the season that can be read."""
    keys = sorted(key for key, fields in context.keys("schedule") if fields["season"] == season.label)
    found: list[_Found] = []
    problems: list[str] = []
    for key in keys:
        try:
            found.append(_kept(context.read(key), f"lake object {key}", season, context, settings))
        except ScheduleError as error:
            problems.append(str(error))
    if found:
        return max(found, key=lambda one: (one.document.season == season.label, one.seen_at, one.where))
    if problems:
        raise ScheduleError(f"{problems[0]}; fetch the file again, {_INSTEAD}")
    raise ScheduleError(
        f"the lake holds no schedule file of {season.label} (nba_api_schedule/): check the url, the prefix and the "
        f"key_templates of nba_api's schedule, {_INSTEAD}"
    )


def _kept(body: bytes, where: str, season: Season, context: Context, settings: Settings) -> _Found:
    """A document that somebody kept: nobody knows when it was fetched, so it is as old as it says, or as can be."""
    if len(body) > settings.max_body_bytes:
        raise ScheduleError(f"{where}: more than {settings.max_body_bytes} bytes (option max_body_bytes of nba_api)")
    return _found(parse_body(body, where), where, context, fallback=season_began(season))


def _found(parsed: Any, where: str, context: Context, *, fallback: datetime) -> _Found:
    document = read_document(parsed, where)
    return _Found(document=document, where=where, seen_at=min(document.made_at or fallback, context.now))


def _joined(games: Iterable[Game], stored: Sequence[Game], seen_at: datetime) -> list[Game]:
    """The document's games, but stored rows where these are younger than the document."""
    joined = {game.game_id: game for game in games}
    for old in stored:
        new = joined.get(old.game_id)
        # A row without a time was imported as over, which no document that knows less can take back.
        imported = old.pulled_at is None and new is not None and new.status != "final" and old.status == "final"
        if imported or (old.pulled_at is not None and old.pulled_at > seen_at):
            joined[old.game_id] = old
    return sort_games(joined.values())
