"""Checks what the enumeration and key parsing hooks return: games, items, parsed keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from recon_core.api import DatasetSpec, Game, Items, ParsedKey, Season, Source, Undetermined
from recon_core.plugins.conform import InvalidError, check_type, encodable
from recon_core.text import shown, suggest

__all__ = ["check_game_id", "check_games", "check_items", "check_notes", "check_parsed_key"]


def check_games(value: object, season: Season, source: Source) -> list[Game]:
    """The games of a season, materialised.

    An id, alternative ones too, must belong to one game only. Raises InvalidError, and whatever a generator raises.
    """
    games = _materialised(value, "Game")
    owners: dict[str, str] = {}
    data_types = {spec.data_type for spec in source.datasets}
    for index, game in enumerate(games):
        check_type(game, Game, f"game {index + 1}")
        where = f"game {index + 1} ('{shown(game.game_id)}')"
        if game.season != season.label:
            raise InvalidError(f"{where} is of season '{shown(game.season)}', but {season.label} was asked for")
        if game.ordinal < 1:
            raise InvalidError(f"{where} has the ordinal {game.ordinal}, expected 1 or more")
        for name in ("season_type", "home", "away", "league"):
            if getattr(game, name) == "":
                raise InvalidError(f"{where} has an empty {name}: use None where it is unknown")
        for name in game.unavailable:
            if name not in data_types:
                raise InvalidError(
                    f"{where} has no '{shown(name)}', which is no data type of the source{suggest(name, data_types)}"
                )
        for game_id in (game.game_id, *game.alt_ids):
            if not game_id.strip():
                raise InvalidError(f"{where} has an empty id")
            if game_id in owners:
                raise InvalidError(
                    f"{where} has the id '{shown(game_id)}', which game '{shown(owners[game_id])}' has too"
                )
            owners[game_id] = game.game_id
    return games


def check_items(value: object, dataset: DatasetSpec, season: Season) -> list[Items] | list[Undetermined]:
    """Batches of items, or one ``Undetermined`` alone.

    Raises InvalidError, and whatever a generator raises.
    """
    batches = _materialised(value, "Items or Undetermined")
    for index, batch in enumerate(batches):
        if isinstance(batch, Undetermined):
            check_type(batch, Undetermined, "Undetermined")
            if len(batches) > 1:
                raise InvalidError(
                    "an Undetermined stands among other batches: what is unknown is the dataset as a whole"
                )
            if not batch.reason.strip():
                raise InvalidError("an Undetermined gives no reason")
        elif isinstance(batch, Items):
            _check_batch(batch, dataset, season, f"batch {index + 1}")
        else:
            raise InvalidError(
                f"batch {index + 1} is of type {shown(type(batch).__name__)}, expected Items or Undetermined"
            )
    return batches


def check_notes(value: object) -> list[str]:
    """Notes on a season's games, materialised. Raises InvalidError, and whatever a generator raises."""
    notes = _materialised(value, "text")
    for index, note in enumerate(notes):
        check_type(note, str, f"note {index + 1}")
        if not note.strip():
            raise InvalidError(f"note {index + 1} is empty")
    return notes


def check_parsed_key(value: object, source: Source) -> ParsedKey | None:
    """A parsed key, or None. Raises InvalidError."""
    if value is None:
        return None
    check_type(value, ParsedKey, "what it returned")
    if not isinstance(value, ParsedKey):
        raise InvalidError("it returned no ParsedKey")
    specs = {spec.data_type: spec for spec in source.datasets}
    spec = specs.get(value.data_type)
    if spec is None:
        raise InvalidError(
            f"it returned the data type '{shown(value.data_type)}', which the source does not declare"
            f"{suggest(value.data_type, specs)}"
        )
    for name in spec.grain:
        if not value.fields.get(name):
            raise InvalidError(f"it returned no text for the grain column '{name}' of {spec.data_type}")
    return value


def check_game_id(value: object) -> str | None:
    """A game's id, or None. Raises InvalidError."""
    if value is None:
        return None
    check_type(value, str, "what it returned")
    text = str(value)
    if not text.isprintable() or not text.strip() or text != text.strip():
        raise InvalidError(
            f"it returned the id '{shown(text)}': an id is a text without blanks at its ends; None says "
            "that there is none"
        )
    return text


def _materialised(value: object, expected: str) -> list[Any]:
    """All that an iterable gives; a generator raises here, inside the caller's try, and nowhere later."""
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
        kind = "None" if value is None else f"a value of type {shown(type(value).__name__)}"
        raise InvalidError(f"it returned {kind}, expected an iterable of {expected}")
    return list(value)


def _check_batch(batch: Items, dataset: DatasetSpec, season: Season, where: str) -> None:
    check_type(batch, Items, where)
    for name in dataset.grain:
        if name not in batch.columns:
            raise InvalidError(f"{where} lacks the grain column '{name}'{suggest(name, batch.columns)}")
    for name, values in batch.columns.items():
        if name not in dataset.grain:
            raise InvalidError(
                f"{where} has the column '{shown(name)}', which is not in the grain of {dataset.data_type}"
            )
        if len(values) != len(batch.times):
            raise InvalidError(
                f"{where}: column '{name}' has {len(values)} values, but there are {len(batch.times)} times"
            )
        _check_column(values, f"{where}: column '{name}'")
        if name == "date":
            _check_dates(values, f"{where}: column '{name}'")
        if name == "season" and (others := set(values) - {season.label}):
            raise InvalidError(f"{where}: column 'season' has '{shown(min(map(str, others)))}', not {season.label}")
    _check_times(batch.times, where)


def _check_column(values: Sequence[str | date], where: str) -> None:
    # By kind, not by value: a batch may hold a million rows.
    kinds = set(map(type, values))
    texts = {kind for kind in kinds if issubclass(kind, str)}
    dates = {kind for kind in kinds if issubclass(kind, date) and not issubclass(kind, datetime)}
    wrong = sorted(kind.__name__ for kind in kinds - texts - dates)
    if wrong:
        raise InvalidError(f"{where} has a value of type {shown(wrong[0])}, expected text or dates")
    if texts and dates:
        raise InvalidError(f"{where} mixes text and dates")
    if texts:
        if "" in values:
            raise InvalidError(f"{where} has an empty text")
        if not encodable("".join(map(str, values))):
            raise InvalidError(f"{where} has a text without UTF-8 form")


def _check_dates(values: Sequence[str | date], where: str) -> None:
    for value in set(values):
        if isinstance(value, str) and not _is_date(value):
            raise InvalidError(f"{where} has '{shown(value)}', expected dates or texts such as 2025-01-31")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_times(times: Sequence[datetime], where: str) -> None:
    for kind in set(map(type, times)):
        if not issubclass(kind, datetime):
            raise InvalidError(f"{where}: times has a value of type {shown(kind.__name__)}, expected datetimes in UTC")
    for zone in {moment.tzinfo for moment in times}:
        # A zone whose offset is not the same at all times answers None here, so it is not UTC.
        if zone is None or zone.utcoffset(None) != timedelta(0):
            raise InvalidError(
                f"{where}: times are {'without a time zone' if zone is None else 'not in UTC'}, expected UTC"
            )
