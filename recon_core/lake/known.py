"""What is known of a lake's keys before it is listed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from recon_core.lake.spans import Span, cut

__all__ = ["KnownKeys"]


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """Every ``stride``-th of the keys that may be there, in order, and ``prefixes`` that some of them begin with.

    What a scan finds does not depend on their being right.
    """

    points: Sequence[str] = ()
    stride: int = 1
    prefixes: Sequence[str] = ()

    def between(self, start: str, end: str | None) -> range:
        """Which of the points lie between two keys."""
        last = len(self.points) if end is None else bisect_left(self.points, end)
        return range(bisect_right(self.points, start), last)

    def keys(self, start: str, end: str | None) -> int:
        """How many keys may lie between two keys."""
        return len(self.between(start, end)) * self.stride

    def pieces(self, spans: Sequence[Span], most: int, page_keys: int) -> list[Span]:
        """The spans cut into about ``most`` pieces of equal size: whole pages, and two at least."""
        if most == 1:
            return list(spans)
        inside = [self.points[place] for span in spans for place in self.between(span.start, span.end)]
        pages = max(2, len(inside) * self.stride // most // page_keys)
        step = max(1, pages * page_keys // self.stride)
        # After a known key, so that listing can start exactly there.
        return cut(spans, [point + "\0" for point in inside[step - 1 :: step]])

    def folders(self, span: Span) -> list[str]:
        """The known folders next below the span's prefix in which its keys may lie, in order."""
        inside = [self.points[place] for place in self.between(span.start, span.end)]
        found = set()
        for known in (*inside, *self.prefixes):
            slash = known.find("/", len(span.prefix))
            if known.startswith(span.prefix) and slash >= 0:
                found.add(known[: slash + 1])
        return sorted(found)
