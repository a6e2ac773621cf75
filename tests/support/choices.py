"""Random choices read from a string of bytes, so that hypothesis can generate and shrink a large structure cheaply.

Byte 0 always means the first option, and a string that is used up gives zeros: the first option should be the plain
case.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """A reader of bytes."""

    def __init__(self, entropy: bytes) -> None:
        self._entropy = entropy
        self._at = 0

    def number(self, below: int) -> int:
        """An integer from 0 to ``below`` exclusive; ``below`` at most 256."""
        if self._at >= len(self._entropy):
            return 0
        self._at += 1
        return self._entropy[self._at - 1] % below

    def of(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.number(len(options))]

    def chance(self, percent: int) -> bool:
        """True in about so many of a hundred cases; False when the bytes are used up."""
        return self.number(256) * 100 > 256 * (100 - percent)

    def some(self, options: Sequence[T], percent: int = 50) -> list[T]:
        """Each option with that chance, in their order."""
        return [option for option in options if self.chance(percent)]
