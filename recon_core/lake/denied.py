"""What to try where a listing was denied or failed: such a range must not take its neighbours with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil

from recon_core.lake.base import Hole
from recon_core.lake.known import KnownKeys
from recon_core.lake.spans import Span, cut, within
from recon_core.snapshot import prefix_end

__all__ = ["beyond", "narrowed", "parted"]


def narrowed(span: Span, known: KnownKeys, *, answered: bool) -> list[Span]:
    """Parts of a denied span that may be allowed, in order; the rest is not to be had.

    A permission that depends on the prefix allows some folders, so each known one is asked for by its own. If
    ``answered``, the prefix as such is allowed and only some stretch below it is not: what comes after the folders
    in which the span begins is asked for by the same prefix as before.
    """
    tries: list[Span] = []
    rest = [span]
    for folder in known.folders(span):
        inside = within([span], folder, prefix_end(folder))
        tries += [replace(piece, prefix=folder) for piece in inside]
        rest = [piece for gap in rest for piece in (*within([gap], "", folder), *_from([gap], prefix_end(folder)))]
    if answered:
        slashes = [
            place for place, character in enumerate(span.start) if character == "/" and place >= len(span.prefix)
        ]
        ends = [end for place in slashes if (end := prefix_end(span.start[: place + 1])) is not None]
        tries += [piece for piece in cut(rest, ends) if piece.start != span.start]
    return sorted(tries, key=lambda piece: piece.start)


def beyond(span: Span, known: KnownKeys, keys: int) -> list[Span]:
    """What of a span lies behind about as many keys as given, or behind the last one known; none where none is."""
    inside = known.between(span.start, span.end)
    if not inside:
        return []
    last = known.points[inside[min(ceil(keys / known.stride), len(inside)) - 1]] + "\0"
    return [replace(span, start=last)] if span.holds(last) else []


def parted(span: Span, holes: Sequence[Hole]) -> Iterator[tuple[Span, str | None]]:
    """A span cut at the holes: each piece with what was said of it where it is a hole."""
    position: str | None = span.start
    for hole in sorted(holes, key=lambda hole: hole.start):
        if position is None or position == span.end:
            return
        denied = next(iter(within([Span(position, span.end)], hole.start, hole.end)), None)
        if denied is None:
            continue
        if position < denied.start:
            yield Span(position, denied.start), None
        yield denied, hole.error
        position = denied.end
    if position is not None and position != span.end:
        yield Span(position, span.end), None


def _from(spans: list[Span], start: str | None) -> list[Span]:
    return [] if start is None else within(spans, start, None)
