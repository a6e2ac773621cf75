"""Reads another tool's list of missing files: a name a line, CSV, or JSON in the shapes that such tools write."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from recon_core.api.errors import ConfigError
from recon_core.text import shown

__all__ = ["Claim", "read_claims"]

NAMES = ("item", "key", "target_key", "game_id", "id")
"""The columns of CSV and the members of JSON objects that name a file, in the order in which one is taken."""

_HINTS = ("source", "data_type", "season", "date")
_DEEPEST = 8
_MOST_DIGITS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One file that another tool calls missing: an item, a key or an id, as ``name``, and what stands beside it.

    ``place`` says where it was read, as ``line 7`` or ``[3]``.
    """

    place: str
    name: str
    source: str | None = None
    data_type: str | None = None
    season: str | None = None
    date: date | None = None


def read_claims(path: Path) -> list[Claim]:
    """The claims of a file, in its order, each once.

    ``.json`` is a list of names or of objects, a task queue, or an object of source, data type and list; ``.csv`` has a
    header with one of ``NAMES``; anything else is a name a line, empty lines and ``#`` comments left out. Raises
    ConfigError that names the file and the place.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown(path)}: byte {error.start} is no UTF-8: save the file as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{shown(path)} cannot be read: {shown(error.strerror or error)}") from None
    suffix = path.suffix.lower()
    reader = {".json": _from_json, ".csv": _from_csv}.get(suffix, _from_lines)
    claims = list(reader(path, text))
    if not claims:
        raise ConfigError(f"{shown(path)} names no file: expected an item, a key or an id a line, CSV, or JSON")
    once: dict[Claim, Claim] = {}
    for claim in claims:
        once.setdefault(replace(claim, place=""), claim)
    return list(once.values())


def _from_lines(_: Path, text: str) -> Iterator[Claim]:
    for number, line in enumerate(text.splitlines(), 1):
        name = line.strip()
        if name and not name.startswith("#"):
            yield Claim(place=f"line {number}", name=name)


def _from_csv(path: Path, text: str) -> Iterator[Claim]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    header = [name.strip().lower() for name in reader.fieldnames or ()]
    reader.fieldnames = header
    named = [name for name in NAMES if name in header]
    if not named:
        raise ConfigError(
            f"{shown(path)}:1: no column {', '.join(NAMES[:-1])} or {NAMES[-1]}: name the column that holds what is "
            "missing, or give a list with one name a line and another ending"
        )
    try:
        for row in reader:
            cells = {name: (row.get(name) or "").strip() for name in (*named, *_HINTS)}
            name = next((cells[column] for column in named if cells[column]), "")
            if name:
                yield _claim(path, f"line {reader.line_num}", name, cells)
    except csv.Error as error:
        raise ConfigError(f"{shown(path)}:{reader.line_num}: no CSV: {shown(error)}") from None


def _from_json(path: Path, text: str) -> Iterator[Claim]:
    try:
        document = json.loads(text, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{shown(path)}:{error.lineno}: no JSON: {shown(error.msg)}") from None
    except RecursionError:
        raise ConfigError(f"{shown(path)}: no JSON: nested too deep") from None
    yield from _found(path, "", document, ())


def _found(path: Path, place: str, value: Any, above: tuple[str, ...]) -> Iterator[Claim]:
    """The claims of a JSON value; the names of the objects that it lies in, ``above``, may tell whose it is."""
    if len(above) > _DEEPEST:
        raise ConfigError(f"{shown(path)}: {shown(place)}: nested too deep to be a list of files")
    if isinstance(value, list):
        for index, part in enumerate(value):
            yield from _found(path, f"{place}[{index}]", part, above)
    elif isinstance(value, Mapping):
        for inner in ("tasks", "items"):
            # A task queue, recon's or one like it: its tasks have names of their own, and are not what is missing.
            if isinstance(value.get(inner), list):
                yield from _found(path, f"{place}.{inner}", value[inner], above)
                return
        named = [value[name] for name in NAMES if isinstance(value.get(name), str | int | _LongNumber)]
        # A member of that name may be a flag, as long as another one names the file.
        named.sort(key=lambda one: isinstance(one, bool))
        if named:
            name = _name(path, place, named[0])
            yield _claim(path, place, name, {**_told(above), **{key: value.get(key) or "" for key in _HINTS}})
            return
        for key, part in value.items():
            if isinstance(part, list | Mapping):
                yield from _found(path, f"{place}.{key}", part, (*above, str(key)))
    elif value is not None:
        yield _claim(path, place, _name(path, place, value), _told(above))


def _name(path: Path, place: str, value: Any) -> str:
    """A text or a number as the name of a file; nothing else is one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ConfigError(f"{shown(path)}: {shown(place.lstrip('.'))}: {shown(value)} names no file")
    return str(value)


@dataclass(frozen=True, slots=True)
class _LongNumber:
    """A whole number that is no id, and too long to be made one."""

    digits: int

    def __str__(self) -> str:
        return f"a number of {self.digits} digits"


def _whole(text: str) -> int | _LongNumber:
    digits = len(text.lstrip("-"))
    return int(text) if digits <= _MOST_DIGITS else _LongNumber(digits)


def _told(above: tuple[str, ...]) -> dict[str, str]:
    """``{"espn": {"play_by_play": […]}}`` tells source and data type; other names of objects tell nothing."""
    return {"source": above[-2], "data_type": above[-1]} if len(above) == 2 else {}


def _claim(path: Path, place: str, name: str, hints: Mapping[str, Any]) -> Claim:
    told = {key: str(hints[key]) for key in ("source", "data_type", "season") if hints.get(key)}
    for text in (name, *told.values()):
        # JSON can write halves of characters, which no key and no id can hold.
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise ConfigError(f"{shown(path)}: {shown(place.lstrip('.'))}: {shown(text)} names no file: it is no text")
    day = None
    if hints.get("date"):
        try:
            day = date.fromisoformat(str(hints["date"])[:10])
        except ValueError:
            raise ConfigError(
                f"{shown(path)}: {shown(place)}: {shown(hints['date'])} is no date: write it like 2025-01-15"
            ) from None
    return Claim(place=place.lstrip(".") or "[]", name=name.strip(), date=day, **told)
