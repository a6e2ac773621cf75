"""Spans: the stretches of the key space that a scan lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Protocol

from recon_core.snapshot import KeyRange, prefix_end

__all__ = [
    "Span",
    "asked_for",
    "before",
    "cut",
    "in_common",
    "least_prefixes",
    "merged",
    "prefix_spans",
    "within",
    "without",
]

_MOST_KEY_BYTES = 1024
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Keys from ``start`` (inclusive) to ``end`` (exclusive; ``None``: to the last key) that are to be listed.

    ``prefix`` is what the lake is asked for, and every key of the span begins with it: permissions may allow a prefix
    and refuse what lies around it.
    """

    start: str
    end: str | None
    prefix: str = ""

    def holds(self, key: str) -> bool:
        """Whether the key lies in the span."""
        return self.start <= key and (self.end is None or key < self.end)


def asked_for(span: Span) -> str:
    """What all keys of a span begin with: so a page does not hold what lies behind the span as well."""
    if span.end is None:
        return span.prefix
    if span.end == prefix_end(span.start):
        return span.start
    return span.start[: max(len(in_common(span.start, span.end)), len(span.prefix))]


def in_common(one: str, other: str) -> str:
    """What two keys, and all between them, begin with."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return "".join(character for character, _ in alike)


def least_prefixes(prefixes: Iterable[str]) -> list[str]:
    """The fewest prefixes below which the same keys lie, in order; none given means the whole lake."""
    least: list[str] = []
    for prefix in sorted(set(prefixes)) or [""]:
        if not least or not prefix.startswith(least[-1]):
            least.append(prefix)
    return least


def prefix_spans(prefixes: Iterable[str]) -> list[Span]:
    """The spans of all keys below some prefixes, ordered and without overlap; none given means the whole lake."""
    return [Span(prefix, prefix_end(prefix), prefix) for prefix in least_prefixes(prefixes)]


def cut(spans: Iterable[Span], points: Iterable[str]) -> list[Span]:
    """The same keys, cut before each of the points that lies inside a span."""
    waiting = sorted(set(points))
    pieces: list[Span] = []
    place = 0
    for span in spans:
        while place < len(waiting) and waiting[place] <= span.start:
            place += 1
        start = span.start
        while place < len(waiting) and span.holds(waiting[place]):
            pieces.append(replace(span, start=start, end=waiting[place]))
            start = waiting[place]
            place += 1
        pieces.append(replace(span, start=start))
    return pieces


def within(spans: Sequence[Span], start: str, end: str | None) -> list[Span]:
    """What of the spans lies from ``start`` up to ``end``."""
    found = []
    for span in spans:
        first = max(span.start, start)
        last = min((bound for bound in (span.end, end) if bound is not None), default=None)
        if last is None or first < last:
            found.append(replace(span, start=first, end=last))
    return found


class Stretch(Protocol):
    """Anything from a start up to an end."""

    @property
    def start(self) -> str: ...

    @property
    def end(self) -> str | None: ...


def without(spans: Sequence[Span], ranges: Sequence[Stretch]) -> list[Span]:
    """What of the spans is not in the ranges, which ascend and do not overlap."""
    pieces: list[Span] = []
    position: str | None = ""
    for found in ranges:
        if position is None:
            break
        if position < found.start:
            pieces += within(spans, position, found.start)
        position = found.end
    return pieces if position is None else [*pieces, *within(spans, position, None)]


def before(key: str) -> str:
    """A legal key before ``key`` after which to list, so that hardly any other key lies between the two.

    Only ``key`` without a NUL at its end is exactly the one before; what else lies between is for the caller to drop.
    """
    last = key[-1]
    if last == "\0":
        return key[:-1]
    # No key holds a surrogate, so the code point before U+E000 is U+D7FF.
    text = key[:-1] + chr(0xD7FF if last == "\ue000" else ord(last) - 1)
    return text + _LAST_CHARACTER if len(text.encode()) <= _MOST_KEY_BYTES - len(_LAST_CHARACTER.encode()) else text


def merged(ranges: Iterable[KeyRange]) -> list[KeyRange]:
    """The ranges in order; those that follow each other and say the same are one."""
    found: list[KeyRange] = []
    for following in sorted(ranges, key=lambda one: one.start):
        last = found[-1] if found else None
        if last and last.end == following.start and _said(last) == _said(following):
            found[-1] = replace(last, end=following.end)
        else:
            found.append(following)
    return found


def _said(found: KeyRange) -> tuple[str, str | None, datetime]:
    return found.state, found.error, found.evidence_at
