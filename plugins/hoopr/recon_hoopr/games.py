"""From rows of hoopR's schedule to a season's games: one a game, with its official date and what the source lacks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from recon_core.api import Game, ScheduleError, Season
from recon_hoopr.seasons import end_year
from recon_hoopr.source import FLAGS, TIMEZONE
from recon_hoopr.statuses import ORDER, game_status, season_type
from recon_hoopr.table import Row, day, flag, moment, text, whole
from recon_hoopr.teams import canonical
from recon_hoopr.text import printable

__all__ = ["games_of", "last_final"]

_EASTERN = ZoneInfo(TIMEZONE)
_NEW_ID = re.compile(r"4[0-9]{8}")
_OFF = ("postponed", "cancelled")
_LATEST = datetime.max.replace(tzinfo=UTC)
_CHANGED = "hoopR's format may have changed: look for a newer recon-hoopr"


@dataclass(frozen=True, slots=True)
class _Event:
    """A row, understood. ``end_year`` is its ``season``; ``lacks`` the data types whose flag is false."""

    game: Game
    end_year: int
    lacks: tuple[str, ...]


def games_of(season: Season, rows: Sequence[Row], where: str, flags_since: datetime) -> list[Game]:
    """The games of the season by date, start and id.

    The source's flags are believed of games that ended before ``flags_since`` and are final; a younger game's data may
    just not be there yet. Raises ScheduleError naming ``where`` and the game when a row cannot be understood, or when
    no row is of this season: a file is read whole or not at all.
    """
    events: dict[str, _Event] = {}
    for row in rows:
        event = _read(season, row, where)
        if not (season.starts <= event.game.date <= season.ends or event.end_year == end_year(season)):
            continue
        known = events.get(event.game.game_id)
        if known is None or ORDER.index(event.game.status) >= ORDER.index(known.game.status):
            events[event.game.game_id] = event
    if not events:
        raise ScheduleError(f"{where}: no game of it is of {season.label}: it is another season's file")
    meetings: dict[tuple[object, ...], list[Game]] = defaultdict(list)
    for event in events.values():
        game = event.game
        if game.status == "final" and _ended(game) < flags_since:
            game = replace(game, unavailable=event.lacks)
        # Teams that are not known yet make no meeting: two such games on one day are not a double-header.
        teams = (canonical(game.home), canonical(game.away))
        meetings[(game.date, *(teams if None not in teams else (game.game_id,)))].append(game)
    found = [game for meeting in meetings.values() for game in _meeting(meeting)]
    return sorted(found, key=lambda game: (game.date, game.start_utc or _LATEST, game.game_id))


def last_final(season: Season, rows: Sequence[Row], where: str) -> datetime | None:
    """When the last final game of the rows ended: they were not written before that."""
    games = [_read(season, row, where).game for row in rows]
    return max((_ended(game) for game in games if game.status == "final"), default=None)


def _read(season: Season, row: Row, where: str) -> _Event:
    game_id = text(row["game_id"])
    if game_id is None or not re.fullmatch("[0-9]{1,20}", game_id):
        raise ScheduleError(f"{where}: a game with the id {printable(row['game_id'])}, which is no number; {_CHANGED}")
    try:
        return _event(season, row, game_id)
    except (ValueError, TypeError, OverflowError) as error:
        raise ScheduleError(f"{where}: game {game_id}: {printable(error)}; {_CHANGED}") from None


def _event(season: Season, row: Row, game_id: str) -> _Event:
    home, away = _team(row, "home"), _team(row, "away")
    headline = text(row.get("notes_headline")) or ""
    number = whole(row["season_type"], "season_type")
    kind = season_type(number, headline, text(row.get("type_abbreviation")) or "", home, away)
    time_valid = flag(row.get("time_valid"), "time_valid") is not False
    start = moment(row["date"], "date")
    completed = flag(row["status_type_completed"], "status_type_completed")
    status = game_status(text(row["status_type_name"]), text(row["status_type_state"]), completed)
    if status == "scheduled" and (
        home is None or away is None or "if necessary" in headline.lower() or (kind == "playoffs" and not time_valid)
    ):
        status = "tbd"
    game = Game(
        game_id=game_id,
        season=season.label,
        date=_official_date(start, time_valid, day(row.get("game_date"), "game_date")),
        status=status,
        season_type=kind,
        start_utc=start if time_valid else None,
        home=home,
        away=away,
    )
    lacks = tuple(data_type for column, data_type in FLAGS.items() if flag(row.get(column), column) is False)
    return _Event(game, whole(row["season"], "season"), lacks)


def _team(row: Row, side: str) -> str | None:
    """The team's code, or its name where it has none; ``None`` for one that is yet to be found out."""
    code = text(row[f"{side}_abbreviation"]) or text(row.get(f"{side}_display_name"))
    return None if code is None or code.upper() == "TBD" else code


def _official_date(start: datetime, time_valid: bool, stated: date | None) -> date:
    """The US Eastern date of the start; where that is only a placeholder, the one that hoopR states."""
    local = start.astimezone(_EASTERN).date()
    if stated is None:
        return local
    if abs((local - stated).days) > 1:
        raise ValueError(f"date is {start.isoformat()}, but game_date {stated}")
    return local if time_valid else stated


def _ended(game: Game) -> datetime:
    if game.start_utc is not None:
        return game.start_utc + timedelta(hours=3)
    return datetime.combine(game.date + timedelta(days=1), time(), _EASTERN).astimezone(UTC)


def _meeting(games: Sequence[Game]) -> Iterable[Game]:
    """The games of one day between the same two teams: most often one, and one of them under two ids.

    Until 2011-12 an id was date and home team; some of those games also have an id of today's kind. Then the new id
    names the game, the old one is an alternative, and only what both lack is not to be had.
    """
    news = [game for game in games if _NEW_ID.fullmatch(game.game_id)]
    olds = [game for game in games if not _NEW_ID.fullmatch(game.game_id)]
    if len(news) == len(olds) == 1:
        new, old = news[0], olds[0]
        later = max(new, old, key=lambda game: ORDER.index(game.status))
        return [
            replace(
                new,
                status=later.status,
                start_utc=new.start_utc or old.start_utc,
                alt_ids=(old.game_id,),
                unavailable=tuple(name for name in new.unavailable if name in old.unavailable),
            )
        ]
    played_first = sorted(games, key=lambda game: (game.status in _OFF, game.start_utc or _LATEST, game.game_id))
    return [replace(game, ordinal=number) for number, game in enumerate(played_first, start=1)]
