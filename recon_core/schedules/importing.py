"""``recon schedules import``: a schedule from a CSV or Parquet file, checked whole before any of it is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from recon_core.api import Game, ScheduleError, Status, UsageError
from recon_core.schedules.changes import Changes, compare, refuse_ids_of_other_seasons, refuse_vanished
from recon_core.schedules.checks import CLOSED, STATUSES, bad_text, counts, id_clashes
from recon_core.schedules.notes import notes_on
from recon_core.schedules.reading import LISTS, Rows, read_rows
from recon_core.schedules.store import load_games, save_schedules
from recon_core.text import shown, suggest
from recon_core.times import format_minutes
from recon_core.workspace import Workspace

if TYPE_CHECKING:
    from recon_core.plugins import Plugin, Registry

__all__ = ["ImportedSeason", "import_file"]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(_DATE.pattern + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})")
_NOT_ONE_ID = re.compile(r"[\s,|]")

# The local noon of any zone lies within half a day of the same date's noon in UTC, and a start within a day of that.
_FARTHEST_START = timedelta(hours=36)

_LINES_LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSeason:
    """One season that an import stored: where, how many games, by status, what that changed, and what they lack."""

    source: str
    season: str
    file: Path
    games: int
    by_status: Mapping[str, int]
    changes: Changes
    notes: tuple[str, ...] = ()


def import_file(
    ws: Workspace,
    registry: Registry,
    path: Path,
    source: str,
    *,
    now: datetime | None = None,
    pulled_at: datetime | None = None,
    force: bool = False,
) -> tuple[ImportedSeason, ...]:
    """Store the games of a file as a source's schedules, replacing each season that stands in it; all or nothing.

    ``pulled_at`` (UTC) is when the file was taken from the source; it may not lie after ``now``. The caller holds the
    workspace's lock. Raises ConfigError for a source that is not installed, UsageError for options that cannot work,
    ScheduleError with the line of the first error, RefusedError when a stored game that is not ``tbd`` would vanish
    (unless ``force``), DiskError.
    """
    plugin = registry.get(source)
    if plugin.source.schedule == "computed":
        raise UsageError(f"the schedule of {source} is computed by its plugin in every run: there is nothing to import")
    if pulled_at is not None and now is not None and pulled_at > now:
        raise UsageError(
            f"--pulled-at {format_minutes(pulled_at)} is in the future (now is {format_minutes(now)}): a schedule "
            "proves nothing about games after it was taken"
        )
    rows = read_rows(path)
    games = _Import(rows, plugin, pulled_at).games()
    seasons: dict[str, list[Game]] = {}
    for game in games:
        seasons.setdefault(game.season, []).append(game)
    changes = {label: compare(_stored(ws, source, label, force=force), found) for label, found in seasons.items()}
    if not force:
        for label in sorted(seasons):
            refuse_vanished(source, label, changes[label], path.name)
    refuse_ids_of_other_seasons(ws, source, seasons)
    notes = {
        season.label: notes_on(plugin, season, seasons[season.label])
        for season in plugin.seasons
        if season.label in seasons
    }
    save_schedules(ws.schedules_dir / source, seasons, pulled_at, notes)
    return tuple(
        ImportedSeason(
            source=source,
            season=label,
            file=ws.schedule_file(source, label),
            games=len(seasons[label]),
            by_status=counts(game.status for game in seasons[label]),
            changes=changes[label],
            notes=notes[label],
        )
        for label in sorted(seasons)
    )


def _stored(ws: Workspace, source: str, label: str, *, force: bool) -> Sequence[Game]:
    """The season as it is stored now; a file that cannot be read is replaced by ``--force`` only."""
    file = ws.schedule_file(source, label)
    if not file.exists():
        return ()
    try:
        return load_games(file)
    except ScheduleError as error:
        if force:
            return ()
        raise ScheduleError(f"{error}; --force replaces it without looking for games that vanish") from None


class _Import:
    """Turns the rows of one file into games; collects what is wrong in all of them."""

    def __init__(self, rows: Rows, plugin: Plugin, pulled_at: datetime | None) -> None:
        self._rows = rows
        self._labels = tuple(season.label for season in plugin.seasons)
        self._source = plugin.source.name
        self._data_types = tuple(spec.data_type for spec in plugin.source.datasets)
        self._pulled_at = pulled_at
        self._errors: list[tuple[int, str]] = []

    def games(self) -> list[Game]:
        """The games, in the file's order. Raises ScheduleError naming the first error's line and how many follow."""
        columns = {
            name: self._column(name, parse)
            for name, parse in {
                "game_id": _needed,
                "season": self._season,
                "season_type": _text,
                "date": _date,
                "start_utc": _moment,
                "home": _text,
                "away": _text,
                "status": _status,
                "league": _text,
                "ordinal": _ordinal,
                "alt_ids": _alt_ids,
                "unavailable": self._unavailable,
            }.items()
        }
        self._raise()
        names = list(columns)
        games = [
            Game(**dict(zip(names, values, strict=True)), pulled_at=self._pulled_at)
            for values in zip(*columns.values(), strict=True)
        ]
        self._check(games)
        self._raise()
        return games

    def _column(self, name: str, parse: Callable[[Any], Any]) -> list[Any]:
        """One column's values; each distinct text is read once, for most of them repeat."""
        values = self._rows.columns.get(name)
        if values is None:
            return [1 if name == "ordinal" else () if name in LISTS else None] * len(self._rows.lines)
        read: dict[Any, Any] = {}
        found = []
        for index, value in enumerate(values):
            key = tuple(value) if isinstance(value, list) else value
            if key not in read:
                try:
                    read[key] = parse(value)
                except ValueError as error:
                    read[key] = error
            if isinstance(read[key], ValueError):
                self._errors.append((index, f"{name}: {read[key]}"))
            found.append(read[key])
        return found

    def _season(self, value: Any) -> str:
        label = _needed(value)
        if label not in self._labels:
            known = f"; it has {self._labels[0]} to {self._labels[-1]}" if self._labels else ""
            near = suggest(label, self._labels)
            raise ValueError(f"source {self._source!r} has no season {shown(label)!r}{near}{known}")
        return label

    def _unavailable(self, value: Any) -> tuple[str, ...]:
        for name in (names := _names(value)):
            if name not in self._data_types:
                near = suggest(name, self._data_types)
                known = ", ".join(self._data_types)
                raise ValueError(f"source {self._source!r} has no data type {shown(name)!r}{near}; it has {known}")
        return tuple(dict.fromkeys(names))

    def _check(self, games: Sequence[Game]) -> None:
        """What concerns whole rows, and rows among each other."""
        for index, game in enumerate(games):
            if game.start_utc is not None and not _near(game.start_utc, game.date):
                start, day = format_minutes(game.start_utc), game.date.isoformat()
                self._errors.append((index, f"start_utc: {start} is not near the date {day}: one of them is wrong"))
        if self._pulled_at is None:
            for index, game in enumerate(games):
                if game.status not in CLOSED:
                    message = (
                        f"status: a game that is {game.status} needs --pulled-at: say when the file was taken from the "
                        "source, such as --pulled-at 2025-01-15T12:00Z"
                    )
                    self._errors.append((index, message))
                    break
        for clash in id_clashes(games):
            where = f"{self._rows.numbered} {self._rows.lines[clash.other]}"
            same = clash.index == clash.other
            told = "is an id of this game already" if same else f"is an id of the game on {where} already"
            self._errors.append((clash.index, f"{clash.column}: {shown(clash.value)!r} {told}"))

    def _raise(self) -> None:
        if not self._errors:
            return
        (index, message), *further = sorted(self._errors)
        more = ""
        if further:
            lines = list(dict.fromkeys(self._rows.lines[other] for other, _ in further))
            plural = "s" * (len(lines) > 1)
            listed = ", ".join(str(line) for line in lines[:_LINES_LISTED]) + ", …" * (len(lines) > _LINES_LISTED)
            more = f" (and {len(further)} more, on {self._rows.numbered}{plural} {listed})"
        raise ScheduleError(f"{self._rows.at(index)}: {message}{more}; nothing was stored")


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    text = str(value)
    wrong = bad_text(text)
    if wrong is not None:
        raise ValueError(wrong)
    return text


