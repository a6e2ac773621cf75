"""The stored schedules: one Parquet file a season of a source, below ``inventory/schedules/``.

Columns: ``game_id, season, season_type, date, start_utc, home, away, status, league, ordinal, alt_ids, final_at,
pulled_at, unavailable``; times are UTC without a zone. The file's metadata hold the schema version, the time of the
last pull, and what the plugin had to say of the games. ``unavailable`` is younger than the others: a file without it
says that nothing is.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from recon_core.api import DiskError, Game, ScheduleError
from recon_core.files import Staging, atomic_write, disk_errors
from recon_core.schedules.checks import STATUSES, first_problem, id_clashes
from recon_core.text import shown
from recon_core.times import format_utc, parse_utc, to_us
from recon_core.workspace import NAME, Workspace

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "NOT_STORED",
    "SCHEMA_VERSION",
    "StoredSchedule",
    "check_schedule",
    "load_games",
    "load_notes",
    "load_schedule",
    "pull_command",
    "require_schedules",
    "save_games",
    "save_schedules",
    "stored_seasons",
]

SCHEMA_VERSION = "1"
NOT_STORED = "no stored schedule of"
"""How a message of seasons without a stored schedule begins."""

_VERSION_KEY = b"recon.schedule.schema_version"
_PULLED_KEY = b"recon.schedule.pulled_at"
_NOTES_KEY = b"recon.schedule.notes"

_TEXTS = ("game_id", "season", "season_type", "home", "away", "status", "league")
_MOMENTS = ("start_utc", "final_at", "pulled_at")
_REQUIRED = ("game_id", "season", "date", "status", "ordinal", "alt_ids")
_LISTS = ("alt_ids", "unavailable")
_YOUNGER = ("unavailable",)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSchedule:
    """A season's games in stored order, and when the source was last asked for them.

    ``pulled_at`` is ``None`` for games that were imported without a time. ``notes`` are sentences on what the games
    lack, as the plugin said when they were stored.
    """

    games: tuple[Game, ...]
    pulled_at: datetime | None
    notes: tuple[str, ...] = ()


def pull_command(source: str, seasons: Iterable[str]) -> str:
    """The command that stores these seasons: ``recon schedules pull espn --season 2024-25``."""
    return " ".join(["recon schedules pull", source, *(f"--season {season}" for season in seasons)])


def save_games(path: Path, games: Iterable[Game], pulled_at: datetime | None, notes: Sequence[str] = ()) -> None:
    """Store a season's games, and ``notes`` on them; those without a ``pulled_at`` get the one given.

    The bytes depend on the games and notes alone and not on the games' order. Raises ScheduleError when the games
    contradict each other or are not all of the file's season, DiskError when the file cannot be written; the old file
    is then intact.
    """
    atomic_write(path, _parquet(path, games, pulled_at, notes))


def save_schedules(
    folder: Path,
    schedules: Mapping[str, Sequence[Game]],
    pulled_at: datetime | None,
    notes: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> None:
    """Store several seasons (by label) of one source, with their notes, all or none; see ``save_games``.

    The caller holds the workspace's lock: what a killed writer left in the folder is removed.
    """
    contents = {
        label: _parquet(folder / f"{label}.parquet", games, pulled_at, notes.get(label, ()))
        for label, games in schedules.items()
    }
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    Staging.sweep(folder)
    with Staging(folder) as staging:
        for label, content in contents.items():
            with disk_errors(folder / f"{label}.parquet"):
                (staging.path / f"{label}.parquet").write_bytes(content)
        staging.publish({f"{label}.parquet": folder / f"{label}.parquet" for label in sorted(contents)})


def load_games(path: Path) -> list[Game]:
    """The games of a stored season, in stored order: by date, start (unknown last) and id.

    Raises ScheduleError, naming the file and the command that mends it, when the file is absent, broken or not a
    schedule.
    """
    return list(load_schedule(path).games)


def load_schedule(path: Path) -> StoredSchedule:
    """A stored season with the time of its last pull; errors as of ``load_games``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            fields, metadata = file.schema_arrow, file.schema_arrow.metadata or {}
            wrong = _schema_problem(fields, metadata)
            if wrong is not None:
                raise _broken(path, wrong)
            columns = file.read().to_pydict()
        pulled = metadata.get(_PULLED_KEY)
        schedule = StoredSchedule(
            games=_games(columns),
            pulled_at=parse_utc(pulled.decode()) if pulled else None,
            notes=_notes(metadata),
        )
    except FileNotFoundError:
        raise ScheduleError(
            f"no stored schedule {shown(path)}: run `{_mend(path)}`, or `recon schedules import` if you have a file"
        ) from None
    except (OSError, ValueError, OverflowError, pa.ArrowException) as error:
        raise _broken(path, f"cannot be read ({_first_line(error)})") from None
    _refuse_contradictions(path, schedule.games)
    return schedule


