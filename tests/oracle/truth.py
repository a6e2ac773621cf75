"""One truth: the schedules of all sources of a league, held against each other.

Two rows are the same game when league, date, home, away and ordinal agree, with the teams by the league's codes, and
neither is tbd.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from oracle.items import expected_seasons, final_of
from oracle.world import CALLED_OFF, Game, Season, Source, Truth, World

Place = tuple[str, date, str, str, int]
"""League, date, home, away, ordinal."""


@dataclass(frozen=True)
class Placed:
    """A row of a schedule and the game that it speaks of."""

    source: Source
    game: Game
    place: Place

    @property
    def off(self) -> bool:
        return self.game.status in CALLED_OFF


@dataclass(frozen=True)
class Conflict:
    """A game on which schedules disagree: ``own_id`` is what the questioned source calls it."""

    source: str
    season: str
    kind: str
    place: Place
    own_id: str | None
    known_by: tuple[tuple[str, str, str], ...]


def schedule_of(source: Source) -> Mapping[str, Sequence[Game]]:
    """The games of a source that a run knows of, by season."""
    if source.failed is not None:
        return {}
    if not source.computed:
        return source.stored
    asked = {label for one in source.datasets if one.configured and one.of_games for label in _wanted(source, one)}
    return {label: games for label, games in source.known.items() if label in asked}


def _wanted(source: Source, dataset: Any) -> list[str]:
    return expected_seasons(source, dataset) if source.wanted else []


def place_of(source: Source, game: Game) -> Place | None:
    """Which game a row speaks of; None where its league or teams cannot be told."""
    league = game.league or source.league
    home, away = source.teams.get(game.home or ""), source.teams.get(game.away or "")
    return (league, game.date, home, away, game.ordinal) if league and home and away else None


def truth_of(rows: Sequence[Placed]) -> Truth:
    """What all rows of one game say together: any final wins, else the latest pulled, in doubt that it is off."""
    final = any(row.game.status == "final" for row in rows)
    by_source: dict[str, list[Placed]] = defaultdict(list)
    for row in rows:
        by_source[row.source.name].append(row)
    seen: list[int] = []
    called_off: list[int | None] = []
    for own in by_source.values():
        still = [row.game.pulled_at for row in own if not row.off]
        if still:
            # A postponed event beside its make-up game: the source has the game.
            seen += [at for at in still if at is not None]
        else:
            times = [row.game.pulled_at for row in own]
            called_off.append(None if None in times else max(at for at in times if at is not None))
    if final or not called_off:
        off = False
    elif None in called_off or not seen:
        off = True
    else:
        off = max(at for at in called_off if at is not None) >= max(seen)
    return Truth(final, off, max(seen, default=None))


def is_same(one: Season, other: Season) -> bool:
    """Whether two sources mean one season: more than half of the days of either are days of both."""
    days = [
        {season.starts + timedelta(days=number) for number in range((season.ends - season.starts).days + 1)}
        for season in (one, other)
    ]
    return 2 * len(days[0] & days[1]) > len(days[0] | days[1])


def agree(world: World) -> tuple[World, list[Conflict]]:
    """The world with what each schedule learns from the others: proofs, further games; and what they disagree on."""
    rows: dict[Place, list[Placed]] = defaultdict(list)
    tbd: dict[tuple[str, Place], Game] = {}
    for source in world.sources:
        for games in schedule_of(source).values():
            for game in games:
                place = place_of(source, game)
                if place is not None and game.status == "tbd":
                    known = tbd.get((source.name, place))
                    tbd[source.name, place] = game if known is None else min(known, game, key=lambda one: one.game_id)
                elif place is not None:
                    rows[place].append(Placed(source, game, place))
    truths = {place: truth_of(found) for place, found in rows.items()}
    scope = {
        (source.name, label)
        for source in world.sources
        if source.failed is None
        for dataset in source.datasets
        if dataset.configured
        for label in _wanted(source, dataset)
    }
    conflicts: list[Conflict] = []
    sources = []
    for source in world.sources:
        stored = {
            label: tuple(
                replace(game, truth=truths.get(place_of(source, game) or ("", game.date, "", "", 0))) for game in games
            )
            for label, games in source.stored.items()
        }
        more, own, failing = _further(world, source, rows, truths, tbd)
        for label, game in more:
            stored[label] = (*stored[label], game)
        conflicts += own
        sources.append(replace(source, stored=stored, failing=failing))
    conflicts += _disputed(rows, truths)
    looked_at = {row.place for found in rows.values() for row in found if (row.source.name, row.game.season) in scope}
    looked_at |= {place for (name, place), game in tbd.items() if (name, game.season) in scope}
    kept = [one for one in conflicts if one.place in looked_at or (one.source, one.season) in scope]
    return world.but(sources=tuple(sources)), kept


def _further(
    world: World,
    source: Source,
    rows: Mapping[Place, Sequence[Placed]],
    truths: Mapping[Place, Truth],
    tbd: Mapping[tuple[str, Place], Game],
) -> tuple[list[tuple[str, Game]], list[Conflict], bool]:
    """The games that others know and the source lacks: those expected of it by season, those in dispute; and whether
    its plugin failed when it was asked.
    """
    schedule = schedule_of(source)
    taken = {name for games in schedule.values() for game in games for name in (game.game_id, *game.alt_ids)}
    asked: list[tuple[Place, str, Game, str | None]] = []
    disputed: list[tuple[Place, str, str, str | None]] = []
    lacking = sorted(
        place
        for place, found in rows.items()
        if source.failed is None
        and place[0] == source.league
        and not truths[place].off
        and source.name not in {row.source.name for row in found}
    )
    failing = False
    for place in sorted(lacking, key=lambda place: (place[1], place[2], place[3], place[4])):
        label = next(
            (
                season.label
                for season in reversed(source.seasons)
                if season.label in schedule and season.starts <= place[1] <= season.ends
            ),
            None,
        )
        if label is None:
            # No bounds hold the date: the season is the one of those who know the game.
            theirs = [season for row in rows[place] for season in row.source.seasons if season.label == row.game.season]
            likewise = [
                season.label
                for season in source.seasons
                if season.label in schedule and any(is_same(season, other) for other in theirs)
            ]
            label = likewise[-1] if likewise else None
        types = {row.game.season_type for row in rows[place]}
        fitting = {name for name in types - {None} if not source.season_types or name in source.season_types}
        if label is None or not (fitting or types == {None}):
            continue
        instead = _instead(source, place, label, rows, truths, tbd)
        game = _as_own(source, place, label, rows[place], truths[place], min(fitting, default=None))
        pulls = [one.pulled_at for one in schedule[label] if one.pulled_at is not None]
        older = bool(pulls) and max(pulls) < final_of(game, source)
        blocked = instead is not None and not (instead[0] == "moved" and not instead[2])
        if source.wanted and source.broken is None and source.deriving and not blocked and (game.truth_final or older):
            own_id = source.own_id(place[1], place[2], place[3], place[4])
            if own_id is ...:
                failing = True
            else:
                asked.append((place, label, game, own_id))
                continue
        disputed.append((place, label, instead[0] if instead else "lacks", instead[1] if instead else None))
    further: list[tuple[str, Game]] = []
    if failing:
        asked = [(place, label, game, None) for place, label, game, _ in asked]
    for place, label, game, own_id in sorted(asked, key=lambda one: not one[2].truth_final):
        if own_id is not None and own_id not in taken:
            taken.add(own_id)
            further.append((label, replace(game, game_id=own_id)))
        else:
            instead = _instead(source, place, label, rows, truths, tbd)
            kind, name = (instead[0], instead[1]) if instead else ("lacks", None)
            disputed.append((place, label, kind, name))
    conflicts = [
        Conflict(source.name, label, "status" if kind == "tbd" else kind, place, name, _known(rows[place], source))
        for place, label, kind, name in disputed
    ]
    return further, conflicts, failing


def _known(rows: Sequence[Placed], source: Source) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        sorted((row.source.name, row.game.game_id, row.game.status) for row in rows if row.source.name != source.name)
    )


def _as_own(
    source: Source, place: Place, label: str, rows: Sequence[Placed], truth: Truth, season_type: str | None
) -> Game:
    """The game as the source would have it; its times are those of a row that is still on and has some."""

    def rank(row: Placed) -> tuple[Any, ...]:
        game = row.game
        newest = -game.pulled_at if game.pulled_at is not None else 0
        timeless = game.start is None and game.final_at is None
        return (
            *(row.off, timeless, game.status != "final", game.pulled_at is None),
            *(newest, row.source.name, game.game_id),
        )

    best = min(rows, key=rank).game
    own_codes = {
        code
        for game in schedule_of(source)[label]
        for code in (game.home, game.away)
        if code is not None and code in source.teams
    }

    def written(team: str) -> str:
        return min((code for code in own_codes if source.teams[code] == team), default=team)

    return Game(
        game_id="",
        season=label,
        date=place[1],
        status="final" if truth.final else "scheduled",
        season_type=season_type,
        start=best.start,
        home=written(place[2]),
        away=written(place[3]),
        final_at=best.final_at,
        ordinal=place[4],
        truth=truth,
        derived_from=place,
    )


def _instead(
    source: Source,
    place: Place,
    label: str,
    rows: Mapping[Place, Sequence[Placed]],
    truths: Mapping[Place, Truth],
    tbd: Mapping[tuple[str, Place], Game],
) -> tuple[str, str, bool] | None:
    """What the schedule has in place of a game that it lacks: kind, id, and whether that is final."""
    if (source.name, place) in tbd:
        return "tbd", tbd[source.name, place].game_id, False
    # What the source has not called off, and nobody knows who knows the game in question: that would be two games.
    alone = []
    knowing = {row.source.name for row in rows[place]}
    for other, found in rows.items():
        own = [row for row in found if row.source.name == source.name]
        if own and not all(row.off for row in own) and knowing.isdisjoint(row.source.name for row in found):
            first = min(row.game.game_id for row in own)
            season = min(row.game.season for row in own)
            alone.append((other, first, season, any(row.game.status == "final" for row in own)))
    league, day, home, away, _ = place
    swapped = [one for one in alone if one[0][:4] == (league, day, away, home)]
    if swapped:
        _, name, _, final = min(swapped, key=lambda one: (one[0][4], one[1]))
        return "swapped", name, final
    moved = [
        (abs((other[1] - day).days), other[1], other[4], name, final)
        for other, name, season, final in alone
        if (other[0], other[2], other[3]) == (league, home, away)
        and season == label
        and not (truths[place].final and final and abs((other[1] - day).days) > 1)
    ]
    if moved:
        *_, name, final = min(moved)
        return "moved", name, final
    return None


def _disputed(rows: Mapping[Place, Sequence[Placed]], truths: Mapping[Place, Truth]) -> list[Conflict]:
    """Games that a source calls off and the others do not, or the other way round."""
    found = []
    for place, all_rows in rows.items():
        for name in {row.source.name for row in all_rows}:
            own = [row for row in all_rows if row.source.name == name]
            if all(row.off for row in own) != truths[place].off:
                first = min(own, key=lambda row: row.game.game_id)
                known = _known(all_rows, first.source)
                found.append(Conflict(name, first.game.season, "status", place, first.game.game_id, known))
    return found
