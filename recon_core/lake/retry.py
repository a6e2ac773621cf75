"""Asking again: capped exponential backoff with jitter."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Backoff", "Trouble"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure that may pass: what it was, and how often at most the request is worth sending."""

    reason: str
    attempts: int | None = None


@dataclass(frozen=True, slots=True)
class Backoff:
    """Up to ``attempts`` tries; before each further one a wait of half to all of ``base`` x 2^n seconds, capped."""

    attempts: int = 8
    base: float = 0.2
    cap: float = 10.0
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def call(
        self,
        action: Callable[[], T],
        trouble: Callable[[Exception], Trouble | None],
        retried: Callable[[str], None],
    ) -> T:
        """What ``action`` returns, once it does.

        ``trouble`` judges an exception: None is final. The exception of the last try is raised as it is; ``retried``
        gets a line before each wait.
        """
        attempt = 1
        while True:
            try:
                return action()
            except Exception as error:
                passing = trouble(error)
                if passing is None or attempt >= min(self.attempts, passing.attempts or self.attempts):
                    raise
                wait = min(self.cap, self.base * 2 ** (attempt - 1)) * (0.5 + self.jitter() / 2)
                retried(f"{passing.reason}: try {attempt + 1} in {wait:.1f} s")
                self.sleep(wait)
                attempt += 1