def check_schedule(path: Path) -> None:
    """Read a stored season whole, page checksums and all, without making a Python object of any row.

    Raises ScheduleError, as ``load_games`` does, for a file that is broken, no schedule or of another season.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            wrong = _schema_problem(file.schema_arrow, file.schema_arrow.metadata or {})
            if wrong is not None:
                raise _broken(path, wrong)
            for batch in file.iter_batches():
                empty = [name for name in _REQUIRED if batch.column(name).null_count]
                if empty:
                    raise _broken(path, f"cannot be read (column {empty[0]} has a null)")
                for column, allowed in (("season", {path.stem}), ("status", set(STATUSES))):
                    others = sorted(set(pc.unique(batch.column(column)).to_pylist()) - allowed)
                    if others:
                        raise _broken(path, f"holds a game of {column} {shown(others[0])!r}")
    except (OSError, ValueError, pa.ArrowException) as error:
        raise _broken(path, f"cannot be read ({_first_line(error)})") from None


def load_notes(path: Path) -> tuple[str, ...]:
    """The notes of a stored season that ``check_schedule`` found whole, without reading its games.

    Raises ScheduleError.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return _notes(pq.read_schema(path).metadata or {})
    except (OSError, ValueError, pa.ArrowException) as error:
        raise _broken(path, f"cannot be read ({_first_line(error)})") from None


def stored_seasons(ws: Workspace, source: str) -> dict[str, Path]:
    """The seasons of a source that have a stored schedule, by label in ascending order; the files are not read."""
    folder = ws.schedule_file(source, "any").parent
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix == ".parquet")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise DiskError(
            f"cannot list {shown(folder)}: {_first_line(error)}; make the folder readable and run again"
        ) from None
    return {path.stem: path for path in found if NAME.fullmatch(path.stem)}


def require_schedules(ws: Workspace, wanted: Mapping[str, Iterable[str]]) -> dict[str, dict[str, Path]]:
    """The schedule files of the wanted seasons, by source and label; the files are not read.

    Raises ScheduleError naming the commands to run when one is not there: an empty expectation would make everything
    look complete.
    """
    found: dict[str, dict[str, Path]] = {}
    lacking: list[str] = []
    commands: list[str] = []
    for source, seasons in sorted(wanted.items()):
        stored = stored_seasons(ws, source)
        labels = list(seasons)
        missing = [label for label in labels if label not in stored]
        if missing:
            lacking.append(f"{source} {', '.join(missing)}")
            commands.append(f"`{pull_command(source, missing)}`")
        found[source] = {label: stored[label] for label in labels if label in stored}
    if commands:
        raise ScheduleError(f"{NOT_STORED} {'; '.join(lacking)}: run {' and '.join(commands)}")
    return found


def _schema() -> pa.Schema:
    import pyarrow as pa

    moment, text = pa.timestamp("us"), pa.string()
    types = {
        "game_id": text,
        "season": text,
        "season_type": text,
        "date": pa.date32(),
        "start_utc": moment,
        "home": text,
        "away": text,
        "status": text,
        "league": text,
        "ordinal": pa.int32(),
        "alt_ids": pa.list_(text),
        "final_at": moment,
        "pulled_at": moment,
        "unavailable": pa.list_(text),
    }
    return pa.schema([pa.field(name, kind, nullable=name not in _REQUIRED) for name, kind in types.items()])


