"""Key templates: from the values of an item to its key, and back."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from recon_core.api import ConfigError
from recon_core.templates import sql
from recon_core.templates.automaton import TooIntricate, build, two_readings
from recon_core.templates.grammar import DatePart, Segment, read
from recon_core.templates.patterns import MAX_POSITIONS, positions, regex, width
from recon_core.text import shown

__all__ = ["KeyTemplate", "escape"]

_DATE = re.compile(sql.DATE_PATTERN, re.ASCII)


def escape(text: str) -> str:
    """The text as it must stand in a template to be just this text: ``{`` and ``}`` doubled."""
    return text.replace("{", "{{").replace("}", "}}")


@dataclass(frozen=True, slots=True)
class KeyTemplate:
    """A layout of keys such as ``pbp/{game_id}.json`` or ``schedule/{date:%Y%m%d}.json``.

    ``{name}`` is a text field: what its pattern (see ``recon_core.templates.patterns``) matches, or any text without a
    slash. ``{name:%Y%m%d}`` is a date field from the year 1000 on, made of ``%Y``, ``%m`` and ``%d`` and any text, in
    any order; its parts may stand in several places (``{date:%Y}/{date:%m}/{date:%d}.json``) and must all be there.
    ``{{`` and ``}}`` are braces. A field that stands in several places has the same value in all of them.

    Rendering and parsing are inverse: ``parse(render(values)) == values`` for all values that the fields may have,
    and a key for which ``render(parse(key)) == key`` does not hold is not recognised. The methods whose names begin
    with ``sql_`` give DuckDB SQL that agrees with the others on every key.

    ``fields`` are the field names in order of first use; ``literal_prefix`` is what every key begins with.
    """

    text: str
    segments: tuple[Segment, ...]
    fields: tuple[str, ...]
    literal_prefix: str
    _regex: re.Pattern[str] = field(repr=False, compare=False)
    _values: Mapping[str, re.Pattern[str] | None] = field(repr=False, compare=False)

    @classmethod
    def compile(cls, text: str, patterns: Mapping[str, str]) -> KeyTemplate:
        """Read a template; ``patterns`` gives text fields their patterns, those of other fields are not looked at.

        Raises ConfigError if the template or a pattern that it uses is wrong, or if a key could be read in two ways.
        """
        segments = read(text, patterns)
        if sum(positions(segment.node) for segment in segments if segment.name) > MAX_POSITIONS:
            raise ConfigError(
                f"key template {shown(text)!r}: its fields stand for more than {MAX_POSITIONS} characters in a row"
            )
        _check_one_reading(text, segments)
        values = {
            segment.name: None if segment.part else re.compile(regex(segment.node), re.ASCII)
            for segment in segments
            if segment.name is not None
        }
        return cls(
            text=text,
            segments=segments,
            fields=tuple(values),
            literal_prefix=segments[0].text,
            _regex=re.compile(sql.capturing(segments), re.ASCII),
            _values=values,
        )

    def is_date(self, name: str) -> bool:
        """Whether the field is a date (has directives) rather than text."""
        return self._values[name] is None

    def render(self, values: Mapping[str, str | datetime.date]) -> str:
        """The key of these values; a date field takes a ``date`` or its ISO text. Further values are not looked at.

        Raises ConfigError if a value is absent, or is none that its field may have.
        """
        texts = {name: self._checked(name, values) for name in self.fields}
        return "".join(
            segment.text if segment.name is None else _part(segment, texts[segment.name]) for segment in self.segments
        )

    def _checked(self, name: str, values: Mapping[str, str | datetime.date]) -> str:
        where = f"key template {shown(self.text)!r}: field {name!r}"
        if name not in values:
            raise ConfigError(f"{where} has no value")
        value = values[name]
        text = value.isoformat()[:10] if isinstance(value, datetime.date) else value
        pattern = self._values[name]
        if pattern is None and not _is_date(text):
            raise ConfigError(f"{where} cannot be {shown(text)!r}: it must be a date such as 2025-01-31")
        if pattern is not None and not pattern.fullmatch(text):
            raise ConfigError(f"{where} cannot be {shown(text)!r}: it must match {pattern.pattern}")
        return text

    def parse(self, key: str) -> dict[str, str] | None:
        """The value of each field, dates as ISO text (``2025-01-31``), or None if the key is not of this template."""
        occurrences = self.occurrences(key)
        if occurrences is None:
            return None
        found: dict[tuple[str, DatePart | None], str] = {}
        for name, part, text in occurrences:
            if found.setdefault((name, part), text) != text:
                return None
        values: dict[str, str] = {}
        for name, pattern in self._values.items():
            if pattern is None:
                values[name] = f"{found[name, 'Y']}-{found[name, 'm']}-{found[name, 'd']}"
                if not _is_date(values[name]):
                    return None
            else:
                values[name] = found[name, None]
        return values

    def occurrences(self, key: str) -> list[tuple[str, DatePart | None, str]] | None:
        """Every field occurrence with its text, before it is known that they agree; None if the form is another."""
        match = self._regex.fullmatch(key)
        if match is None:
            return None
        named = [(segment.name, segment.part) for segment in self.segments if segment.name is not None]
        return [(name, part, text) for (name, part), text in zip(named, match.groups(), strict=True)]

    def sql_match(self, key_sql: str) -> str:
        """SQL BOOLEAN: whether ``parse`` of the VARCHAR expression ``key_sql`` is not None."""
        return sql.match(self.segments, key_sql)

    def sql_field(self, name: str, key_sql: str) -> str:
        """SQL VARCHAR: the field's value as ``parse`` gives it; means something only where ``sql_match`` holds.

        Raises KeyError for a name that is not in ``fields``.
        """
        if name not in self._values:
            raise KeyError(name)
        return sql.field(self.segments, name, key_sql)

    def sql_render(self, values: Mapping[str, str]) -> str:
        """SQL VARCHAR: the key of the values, given as VARCHAR expressions by field name, dates as ISO text.

        The values are not checked: see ``sql_accepts``. NULL where a value is. Raises KeyError for an absent field.
        """
        return sql.render(self.segments, values)

    def sql_accepts(self, values: Mapping[str, str]) -> str:
        """SQL BOOLEAN, never NULL: whether ``render`` takes these values (as for ``sql_render``)."""
        return sql.accepts(self.segments, values)


def _part(segment: Segment, value: str) -> str:
    match segment.part:
        case "Y":
            return value[:4]
        case "m":
            return value[5:7]
        case "d":
            return value[8:]
        case _:
            return value


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_one_reading(text: str, segments: tuple[Segment, ...]) -> None:
    """Raise ConfigError unless every key can be cut into the segments in one way only.

    Then it does not matter which of several captures a regular expression engine prefers, and values that were
    rendered are what is parsed.
    """
    if sum(width(segment.node) is None for segment in segments) < 2:
        return
    where = f"key template {shown(text)!r}"
    try:
        found = two_readings(build([segment.node for segment in segments]))
    except TooIntricate:
        raise ConfigError(f"{where}: too intricate to show that a key has one reading; use simpler patterns") from None
    if found is not None:
        key, *readings = found
        one, other = (_reading(key, reading, segments) for reading in readings)
        raise ConfigError(
            f"{where}: the key {shown(key)!r} could be read as {one} and as {other}; "
            "put a separator between these fields that they cannot contain, or give them narrower patterns"
        )


def _reading(key: str, segment_of: list[int], segments: tuple[Segment, ...]) -> str:
    pieces = []
    for index, segment in enumerate(segments):
        if segment.name is not None:
            value = "".join(char for char, at in zip(key, segment_of, strict=True) if at == index)
            pieces.append(f"{segment.name}={shown(value)!r}")
    return " ".join(pieces)
