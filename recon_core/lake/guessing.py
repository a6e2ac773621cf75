"""Where to cut a stretch of keys when nothing is known of it but the keys of one page.

Keys are read as numbers: after the page's folder, the character at each place is one of the digits that such keys have
there. How far the page's keys lie apart tells how far the pages to come may reach. Where a guess is wrong, a listing
begins where there are no keys, or few: that costs a request and nothing else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING

from recon_core.lake.spans import in_common
from recon_core.snapshot import prefix_end

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Scale", "scale_of", "scale_of_page"]

_PLACES = 24
_CLASSES = ("0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_SPARE = 12
_FIRST_PAGES = 32
_SAMPLED_KEYS = 40


@dataclass(frozen=True, slots=True)
class Scale:
    """How keys count as numbers.

    ``head`` is what all of them begin with; each place after it has its own digits, in order. Keys were seen from
    ``first`` to ``last``; ``page`` is how far the keys of a page lie apart.
    """

    head: str
    places: tuple[str, ...]
    first: str
    last: str
    page: int = 1

    def after(self, earlier: Scale | None, last: str) -> Scale:
        """This scale when keys up to ``last`` are seen, and before that those of an earlier scale."""
        longer = earlier is not None and earlier.first.startswith(self.head)
        return replace(self, first=earlier.first if earlier is not None and longer else self.first, last=last)

    @property
    def top(self) -> int:
        """The number of all that comes after the keys with this head."""
        return prod(len(digits) for digits in self.places)

    def number(self, key: str) -> int:
        """A key's number: never less than that of a key before it."""
        if not key.startswith(self.head):
            return 0 if key < self.head else self.top
        number, worth = 0, self.top
        for character, digits in zip(key[len(self.head) :], self.places, strict=False):
            worth //= len(digits)
            digit = bisect_left(digits, character)
            number += digit * worth
            if digit == len(digits) or digits[digit] != character:
                break
        return min(number, self.top)

    def key(self, number: int) -> str:
        """The shortest key with a number below ``top``."""
        text, zero = "", True
        for digits in reversed(self.places):
            number, digit = divmod(number, len(digits))
            zero = zero and not digit
            text = "" if zero else digits[digit] + text
        return self.head + text

    def cut(self, position: str, end: str | None) -> tuple[str, float] | None:
        """A key between ``position`` and ``end`` at which to cut, and how many pages may lie between the two.

        First where the folder ends, for what follows is of another kind; then at three times as far as keys are known
        to reach, and up to there in the middle. ``None`` where it is not worth it.
        """
        after = prefix_end(self.head)
        low = self.number(position)
        if after is not None and (end is None or after < end):
            return (after, float("inf")) if position < after else None
        high = self.top if end is None else self.number(end)
        known = self.number(self.last)
        reach = known + max(_FIRST_PAGES * self.page, 2 * (known - self.number(self.first)))
        pages = (min(high, reach) - low) / self.page
        if pages < 2:
            return None
        # What lies further out stays in one piece until a page of it was seen.
        key = self.key(reach if reach < high else low + (high - low) // 2)
        return (key, pages) if position < key and (end is None or key < end) else None


def scale_of(keys: Sequence[str]) -> Scale | None:
    """The scale that some ascending keys of a page give, its first and its last among them; ``None`` if none."""
    if len(keys) < 2:
        return None
    first, last = keys[0], keys[-1]
    common = len(in_common(first, last))
    # What comes after the folder should leave room for the keys to come, which differ from these further left.
    head = first[: max(first.rfind("/", 0, common) + 1, common - _SPARE)]
    tails = [key[len(head) : len(head) + _PLACES] for key in keys]
    places = tuple(_digits({tail[place] for tail in tails if place < len(tail)}) for place in range(_PLACES))
    scale = Scale(head, tuple(digits for digits in places if digits), first, last)
    page = scale.number(last) - scale.number(first)
    return replace(scale, page=page) if page > 0 else None


def scale_of_page(rows: pyarrow.RecordBatch) -> Scale | None:
    """The scale that some of a page's keys, its first and its last among them, give."""
    keys = rows.column(0)
    places = [*range(0, rows.num_rows - 1, max(1, rows.num_rows // _SAMPLED_KEYS)), rows.num_rows - 1]
    return scale_of([keys[place].as_py() for place in places])


def _digits(seen: set[str]) -> str:
    """The characters that may stand where some were seen: with them all of their kind."""
    for known in _CLASSES:
        if not seen.isdisjoint(known):
            seen = seen.union(known)
    return "".join(sorted(seen))