def _needed(value: Any) -> str:
    text = _text(value)
    if text is None:
        raise ValueError("is empty")
    return text


def _status(value: Any) -> Status:
    text = "" if value is None else str(value)
    if text not in STATUSES:
        near = suggest(text.strip().lower(), STATUSES)
        raise ValueError(f"{shown(text)!r} is not one of {', '.join(STATUSES)}{near}")
    return cast("Status", text)


def _date(value: Any) -> date:
    if isinstance(value, date):
        return value
    text = _needed(value)
    if not _DATE.fullmatch(text):
        raise ValueError(f"{shown(text)!r} is no date such as 2024-10-22")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no date: {error}") from None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    text = _text(value)
    if text is None:
        return None
    if not _TIME.fullmatch(text):
        raise ValueError(f"{shown(text)!r} is no time such as 2024-10-22T23:30Z (with its Z: UTC)")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no time: {error}") from None


def _ordinal(value: Any) -> int:
    if value is None or value == "":
        return 1
    text = str(value)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise ValueError(f"{shown(text)!r} is not a number from 1 up")
    return int(text)


def _alt_ids(value: Any) -> tuple[str, ...]:
    found = _names(value)
    for name in found:
        if bad_text(name) or _NOT_ONE_ID.search(name):
            raise ValueError(f"{shown(name)!r} is not one id: separate ids with ';' and nothing else")
    return found


def _names(value: Any) -> tuple[str, ...]:
    names = value if isinstance(value, list) else ("" if value is None else str(value)).split(";")
    return tuple(name for name in names if name)


def _near(start: datetime, day: date) -> bool:
    return abs(start - datetime.combine(day, time(12), UTC)) <= _FARTHEST_START
