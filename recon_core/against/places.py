"""Where a file would lie that recon does not expect: its dataset, its season and its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import unquote

from recon_core.against.reading import Claim
from recon_core.api import ConfigError, ReconError, Season
from recon_core.plan import DatasetPlan, Plan, SourcePlan
from recon_core.schedules.store import load_games, stored_seasons
from recon_core.text import item_name, shown, suggest
from recon_core.times import day_end
from recon_core.workspace import Workspace

__all__ = ["Place", "Schedules", "place_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file of a dataset by its grain ``values``, with every key under which it may lie.

    ``season`` is ``None`` where neither the claim nor the key tells it. ``complete_at`` is when the content of its
    ``date`` is complete, ``None`` where the date is not known.
    """

    dataset: DatasetPlan
    values: tuple[str, ...]
    season: str | None
    date: date | None
    complete_at: datetime | None
    keys: tuple[str, ...]

    @property
    def item(self) -> str:
        return item_name(self.dataset.source, self.dataset.data_type, list(self.values))


class Schedules:
    """The games of all stored schedules of the plan's sources, by each of their ids."""

    def __init__(self, ws: Workspace, plan: Plan) -> None:
        self._own: dict[tuple[str, str], tuple[str, str, str | None]] = {}
        for source in plan.sources:
            for label, file in stored_seasons(ws, source.name).items():
                try:
                    games = load_games(file)
                except ReconError:
                    continue  # a broken schedule has already stopped the run that it would matter to
                for game in games:
                    for known in (game.game_id, *game.alt_ids):
                        self._own[source.name, known] = (game.game_id, label, game.season_type)
        self._sources = [source.name for source in plan.sources]

    def own_id(self, source: str, game_id: str) -> str:
        """The id under which the source's schedule has a game; the same where no schedule has it."""
        return self._own.get((source, game_id), (game_id, "", None))[0]

    def own_ids(self, game_id: str) -> Iterator[str]:
        """The ids under which any source's schedule has a game with this further id."""
        for source in self._sources:
            if (source, game_id) in self._own:
                yield self._own[source, game_id][0]

    def left_out(self, source: SourcePlan, dataset: DatasetPlan, game_id: str) -> str | None:
        """Why a game that a stored schedule has is no item; ``None`` for a game that none has."""
        known = self._own.get((source.name, game_id))
        if known is None:
            return None
        _, label, season_type = known
        if label not in dataset.seasons:
            return f"its game is of {label}, which inventory/data_inventory.yaml does not list"
        return f"its game is of the type {season_type}, which season_types leaves out"


def place_of(claim: Claim, name: str, plan: Plan, schedules: Schedules) -> Place | str:
    """Where the claimed file would lie; else why that cannot be told."""
    if claim.source is not None and all(source.name != claim.source for source in plan.sources):
        return f"source {claim.source!r} is not looked at{suggest(claim.source, [one.name for one in plan.sources])}"
    reasons: list[str] = []
    for source, dataset, fields in _readings(claim, name, plan):
        if "game_id" in fields:
            why = schedules.left_out(source, dataset, fields["game_id"])
            if why is not None:
                return why
        day = _day(claim, fields)
        if isinstance(day, str):
            reasons.append(day)
            continue
        season = _season(source, dataset, claim, fields, day)
        if isinstance(season, str):
            reasons.append(season)
            continue
        keys = _keys(dataset, season, claim, fields)
        if isinstance(keys, str):
            reasons.append(keys)
            continue
        values = tuple(fields[column] for column in dataset.layout.grain)
        return Place(
            dataset=dataset,
            values=values,
            season=season.label if season else None,
            date=day,
            complete_at=_complete_at(source, day) if season and day else None,
            keys=keys,
        )
    if reasons:
        return reasons[0]
    if claim.data_type is not None:
        known = sorted({one.data_type for one in plan.datasets if claim.source in (None, one.source)})
        if claim.data_type not in known:
            return f"data type {claim.data_type!r} is not looked at{suggest(claim.data_type, known)}"
    return "nothing of the last analysis has this name; an id needs source and data type beside it"


