"""What to try where a listing was denied: a range that is denied must not take its neighbours with it."""

from __future__ import annotations

from dataclasses import replace

from recon_core.lake.known import KnownKeys
from recon_core.lake.spans import Span, cut, within
from recon_core.snapshot import prefix_end

__all__ = ["narrowed"]


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


def _from(spans: list[Span], start: str | None) -> list[Span]:
    return [] if start is None else within(spans, start, None)
