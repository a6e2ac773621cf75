"""The SQL (DuckDB) of key templates. Lengths and places are in characters, in DuckDB as in Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from recon_core.templates.grammar import DatePart, Segment
from recon_core.templates.patterns import regex, width

__all__ = ["DATE_PATTERN", "accepts", "capturing", "field", "match", "render", "text"]

Segments: TypeAlias = Sequence[Segment]

DATE_PATTERN = "[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}"
"""The form of a date field's value; it must be a day of the calendar besides."""

_ISO_PLACES: Mapping[DatePart, tuple[int, int]] = {"Y": (1, 4), "m": (6, 2), "d": (9, 2)}


def text(value: str) -> str:
    """The value as a SQL text literal."""
    return "'" + value.replace("'", "''") + "'"


def capturing(segments: Segments, only: int | None = None) -> str:
    """The segments as one regular expression, with a capture for each field occurrence, or just for one segment."""
    return "".join(
        f"({regex(segment.node)})" if segment.name is not None and only in (None, index) else regex(segment.node)
        for index, segment in enumerate(segments)
    )


def _whole(pattern: str) -> str:
    """A regular expression for the whole text, as a SQL literal; ``$`` would let a line end follow in some engines."""
    return text(f"^{pattern}\\z")


def match(segments: Segments, key: str) -> str:
    """Whether the key is of the template."""
    if all(segment.name is None for segment in segments):
        return f"({key} = {text(''.join(segment.text for segment in segments))})"
    found = f"regexp_matches({key}, {_whole(capturing(segments, only=-1))})"
    # What the regular expression cannot say is looked at only where it holds.
    further = [*_agreeing(segments, key), *_real_dates(segments, key)]
    if further:
        found = f"CASE WHEN {found} THEN {' AND '.join(further)} ELSE false END"
    prefix = segments[0].text
    return f"(starts_with({key}, {text(prefix)}) AND {found})" if prefix else f"({found})"


def field(segments: Segments, name: str, key: str) -> str:
    """The field's value, of a key that is of the template."""
    places = _places(segments, name)
    if places[0][0] is None:
        return _best(segments, [index for _, index in places], key)
    return " || '-' || ".join(
        _best(segments, [index for part, index in places if part == wanted], key) for wanted in ("Y", "m", "d")
    )


def render(segments: Segments, values: Mapping[str, str]) -> str:
    """The key of the values."""
    pieces: list[str] = []
    for segment in segments:
        if segment.name is None:
            pieces.append(text(segment.text))
        elif segment.part is None:
            pieces.append(f"({values[segment.name]})")
        else:
            start, length = _ISO_PLACES[segment.part]
            pieces.append(f"substr({values[segment.name]}, {start}, {length})")
    return f"({' || '.join(pieces)})"


def accepts(segments: Segments, values: Mapping[str, str]) -> str:
    """Whether each value is one that its field may have."""
    checks: dict[str, str] = {}
    for segment in segments:
        if segment.name is None:
            continue
        value = values[segment.name]
        if segment.part is None:
            checks[segment.name] = f"regexp_matches({value}, {_whole(regex(segment.node))})"
        else:
            form = _whole(DATE_PATTERN)
            checks[segment.name] = f"(regexp_matches({value}, {form}) AND TRY_CAST({value} AS DATE) IS NOT NULL)"
    return f"coalesce({' AND '.join(checks.values()) or 'true'}, false)"


def _places(segments: Segments, name: str) -> list[tuple[DatePart | None, int]]:
    return [(segment.part, index) for index, segment in enumerate(segments) if segment.name == name]


def _agreeing(segments: Segments, key: str) -> Iterable[str]:
    """That each field has one value wherever it stands."""
    first: dict[tuple[str, DatePart | None], int] = {}
    for index, segment in enumerate(segments):
        if segment.name is not None:
            before = first.setdefault((segment.name, segment.part), index)
            if before != index:
                yield f"{_piece(segments, before, key)} = {_piece(segments, index, key)}"


def _real_dates(segments: Segments, key: str) -> Iterable[str]:
    """That each date field is a day of the calendar."""
    for name in dict.fromkeys(segment.name for segment in segments if segment.part is not None and segment.name):
        yield f"TRY_CAST({field(segments, name, key)} AS DATE) IS NOT NULL"


def _best(segments: Segments, indexes: Iterable[int], key: str) -> str:
    """The shortest expression for one of several segments that have the same text."""
    return min((_piece(segments, index, key) for index in indexes), key=len)


def _piece(segments: Segments, index: int, key: str) -> str:
    """The text of one segment: cut out where its place is known, which is three times as fast as a capture."""
    own = width(segments[index].node)
    before = _width(segments[:index])
    after = _width(segments[index + 1 :])
    if before is not None and own is not None:
        return f"substr({key}, {before + 1}, {own})"
    if after is not None and own is not None:
        return f"substr({key}, length({key}) - {after + own - 1}, {own})"
    if before is not None and after is not None:
        return f"substr({key}, {before + 1}, length({key}) - {before + after})"
    return f"regexp_extract({key}, {_whole(capturing(segments, only=index))}, 1)"


def _width(segments: Segments) -> int | None:
    widths = [width(segment.node) for segment in segments]
    return None if None in widths else sum(w for w in widths if w is not None)