def _readings(claim: Claim, name: str, plan: Plan) -> Iterator[tuple[SourcePlan, DatasetPlan, dict[str, str]]]:
    """The datasets that a name may belong to, with the fields that it tells: as a key, an item, or an id."""
    for source in plan.sources:
        for dataset in source.datasets:
            if claim.source not in (None, source.name) or claim.data_type not in (None, dataset.data_type):
                continue
            grain = dataset.layout.grain
            for template in dataset.layout.templates:
                fields = template.parse(name)
                if fields is not None and set(grain) <= fields.keys():
                    yield source, dataset, fields
            prefix = item_name(source.name, dataset.data_type, [])
            if name.startswith(f"{prefix}/"):
                # A name has its values percent-encoded, as a claim of another tool may have them or not.
                values = [unquote(value) for value in name.removeprefix(f"{prefix}/").split("/")]
                if len(values) == len(grain):
                    yield source, dataset, dict(zip(grain, values, strict=True))
            if claim.source is not None and claim.data_type is not None and len(grain) == 1 and "/" not in name:
                yield source, dataset, {grain[0]: unquote(name)}


def _day(claim: Claim, fields: Mapping[str, str]) -> date | str | None:
    """The day that claim or name tell, ``None`` where they tell none, else why it cannot be."""
    text = fields.get("date")
    if text is None:
        return claim.date
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # Other ways to write a date would be other items.
    if day is None or day.isoformat() != text:
        return f"{shown(text)!r} is no date: items of it are named like 2025-01-15"
    if claim.date not in (None, day):
        return f"it is of {text}, but {claim.date} is given beside it"
    return day


def _complete_at(source: SourcePlan, day: date) -> datetime:
    """When the games of a day are over, the latest that begins at its end included."""
    return day_end(day, source.plugin.source.timezone) + timedelta(microseconds=source.game_us)


def _season(
    source: SourcePlan, dataset: DatasetPlan, claim: Claim, fields: Mapping[str, str], day: date | None
) -> Season | str | None:
    """The season that claim or key tell; ``None`` where they tell none, else why it cannot be."""
    label = claim.season or fields.get("season")
    told = [season for season in source.seasons if season.label in dataset.seasons]
    if label is not None:
        told = [season for season in told if season.label == label]
        if not told:
            return f"{source.name}/{dataset.data_type} is not looked at in {shown(label)!r}"
    by_fields = [
        season
        for season in told
        if (known := season.fields.keys() & fields.keys())
        and all(season.fields[name] == fields[name] for name in known)
    ]
    if label is None:
        told = by_fields or told
    if day is not None and label is not None:
        # Bounds are nominal: a game just outside of them is of the season that it is said to be of.
        nearest = min(source.plugin.seasons, key=lambda season: _days_from(season, day))
        if nearest.label != label:
            return f"{day} is outside {_named(told[0])} of {source.name}"
    elif day is not None:
        on_day = [season for season in told if season.starts <= day <= season.ends]
        if not on_day:
            which = _named(told[0]) if len(told) == 1 else "every season"
            return f"{day} is outside {which} of {source.name}, as far as it is looked at"
        told = on_day
    return told[0] if len(told) == 1 and (label or by_fields or day) else None


def _named(season: Season) -> str:
    return f"{season.label} ({season.starts} to {season.ends})"


def _days_from(season: Season, day: date) -> int:
    """How many days a day lies outside of a season."""
    return max((season.starts - day).days, (day - season.ends).days, 0)


def _keys(
    dataset: DatasetPlan, season: Season | None, claim: Claim, fields: Mapping[str, str]
) -> tuple[str, ...] | str:
    """Every key of the file: all of them must be known, or its absence is not proved."""
    values: dict[str, str] = {**fields}
    if season is not None:
        values = {"season": season.label, **season.fields, **values}
    if claim.date is not None:
        values.setdefault("date", claim.date.isoformat())
    if not dataset.layout.templates:
        return "its plugin reads keys itself, so that they cannot be told"
    try:
        return tuple(dict.fromkeys(template.render(values) for template in dataset.layout.templates))
    except ConfigError as error:
        return f"not all of its keys can be told: {shown(error)}"
