"""What should exist: the items of a world, with their games, candidate keys and times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

from oracle.keys import Template, Value
from oracle.world import CALLED_OFF, NO_TIMES, Dataset, Game, Season, Source, Truth, end_of_day


@dataclass(frozen=True)
class Event:
    """What one game (or a day without games) says about an item: its times, and whether the schedule proves it.

    The times are None for a game that gives none. ``gone``: the source itself has no such data for the game.
    """

    final_at: int | None
    settled_at: int | None
    due_at: int | None
    called_off: bool
    proved: bool
    gone: bool = False


@dataclass(frozen=True)
class Item:
    """One thing that should exist.

    ``keys`` maps every candidate key to the index of its template. ``unfit``: some key would not be read back as this
    item's, so no file under it could be recognised.
    """

    name: str
    source: Source
    dataset: Dataset
    season: str
    values: Mapping[str, Value]
    game: Game | None
    events: tuple[Event, ...]
    keys: Mapping[str, int]
    target_key: str | None
    unfit: bool

    @property
    def told_inside(self) -> set[str]:
        """What a container says of the item, one of them."""
        if self.dataset.inside == "game_id" and self.game is not None:
            return {self.game.game_id, *self.game.alt_ids}
        return {str(self.values[self.dataset.inside])} if self.dataset.inside else set()

    @property
    def timed(self) -> list[Event]:
        """The events that give times."""
        return [event for event in self.events if event.final_at is not None]

    @property
    def final_at(self) -> int | None:
        """The first final_at."""
        return min((event.final_at for event in self.timed if event.final_at is not None), default=None)

    @property
    def due_at(self) -> int | None:
        """When absence becomes a gap."""
        return min((event.due_at for event in self.timed if event.due_at is not None), default=None)

    @property
    def settled_at(self) -> int | None:
        """When the last of its games stops being corrected."""
        return max((event.settled_at for event in self.timed if event.settled_at is not None), default=None)

    @property
    def date(self) -> date | None:
        """The date by which the item is ordered and ranked."""
        if self.game is not None:
            return self.game.date
        day = self.values.get("date")
        return day if isinstance(day, date) else None


def item_name(source: str, data_type: str, values: Iterable[Value]) -> str:
    """``source/data_type/value[/value...]``, percent-encoded."""
    texts = [value.isoformat() if isinstance(value, date) else value for value in values]
    return "/".join([source, data_type, *(quote(text, safe="") for text in texts)])


def final_of(game: Game, source: Source) -> int:
    """When the content of a game is complete."""
    if game.final_at is not None:
        return game.final_at
    start = game.start if game.start is not None else end_of_day(game.date, source.timezone)
    return start + round(source.game_hours * 3_600_000_000)


def event_of(game: Game, dataset: Dataset, source: Source) -> Event:
    """The times of a game."""
    # A game of which the source itself has no such data is for this dataset as one that was called off.
    gone = dataset.data_type in game.unavailable
    called_off = game.status in CALLED_OFF or gone
    if game.status in NO_TIMES or called_off:
        return Event(None, None, None, called_off, False, gone)
    final_at = final_of(game, source)
    truth = game.truth or Truth(game.status == "final", False, game.pulled_at)
    proved = truth.final or (not truth.off and truth.seen_at is not None and truth.seen_at >= final_at)
    return Event(final_at, final_at + dataset.settle, final_at + dataset.lag, called_off, proved)


def expected_games(source: Source, season: str) -> list[Game]:
    """The games of a wanted season whose type is expected; one whose type nobody stated is, so as not to hide it."""
    types = source.season_types
    return [game for game in source.known.get(season, ()) if not types or game.season_type in (None, *types)]


def grain_values(game: Game, dataset: Dataset) -> Iterator[tuple[Value, ...]]:
    """The grain values that a game gives: none, one, or one for each of its teams."""
    for team in (game.home, game.away) if "team" in dataset.grain else (None,):
        known = {"game_id": game.game_id, "date": game.date, "season": game.season, "team": team}
        values = [known[column] for column in dataset.grain]
        if None not in values:
            yield tuple(value for value in values if value is not None)


def days_of(season: Season) -> list[date]:
    """Every day within the nominal bounds."""
    return [season.starts + timedelta(days=n) for n in range((season.ends - season.starts).days + 1)]


def expected_seasons(source: Source, dataset: Dataset) -> list[str]:
    """The wanted seasons for which the source has this data."""
    labels = [season.label for season in source.seasons]
    first = labels.index(dataset.first_season) if dataset.first_season is not None else 0
    return [label for label in source.wanted if labels.index(label) >= first]


def items_of(source: Source, dataset: Dataset) -> list[Item]:
    """All items of a dataset, in the order of their names."""
    if not dataset.of_games:
        return named_items(source, dataset)
    games: dict[tuple[Value, ...], list[Game]] = {}
    seasons: dict[tuple[Value, ...], set[str]] = {}
    for label in expected_seasons(source, dataset):
        for game in expected_games(source, label):
            for values in grain_values(game, dataset):
                games.setdefault(values, []).append(game)
                seasons.setdefault(values, set()).add(label)
    # A day with games follows its games, also into their season; of the others each is of every season that spans it.
    played = set(games)
    for label in expected_seasons(source, dataset) if dataset.every_day else []:
        for day in days_of(source.season(label)):
            if (day,) not in played:
                games[day,] = []
                seasons.setdefault((day,), set()).add(label)
    items = []
    for values, its_games in games.items():
        events = [event_of(game, dataset, source) for game in its_games]
        if not its_games:
            # Only a day of an every_day dataset has no game: it is over when the day is, whatever a schedule says.
            day = next(value for value in values if isinstance(value, date))
            events = [proved_event(end_of_day(day, source.timezone), dataset)]
        game = its_games[0] if dataset.grain == ("game_id",) else None
        items.append(_item(source, dataset, values, min(seasons[values]), game, events))
    return sorted(items, key=lambda item: item.name)


def named_items(source: Source, dataset: Dataset) -> list[Item]:
    """The items that the plugin names, which need no schedule for their proof."""
    events: dict[tuple[Value, ...], list[Event]] = {}
    seasons: dict[tuple[Value, ...], set[str]] = {}
    for label in expected_seasons(source, dataset) if source.broken is None else []:
        for named in dataset.named.get(label, ()):
            events.setdefault(named.values, []).append(proved_event(named.final_at, dataset))
            seasons.setdefault(named.values, set()).add(label)
    items = [_item(source, dataset, values, min(seasons[values]), None, events[values]) for values in events]
    return sorted(items, key=lambda item: item.name)


def proved_event(final_at: int, dataset: Dataset) -> Event:
    """What no schedule needs to prove."""
    return Event(final_at, final_at + dataset.settle, final_at + dataset.lag, False, True)


def written(template: Template, fields: Mapping[str, Value]) -> str | None:
    """The key of these values; None where one that it needs is not known."""
    return template.render(fields) if template.fields <= fields.keys() else None


def _item(
    source: Source, dataset: Dataset, values: tuple[Value, ...], season: str, game: Game | None, events: list[Event]
) -> Item:
    known = dict(zip(dataset.grain, values, strict=True))
    fields: dict[str, Value] = {**source.season(season).fields, "season": season, **known}
    ids: list[str] = []
    if game is not None:
        fields["date"] = game.date
        for name, text in (("home", game.home), ("away", game.away), ("season_type", game.season_type)):
            if text is not None:
                fields[name] = text
        ids = [game.game_id, *game.alt_ids]
    templates = [template.under(source.prefix) for template in dataset.templates]
    keys: dict[str, int] = {}
    unfit = False
    for index, template in enumerate(templates):
        for variant in [{**fields, "game_id": game_id} for game_id in ids] or [fields]:
            key = written(template, variant)
            if key is not None and template.parse(key) == {name: str(variant[name]) for name in template.fields}:
                keys.setdefault(key, index)
            else:
                unfit = True
    return Item(
        name=item_name(source.name, dataset.data_type, values),
        source=source,
        dataset=dataset,
        season=season,
        values=known,
        game=game,
        events=tuple(events),
        keys=keys,
        target_key=written(templates[0], fields),
        unfit=unfit,
    )
