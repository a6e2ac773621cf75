"""Random choices read from a string of bytes, so that hypothesis can generate and shrink a large structure cheaply.

Byte 0 always means the first option, which should be the plain case. When the string is used up, a generator goes on
with its seed; the seed 0 stands for zeros without end.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """A reader of bytes."""

    def __init__(self, entropy: bytes, seed: int = 0) -> None:
        self._entropy = entropy
        self._at = 0
        self._more = random.Random(seed) if seed else None

    def number(self, below: int) -> int:
        """An integer from 0 to ``below`` exclusive; ``below`` at most 256."""
        if self._at >= len(self._entropy):
            return self._more.randrange(below) if self._more else 0
        self._at += 1
        return self._entropy[self._at - 1] % below

    def of(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.number(len(options))]

    def chance(self, percent: int) -> bool:
        """True in about so many of a hundred cases."""
        return self.number(256) * 100 > 256 * (100 - percent)

    def some(self, options: Sequence[T], percent: int = 50) -> list[T]:
        """Each option with that chance, in their order."""
        return [option for option in options if self.chance(percent)]
