"""The text of a key template, read into segments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from recon_core.api import ConfigError
from recon_core.templates.charset import ANY_BUT_SLASH, DIGITS, CharSet
from recon_core.templates.patterns import Choice, Node, Repeat, Sequence, parse_pattern
from recon_core.text import shown

__all__ = ["MAX_LENGTH", "DatePart", "Segment", "read"]

MAX_LENGTH = 1024
"""As long as a key in S3 may be."""

DatePart = Literal["Y", "m", "d"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _one_of(chars: str) -> CharSet:
    return CharSet(frozenset(chars))


_DATE_PARTS: Mapping[str, tuple[DatePart, Node]] = {
    "Y": ("Y", Sequence((_one_of("123456789"), Repeat(DIGITS, 3, 3)))),
    "m": (
        "m",
        Choice((Sequence((_one_of("0"), _one_of("123456789"))), Sequence((_one_of("1"), _one_of("012"))))),
    ),
    "d": (
        "d",
        Choice(
            (
                Sequence((_one_of("0"), _one_of("123456789"))),
                Sequence((_one_of("12"), DIGITS)),
                Sequence((_one_of("3"), _one_of("01"))),
            )
        ),
    ),
}
_ANY_TEXT = Repeat(ANY_BUT_SLASH, 1, None)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a template: literal ``text``, or an occurrence of field ``name`` that matches ``node``.

    ``part`` is set where the occurrence is the year, month or day of a date field.
    """

    node: Node
    text: str = ""
    name: str | None = None
    part: DatePart | None = None


def read(template: str, patterns: Mapping[str, str]) -> tuple[Segment, ...]:
    """The segments of a template; raises ConfigError saying what is wrong with it."""
    reader = _Reader(template, patterns)
    try:
        reader.read()
    except ConfigError as error:
        raise ConfigError(f"key template {shown(template[:200])!r}: {error}") from None
    return tuple(reader.segments)


class _Reader:
    def __init__(self, template: str, patterns: Mapping[str, str]) -> None:
        self.template = template
        self.patterns = patterns
        self.segments: list[Segment] = []
        self.literal = ""

    def read(self) -> None:
        text = self.template
        if not text:
            raise ConfigError("it is empty")
        if len(text) > MAX_LENGTH:
            raise ConfigError(f"it is longer than {MAX_LENGTH} characters")
        if _CONTROL.search(text):
            raise ConfigError("it holds a control character")
        at = 0
        while at < len(text):
            if text[at : at + 2] in ("{{", "}}"):
                self.literal += text[at]
                at += 2
            elif text[at] == "}":
                raise ConfigError(f"the '}}' at character {at + 1} closes nothing; write '}}}}' for the character")
            elif text[at] == "{":
                end = text.find("}", at)
                if end < 0:
                    raise ConfigError(f"the '{{' at character {at + 1} is not closed; write '{{{{' for the character")
                if "{" in text[at + 1 : end]:
                    raise ConfigError(f"a second '{{' before the one at character {at + 1} is closed")
                self.field(text[at + 1 : end])
                at = end + 1
            else:
                self.literal += text[at]
                at += 1
        self.flush()
        self.check_fields()

    def flush(self) -> None:
        if self.literal:
            parts = tuple(_one_of(char) for char in self.literal)
            self.segments.append(Segment(Sequence(parts), text=self.literal))
            self.literal = ""

    def add(self, segment: Segment) -> None:
        self.flush()
        self.segments.append(segment)

    def field(self, inside: str) -> None:
        name, colon, directives = inside.partition(":")
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{{{shown(inside)}}}: a field's name is made of ASCII letters, digits and underscores")
        if colon:
            self.date(name, directives)
            return
        node: Node = _ANY_TEXT
        if name in self.patterns:
            try:
                node = parse_pattern(self.patterns[name])
            except ConfigError as error:
                raise ConfigError(f"field {name!r}: {error}") from None
        self.add(Segment(node, name=name))

    def date(self, name: str, directives: str) -> None:
        rest = directives
        while rest:
            if rest[0] != "%":
                self.literal += rest[0]
                rest = rest[1:]
                continue
            directive = rest[1:2]
            if directive == "%":
                self.literal += "%"
            elif directive in _DATE_PARTS:
                part, node = _DATE_PARTS[directive]
                self.add(Segment(node, name=name, part=part))
            else:
                raise ConfigError(f"{{{name}:{shown(directives)}}}: only %Y, %m and %d are known, not '%{directive}'")
            rest = rest[2:]
        if "%" not in directives.replace("%%", ""):
            raise ConfigError(
                f"{{{name}:{shown(directives)}}}: after the colon stand %Y, %m and %d; "
                "a text field's pattern is given apart from the template"
            )

    def check_fields(self) -> None:
        parts: dict[str, set[str]] = {}
        for segment in self.segments:
            if segment.name is not None:
                parts.setdefault(segment.name, set()).add(segment.part or "")
        for name, found in parts.items():
            if "" in found and len(found) > 1:
                raise ConfigError(f"field {name!r} is used both as a date and as text")
            lacking = [f"%{part}" for part in "Ymd" if part not in found]
            if "" not in found and lacking:
                raise ConfigError(
                    f"date field {name!r} lacks {' and '.join(lacking)}, so a key would not say the day; "
                    "use a text field of another name for a part of a date"
                )
