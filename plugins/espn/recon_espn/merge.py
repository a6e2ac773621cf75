"""From pages of events to a season's games: one row a game, whatever ids and copies it has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from recon_core.api import Game, Season
from recon_espn.ids import LAST_OLD_END_YEAR, decode_old_id, encode_old_id, is_new_id
from recon_espn.scoreboard import Event, Page
from recon_espn.seasons import end_year
from recon_espn.statuses import advance
from recon_espn.teams import canonical

__all__ = ["games_of", "ids_of", "sort_games"]

_Found = tuple[Event, datetime | None]


def games_of(season: Season, pages: Iterable[Page]) -> list[Game]:
    """The games of the season that stand on the pages, ordered by date, start and id.

    An event that stands on several pages is one game, in the latest state that any of them shows. Postponed events
    stay rows of their own beside the make-up game, which has a new id.
    """
    events: dict[str, _Found] = {}
    for page in sorted(pages, key=lambda page: page.day):
        for event in page.events:
            if not _belongs(event, season):
                continue
            known = events.get(event.event_id)
            if known is None or advance(event.status) >= advance(known[0].status):
                events[event.event_id] = (event, page.fetched_at)
    meetings: dict[tuple[object, ...], list[_Found]] = defaultdict(list)
    for found in events.values():
        event = found[0]
        # Teams that are not known yet make no meeting: two such games on one day are not a double-header.
        teams = (canonical(event.home), canonical(event.away))
        meetings[(event.date, *(teams if None not in teams else (event.event_id,)))].append(found)
    return sort_games(game for meeting in meetings.values() for game in _games(season, meeting))


def ids_of(games: Iterable[Game]) -> set[str]:
    """Every id of the games, the further ones included."""
    return {game_id for game in games for game_id in (game.game_id, *game.alt_ids)}


def sort_games(games: Iterable[Game]) -> list[Game]:
    """The games by date, start (unknown ones last) and id."""
    latest = datetime.max.replace(tzinfo=UTC)
    return sorted(games, key=lambda game: (game.date, game.start_utc or latest, game.game_id))


def _belongs(event: Event, season: Season) -> bool:
    """Whether a game is of this season: its date lies within the bounds, or ESPN's ``season.year`` says so.

    The bounds of seasons do not overlap, so a mislabelled game within them can be of no other season; it is better
    expected in the season of its date than nowhere. Outside the bounds the label decides.
    """
    return season.starts <= event.date <= season.ends or event.end_year == end_year(season)


def _games(season: Season, meeting: Sequence[_Found]) -> list[Game]:
    """The games of one day between the same two teams: most often one, and one of them under two ids."""
    news = [found for found in meeting if is_new_id(found[0].event_id)]
    olds = [found for found in meeting if _is_old_id(found[0])]
    if len(meeting) == 2 and len(news) == 1 and len(olds) == 1:
        return [_twofold(season, news[0], olds[0])]
    played_first = sorted(meeting, key=lambda found: (found[0].status in ("postponed", "cancelled"), _order(found)))
    alone = len(meeting) == 1
    return [
        replace(
            _game(season, found),
            ordinal=number,
            alt_ids=_derived_id(found[0]) if alone else (),
        )
        for number, found in enumerate(played_first, start=1)
    ]


def _order(found: _Found) -> tuple[datetime, str]:
    return found[0].start_utc or datetime.max.replace(tzinfo=UTC), found[0].event_id


def _is_old_id(event: Event) -> bool:
    old = decode_old_id(event.event_id)
    return old is not None and old.date == event.date and event.home_team_id in (None, old.home_team_id)


def _twofold(season: Season, new: _Found, old: _Found) -> Game:
    """One game under both kinds of id: the new id names it, since it is the one that ESPN's pages lead to today."""
    later = new if advance(new[0].status) >= advance(old[0].status) else old
    return replace(
        _game(season, new),
        status=later[0].status,
        start_utc=new[0].start_utc or old[0].start_utc,
        alt_ids=(old[0].event_id,),
    )


def _derived_id(event: Event) -> tuple[str, ...]:
    """The old-kind id of a game of the old days that is listed under a new one only: files may lie under either."""
    if event.end_year > LAST_OLD_END_YEAR or not is_new_id(event.event_id) or event.season_type == "allstar":
        return ()
    if event.home_team_id is None or not 1 <= event.home_team_id <= 999:
        return ()
    derived = encode_old_id(event.date, event.home_team_id)
    return (derived,) if decode_old_id(derived) else ()


def _game(season: Season, found: _Found) -> Game:
    event, fetched_at = found
    return Game(
        game_id=event.event_id,
        season=season.label,
        date=event.date,
        status=event.status,
        season_type=event.season_type,
        start_utc=event.start_utc,
        home=event.home,
        away=event.away,
        pulled_at=fetched_at,
    )