def _parquet(path: Path, games: Iterable[Game], pulled_at: datetime | None, notes: Sequence[str]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = sorted(
        (replace(game, pulled_at=pulled_at) if pulled_at and game.pulled_at is None else game for game in games),
        key=lambda game: (game.date, game.start_utc is None, game.start_utc or _NEVER, game.game_id),
    )
    _refuse_contradictions(path, rows)
    columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in _TEXTS}
    columns |= {
        name: [None if moment is None else to_us(moment) for moment in (getattr(row, name) for row in rows)]
        for name in _MOMENTS
    }
    columns["date"] = [row.date for row in rows]
    columns["ordinal"] = [row.ordinal for row in rows]
    columns |= {name: [sorted(getattr(row, name)) for row in rows] for name in _LISTS}
    schema = _schema()
    metadata = {_VERSION_KEY: SCHEMA_VERSION.encode()}
    if pulled_at is not None:
        metadata[_PULLED_KEY] = format_utc(pulled_at).encode()
    if notes:
        metadata[_NOTES_KEY] = json.dumps(list(notes)).encode()
    arrays = [pa.array(columns[field.name], field.type) for field in schema]
    table = pa.Table.from_arrays(arrays, schema=schema.with_metadata(metadata))
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd", write_page_checksum=True)
    return stream.getvalue()


_NEVER = datetime.max.replace(tzinfo=UTC)


def _games(columns: Mapping[str, list[Any]]) -> tuple[Game, ...]:
    for name in _REQUIRED:
        if None in columns[name]:
            raise ValueError(f"column {name} has a null")
    columns = {**{name: [[]] * len(columns["game_id"]) for name in _YOUNGER}, **columns}
    for name in _LISTS:
        if any(names is None or None in names for names in columns[name]):
            raise ValueError(f"column {name} has a null")
    for name in _MOMENTS:
        columns = {**columns, name: [None if at is None else at.replace(tzinfo=UTC) for at in columns[name]]}
    columns = {**columns, **{name: [tuple(names) for names in columns[name]] for name in _LISTS}}
    names = list(columns)
    return tuple(Game(**dict(zip(names, values, strict=True))) for values in zip(*columns.values(), strict=True))


def _notes(metadata: Mapping[bytes, bytes]) -> tuple[str, ...]:
    notes = json.loads(metadata.get(_NOTES_KEY, b"[]"))
    if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
        raise ValueError("its notes are no texts")
    return tuple(notes)


def _schema_problem(fields: pa.Schema, metadata: Mapping[bytes, bytes]) -> str | None:
    """What makes a Parquet file no schedule of ours."""
    expected = _schema()
    for field in expected:
        if field.name not in fields.names and field.name in _YOUNGER:
            continue
        if field.name not in fields.names:
            return f"lacks the column {field.name}"
        found = fields.field(field.name).type
        if found != field.type:
            return f"has the column {field.name} as {found}, not {field.type}"
    further = [name for name in fields.names if name not in expected.names]
    if further or len(fields.names) != len(set(fields.names)):
        return f"has a column that no schedule has: {shown(further[0])}" if further else "has a column twice"
    version = metadata.get(_VERSION_KEY, b"").decode("ascii", "replace")
    if version != SCHEMA_VERSION:
        return f"has schema version {shown(version)!r}, not {SCHEMA_VERSION!r}"
    return None


def _refuse_contradictions(path: Path, games: Sequence[Game]) -> None:
    label = path.stem
    for game in games:
        if game.season != label:
            raise _broken(path, f"holds game {shown(game.game_id)} of season {shown(game.season)!r}")
    problem = first_problem(games)
    if problem is not None:
        game, column, wrong = problem
        raise _broken(path, f"is wrong in game {shown(game.game_id)}: {column} {wrong}")
    for clash in id_clashes(games):
        raise _broken(path, f"has the id {shown(clash.value)} twice ({clash.column} of {games[clash.index].game_id})")


def _broken(path: Path, what: str) -> ScheduleError:
    return ScheduleError(f"schedule {shown(path)} {what}: run `{_mend(path)}`, or import it again")


def _mend(path: Path) -> str:
    return shown(pull_command(path.parent.name, [path.stem]))


def _first_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return shown(error.strerror)
    return shown((str(error).splitlines() or [type(error).__name__])[0])[:200]
