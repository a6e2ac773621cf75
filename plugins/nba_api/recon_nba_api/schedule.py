"""Reads the NBA's scheduleLeagueV2: one document a season, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from recon_core.api import Game, ScheduleError, Season
from recon_nba_api.ids import GameId, decode_id
from recon_nba_api.seasons import start_year
from recon_nba_api.source import TIMEZONE
from recon_nba_api.statuses import advance, game_status
from recon_nba_api.teams import team_code

__all__ = ["Document", "games_of", "parse_body", "read_document", "season_began", "sort_games"]

_EASTERN = ZoneInfo(TIMEZONE)
_CHANGED = "the NBA's format may have changed: look for a newer recon-nba-api"

# How far a date may lie outside the nominal bounds of its season before it is taken for a placeholder.
_STRETCH = timedelta(days=120)

# A game that is still to come so long after its day is one of which nobody has said that it was put off.
_OVERDUE = timedelta(hours=24)


# Boston against Indiana on 16 April 2013, whatever the document says of it.
_CANCELLED = frozenset({"0021201214"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A season's schedule as it came. ``made_at`` is when the NBA made it (``meta.time``), if it says so."""

    season: str
    made_at: datetime | None
    dates: list[Any]


def parse_body(body: bytes, where: str) -> Any:
    """Parse a body as JSON. Raises ScheduleError saying what it is instead."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        start = body.lstrip()[:1]
        found = "empty" if not start else "an HTML page" if start == b"<" else "broken off or no JSON"
        raise ScheduleError(f"{where}: {found}, expected a schedule in JSON") from None


def read_document(document: Any, where: str) -> Document:
    """Find a document's parts. Raises ScheduleError when it is no scheduleLeagueV2, or another league's."""
    schedule = document.get("leagueSchedule") if isinstance(document, dict) else None
    dates = schedule.get("gameDates") if isinstance(schedule, dict) else None
    if not isinstance(schedule, dict) or not isinstance(dates, list) or not isinstance(schedule.get("seasonYear"), str):
        raise ScheduleError(f"{where}: no leagueSchedule with seasonYear and gameDates; {_CHANGED}")
    if schedule.get("leagueId", "00") != "00":
        raise ScheduleError(f"{where}: the schedule of league {schedule['leagueId']!r:.40}, not of the NBA (00)")
    meta = document.get("meta")
    made = meta.get("time") if isinstance(meta, dict) else None
    return Document(season=schedule["seasonYear"], made_at=_made_at(made), dates=dates)


def games_of(document: Document, season: Season, seen_at: datetime, where: str) -> list[Game]:
    """The games of the season, ordered by date, start (unknown last) and id, as they were known at ``seen_at`` (UTC).

    Raises ScheduleError naming ``where`` and the game when the document is of another season or holds a game that
    cannot be understood.
    """
    if document.season != season.label:
        raise ScheduleError(f"{where}: the schedule of {document.season!r:.40}, but {season.label} was asked for")
    found: dict[str, Game] = {}
    for entry, day in _entries(document, where):
        game = _game(entry, day, season, seen_at, where)
        known = found.get(game.game_id)
        # Listed twice, once where it was and once where it went: what happened counts, else the later date.
        if known is None or (advance(game.status), game.date) > (advance(known.status), known.date):
            found[game.game_id] = game
    return sort_games(found.values())


def sort_games(games: Iterable[Game]) -> list[Game]:
    """The games by date, start (unknown ones last) and id."""
    latest = datetime.max.replace(tzinfo=UTC)
    return sorted(games, key=lambda game: (game.date, game.start_utc or latest, game.game_id))


def _entries(document: Document, where: str) -> Iterator[tuple[Any, str]]:
    for group in document.dates:
        games = group.get("games") if isinstance(group, dict) else None
        if not isinstance(games, list):
            raise ScheduleError(f"{where}: a date without a list of games; {_CHANGED}")
        for game in games:
            yield game, str(group.get("gameDate"))


def _game(entry: Any, day: str, season: Season, seen_at: datetime, where: str) -> Game:
    text = entry.get("gameId") if isinstance(entry, dict) else None
    named = decode_id(text) if isinstance(text, str) else None
    if named is None or not isinstance(text, str):
        raise ScheduleError(f"{where}: a game with the id {text!r:.40}, which is no NBA game id; {_CHANGED}")
    try:
        if named.start_year != start_year(season):
            raise ValueError(f"its id is of the season that began in {named.start_year}")
        return _read(entry, text, named, day, season, seen_at)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
        raise ScheduleError(f"{where}: game {text}: {reason:.200}; {_CHANGED}") from None


def _read(entry: dict[str, Any], text: str, named: GameId, day: str, season: Season, seen_at: datetime) -> Game:
    home, away = _team(entry, "homeTeam"), _team(entry, "awayTeam")
    official = _official_date(entry, day)
    if not season.starts - _STRETCH <= official <= season.ends + _STRETCH:
        raise ValueError(f"its date {official} is far from the season")
    start = _start(entry, official)
    number = entry["gameStatus"]
    if type(number) is not int:
        raise ValueError(f"gameStatus is {number!r}, no whole number")
    status = game_status(number, _text(entry, "gameStatusText"))
    if text in _CANCELLED:
        status = "cancelled"
    if status == "scheduled" and _is_unsure(entry, named, official, start, seen_at, unknown=None in (home, away)):
        status = "tbd"
    return Game(
        game_id=text,
        season=season.label,
        date=official,
        status=status,
        season_type=named.season_type,
        start_utc=None if status == "tbd" else start,
        home=home,
        away=away,
        pulled_at=seen_at,
    )


def _is_unsure(
    entry: dict[str, Any], named: GameId, day: date, start: datetime | None, seen_at: datetime, *, unknown: bool
) -> bool:
    """Whether a game that is to come may never be played.

    Its teams are not known yet; or it is a playoff game of which the NBA says "if necessary" or gives no time; or its
    day went by and the NBA still has it as one to come, as it has the games that the 2019-20 season left out.
    """
    if unknown or str(entry.get("ifNecessary")).casefold() == "true":
        return True
    if named.season_type == "playoffs" and start is None:
        return True
    ends = datetime.combine(day + timedelta(days=1), time(), _EASTERN)
    return (start or ends) + _OVERDUE <= seen_at


def _team(entry: dict[str, Any], side: str) -> str | None:
    team = entry[side]
    number = team.get("teamId")
    return team_code(_text(team, "teamTricode"), number if type(number) is int else 0, _text(team, "teamName"))


def _text(entry: dict[str, Any], field: str) -> str:
    value = entry.get(field)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{field} is {value!r}, no text")
    return value or ""


def _official_date(entry: dict[str, Any], day: str) -> date:
    """The Eastern date: ``gameDateEst``, else that of the list in which the game stands (``10/22/2024 00:00:00``)."""
    text = _text(entry, "gameDateEst")
    if text:
        return datetime.fromisoformat(text).date()
    month, number, year = day[:10].split("/")
    return date(int(year), int(month), int(number))


def _start(entry: dict[str, Any], official: date) -> datetime | None:
    """The start out of ``gameDateTimeEst``, which ends in Z and yet is the time on an Eastern clock.

    The fields in UTC are not used: ``gameTimeUTC`` and ``gameDateTimeUTC`` have disagreed by an hour. Midnight, a day
    other than the game's, and the text "TBD" say that there is no time yet.
    """
    text = _text(entry, "gameDateTimeEst")
    if not text or "TBD" in _text(entry, "gameStatusText").upper():
        return None
    clock = datetime.fromisoformat(text)
    if clock.utcoffset():
        clock = clock.astimezone(_EASTERN)  # should the NBA ever say what zone it means
    clock = clock.replace(tzinfo=_EASTERN)
    if clock.time() == time() or clock.date() != official:
        return None
    return clock.astimezone(UTC)


def _made_at(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def season_began(season: Season) -> datetime:
    """The season's first moment: the earliest time that a document can have which does not say when it was made."""
    return datetime.combine(season.starts, time(), _EASTERN).astimezone(UTC)
