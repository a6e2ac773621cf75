"""How many requests may be in flight: halved when the lake says slow down, raised again while it does not."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

__all__ = ["Throttle"]


class Throttle:
    """Lets at most ``limit`` requests at a time pass; ``limit`` moves between one and ``most``.

    Additive increase, multiplicative decrease: a refusal halves what was in flight, once for all the requests that were
    in flight together, and as many good answers as may be in flight raise the limit by one.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = float(most)
        self._in_flight = 0
        self._cuts = 0
        self._free = threading.Condition()

    @property
    def limit(self) -> int:
        """The most requests that may be in flight now."""
        return int(self._limit)

    @contextlib.contextmanager
    def slot(self) -> Iterator[int]:
        """A place for one request, waited for; what it yields is to be given to ``slow_down``."""
        with self._free:
            self._free.wait_for(lambda: self._in_flight < int(self._limit))
            self._in_flight += 1
            cuts = self._cuts
        try:
            yield cuts
        finally:
            with self._free:
                self._in_flight -= 1
                self._free.notify()

    def slow_down(self, cuts: int) -> None:
        """The lake refused a request because there were too many."""
        with self._free:
            if cuts == self._cuts:
                self._cuts += 1
                self._limit = max(1.0, min(self._limit, self._in_flight) / 2)

    def went_well(self) -> None:
        """The lake answered."""
        with self._free:
            if self._limit < self._most:
                self._limit = min(float(self._most), self._limit + 1 / self._limit)
                self._free.notify()
